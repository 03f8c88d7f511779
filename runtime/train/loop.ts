import { dirname, join } from 'node:path';
import { DataError } from '../data/errors.ts';
import { readSafetensors } from '../data/safetensors.ts';
import { exists } from '../host/files.ts';
import { workersSupported } from '../host/pool.ts';
import { type Progress, silent } from '../host/progress.ts';
import type { Naming, Program, TrainEntry } from '../program.ts';
import { BackgroundBatches } from './background-batches.ts';
import { type InitReport, initializeFrom, type Position, readCheckpoint, restore, writeCheckpoint } from './checkpoint.ts';
import { RunError } from './errors.ts';
import { initialize, initializeAverages } from './initialize.ts';
import { readLog, TrainLog } from './log.ts';
import { accumulated, batchSchedule, stepsPerEpoch } from './order.ts';
import { ParallelStepper, splittable } from './parallel.ts';
import { readWeights } from './pretrained/file.ts';
import { fillBackbone, type PretrainedReport } from './pretrained/fill.ts';
import type { ProgramSource } from './program-source.ts';
import { factor, groupRates, lossScalars } from './schedule.ts';
import type { BatchSource, TrainingSource } from './source.ts';
import { type HostState, layState } from './state.ts';
import { SingleStepper, type Stepper, type StepTimes } from './stepper.ts';
import { BEST_CHECKPOINT, epochCheckpoint, type Validation, Validator } from './validation.ts';

export interface TrainOptions {
  readonly program: Program;
  readonly ids: readonly string[];
  readonly batches: BatchSource;
  readonly classes: number;
  readonly seed: number;
  /** Name of the backend that is current. */
  readonly backend: string;
  /** Folder for `checkpoint.safetensors` and `log.jsonl`. */
  readonly out: string;
  /** Fingerprint of everything else that decides the result: data, split, masks, initial weights. */
  readonly fingerprint: string;
  readonly epochs?: number;
  readonly steps?: number;
  /** Numbers of epochs after which the weights are kept as `epoch-N.safetensors`. */
  readonly keep?: readonly number[];
  /** The first batch again and again, its views drawn as in the first epoch, with the losses of the last phase. */
  readonly oneBatch?: boolean;
  /** Safetensors files whose matching parameters and statistics are copied, later ones over earlier ones. */
  readonly init?: readonly string[];
  /** Files that a backbone starts from, before `init`. */
  readonly pretrained?: readonly { readonly backbone: string; readonly file: string; readonly namings?: readonly Naming[] }[];
  /** Cores to use; workers need `shared`, a separable step and the wasm backend. 1: this thread alone. */
  readonly workers?: number;
  /** What worker threads open for themselves. */
  readonly shared?: { readonly program: ProgramSource; readonly source: TrainingSource };
  /** Steps between checkpoints; without it every half minute. */
  readonly checkpointEvery?: number;
  /** What scores the weights on the way; leaves `validation.jsonl` and, where one chooses them, the best weights. */
  readonly validations?: readonly Validation[];
  readonly name?: string;
  readonly progress?: Progress;
}

export interface TrainResult {
  readonly checkpoint: string;
  readonly steps: number;
  /** Step from which an earlier run was continued; 0 for a fresh one. */
  readonly resumedFrom: number;
  readonly workers: number;
  /** Why only one worker computed, where more were wanted. */
  readonly single?: string;
  /** Mean losses of the last epoch. */
  readonly losses: Readonly<Record<string, number>>;
  readonly pretrained: readonly PretrainedReport[];
  readonly init: readonly (InitReport & { readonly file: string })[];
  readonly times: Readonly<StepTimes>;
}

const AUTOSAVE_MS = 30_000;

