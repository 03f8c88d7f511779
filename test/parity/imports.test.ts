/** What a case calls is what the methods are made of: its imports are followed from the specs, and it declares nothing itself. */
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type BoundFile, type BoundName, Loader } from '../../compiler/bind/bind.ts';
import { diskHost } from '../../compiler/cli/host.ts';
import { Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../compiler/diagnostics/render.ts';
import type { Declaration } from '../../compiler/syntax/ast.ts';
import { visit } from '../../compiler/syntax/visit.ts';
import { hasFixture } from '../fixture.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const parity = `${root}test/parity/`;
const methodFolder = `${root}specs/methods/`;

const diagnostics = new Diagnostics();
/** One loader for all: a declaration that two files import is one object. */
const loader = new Loader(diskHost, diagnostics);

function load(path: string): BoundFile {
  const file = loader.load(path);
  if (!file) throw new Error(`${path} cannot be read`);
  return file;
}

/** Declarations of the file or its imports that a declaration names. */
function named(declaration: Declaration, file: BoundFile): readonly BoundName[] {
  const found = new Set<BoundName>();
  const add = (name: string): void => {
    const bound = file.names.get(name);
    if (bound && bound.declaration !== declaration) found.add(bound);
  };
  visit(declaration, (node) => {
    if (node.kind === 'name') add(node.name.text);
    if (node.kind === 'variant') add(node.of.text);
    return undefined;
  });
  return [...found];
}

/** Everything that the methods and variants of a spec are made of, themselves included. */
function madeOf(spec: BoundFile): ReadonlySet<Declaration> {
  const seen = new Set<Declaration>();
  const enter = (bound: BoundName): void => {
    if (seen.has(bound.declaration)) return;
    seen.add(bound.declaration);
    for (const next of named(bound.declaration, bound.file)) enter(next);
  };
  for (const bound of spec.declared) if (bound.declaration.kind === 'method' || bound.declaration.kind === 'variant') enter(bound);
  return seen;
}

const specs = new Map(readdirSync(methodFolder).map((file) => [file.replace('.wsss', ''), madeOf(load(methodFolder + file))] as const));
const cases = readdirSync(parity, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: folder }) => readdirSync(parity + folder).map((file) => [folder, file.replace('.wsss', '')] as const));

/** Modules that say what a spec has its own words for: a stage's fixed threshold, and `when any(…)` of a loss. */
const WORDS_OF_SPECS: ReadonlySet<string> = new Set(['with_constant_background', 'where_any']);

/** References that unit tests hold, since no program computes them: tables of places, and Pillow's rescaling. */
const ELSEWHERE: ReadonlySet<string> = new Set(['irn/path_indices_radius5', 'irn/path_indices_radius10', 'irn/pil_rescale']);

/**
 * What a case of this folder may call: parts of the method of that name. Where that method has no spec yet, parts of any method, and pieces of
 * the library, which it will be made of.
 */
function allowed(folder: string): (bound: BoundName) => boolean {
  const own = specs.get(folder);
  if (own)
    return ({ declaration, file }) => {
      // A method on taps that a reference gives is a variant of the method.
      const base = declaration.kind === 'variant' ? file.names.get(declaration.of.text)?.declaration : undefined;
      return own.has(declaration) || (base !== undefined && own.has(base)) || WORDS_OF_SPECS.has(declaration.name.text);
    };
  return ({ declaration, file }) => file.name.startsWith('std/') || [...specs.values()].some((parts) => parts.has(declaration));
}

function runsStage({ declaration }: BoundName): boolean {
  return declaration.kind === 'case' && declaration.items.some((item) => item.kind === 'case_setting' && item.word.text === 'stage');
}

test('the specs and the cases are read without a mistake', () => {
  for (const [folder, name] of cases) load(`${parity}${folder}/${name}.wsss`);
  expect(renderAll(diagnostics.all)).toBe('');
  expect(cases.length).toBeGreaterThan(0);
  expect([...specs.keys()]).toEqual(expect.arrayContaining(['cam', 'sipe']));
});

describe.each(cases)('%s/%s', (folder, name) => {
  const file = load(`${parity}${folder}/${name}.wsss`);
  const [first] = file.declared;

  test('declares one case of the name of its reference, and nothing else', () => {
    expect(file.declared.map(({ declaration }) => [declaration.kind, declaration.name.text])).toEqual([['case', name]]);
    expect(hasFixture(folder, name)).toBe(true);
  });

  test('calls what the methods are made of', () => {
    const calls = named(first.declaration, file);
    const fits = allowed(folder);
    expect(calls.filter((bound) => !fits(bound)).map(({ declaration }) => declaration.name.text)).toEqual([]);
    // Operators of the language alone are enough only for the library's own cases, and stages are the pipeline's own words.
    if (folder !== 'backbones' && !runsStage(first)) expect(calls.length).toBeGreaterThan(0);
  });

  test('uses every name it imports', () => {
    const used = new Set(named(first.declaration, file).map(({ declaration }) => declaration));
    const imported = file.spec.imports.flatMap((item) => item.names?.map((n) => (n.alias ?? n.name).text) ?? []);
    expect(imported.filter((n) => !used.has(file.names.get(n)?.declaration ?? first.declaration))).toEqual([]);
    // An import of everything would hide where a name comes from.
    expect(file.spec.imports.filter((item) => !item.names)).toEqual([]);
  });
});

test('every reference of a method with a spec has its case', () => {
  const fixtures = `${root}test/fixtures/`;
  const missing = [...specs.keys()].flatMap((method) =>
    existsSync(fixtures + method)
      ? readdirSync(fixtures + method)
          .filter((file) => file.endsWith('.safetensors'))
          .map((file) => file.replace('.safetensors', ''))
          .filter((name) => !ELSEWHERE.has(`${method}/${name}`) && !cases.some(([folder, other]) => folder === method && other === name))
      : [],
  );
  expect(missing).toEqual([]);
});

test('following imports finds a module that no method uses', () => {
  const file = load(`${root}specs/std/pooling.wsss`);
  const foreign = file.declared.filter((bound) => !allowed('sipe')(bound) && !allowed('cam')(bound));
  expect(foreign.length).toBeGreaterThan(0);
});
