/** `wsss diff`: what differs between two methods, a method and its variants, or two versions of a file. */

import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { SourceHost } from '../bind/bind.ts';
import type { CheckedFile } from '../check/check.ts';
import { checkFile } from '../check/check.ts';
import { methodDot } from '../describe/graph.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { CLASSES, type DiffClass, MOVED, placeOf, type Row } from '../diff/classes.ts';
import { compareMethods } from '../diff/compare.ts';
import type { Marks } from '../diff/marks.ts';
import { latexText, markdownText } from '../diff/render/documents.ts';
import { type Graphs, type PagePart, pageText } from '../diff/render/page.ts';
import { type MethodReport, reportExit, reportJson } from '../diff/render/report.ts';
import { terminalText } from '../diff/render/terminal.ts';
import { type Side, sideOf } from '../diff/side.ts';
import { drawn } from './graph.ts';
import { diskHost } from './host.ts';
import { EXIT, type Output, usage, writeDiagnostics, writeJson } from './output.ts';
import { revisionHost, splitRevision } from './revision.ts';
import { checkSettings, parseSettings } from './settings.ts';
import { missingFile, unknownMethod } from './spec.ts';
import { splitTarget } from './target.ts';

export interface DiffCommand {
  readonly format: 'table' | 'markdown' | 'latex' | 'json';
  readonly json: boolean;
  /** Classes, each a list with commas. */
  readonly only: readonly string[];
  readonly ignore: readonly string[];
  readonly cosmetic: boolean;
  /** File of a page with both graphs. */
  readonly html?: string;
  readonly set: readonly string[];
}

/** One of the two arguments, read and checked. */
interface Opened {
  /** As the user named it, without a method. */
  readonly label: string;
  readonly file: string;
  readonly host: SourceHost;
  readonly checked: CheckedFile;
  readonly named: string | undefined;
}

/** Exit code: 0 without differences that count, 10 + class of the heaviest one, else as all commands have it. */
export async function runDiff(output: Output, from: string, to: string | undefined, options: DiffCommand): Promise<number> {
  const json = options.json || options.format === 'json';
  const told = toldOf(options);
  const settings = parseSettings(options.set);
  const a = open(output, from, settings, json);
  const b = to === undefined ? a : open(output, to, settings, json);
  if (!a || !b) return EXIT.problems;
  checkSettings(settings, [...a.checked.methods.values(), ...b.checked.methods.values()]);
  const pairs = to === undefined ? variants(a) : withTrained(a, b, methodPairs(a, b));
  const found = pairs.map(([x, y]) => compare(a, x, b, y, settings, told));
  const reports = found.map(({ report }) => report);
  if (options.html !== undefined) await writePage(options.html, found);
  if (json) writeJson(output, reportJson(reports));
  else if (options.format === 'markdown') output.out(markdownText(reports));
  else if (options.format === 'latex') output.out(latexText(reports));
  else output.out(terminalText(reports, output.colourOut === true, output.columns));
  return reportExit(reports);
}

interface Pairing {
  readonly report: MethodReport;
  /** Drawings of both sides as DOT; none where a side is missing. */
  readonly dots: (() => Graphs) | undefined;
}

function compare(
  a: Opened,
  x: string | undefined,
  b: Opened,
  y: string | undefined,
  settings: ReturnType<typeof parseSettings>,
  told: Told,
): Pairing {
  const [left, right] = [
    x === undefined ? undefined : sideOf(a.host, a.file, a.checked, x, settings),
    y === undefined ? undefined : sideOf(b.host, b.file, b.checked, y, settings),
  ];
  const compared = left && right ? compareMethods(left, right) : undefined;
  const rows = compared?.rows ?? [aloneRow(left, right)];
  const asked = rows.filter((row) => told.counts(row.class));
  const shown = asked.filter((row) => told.cosmetic || row.class !== 'cosmetic' || row.what === MOVED);
  const dots = (): Graphs => {
    const marks = compared?.marks();
    const dot = (of: Side | undefined, differs: Marks | undefined): string =>
      (of && differs && methodDot(of.method, undefined, { direction: 'down', differs })) ?? '';
    return { from: dot(left, marks?.from), to: dot(right, marks?.to) };
  };
  return {
    report: {
      from: x === undefined ? a.label : `${a.label}#${x}`,
      to: y === undefined ? b.label : `${b.label}#${y}`,
      files: { from: a.file, to: b.file },
      rows: shown,
      total: compared?.total ?? [],
      image: compared?.image,
      hidden: asked.length - shown.length,
    },
    dots: compared && dots,
  };
}

/** A method that one side has alone. */
function aloneRow(left: Side | undefined, right: Side | undefined): Row {
  const place = (of: Side | undefined): Row['at']['from'] => placeOf(of?.method.source.span);
  return {
    class: 'protocol',
    what: `method ${(left ?? right)?.method.name}`,
    from: left && 'method { … }',
    to: right && 'method { … }',
    at: { from: place(left), to: place(right) },
    effects: [],
  };
}