/**
 * Trains a program. Draws depend on (seed, epoch, image id), the order on (seed, epoch), first values on (seed, key); the checkpoint holds state and
 * position and nothing else: the same options after a killed run continue from the newest checkpoint in `out` and, with one worker, end with the
 * same bytes. A finished run is not run again. Throws RunError and DataError; when a step throws, the newest checkpoint stays as it was.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { program, seed, classes, out } = options;
  const plan = trainEntry(program);
  const total = totalSteps(plan, options);
  const lastKept = Math.max(0, ...(options.keep ?? [])) * stepsPerEpoch(options.ids.length, imagesPerStep(plan));
  if (lastKept > total && !options.oneBatch)
    throw new RunError(
      'run-plan',
      `the weights after epoch ${Math.max(...(options.keep ?? []))} are asked for (step ${lastKept}), and training ends after ${total} steps`,
      'Train longer, or take an earlier epoch in `checkpoint: epoch(…)`.',
    );
  const host = layState(program.meta.state, { [program.meta.classDim]: classes });
  const workers = workerCount(options);
  const path = join(out, 'checkpoint.safetensors');
  const logPath = join(out, 'log.jsonl');
  const position = (step: number): Position => ({
    step,
    steps: total,
    seed,
    program: program.meta.name,
    hash: plan.hash,
    compiler: program.meta.compiler,
    backend: options.backend,
    workers: workers.count,
    data: options.fingerprint,
  });
  initialize(program.meta.state, host, seed);
  const pretrained: PretrainedReport[] = [];
  for (const { backbone, file, namings } of options.pretrained ?? [])
    pretrained.push(fillBackbone(program.meta.state, host, backbone, file, (await readWeights(file)).tensors, namings));
  const init: (InitReport & { file: string })[] = [];
  for (const file of options.init ?? [])
    init.push({ file, ...initializeFrom(program.meta.state, host, (await readSafetensors(file)).tensors) });
  initializeAverages(program.meta.state, host, new Set(init.flatMap(({ copied }) => copied)));
  const resumedFrom = await resume(path, host, position(0));
  if (resumedFrom > 0) options.progress?.note(`${options.name ?? program.meta.name}: continues from step ${resumedFrom} of ${total}`);
  const log = await TrainLog.open(logPath, resumedFrom);
  if (resumedFrom < total) {
    const stepper = await openStepper(options, host, workers.count);
    try {
      await runSteps({
        options,
        plan,
        total,
        from: resumedFrom,
        stepper,
        log,
        save: (step) => writeCheckpoint(path, host, position(step)),
        validator: await Validator.open(options.validations ?? [], join(out, 'validation.jsonl'), resumedFrom),
        host,
        keepAs: (file, step) => writeCheckpoint(join(out, file), host, position(step)),
      });
    } finally {
      await log.flush();
      await stepper.close();
    }
    return { ...(await outcome()), times: { ...stepper.times } };
  }
  return { ...(await outcome()), times: { batch: 0, gradients: 0, update: 0 } };

  async function outcome(): Promise<Omit<TrainResult, 'times'>> {
    const losses = meanLosses(
      (await readLog(logPath)).slice(-stepsPerEpoch(options.ids.length, imagesPerStep(plan))).map((record) => record.losses),
    );
    return { checkpoint: path, steps: total, resumedFrom, workers: workers.count, single: workers.reason, losses, pretrained, init };
  }
}

/** What a program says of training. Throws RunError `run-no-training` for one that does not train. */
export function trainEntry(program: Program): TrainEntry {
  const plan = program.meta.train;
  if (plan) return plan;
  throw new RunError('run-no-training', `the program ${program.meta.name} does not train`, 'Give the spec a train block.');
}

/** Images whose gradients make one step. */
function imagesPerStep({ batch, accumulate = 1 }: TrainEntry): number {
  return batch * accumulate;
}

