/** One step: gradients of a batch, then the update. Pure graphs in, everything made on the way disposed, also when a graph throws. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { COUNT_OUTPUT, type Dimensions, type GraphEntry, type GraphResult, type Program, type TensorMap } from '../program.ts';
import { bindDimensions, checkAssertions } from '../sizes.ts';
import { disposeAll, drawInputs, type HostTensors, portsOf, scalarTensor, toDevice, withTensors, zeros } from './device.ts';
import { RunError } from './errors.ts';
import { tellingNonFinite } from './numerics/found.ts';

export interface StepContext {
  readonly seed: number;
  readonly step: number;
  readonly ids: readonly string[];
  readonly classes: number;
  /** Factors of losses with a ramp, `weight.<loss>` by name. */
  readonly scalars?: Readonly<Record<string, number>>;
}

export interface GradientOutcome {
  /** Owned by the caller, as are the new values of changed state. */
  readonly gradients: TensorMap;
  readonly state: TensorMap;
  readonly losses: TensorMap;
  /** What a `ratio` of parts is weighted by. */
  readonly count?: Tensor;
}

/** Runs a gradients graph on a batch. The caller owns what comes back; other outputs are disposed. */
export function computeGradients(
  program: Program,
  graph: string,
  state: TensorMap,
  batch: HostTensors,
  context: StepContext,
): GradientOutcome {
  const { gradients, state: changed, losses, outputs } = runGradients(program, graph, state, batch, context);
  const { [COUNT_OUTPUT]: count, ...others } = outputs;
  disposeAll(others);
  return { gradients, state: changed, losses, count };
}

/** The same with everything that the graph gives; the caller owns all of it. */
export function runGradients(program: Program, graph: string, state: TensorMap, batch: HostTensors, context: StepContext): GraphResult {
  const entry = program.meta.graphs[graph];
  const run = program.graphs[graph];
  if (!entry || !run) throw noGraph(program, graph);
  const shapes = Object.entries(batch).map(([name, { shape }]) => ({ name, shape }));
  const known: Dimensions = { [program.meta.classDim]: context.classes, [program.meta.batchDim]: context.ids.length };
  const dims = bindDimensions(entry.inputs, 'batch', shapes, known);
  checkAssertions(entry, dims);
  return withTensors((hold) => {
    const tensors: Record<string, ReturnType<typeof toDevice>> = {};
    for (const port of portsOf(entry.inputs, 'batch')) tensors[port.name] = hold(toDevice(batch[port.name]));
    const draws: Record<string, ReturnType<typeof toDevice>> = {};
    const drawn = drawInputs(entry.inputs, { ...context, dims, batchDim: program.meta.batchDim });
    for (const [name, values] of Object.entries(drawn)) draws[name] = hold(toDevice(values));
    const scalars = scalarInputs(entry, { ...context.scalars, step: context.step + 1 }, hold);
    return tellingNonFinite(
      () => ({ during: `step ${context.step}`, ids: context.ids, given: { state, batch: tensors, draw: draws, scalar: scalars } }),
      () => run({ state, batch: tensors, draws, scalars, gradients: {}, dims }),
    );
  });
}

/** What an update is given besides state and gradients. */
export interface UpdateContext {
  /** Name of the update graph. */
  readonly graph: string;
  /** Scalars `lr.<group>` by name. */
  readonly rates: Readonly<Record<string, number>>;
  /** From 0; the graph gets it from 1, for bias correction. */
  readonly step: number;
  readonly classes: number;
}

/**
 * Runs an update graph. Gradients that it wants and does not get are zero. Returns new values of parameters and slots, owned by the caller.
 */
export function computeUpdate(program: Program, state: TensorMap, gradients: TensorMap, context: UpdateContext): TensorMap {
  const { state: changed, ...rest } = runUpdate(program, state, gradients, context);
  disposeAll(rest.outputs, rest.losses, rest.gradients);
  return changed;
}

/** The same with everything that the graph gives (`grad_norm` among its outputs); the caller owns all of it. */
export function runUpdate(program: Program, state: TensorMap, gradients: TensorMap, context: UpdateContext): GraphResult {
  const { graph, rates, step, classes } = context;
  const entry = program.meta.graphs[graph];
  const run = program.graphs[graph];
  if (!entry || !run) throw noGraph(program, graph);
  const dims: Dimensions = { [program.meta.classDim]: classes };
  return withTensors((hold) => {
    const scalars = scalarInputs(entry, { ...rates, step: step + 1 }, hold);
    const given: Record<string, ReturnType<typeof toDevice>> = { ...gradients };
    for (const port of portsOf(entry.inputs, 'gradient')) given[port.name] ??= hold(zeros(port, dims));
    return tellingNonFinite(
      () => ({ during: `the update of step ${step}`, ids: [], given: { state, 'gradient of': given, scalar: scalars } }),
      () => run({ state, batch: {}, draws: {}, scalars, gradients: given, dims }),
    );
  });
}

/** Tensors for the scalar inputs of a graph. Throws RunError `run-no-training` for one that nothing gives. */
function scalarInputs(
  entry: GraphEntry,
  values: Readonly<Record<string, number>>,
  hold: (tensor: Tensor) => Tensor,
): Record<string, Tensor> {
  const scalars: Record<string, Tensor> = {};
  for (const { name } of portsOf(entry.inputs, 'scalar')) {
    const value = values[name];
    if (value === undefined)
      throw new RunError('run-no-training', `a graph reads the scalar '${name}', which nothing gives`, 'Build the spec again.');
    scalars[name] = hold(scalarTensor(value));
  }
  return scalars;
}

function noGraph(program: Program, graph: string): RunError {
  return new RunError('run-no-training', `the program ${program.meta.name} has no graph '${graph}'`, 'Build the spec again.');
}

/** Reads loss tensors as plain numbers and disposes them. */
export async function readLosses(losses: TensorMap): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  try {
    for (const [name, tensor] of Object.entries(losses)) values[name] = (await tensor.data())[0];
  } finally {
    disposeAll(losses);
  }
  return values;
}

/** Stops at the first loss that is no number. */
export function checkFinite(losses: Readonly<Record<string, number>>, step: number): void {
  for (const [name, value] of Object.entries(losses)) {
    if (Number.isFinite(value)) continue;
    throw new RunError(
      'run-non-finite-loss',
      `loss '${name}' is ${value} at step ${step}`,
      'Often the learning rate is too high (make it smaller in the spec), or something was divided by a maximum that was zero; --check-numerics names the line.',
    );
  }
}
