/** Takes a method's own training steps on a reference file's batch, and compares what they make. */
import type { Tensor } from '../ops/tensor.ts';
import type { Dimensions, GraphResult, Program, TrainEntry } from '../program.ts';
import { bindDimensions } from '../sizes.ts';
import { DeviceState, disposeAll, type HostTensors } from '../train/device.ts';
import { RunError } from '../train/errors.ts';
import { initialize, initializeAverages } from '../train/initialize.ts';
import { phaseAt } from '../train/loop.ts';
import { groupRates, lossScalars } from '../train/schedule.ts';
import { fillSlot, type HostState, layState } from '../train/state.ts';
import { runGradients, runUpdate } from '../train/step.ts';
import { trainingGraphs, trainingKeys } from '../train/stepper.ts';
import { type Compared, compareResult, feedTensor, fitting, heldBytes } from './call.ts';
import { CompareError } from './errors.ts';
import type { StackedResult, TrainingPlan } from './plan.ts';
import type { Reference } from './reference.ts';
import { compareTensor, missing, type Row, ruleOf } from './rows.ts';

/** What a step tells besides tensors. */
interface StepNumbers {
  readonly losses: Readonly<Record<string, number>>;
  readonly rates: Readonly<Record<string, number>>;
  readonly gradNorm: number;
}

/**
 * Runs the plan's steps through the program's gradients and update graphs, as the training loop does, every step on the same batch. Throws
 * CompareError where the file's tensors have not the shapes that the program wants, and whatever the backend throws.
 */
export async function compareTraining(program: Program, plan: TrainingPlan, reference: Reference): Promise<Compared> {
  const { train } = program.meta;
  if (!train) throw new RunError('run-no-training', `the program ${program.meta.name} does not train`, 'Give the method a train block.');
  if (plan.epochs && train.epochs === undefined)
    throw new CompareError(
      'case-steps',
      'the case says which epoch each step starts, and the method counts steps',
      'Say total: STEPS in run train.',
    );
  const { graph } = phaseAt(train, plan.epochs?.[0] ?? plan.epoch);
  const entry = program.meta.graphs[graph];
  const batch: HostTensors = Object.fromEntries(plan.batch.map((feed) => [feed.name, feedTensor(reference, feed, entry)]));
  const dims = fitting(() => dimensionsOf(program, plan, batch, reference));
  const start = heldBytes();
  const device = new DeviceState(startingState(program, plan, dims, reference), trainingKeys(program));
  const before = heldBytes();
  const rows: Row[] = [];
  const steps: StepNumbers[] = [];
  try {
    for (let step = 0; step < plan.steps; step++)
      steps.push(await takeStep({ program, train, plan, reference, batch, dims, device, step, rows }));
    rows.push(...plan.stacked.map((result) => stackedRow(result, steps, reference)));
    const held = heldBytes() - before;
    device.dispose();
    return { rows, held: held === 0 ? heldBytes() - start : held };
  } finally {
    device.dispose();
  }
}

interface Step {
  readonly program: Program;
  readonly train: TrainEntry;
  readonly plan: TrainingPlan;
  readonly reference: Reference;
  readonly batch: HostTensors;
  readonly dims: Dimensions;
  readonly device: DeviceState;
  /** From 0. */
  readonly step: number;
  readonly rows: Row[];
}