/** All steps of a run: `steps` before `epochs`, the caller's before the program's. */
export function totalSteps(
  plan: TrainEntry,
  options: { readonly ids: readonly string[]; readonly epochs?: number; readonly steps?: number },
): number {
  const perStep = imagesPerStep(plan);
  const perEpoch = stepsPerEpoch(options.ids.length, perStep);
  if (perEpoch === 0) {
    throw new RunError(
      'run-too-few-images',
      `${options.ids.length} images do not fill one batch of ${perStep}`,
      'Name a larger split, or make the batch of the train block smaller; incomplete batches are dropped.',
    );
  }
  const epochs = options.epochs ?? (options.steps === undefined && plan.steps === undefined ? plan.epochs : undefined);
  const steps = options.steps ?? (epochs === undefined ? plan.steps : epochs * perEpoch);
  if (steps === undefined)
    throw new RunError('run-no-training', 'the spec says neither epochs nor steps', 'Add `epochs 5` to its train block.');
  return Math.floor(steps);
}

/** How many threads share the gradients of a run, and why it is one where more were asked for. The weights depend on this number. */
export function workerCount({
  program,
  backend,
  workers: wanted = 1,
  shared,
}: {
  readonly program: Program;
  readonly backend: string;
  readonly workers?: number;
  readonly shared?: object;
}): { readonly count: number; readonly reason?: string } {
  if (wanted <= 1) return { count: 1 };
  const split = splittable(program);
  if (!split.splits) return { count: 1, reason: split.reason };
  if (backend !== 'wasm') return { count: 1, reason: `the backend ${backend} uses the whole machine by itself` };
  if (!shared || !workersSupported()) return { count: 1, reason: 'worker threads cannot load this program' };
  return { count: Math.min(wanted, program.meta.train?.batch ?? 1) };
}

async function openStepper(options: TrainOptions, host: HostState, workers: number): Promise<Stepper> {
  const { program, seed, classes, backend, shared } = options;
  if (workers > 1 && shared) {
    return ParallelStepper.open({ program, programSource: shared.program, source: shared.source, host, seed, classes, backend, workers });
  }
  const helpers = Math.min((options.workers ?? 1) - 1, 2);
  if (helpers < 1 || !shared || !workersSupported()) return new SingleStepper(program, host, options.batches, seed, classes);
  // Cores that cannot share the gradients read, decode and resize images.
  const batches = await BackgroundBatches.open(helpers, { program: shared.program, source: shared.source, seed });
  return new SingleStepper(program, host, batches, seed, classes, () => batches.close());
}

/** Continues from a checkpoint when there is one of this very run; returns the number of its finished steps. */
async function resume(path: string, host: HostState, wanted: Position): Promise<number> {
  if (!(await exists(path))) return 0;
  const { tensors, position } = await readCheckpoint(path).catch((error: unknown) => {
    if (!(error instanceof DataError)) throw error;
    const { what, file, expected, found } = error;
    throw new DataError(error.code, {
      what,
      file,
      expected,
      found,
      hint: `Remove ${dirname(path)} to train afresh, or put the file back.`,
    });
  });
  const keys: readonly (keyof Position)[] = ['hash', 'seed', 'steps', 'data', 'backend', 'workers'];
  const other = keys.find((key) => position[key] !== wanted[key]);
  if (other !== undefined) {
    throw new RunError(
      'run-other-checkpoint',
      `${path} belongs to another run: its ${other} is ${position[other]}, not ${wanted[other]}`,
      'Give another --out, or remove the folder to train afresh.',
    );
  }
  restore(host, tensors, path);
  return position.step;
}

interface Run {
  readonly options: TrainOptions;
  readonly plan: TrainEntry;
  readonly total: number;
  readonly from: number;
  readonly stepper: Stepper;
  readonly log: TrainLog;
  readonly save: (step: number) => Promise<void>;
  readonly validator: Validator;
  readonly host: HostState;
  /** Writes the weights as they are on the host under another name than the last. */
  readonly keepAs: (file: string, step: number) => Promise<void>;
}

