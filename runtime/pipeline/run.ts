import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChosenBackend, choose } from '../backend/choose.ts';
import { writeAtomic } from '../data/atomic.ts';
import { appendText } from '../data/folder.ts';
import { type Progress, silent } from '../host/progress.ts';
import type { TrainEntry } from '../program.ts';
import { RunError } from '../train/errors.ts';
import { trainEntry, workerCount } from '../train/loop.ts';
import { RUNTIME_VERSION } from '../version.ts';
import { type Artefact, changedBetween, hashOf, type StageRecord } from './artefact.ts';
import { type LoadedProgram, programOf, type StageContext, type StageOutcome } from './context.ts';
import { Datasets } from './datasets.ts';
import { inferEntry } from './infer.ts';
import { inspectData } from './inspect.ts';
import { inputStages, type PipelinePlan, type SplitPlan, type StagePlan } from './plan.ts';
import { checkPretraining, NO_PRETRAINING, type Pretraining } from './pretraining.ts';
import { runBaseline, runEvaluate } from './stages/evaluate.ts';
import { checkGiven, givenKey, runGiven } from './stages/given.ts';
import { runInfer } from './stages/infer.ts';
import { runCrf, runIrLabel, runMasks, runRandomWalk } from './stages/masks.ts';
import { programFacts, REPORT_FILES, runReport } from './stages/report.ts';
import { runThreshold } from './stages/threshold.ts';
import { runTrain, trainingSplit, weightsKey } from './stages/train.ts';
import { type ArtefactStore, abandon, finishedArtefact, publish, storeByStage, workFolder } from './store.ts';
import { allSplits, trainingSplits } from './training-data.ts';

export interface PipelineOptions {
  readonly plan: PipelinePlan;
  readonly programs: Readonly<Record<string, LoadedProgram>>;
  readonly out: string;
  /** Where artefacts lie; under the names of their stages in `out` otherwise. */
  readonly store?: ArtefactStore;
  /** Where data sets that are made on this machine lie; in `out` otherwise. */
  readonly generated?: string;
  /** Folders of data sets, by name, or one for all under ''. */
  readonly data?: Readonly<Record<string, string>>;
  readonly seed?: number;
  /** Chosen automatically when absent. */
  readonly backend?: string;
  readonly workers?: number;
  readonly checkpointEvery?: number;
  readonly emptyLosses?: StageContext['emptyLosses'];
  /** Files that backbones start from, and whether they may start from nothing. */
  readonly pretraining?: Pretraining;
  readonly progress?: Progress;
  /** Only these stages and what they need. */
  readonly stages?: readonly string[];
}

export interface PipelineResult {
  readonly artefacts: ReadonlyMap<string, Artefact>;
  /** Stages whose finished artefact was used as it was. */
  readonly reused: readonly string[];
  readonly backend: ChosenBackend;
  /** The page of the last report, as a file of the output folder itself. */
  readonly report?: string;
}

/**
 * Runs the stages of a plan in order. A stage whose finished artefact has the same key is skipped; a stage that a killed run left unfinished goes
 * on from there. What is given, and the data of all that is left to do, is looked at first. Throws RunError, DataError and BackendError; no half-written artefact has a final name.
 */