async function takeStep({ program, train, plan, reference, batch, dims, device, step, rows }: Step): Promise<StepNumbers> {
  const started = plan.epochs?.[step];
  const { graph, update } = phaseAt(train, started ?? plan.epoch);
  const { classDim, batchDim } = program.meta;
  const classes = dims[classDim] ?? 0;
  const ids = Array.from({ length: dims[batchDim] ?? 1 }, (_, i) => String(i));
  // Of epochs of one step each the schedule is the same.
  const rates = started === undefined ? groupRates(train, step, plan.total) : groupRates(train, started, train.epochs ?? 1);
  const scalars = lossScalars(train, started ?? plan.epoch + (step / plan.total) * (train.epochs ?? 1));
  const compare = async (from: 'outputs' | 'update outputs' | 'state', results: Readonly<Record<string, Tensor>>): Promise<void> => {
    for (const result of plan.results)
      if (result.step === step + 1 && result.from === from) rows.push(await compareResult(results, result, reference));
  };
  const made: GraphResult[] = [];
  try {
    const forward = fitting(() => runGradients(program, graph, device.tensors, batch, { seed: 0, step, ids, classes, scalars }));
    made.push({ ...forward, state: {} });
    const losses: Record<string, number> = {};
    for (const [name, tensor] of Object.entries(forward.losses)) losses[name] = (await tensor.data())[0];
    await compare('outputs', forward.outputs);
    const updated = runUpdate(program, device.tensors, forward.gradients, { graph: update, rates, step, classes });
    made.push({ ...updated, state: {} });
    const norm = updated.outputs.grad_norm;
    const gradNorm = norm ? (await norm.data())[0] : Number.NaN;
    await compare('update outputs', updated.outputs);
    device.replace({ ...forward.state, ...updated.state });
    await compare('state', device.tensors);
    return { losses, rates, gradNorm };
  } finally {
    for (const result of made) disposeAll(result.gradients, result.losses, result.outputs, result.state);
  }
}

/** Every declared tensor: from the file where the plan says so, otherwise (slots of the optimiser) its initial value. */
function startingState(program: Program, plan: TrainingPlan, dims: Dimensions, reference: Reference): HostState {
  const needed = new Set(trainingKeys(program));
  const entries = program.meta.state.filter(({ key }) => needed.has(key));
  const state = fitting(() => layState(entries, dims));
  initialize(entries, state, 0);
  const entry = program.meta.graphs[trainingGraphs(program)[0]];
  const given = new Set<string>();
  for (const feed of plan.state) {
    const slot = state.slots.get(feed.name);
    if (!slot) continue;
    const { shape, data } = feedTensor(reference, feed, entry);
    if (shape.length !== slot.shape.length || shape.some((n, axis) => n !== slot.shape[axis]))
      throw new CompareError(
        'case-shape',
        `'${feed.key}' has the shape [${shape.join(', ')}] in the program's order of axes; '${feed.name}' has [${slot.shape.join(', ')}]`,
        'Look at the sizes that the case hands to the method.',
      );
    fillSlot(state, feed.name, data);
    given.add(feed.name);
  }
  initializeAverages(entries, state, given);
  return state;
}

/** Free dimensions from the batch, and from parameters whose sizes depend on them. */
function dimensionsOf(program: Program, plan: TrainingPlan, batch: HostTensors, reference: Reference): Dimensions {
  const entry = program.meta.graphs[trainingGraphs(program)[0]];
  const known: Record<string, number> = {};
  const declared = new Map(program.meta.state.map((state) => [state.key, state] as const));
  for (const feed of plan.state) {
    const { shape } = feedTensor(reference, feed, entry);
    declared.get(feed.name)?.shape.forEach((size, axis) => {
      if (typeof size === 'string' && shape[axis] !== undefined) known[size] ??= shape[axis];
    });
  }
  const given = Object.entries(batch).map(([name, { shape }]) => ({ name, shape }));
  return bindDimensions(entry.inputs, 'batch', given, known);
}

/** Numbers of all steps against a tensor [steps] or [steps, names]. */
function stackedRow({ of, names, times, key }: StackedResult, steps: readonly StepNumbers[], reference: Reference): Row {
  const stored = reference.tensors.get(key);
  if (!stored) throw new CompareError('case-unbound', `the reference has no '${key}'`, 'Compare another key.');
  const table = steps.map(({ losses, rates, gradNorm }) => {
    if (of === 'grad_norms') return [gradNorm];
    return names.map((name, i) => {
      const value: number | undefined = of === 'losses' ? losses[name] : rates[`lr.${name}`];
      return value === undefined ? undefined : value * (times?.[i] ?? 1);
    });
  });
  const lost = names.find((_, i) => table.some((row) => row[i] === undefined));
  if (lost !== undefined) return missing(key, stored, `the program computes no ${of === 'losses' ? 'loss' : 'rate'} '${lost}'`);
  const shape = names.length > 1 ? [steps.length, names.length] : [steps.length];
  return compareTensor(
    key,
    { shape, data: Float64Array.from(table.flat(), (value) => value ?? Number.NaN) },
    stored,
    ruleOf(reference, key),
    false,
  );
}