async function runSteps({ options, plan, total, from, stepper, log, save, validator, host, keepAs }: Run): Promise<void> {
  const perStep = imagesPerStep(plan);
  const perEpoch = stepsPerEpoch(options.ids.length, perStep);
  const schedule = batchSchedule(options.ids, perStep, options.seed);
  const batchAt = cached((step) => accumulated(schedule(options.oneBatch ? 0 : step), plan.batch));
  const progress = (options.progress ?? silent).begin(options.name ?? `train ${options.program.meta.name}`, total, 'steps', from);
  let saved = performance.now();
  let recent: Readonly<Record<string, number>> = {};
  for (let step = from; step < total; step++) {
    const batches = batchAt(step);
    const next = step + 1 < total ? batchAt(step + 1)[0] : undefined;
    const [{ epoch }] = batches;
    const rate = factor(plan.schedule, step, total);
    const rates = groupRates(plan, step, total);
    const losses = await stepper.step({
      step,
      ...phaseAt(plan, options.oneBatch ? Number.POSITIVE_INFINITY : epoch),
      batches,
      next,
      rates,
      scalars: lossScalars(plan, options.oneBatch ? Number.POSITIVE_INFINITY : step / perEpoch),
    });
    log.add({ step, epoch, factor: rate, losses });
    recent = smoothed(recent, losses);
    progress.update(step + 1, lossText(recent));
    const done = step + 1;
    const validations = options.oneBatch ? [] : validator.due(done, total, perEpoch);
    if (validations.length > 0) {
      await stepper.save();
      for (const { miou, on, best } of await validator.run(validations, done, host, () => keepAs(BEST_CHECKPOINT, done)))
        options.progress?.note(
          `${options.name ?? 'train'}: step ${done}: ${miou.toFixed(1)} mIoU on ${on}${best ? ', the best so far' : ''}`,
        );
    }
    if (done % perEpoch === 0 && options.keep?.includes(done / perEpoch)) {
      await stepper.save();
      await keepAs(epochCheckpoint(done / perEpoch), done);
    }
    // A score is not computed again by a run that goes on from here.
    const asked = validations.length > 0;
    const due =
      asked || (options.checkpointEvery === undefined ? performance.now() - saved >= AUTOSAVE_MS : done % options.checkpointEvery === 0);
    if (done === total || due) {
      await log.flush();
      await stepper.save();
      await save(done);
      saved = performance.now();
    }
  }
  progress.finish(lossText(recent));
}

/** The graphs of the phase that an epoch belongs to. */
export function phaseAt(plan: TrainEntry, epoch: number): { readonly graph: string; readonly update: string } {
  const reached = plan.phases.filter((phase) => phase.fromEpoch <= epoch);
  const last = reached[reached.length - 1];
  if (!last) throw new RunError('run-no-training', `no phase of training covers epoch ${epoch}`, 'Build the spec again.');
  return { graph: last.graph, update: last.update ?? plan.update };
}

/** The stepper compares batches by identity, so the batch announced as next must be the very one that comes. */
function cached<T>(at: (step: number) => T): (step: number) => T {
  const kept = new Map<number, T>();
  return (step) => {
    const value = kept.get(step) ?? at(step);
    kept.set(step, value);
    kept.delete(step - 2);
    return value;
  };
}

function smoothed(before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(now).map(([name, value]) => [name, before[name] === undefined ? value : 0.95 * before[name] + 0.05 * value]),
  );
}

/** The total is left out where it says nothing new. */
function lossText(losses: Readonly<Record<string, number>>): string {
  const entries = Object.entries(losses);
  return entries
    .filter(([name]) => name !== 'total' || entries.length !== 2)
    .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
    .join(', ');
}

function meanLosses(records: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums = new Map<string, { total: number; count: number }>();
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      const sum = sums.get(name) ?? { total: 0, count: 0 };
      sums.set(name, { total: sum.total + value, count: sum.count + 1 });
    }
  }
  return Object.fromEntries([...sums].map(([name, { total, count }]) => [name, total / count]));
}