export async function runPipeline(options: PipelineOptions): Promise<PipelineResult> {
  const { plan, out, programs } = options;
  const progress = options.progress ?? silent;
  const store = options.store ?? storeByStage(out);
  const pretraining = options.pretraining ?? NO_PRETRAINING;
  checkPlan(plan);
  const stages = wantedStages(plan, options.stages);
  await checkGiven(stages);
  checkPretraining(stages, (name) => programs[name]?.program.meta, pretraining);
  const backend = await choose(options.backend);
  const seed = options.seed ?? plan.seed ?? 0;
  const workers = Math.max(1, options.workers ?? 1);
  const datasets = new Datasets({
    plans: plan.datasets,
    roots: options.data ?? {},
    generated: options.generated ?? join(out, 'data'),
    progress,
  });
  const artefacts = new Map<string, Artefact>();
  const readings = new Map<string, readonly string[]>();
  const reused: string[] = [];
  let inspected = false;
  for (const [i, stage] of stages.entries()) {
    const rests = [
      ...inputStages(stage).flatMap((name) => readings.get(name) ?? []),
      ...('program' in stage ? (programOf({ name: stage.name, programs }, stage.program).program.meta.readings ?? []) : []),
      ...(stage.reading === undefined ? [] : [stage.reading]),
    ];
    readings.set(stage.name, [...new Set(rests)]);
    const base = {
      name: stage.name,
      programs,
      datasets,
      artefacts,
      readings: readings.get(stage.name) ?? [],
      seed,
      backend: backend.name,
      workers,
      progress,
      checkpointEvery: options.checkpointEvery,
      emptyLosses: options.emptyLosses,
      pretraining,
    };
    const record = await plannedRecord(stage, { ...base, work: '', key: '' });
    const place = store.nameOf(stage.name, record.key);
    let finished = await finishedArtefact(store, place);
    const unlock = finished?.record.key === record.key ? undefined : await store.lock?.(place);
    try {
      // Whoever had the lock may just have made it.
      if (unlock) finished = await finishedArtefact(store, place);
      if (finished?.record.key === record.key) {
        artefacts.set(stage.name, finished);
        reused.push(stage.name);
        progress.note(`${stage.name}: done before`);
        continue;
      }
      if (!inspected) await inspectData(stages.slice(i), datasets, (name) => programOf(base, name).program);
      const { folder: work, givenUp } = await workFolder(store, place, record.key);
      // The page of an earlier run would stand beside artefacts it does not tell of.
      if (!inspected) for (const file of REPORT_FILES) await rm(join(out, file), { force: true });
      inspected = true;
      if (givenUp)
        progress.note(`${stage.name}: starts afresh, because the unfinished run there had another program, arguments, inputs or data`);
      if (finished) progress.note(`${stage.name}: is made again, because of other ${changes(finished.record, record)}`);
      const start = performance.now();
      const outcome = await runStage({ ...base, work, key: record.key }, stage).catch(async (error: unknown) => {
        progress.interrupt();
        await abandon(work, error);
        throw error;
      });
      const made = { kind: outcome.kind, parts: outcome.parts, on: outcome.on, given: outcome.given, protocol: outcome.protocol ?? {} };
      artefacts.set(stage.name, await publish(store, place, work, { ...record, ...made }));
      if (outcome.note !== undefined) progress.note(`${stage.name}: ${outcome.note}`);
      await appendText(
        join(out, 'times.log'),
        `${stage.name}\t${((performance.now() - start) / 1000).toFixed(2)} s\t${record.key.slice(0, 12)}\n`,
      );
    } finally {
      unlock?.();
    }
  }
  const page = await publishReport(out, plan, artefacts);
  return { artefacts, reused, backend, report: page };
}

/** Copies the last report and its scores to where people look first: `report.html` and `scores.json` of the output folder. */
async function publishReport(out: string, plan: PipelinePlan, artefacts: ReadonlyMap<string, Artefact>): Promise<string | undefined> {
  const last = plan.stages.findLast((stage) => stage.op === 'report' && artefacts.has(stage.name));
  const folder = last && artefacts.get(last.name)?.folder;
  if (folder === undefined) return undefined;
  for (const file of REPORT_FILES) await writeAtomic(join(out, file), await readFile(join(folder, file)));
  return join(out, REPORT_FILES[0]);
}

function runStage(context: StageContext, stage: StagePlan): Promise<StageOutcome> {
  switch (stage.op) {
    case 'given':
      return runGiven(stage);
    case 'train':
      return runTrain(context, stage);
    case 'infer':
      return runInfer(context, stage);
    case 'threshold':
      return runThreshold(context, stage);
    case 'crf':
      return runCrf(context, stage);
    case 'masks':
      return runMasks(context, stage);
    case 'ir_label':
      return runIrLabel(context, stage);
    case 'random_walk':
      return runRandomWalk(context, stage);
    case 'evaluate':
      return runEvaluate(context, stage);
    case 'baseline':
      return runBaseline(context, stage);
    case 'report':
      return runReport(context, stage);
    default:
      throw new Error(`not a stage: ${JSON.stringify(stage)}`);
  }
}

/** Everything of a stage's record that is known before it runs, with the key over what decides its outcome. */
async function plannedRecord(stage: StagePlan, context: StageContext): Promise<StageRecord> {
  const program = programRecord(stage, context);
  const inputs: Record<string, string> = {};
  for (const name of inputStages(stage)) {
    const found = context.artefacts.get(name);
    if (!found)
      throw new RunError('run-plan', `stage '${stage.name}' reads '${name}', which did not run before it`, 'Build the spec again.');
    inputs[name] = found.record.key;
  }
  const on: SplitPlan | undefined =
    stage.op === 'train'
      ? trainingSplit(stage, programOf(context, stage.program).program.meta.train?.source)
      : 'on' in stage.args
        ? stage.args.on
        : undefined;
  const data = on && (await context.datasets.open(on.dataset)).fingerprint;
  const further =
    on && stage.op === 'train'
      ? await furtherData(context, trainingOthers(trainEntry(programOf(context, stage.program).program), on))
      : stage.op === 'infer'
        ? await furtherData(
            context,
            Object.values(stage.args.groups ?? {}).flatMap(({ from = [] }) => from),
          )
        : undefined;
  // Only training depends on how the batch is split; everything else is made image by image.
  const workers = stage.op === 'train' ? trainingWorkers(context, stage.program) : 1;
  const decided = {
    runtime: RUNTIME_VERSION,
    op: stage.op,
    // What is hoped for decides nothing.
    args: stage.op === 'evaluate' ? { ...stage.args, expectation: undefined } : stage.args,
    wiring: wiring(stage, inputs),
    on,
    data,
    further,
    seed: context.seed,
    backend: context.backend,
    workers,
    program: program && [program.hash, program.compiler],
    weights: stage.op === 'train' ? await weightsKey(context, stage) : undefined,
    given: stage.op === 'given' ? await givenKey(stage) : undefined,
    shown: stage.op === 'report' ? programFacts(context) : undefined,
    readings: stage.op === 'evaluate' && context.readings.length > 0 ? context.readings : undefined,
  };
  return {
    format: 1,
    stage: stage.name,
    op: stage.op,
    kind: 'scores',
    key: hashOf(decided),
    args: stage.args,
    inputs,
    program,
    on,
    seed: context.seed,
    backend: context.backend,
    workers,
    runtime: RUNTIME_VERSION,
    protocol: {},
  };
}

