/** `wsss check --fix`: the fixes of all messages, applied to the files of the author. */
import { readFileSync } from 'node:fs';
import { writeAtomic } from '../../runtime/data/atomic.ts';
import type { SourceHost } from '../bind/bind.ts';
import { checkFile } from '../check/check.ts';
import { applyFixes } from '../diagnostics/apply.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { positionAt } from '../source/source.ts';
import type { CheckCommand, Fixed } from './check.ts';
import { diskHost } from './host.ts';
import { CommandFailure, EXIT, type Output, usage } from './output.ts';
import { parseSettings } from './settings.ts';
import { splitTarget } from './target.ts';
import { unifiedDiff } from './unified-diff.ts';

export interface FixCommand extends CheckCommand {
  readonly fix: boolean;
  readonly dryRun: boolean;
}

/** One fix; the line is that of the text in which the problem was found. */
interface AppliedFix {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  readonly title: string;
}

/** One fix may bring another problem to light; beyond so many rounds they follow each other in a circle. */
const ROUNDS = 20;

/**
 * Applies fixes until none is left, and writes the files; with `dryRun` it prints what would be written. The standard library is never changed. Throws
 * CommandFailure, with nothing written, where a file has changed since it was read.
 */
export async function fixSpecs(output: Output, targets: readonly string[], options: FixCommand): Promise<Fixed> {
  if (!options.fix) throw usage('--dry-run goes with --fix');
  const settings = parseSettings(options.set);
  const before = new Map<string, string>();
  const texts = new Map<string, string>();
  const host: SourceHost = {
    ...diskHost,
    read(name) {
      const own = texts.get(name);
      if (own !== undefined) return own;
      const text = diskHost.read(name);
      if (text !== undefined) before.set(name, text);
      if (text !== undefined) texts.set(name, text);
      return text;
    },
  };
  const applied: AppliedFix[] = [];
  for (const target of targets) {
    const { file, only } = splitTarget(target);
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const diagnostics = new Diagnostics();
      checkFile(host, file, diagnostics, { only, settings, strictShapes: options.strictShapes });
      const fixes = applyFixes(diagnostics.all, isAuthors);
      const state = JSON.stringify([...fixes.texts]);
      if (fixes.applied.length === 0 || seen.has(state)) break;
      seen.add(state);
      for (const [name, text] of fixes.texts) texts.set(name, text);
      for (const { code, span, fix } of fixes.applied)
        applied.push({ file: span.file.name, line: positionAt(span.file, span.start).line, code, title: fix.title });
    }
  }
  const changed = [...before].flatMap(([name, old]) => (texts.get(name) === old ? [] : [{ name, old, text: texts.get(name) ?? old }]));
  if (!options.dryRun) {
    for (const { name, old } of changed) expectUnchanged(name, old);
    for (const { name, text } of changed) await writeAtomic(name, text);
  }
  if (!options.json) tell(output, applied, changed, options.dryRun);
  return { host, document: { fixes: applied, written: options.dryRun ? [] : changed.map(({ name }) => name) } };
}

function isAuthors(file: string): boolean {
  return !file.startsWith('std/');
}

function expectUnchanged(file: string, old: string): void {
  if (readFileSync(file, 'utf8') === old) return;
  const hint = 'run the same command again';
  throw new CommandFailure(EXIT.failure, { code: 'file-changed', message: 'the file has changed since it was read', file, hint });
}

function tell(
  output: Output,
  applied: readonly AppliedFix[],
  changed: readonly { readonly name: string; readonly old: string; readonly text: string }[],
  dryRun: boolean,
): void {
  if (dryRun) for (const { name, old, text } of changed) output.out(unifiedDiff(name, old, text));
  for (const { file, line, title, code } of applied) (dryRun ? output.error : output.out)(`${file}:${line}: ${title} (${code})`);
  if (applied.length === 0) output.out('nothing has a fix');
}
