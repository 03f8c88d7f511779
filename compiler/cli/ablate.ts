/** `wsss ablate`: runs the pipelines of methods, variants and grids with several seeds, and writes one table of them. */
import { join } from 'node:path';
import { writeAtomic } from '../../runtime/data/atomic.ts';
import { hashOf } from '../../runtime/pipeline/artefact.ts';
import type { LoadedProgram } from '../../runtime/pipeline/context.ts';
import type { PipelinePlan } from '../../runtime/pipeline/plan.ts';
import { type ArtefactStore, storeByContent } from '../../runtime/pipeline/store.ts';
import { type AblationRow, type AblationRun, ablationTable } from '../../runtime/report/ablation.ts';
import { waitForLock } from './ablation/lock.ts';
import { readRun, rowFolder, runFolder, writeRun } from './ablation/results.ts';
import { type AblationTarget, ablationTargets } from './ablation/targets.ts';
import { ablationCsv, ablationLines, ablationMarkdown } from './ablation/text.ts';
import { failureOf } from './failure.ts';
import { EXIT, type Output, renderProblem, usage, writeJson } from './output.ts';
import { planOf, programsOf } from './run.ts';
import { type ComputeOptions, knownData, type PretrainingOptions, pathsByName, runPlan, scoresOf } from './session.ts';

export interface AblateCommand extends Omit<ComputeOptions, 'seed'>, PretrainingOptions {
  readonly out: string;
  readonly set: readonly string[];
  readonly json: boolean;
  readonly seeds: readonly number[];
  /** Of all runs only every n-th from the i-th, for the jobs of a cluster. */
  readonly slice?: { readonly i: number; readonly n: number };
  readonly title?: string;
}

/** A row with all that its runs need, or with why it cannot run. */
type Prepared = AblationTarget & {
  readonly key: (seed: number) => string;
  readonly ready?: { readonly plan: PipelinePlan; readonly programs: Readonly<Record<string, LoadedProgram>> };
  readonly refused?: string;
};

/**
 * Stages with equal inputs are made once, whichever rows read them: they lie in OUT/cache by what decided them, so the same command after a kill goes on,
 * and another with more rows or seeds makes only what is new. A row that fails is shown as failed. Exit code 1 when any has.
 */
export async function runAblate(output: Output, targets: readonly string[], options: AblateCommand): Promise<number> {
  const { out, seeds, slice } = options;
  const said = options.json ? { ...output, out: output.error } : output;
  const rows: Prepared[] = [];
  for (const target of ablationTargets(output, targets, options.set)) rows.push(await prepare(target, options));
  refuseUnknownData(rows, options.data);
  const store = storeByContent(join(out, 'cache'), (name) =>
    waitForLock(join(out, 'cache', 'locks'), name, (holder) => said.error(`${name}: ${holder} is making it; waiting`)),
  );
  // Seeds outside, so that a table of every row is there early.
  const runs = seeds.flatMap((seed) => rows.map((row) => ({ row, seed })));
  const mine = runs.filter((_, index) => slice === undefined || index % slice.n === slice.i - 1);
  for (const [index, { row, seed }] of mine.entries()) {
    said.error(`[${index + 1}/${mine.length}] ${row.name}, seed ${seed}`);
    const run = await runRow(row, seed, store, options);
    if ('failed' in run) said.error(`${row.name}, seed ${seed}: failed; the others go on\n${run.failed}`);
    await writeRun(runFolder(out, row.name, seed), row.key(seed), run);
    await writeTable(targets, rows, options);
  }
  const known = await writeTable(targets, rows, options);
  const table = ablationTable(known);
  if (options.json) writeJson(output, { out, table });
  else {
    output.out(ablationLines(table).join('\n'));
    output.out(`\n${join(out, 'results.md')}`);
  }
  return known.some(({ runs: all }) => all.some((run) => 'failed' in run)) ? EXIT.problems : EXIT.good;
}

async function prepare(target: AblationTarget, options: AblateCommand): Promise<Prepared> {
  const key = (decided: unknown) => (seed: number) => hashOf([target.name, seed, decided]);
  if ('problem' in target) return { ...target, key: key(target.problem), refused: target.problem };
  try {
    const plan = planOf(target.checked, target.method);
    const programs = await programsOf(rowFolder(options.out, target.name), target.checked, target.method, target.file, options);
    const decided = { plan, programs: Object.values(programs).map(({ program }) => program.meta.hash), weights: options.weights };
    return { ...target, key: key(decided), ready: { plan, programs } };
  } catch (error) {
    const refused = messageOf(error);
    return { ...target, key: key(refused), refused };
  }
}

async function runRow(
  { name, ready, refused }: Prepared,
  seed: number,
  store: ArtefactStore,
  options: AblateCommand,
): Promise<AblationRun> {
  if (!ready) return { seed, failed: refused ?? 'it has no pipeline' };
  const { plan, programs } = ready;
  const shared = { store, generated: join(options.out, 'data') };
  const known = { ...options, seed, data: knownData(options.data, plan) };
  try {
    const result = await runPlan(plan, programs, runFolder(options.out, name, seed), known, options, shared);
    return { seed, scores: await scoresOf(result) };
  } catch (error) {
    return { seed, failed: messageOf(error) };
  }
}

/** A failure in words; a defect of wsss with its place, and not the end of the other rows either. */
function messageOf(error: unknown): string {
  const failure = failureOf(error);
  if (failure) return renderProblem(failure.problem);
  return `a defect of wsss: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** A folder for a data set that no row knows is a slip of the pen. */
function refuseUnknownData(rows: readonly Prepared[], data: readonly string[]): void {
  const plans = rows.flatMap(({ ready }) => ready?.plan ?? []);
  for (const [name] of Object.entries(pathsByName(data)))
    if (name !== '' && plans.length > 0 && !plans.some((plan) => knownData([`${name}=.`], plan).length > 0))
      throw usage(`--data ${name}=…: no row has a data set '${name}'`, 'Name one that the specs declare.');
}

/** Everything known of all rows, those of other processes included, as `results.md`, `results.csv` and `results.json`. */
async function writeTable(targets: readonly string[], rows: readonly Prepared[], options: AblateCommand): Promise<readonly AblationRow[]> {
  const { out, seeds } = options;
  const known: AblationRow[] = [];
  for (const { name, about, key } of rows) {
    const runs: AblationRun[] = [];
    for (const seed of seeds) runs.push(await readRun(runFolder(out, name, seed), key(seed), seed));
    known.push({ name, about, runs });
  }
  const set = options.set.map((setting) => ` --set ${setting}`).join('');
  const command = `wsss ablate ${targets.join(' ')} --seeds ${seeds.join(',')}${set}`;
  const title = options.title ?? `Ablation: ${rows.map(({ name }) => name).join(', ')}`;
  await writeAtomic(join(out, 'results.md'), ablationMarkdown(ablationTable(known), { title, seeds, command }));
  await writeAtomic(join(out, 'results.csv'), ablationCsv(known));
  await writeAtomic(join(out, 'results.json'), `${JSON.stringify({ format: 1, command, rows: known }, null, 2)}\n`);
  return known;
}