/**
 * The artefacts that a stage reads, by role. Another name for the same artefact is no other input, except where names are printed: on the page of a
 * report, and by an evaluation without a label of its own.
 */
function wiring(stage: StagePlan, keys: Readonly<Record<string, string>>): unknown {
  if (stage.op === 'report') return { keys, names: stage.inputs };
  const named = stage.op === 'evaluate' && stage.args.label === undefined ? stage.inputs.predictions : undefined;
  return { named, ...keysOf(stage.inputs, keys) };
}

/** What a role is filled by: an artefact or a part of one, several of them, or some by name. */
type Filling = string | undefined | readonly string[] | Readonly<Record<string, string>>;

function isList(by: Exclude<Filling, undefined | string>): by is readonly string[] {
  return Array.isArray(by);
}

function keysOf(roles: Readonly<Record<string, Filling>>, keys: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const keyOf = (name: string): unknown => {
    const [artefact, part] = name.split('.', 2);
    return [keys[artefact], part];
  };
  const filled = Object.entries(roles).map(([role, by]) => {
    if (by === undefined || typeof by === 'string') return [role, by && keyOf(by)];
    return [role, isList(by) ? by.map(keyOf) : keysOf(by, keys)];
  });
  return Object.fromEntries(filled);
}

/** The other splits that training reads, for its partners and for validation. */
function trainingOthers(train: TrainEntry, on: SplitPlan): readonly SplitPlan[] {
  return [...allSplits(trainingSplits(train, on)).slice(1), ...(train.validate ?? []).map((validation) => validation.on)];
}

/** Splits by what is in them. */
async function furtherData(context: StageContext, splits: readonly SplitPlan[]): Promise<readonly unknown[] | undefined> {
  if (splits.length === 0) return undefined;
  return Promise.all(splits.map(async (split) => [split, (await context.datasets.open(split.dataset)).fingerprint]));
}

/** What is not told apart by the record is the data, or weights that were read from a file. */
function changes(before: StageRecord, now: StageRecord): string {
  return changedBetween(before, now).join(', ') || 'data';
}

/** The program of a stage with the hash of what this stage depends on: an edit of inference leaves the key of training as it was. */
function programRecord(stage: StagePlan, context: StageContext): StageRecord['program'] {
  if (stage.op !== 'train' && stage.op !== 'infer') return undefined;
  const { program } = programOf(context, stage.program);
  const { name, spec, compiler } = program.meta;
  const { hash } = stage.op === 'train' ? trainEntry(program) : inferEntry(program, stage.args.entry);
  return { name, hash, spec, compiler };
}

function trainingWorkers(context: StageContext, name: string): number {
  const { program, source } = programOf(context, name);
  return workerCount({ program, backend: context.backend, workers: context.workers, shared: source }).count;
}

/** The stages asked for and all that they read, in the plan's order. */
function wantedStages(plan: PipelinePlan, names: readonly string[] | undefined): readonly StagePlan[] {
  if (names === undefined) return plan.stages;
  const byName = new Map(plan.stages.map((stage) => [stage.name, stage]));
  const wanted = new Set<string>();
  const add = (name: string): void => {
    const stage = byName.get(name);
    if (!stage) throw new RunError('run-plan', `the pipeline has no stage '${name}'`, `It has ${[...byName.keys()].join(', ')}.`);
    if (wanted.has(name)) return;
    wanted.add(name);
    inputStages(stage).forEach(add);
  };
  names.forEach(add);
  return plan.stages.filter((stage) => wanted.has(stage.name));
}

/** Names are folders: plain words, each once, and none that the runner uses itself. */
function checkPlan(plan: PipelinePlan): void {
  const seen = new Set<string>();
  for (const { name } of plan.stages) {
    const hint = 'Rename the stage in the pipeline.';
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name) || name === 'data')
      throw new RunError('run-plan', `'${name}' cannot be the name of a stage`, hint);
    if (seen.has(name)) throw new RunError('run-plan', `two stages are called '${name}'`, hint);
    seen.add(name);
  }
}
