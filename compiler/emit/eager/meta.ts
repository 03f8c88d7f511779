/** What a generated program says of itself: the value of `meta`, in the form of `ProgramMeta` of `runtime/program.ts`. */
import { hashInference, hashProgram, hashTraining } from '../../ir/identity.ts';
import type {
  InferPlan,
  MethodProgram,
  PretrainedBackbone,
  SchedulePlan,
  SourceRef,
  StateDeclaration,
  TrainPlan,
} from '../../ir/program.ts';
import type { DimAssertion, Graph, OutputRole } from '../../ops/graph.ts';
import type { Dim } from '../../shape/dim.ts';
import { positionAt } from '../../source/source.ts';
import { inputRole, readInputs } from './graph-function.ts';
import type { KeyLists } from './key-lists.ts';
import { Raw, Typed, type Value } from './literal.ts';
import { inputName } from './region.ts';
import { type Size, sizeOf } from './sizes.ts';

export interface ProgramInfo {
  /** Spec file as the user named it. */
  readonly specName: string;
  readonly compilerVersion: string;
  /** For graphs of training steps: whether the step may be split over the batch. */
  readonly separability?: Readonly<Record<string, SeparabilityInfo>>;
}
export type SeparabilityInfo =
  | { readonly kind: 'mean' | 'sum' }
  | { readonly kind: 'ratio'; readonly floor?: number; readonly plus: number }
  | { readonly kind: 'coupled'; readonly operator: string; readonly at: string };

/** Ports of this many state tensors are written as a list of keys that the runtime completes from the state's entries. */
const LISTED = 3;

function sizeValue(size: Size): Value {
  return typeof size === 'object' ? size.map((part): Value => (typeof part === 'object' ? sizeValue(part) : part)) : size;
}
/** A shape as data. */
export function shapeValue(shape: readonly Dim[]): readonly Value[] {
  return shape.map((dim) => sizeValue(sizeOf(dim)));
}

function pretrainedValue({ backbone, on, module, namings }: PretrainedBackbone): Value {
  const lists = namings?.map(({ name, lines, others }) => ({ name, lines, others }));
  return { backbone, on, module, ...(lists ? { namings: lists } : {}) };
}

export function metaValue(program: MethodProgram, info: ProgramInfo, keyLists: KeyLists): Value {
  const graphs = Object.entries(program.graphs).map(([name, graph]) => [
    name,
    entry(name, graphValue(graph, program.state, keyLists, info.separability?.[name]), 'GraphEntry'),
  ]);
  const infer = Object.entries(program.infer).map(([name, plan]) => [
    name,
    entry(name, inferValue(plan, hashInference(program, name)), 'InferEntry'),
  ]);
  return {
    format: 1,
    name: program.name,
    spec: info.specName,
    hash: hashProgram(program),
    compiler: info.compilerVersion,
    batchDim: program.batchDim,
    classDim: program.classDim,
    supervision: program.supervision,
    ...(program.readings ? { readings: program.readings } : {}),
    ...(program.pretrained ? { pretrained: program.pretrained.map(pretrainedValue) } : {}),
    state: new Raw('state'),
    graphs: Object.fromEntries(graphs),
    train: program.train && trainValue(program.train, hashTraining(program)),
    infer: Object.fromEntries(infer),
  };
}

/** An entry under a name of a spec's choice. Names that every object has hide the type of the record's entries from the checker. */
function entry(name: string, value: Value, type: string): Value {
  return name in Object.prototype ? new Typed(value, type) : value;
}

interface Port {
  readonly role: string;
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly Dim[];
}

function graphValue(graph: Graph, state: readonly StateDeclaration[], keyLists: KeyLists, separable: SeparabilityInfo | undefined): Value {
  const ports = readInputs(graph).map((node): Port => ({ role: inputRole(node), name: inputName(node), ...node.type }));
  const inputs = ports.filter((port, i) => ports.findIndex(({ role, name }) => role === port.role && name === port.name) === i);
  const outputRole: Readonly<Record<OutputRole, string>> = { gradient: 'gradient', state: 'state', loss: 'loss', output: 'output' };
  const outputs = graph.outputs.map(({ role, name, node }): Port => ({ role: outputRole[role], name, ...node.type }));
  return {
    inputs: portValues(inputs, state, keyLists),
    outputs: portValues(outputs, state, keyLists),
    separable: separable && { ...separable },
    assertions: graph.assertions.map(assertionValue),
  };
}

