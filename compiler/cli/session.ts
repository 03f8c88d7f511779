/** What the commands that compute have in common: their options, and running a plan with them. */
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { readTextIfThere } from '../../runtime/host/files.ts';
import { consoleProgress } from '../../runtime/host/terminal.ts';
import type { LoadedProgram } from '../../runtime/pipeline/context.ts';
import type { PipelinePlan } from '../../runtime/pipeline/plan.ts';
import { type PipelineResult, runPipeline } from '../../runtime/pipeline/run.ts';
import type { DatasetPlans } from '../../runtime/pipeline/single.ts';
import type { ArtefactStore } from '../../runtime/pipeline/store.ts';
import { parseScores, type Score } from '../../runtime/report/scores.ts';
import { openProgram } from '../../runtime/train/program-source.ts';
import type { CheckedFile, CheckedMethod } from '../check/check.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { lockFolder } from './lock.ts';
import { usage } from './output.ts';
import { writeProgram } from './programs.ts';

/** Options of every command that computes. */
export interface ComputeOptions {
  /** `DIR`, or `NAME=DIR` for one of several data sets. */
  readonly data: readonly string[];
  readonly seed?: number;
  readonly backend?: string;
  readonly workers?: number;
  readonly checkpointEvery?: number;
  /** Every operator looks at its result. */
  readonly checkNumerics?: boolean;
}

/** Options of the commands that train. */
export interface PretrainingOptions {
  /** `FILE`, or `NAME=FILE` for one of several backbones. */
  readonly weights: readonly string[];
  readonly fromScratch: boolean;
}

/** Paths by the name before them (`voc=DIR`: a data set, `net=FILE`: a backbone); the one given without a name, for all others, under ''. */
export function pathsByName(paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    paths.map((text) => {
      const named = /^([\p{L}_][\p{L}\p{N}_]*)=(.+)$/su.exec(text);
      return named ? [named[1], named[2]] : ['', text];
    }),
  );
}

/** The data sets of a plan. */
function datasetsOf(plan: PipelinePlan): ReadonlySet<string> {
  const known = new Set(Object.keys(plan.datasets));
  for (const { args } of plan.stages) if ('on' in args && args.on) known.add(args.on.dataset);
  return known;
}

/** Of the folders of data sets those that the plan has a use for. */
export function knownData(data: readonly string[], plan: PipelinePlan): readonly string[] {
  const known = datasetsOf(plan);
  return data.filter((text) => Object.keys(pathsByName([text])).every((name) => name === '' || known.has(name)));
}

/** Refuses a folder for a data set that the plan does not know. Throws CommandFailure. */
export function checkDataNames(data: readonly string[], plan: PipelinePlan): void {
  const known = datasetsOf(plan);
  for (const name of Object.keys(pathsByName(data)))
    if (name !== '' && !known.has(name))
      throw usage(
        `--data ${name}=…: there is no data set '${name}' here`,
        nearest(name, known) ?? `data sets: ${[...known].join(', ') || 'none'}`,
      );
}

/** Where runs that share artefacts keep them. */
export interface SharedArtefacts {
  readonly store: ArtefactStore;
  /** For data sets made on this machine. */
  readonly generated: string;
}

/**
 * Runs a plan, with progress on standard error; one process at a time works in `out`, unless artefacts are shared and locked one by one. Throws what the runtime throws, CommandFailure for a folder that
 * is taken or a data set that is not known.
 */
export async function runPlan(
  plan: PipelinePlan,
  programs: Readonly<Record<string, LoadedProgram>>,
  out: string,
  { data, seed, backend, workers, checkpointEvery }: ComputeOptions,
  { weights, fromScratch }: PretrainingOptions = { weights: [], fromScratch: false },
  shared?: SharedArtefacts,
): Promise<PipelineResult> {
  checkDataNames(data, plan);
  const unlock = shared ? () => undefined : await lockFolder(out);
  const interrupted = (): void => {
    process.stderr.write('\nstopped: the same command goes on from here\n');
    unlock();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  try {
    return await runPipeline({
      plan,
      programs,
      out,
      ...shared,
      // Rows are compared: one whose loss did nothing would be compared under a false name.
      emptyLosses: shared && 'fail',
      data: pathsByName(data),
      seed,
      backend,
      workers: workers ?? availableParallelism(),
      checkpointEvery,
      pretraining: { files: pathsByName(weights), fromScratch },
      progress: consoleProgress(),
    });
  } finally {
    process.removeListener('SIGINT', interrupted);
    unlock();
  }
}

/** Writes a method's program into OUT/program and loads it; with `checkNumerics` its operators look at their results, on worker threads too. */
export async function loadMethod(
  out: string,
  method: CheckedMethod,
  spec: string,
  { checkNumerics = false }: Pick<ComputeOptions, 'checkNumerics'> = {},
): Promise<LoadedProgram> {
  const { script, lines, memory } = await writeProgram(join(out, 'program'), method, spec);
  const source = { text: script.text, name: script.path, checkNumerics: checkNumerics ? lines : undefined };
  return { program: await openProgram(source), source, memory };
}

/** The declared data sets as plain data. */
export function datasetPlans(checked: CheckedFile, names: readonly string[] = Object.keys(checked.datasets)): DatasetPlans {
  return JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, checked.datasets[name]]))));
}

/** A data set's name when only its folder is known. */
export function nameOfData(data: readonly string[]): string | undefined {
  const [[name, folder] = []] = Object.entries(pathsByName(data));
  if (folder === undefined) return undefined;
  return name === undefined || name === '' ? basename(resolve(folder)) : name;
}

/** What a run made, as `--json` shows it. */
export function stagesJson(plan: PipelinePlan, { artefacts, reused }: PipelineResult) {
  return plan.stages.map(({ name, op }) => {
    const artefact = artefacts.get(name);
    return { name, op, kind: artefact?.record.kind, folder: artefact?.folder, reused: reused.includes(name) };
  });
}

/** The scores of all stages that score, in the order of the plan. */
export async function scoresOf({ artefacts }: PipelineResult): Promise<readonly Score[]> {
  const scores: Score[] = [];
  for (const { folder, record } of artefacts.values()) {
    if (record.kind !== 'scores') continue;
    const path = join(folder, 'scores.json');
    scores.push(...parseScores((await readTextIfThere(path)) ?? '', path));
  }
  return scores;
}
