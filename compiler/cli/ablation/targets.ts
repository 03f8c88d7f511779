/** The rows of an ablation: methods, variants and cells of grids that have a pipeline. */
import type { AblationRow } from '../../../runtime/report/ablation.ts';
import { type CheckedFile, type CheckedMethod, checkFile } from '../../check/check.ts';
import type { Value } from '../../check/values.ts';
import { Diagnostics } from '../../diagnostics/diagnostics.ts';
import { nearest } from '../../diagnostics/suggest.ts';
import { diskHost } from '../host.ts';
import { type Output, usage, writeDiagnostics } from '../output.ts';
import { checkSettings, parseSettings } from '../settings.ts';
import { missingFile, portable } from '../spec.ts';
import { splitTarget } from '../target.ts';

export type AblationTarget = Pick<AblationRow, 'name' | 'about'> & { readonly file: string } & (
    | { readonly checked: CheckedFile; readonly method: CheckedMethod }
    /** It has errors, which are written. */
    | { readonly problem: string }
  );

/**
 * The rows that `FILE.wsss` (all in it) and `FILE.wsss#NAME` (a method, a variant, a grid or one of its cells) mean, in the order of the command line
 * and of the files, each once. What does not check is a row all the same: it has failed. Throws CommandFailure for a file or name that is not there.
 */
export function ablationTargets(output: Output, targets: readonly string[], set: readonly string[]): readonly AblationTarget[] {
  const settings = parseSettings(set);
  const rows = targets.flatMap((target) => {
    const { file, only } = splitTarget(target);
    return rowsOf(output, file, only?.[0], settings);
  });
  const seen = new Set<string>();
  return rows.filter(({ file, name }) => {
    const key = `${file}#${name}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

function rowsOf(output: Output, file: string, named: string | undefined, settings: ReadonlyMap<string, Value>): readonly AblationTarget[] {
  const diagnostics = new Diagnostics();
  const checked = checkFile(diskHost, file, diagnostics, { settings });
  if (!checked) throw missingFile(file);
  writeDiagnostics(output, diagnostics, false);
  const names = namesOf(checked);
  const wanted = named === undefined ? [...names] : [...names].filter(([name, grid]) => name === named || grid === named);
  if (named !== undefined && wanted.length === 0) {
    const declared = [...new Set([...names].map(([name, grid]) => grid ?? name))];
    throw usage(
      `${file}: declares no method, variant or grid '${named}'`,
      nearest(named, declared) ?? `it declares ${declared.join(', ') || 'none'}`,
    );
  }
  checkSettings(settings, [...checked.methods.values()]);
  const whole = diagnostics.hasErrors ? undefined : (portable(file, settings) ?? checked);
  const rows = wanted.map(([name]): AblationTarget | undefined => {
    const alone = whole ?? checkedAlone(file, name, settings);
    const method = alone?.methods.get(name);
    if (!alone || !method) return { file, name, problem: `it does not check: wsss check ${file}#${name}` };
    return method.pipeline === undefined ? undefined : { file, name, about: firstLine(alone, name), checked: alone, method };
  });
  const found = rows.flatMap((row) => row ?? []);
  if (found.length === 0)
    throw usage(
      `${file}${named === undefined ? '' : `#${named}`}: nothing here has a pipeline`,
      'An ablation runs pipelines; add one, or name another method.',
    );
  return found;
}

/** Methods and variants that the file declares itself, and the cells of its grids with the name of their grid. */
function namesOf({ file, methods }: CheckedFile): ReadonlyMap<string, string | undefined> {
  const names = new Map<string, string | undefined>();
  for (const { declaration } of file.declared) {
    if (declaration.kind === 'method' || declaration.kind === 'variant') names.set(declaration.name.text, undefined);
    if (declaration.kind !== 'grid') continue;
    const grid = declaration.name.text;
    const cells = [...methods.keys()].filter((name) => name.startsWith(`${grid}[`));
    // The cells of a method with mistakes are not known: the grid stands for them.
    for (const cell of cells.length > 0 ? cells : [grid]) names.set(cell, grid);
  }
  return names;
}

function checkedAlone(file: string, name: string, settings: ReadonlyMap<string, Value>): CheckedFile | undefined {
  const own = new Diagnostics();
  const checked = checkFile(diskHost, file, own, { settings, only: [name] });
  return own.hasErrors ? undefined : (portable(file, settings, [name]) ?? checked);
}

/** Of its own documentation; the name of a cell says what there is to say. */
function firstLine({ file }: CheckedFile, name: string): string | undefined {
  const declaration = file.declared.find((bound) => bound.declaration.name.text === name)?.declaration;
  return declaration?.doc?.split('\n').at(0)?.trim() || undefined;
}