async function writePage(path: string, pairs: readonly Pairing[]): Promise<void> {
  const parts: PagePart[] = [];
  for (const { report, dots } of pairs) {
    const found = dots?.();
    parts.push({ report, graphs: found && { from: await drawn(found.from), to: await drawn(found.to) } });
  }
  try {
    writeFileSync(path, pageText(parts));
  } catch (error) {
    throw usage(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Which rows are told. */
interface Told {
  readonly counts: (name: DiffClass) => boolean;
  /** Cosmetic rows too, and not only how many there are. */
  readonly cosmetic: boolean;
}

function toldOf({ only, ignore, cosmetic }: DiffCommand): Told {
  const [kept, dropped] = [classesIn('--only', only), classesIn('--ignore', ignore)];
  return {
    counts: (name) => (kept.size === 0 || kept.has(name)) && !dropped.has(name),
    cosmetic: cosmetic || kept.has('cosmetic'),
  };
}

function classesIn(option: string, lists: readonly string[]): ReadonlySet<DiffClass> {
  const names = CLASSES.map((name) => name.replaceAll(' ', '-'));
  return new Set(
    lists
      .flatMap((list) => list.split(','))
      .map((text) => {
        const name = text.trim().replaceAll(' ', '-');
        const at = names.indexOf(name);
        if (at >= 0) return CLASSES[at];
        throw usage(`${option} ${text}: there is no such class`, nearest(name, names) ?? `classes: ${names.join(', ')}`);
      }),
  );
}

/** Undefined after errors of the spec have been written. */
function open(output: Output, target: string, settings: ReturnType<typeof parseSettings>, json: boolean): Opened | undefined {
  const at = splitRevision(target);
  const host = at ? revisionHost(at.revision) : diskHost;
  const { file, only } = splitTarget(at?.target ?? target);
  const label = at ? `${at.revision}:${file}` : file;
  const diagnostics = new Diagnostics();
  const checked = checkFile(host, file, diagnostics, { settings });
  if (!checked)
    throw at
      ? usage(`${label}: there is no such file at this revision`, 'give its path from here, or from the top of the repository')
      : missingFile(file);
  if (diagnostics.hasErrors) {
    writeDiagnostics(output, diagnostics, json, { file: label });
    return undefined;
  }
  const named = only?.[0];
  if (named !== undefined && !checked.methods.has(named)) throw unknownMethod(label, named, checked);
  return { label, file, host, checked, named };
}

/** Methods that a file declares itself; variants where asked for. */
function declared({ checked }: Opened, variants: boolean): readonly string[] {
  return checked.file.declared.flatMap(({ declaration }) =>
    declaration.kind === 'method' || (variants && declaration.kind === 'variant') ? [declaration.name.text] : [],
  );
}

/** Every variant against what it is a variant of. */
function variants(a: Opened): readonly (readonly [string, string])[] {
  const all = a.checked.file.declared.flatMap(({ declaration }) =>
    declaration.kind === 'variant' && (a.named === undefined || declaration.name.text === a.named || declaration.of.text === a.named)
      ? [[declaration.of.text, declaration.name.text] as const]
      : [],
  );
  const own = all.filter(([of]) => a.checked.methods.has(of));
  if (own.length === 0) throw usage(`${a.label}: has no variant to compare`, 'name two methods: wsss diff FILE#ONE FILE#OTHER');
  return own;
}

type Pair = readonly [string | undefined, string | undefined];

/** Also the methods that both pipelines train, of two files. */
function withTrained(a: Opened, b: Opened, pairs: readonly Pair[]): readonly Pair[] {
  if (a.checked === b.checked || (a.label === b.label && a.file === b.file)) return pairs;
  const all = [...pairs];
  for (const [x, y] of pairs) {
    if (x === undefined || y === undefined) continue;
    const theirs = b.checked.methods.get(y)?.pipeline?.methods ?? [];
    for (const name of a.checked.methods.get(x)?.pipeline?.methods ?? [])
      if (name !== x && theirs.includes(name) && name !== y && !all.some(([p]) => p === name)) all.push([name, name]);
  }
  return all;
}

/** The method or variant that a file is named after: `ws_fcn` of ws-fcn.wsss. */
function namesake({ file, checked }: Opened): string | undefined {
  const name = basename(file, '.wsss').replaceAll('-', '_');
  return checked.methods.has(name) ? name : undefined;
}

/**
 * The methods that are named; else those of the same name; else the only ones, or those that their files are named after. A method that one file
 * has alone is paired with nothing.
 */
function methodPairs(a: Opened, b: Opened): readonly Pair[] {
  if (a.named !== undefined || b.named !== undefined) {
    const pick = (own: Opened, other: Opened): string => {
      if (own.named !== undefined) return own.named;
      const methods = declared(own, false);
      if (other.named !== undefined && own.checked.methods.has(other.named) && own.file === other.file && own.label !== other.label)
        return other.named;
      if (methods.length === 1) return methods[0];
      if (other.named !== undefined && own.checked.methods.has(other.named)) return other.named;
      const all = declared(own, true);
      const only = all.length === 1 ? all[0] : namesake(own);
      if (only !== undefined) return only;
      throw usage(`${own.label}: which method is meant?`, `name one: ${all.map((m) => `${own.label}#${m}`).join(', ')}`);
    };
    return [[pick(a, b), pick(b, a)]];
  }
  const [x, y] = [declared(a, true), declared(b, true)];
  const common = x.filter((name) => y.includes(name));
  if (common.length > 0)
    return [
      ...common.map((name) => [name, name] as const),
      ...x.filter((name) => !common.includes(name)).map((name) => [name, undefined] as const),
      ...y.filter((name) => !common.includes(name)).map((name) => [undefined, name] as const),
    ];
  const [p, q] = [declared(a, false), declared(b, false)];
  if (p.length === 1 && q.length === 1) return [[p[0], q[0]]];
  const [first, second] = [p.length === 1 ? p[0] : namesake(a), q.length === 1 ? q[0] : namesake(b)];
  if (first !== undefined && second !== undefined) return [[first, second]];
  throw usage(`${a.label} and ${b.label} have no method of one name`, 'name two methods: wsss diff FILE#ONE FILE#OTHER');
}