/** First the ports of state and gradients that say nothing beyond their key, listed by key; then the others in their order. */
function portValues(ports: readonly Port[], state: readonly StateDeclaration[], keyLists: KeyLists): Value {
  const declared = new Map(state.map((entry) => [entry.key, entry]));
  const implied = ({ role, name, dtype, shape }: Port): boolean => {
    const entry = declared.get(name);
    return (
      (role === 'state' || role === 'gradient') &&
      dtype === 'f32' &&
      entry !== undefined &&
      entry.type.dtype === 'f32' &&
      entry.type.shape.length === shape.length &&
      entry.type.shape.every((dim, axis) => dim === shape[axis])
    );
  };
  const values: Value[] = [];
  const short = new Set<string>();
  for (const role of ['state', 'gradient']) {
    const listed = ports.filter((port) => port.role === role && implied(port));
    if (listed.length < LISTED) continue;
    short.add(role);
    const keys = keyLists.inOrder(listed.map(({ name }) => name));
    values.push(new Raw(`...statePorts(state, '${role}', ${keyLists.list(keys)})`));
  }
  for (const port of ports) {
    if (!(short.has(port.role) && implied(port)))
      values.push({ role: port.role, name: port.name, dtype: port.dtype, shape: shapeValue(port.shape) });
  }
  return values;
}

function assertionValue({ left, right, relation, reason, span }: DimAssertion): Value {
  const at = span ? `${span.file.name}:${positionAt(span.file, span.start).line}` : '';
  return { left: sizeValue(sizeOf(left)), relation, right: sizeValue(sizeOf(right)), reason, at };
}

function trainValue(train: TrainPlan, hash: string | undefined): Value {
  return {
    hash,
    epochs: train.epochs,
    steps: train.steps,
    batch: train.batch,
    accumulate: train.accumulate,
    views: train.views.map(({ name, from, steps }) => ({ name, from, steps: steps.map(({ op, args }) => ({ op, args: { ...args } })) })),
    bindings: train.bindings.map(({ input, view, part }) => ({ input, view, part })),
    source: train.source && sourceValue(train.source),
    also: train.also?.map(sourceValue),
    pairs: train.pairs?.map(({ name, self, from }) => ({ name, self, from: from?.map(sourceValue) })),
    validate: train.validate?.map(({ every, on, program, best, tags }) => ({
      every: { ...every },
      on: sourceValue(on),
      program,
      best,
      tags,
    })),
    groups: train.optimizer.groups.map(({ name, rate, schedule }) => ({ name, rate, schedule: schedule && scheduleValue(schedule) })),
    schedule: scheduleValue(train.schedule),
    losses: train.losses.map(({ span: _, weight, ...loss }) => ({ ...loss, weight: typeof weight === 'number' ? weight : { ...weight } })),
    phases: train.phases.map((phase) => ({ ...phase })),
    update: train.update,
  };
}

function scheduleValue({ shape, warmup }: SchedulePlan): Value {
  return { shape: { ...shape }, warmup };
}

function sourceValue({ dataset, split }: SourceRef): Value {
  return { dataset, split };
}

function inferValue(plan: InferPlan, hash: string): Value {
  return {
    hash,
    graph: plan.graph,
    inputs: plan.inputs.map(({ input, part, group, steps }) => ({
      input,
      part,
      ...(group !== undefined && { group }),
      steps: steps.map(({ op, args }) => ({ op, args: { ...args } })),
    })),
    photo: { height: plan.photo.height, width: plan.photo.width },
    readsTags: plan.readsTags,
    returns: plan.returns.map((result) => ({ ...result })),
  };
}
