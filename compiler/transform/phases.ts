/**
 * Losses that start later or end sooner, state that changes in some epochs alone, and parameters that are frozen in some make several phases of
 * training, each with a graph of its own in which inactive losses are not computed, and nothing is differentiated for what is frozen. A parameter that some loss reaches in any phase is trained in all of them: while its losses are off its gradient is exactly zero,
 * so that decay and momentum act as in PyTorch with zeroed gradients; where all its losses say `off untouched`, the phase has an update without
 * it, as in PyTorch without a gradient. A parameter that no loss reaches is never touched.
 */
import { ancestors, inputKey, inputNodes, isInput } from '../ir/paths.ts';
import type { EpochSpan, LossDeclaration, OptimizerPlan, PhasePlan, StateDeclaration } from '../ir/program.ts';
import type { Graph, GraphOutput } from '../ops/graph.ts';
import { differentiate, type GradientProblem, type LossWeight } from './differentiate.ts';
import { buildUpdate, type UpdateOptions } from './optimize.ts';
import { simplify } from './simplify.ts';

export interface TrainingPhase {
  /** First epoch of the phase, from 0. */
  readonly fromEpoch: number;
  /** Losses computed in it, in the order of their declaration. */
  readonly active: readonly LossDeclaration[];
  /** Keys of state that changes in some epochs, and not in these. */
  readonly still: readonly string[];
  /** Keys of parameters that train in some epochs, and not in these. */
  readonly frozen: readonly string[];
}

/** Epochs in which state changes after a step, by key; what is not named changes in all. */
export type StateSpans = ReadonlyMap<string, EpochSpan>;
const ALWAYS: StateSpans = new Map();

/** Epochs in which parameters are frozen, by key; what is not named trains in all. */
export type FrozenSpans = ReadonlyMap<string, readonly EpochSpan[]>;
const NEVER: FrozenSpans = new Map();

function holds({ fromEpoch, untilEpoch }: EpochSpan, epoch: number): boolean {
  return fromEpoch <= epoch && epoch < (untilEpoch ?? Number.POSITIVE_INFINITY);
}

/** Phases in order; the first one starts at epoch 0, and neighbours differ. */
export function phasesOf(
  losses: readonly LossDeclaration[],
  spans: StateSpans = ALWAYS,
  freezing: FrozenSpans = NEVER,
): readonly TrainingPhase[] {
  const timed: readonly EpochSpan[] = [...losses, ...spans.values(), ...[...freezing.values()].flat()];
  const starts = new Set([
    0,
    ...timed.flatMap(({ fromEpoch, untilEpoch }) => (untilEpoch === undefined ? [fromEpoch] : [fromEpoch, untilEpoch])),
  ]);
  const phases: TrainingPhase[] = [];
  for (const fromEpoch of [...starts].sort((a, b) => a - b)) {
    const active = losses.filter((loss) => holds(loss, fromEpoch));
    const still = [...spans].flatMap(([key, span]) => (holds(span, fromEpoch) ? [] : [key]));
    const frozen = [...freezing].flatMap(([key, own]) => (own.some((span) => holds(span, fromEpoch)) ? [key] : []));
    const before = phases[phases.length - 1];
    const same = before && sameItems(before.active, active) && sameItems(before.still, still) && sameItems(before.frozen, frozen);
    if (!same) phases.push({ fromEpoch, active, still, frozen });
  }
  return phases;
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** The scalar input of a gradients graph that holds the factor of a loss with a ramp. */
export const weightScalar = (loss: string): string => `weight.${loss}`;

function lossWeight({ name, weight }: LossDeclaration): LossWeight {
  return { name, weight: typeof weight === 'number' ? weight : { scalar: weightScalar(name) } };
}

/** The losses that reach a parameter with a weight other than zero, by its key; parameters that none reaches are not there. */
function lossesByParameter(
  forward: Graph,
  losses: readonly LossDeclaration[],
  parameters: readonly StateDeclaration[],
): ReadonlyMap<string, readonly LossDeclaration[]> {
  const inputs = inputNodes(forward);
  const found = new Map<string, LossDeclaration[]>();
  for (const loss of losses) {
    if (loss.weight === 0) continue;
    const root = forward.outputs.find(({ role, name }) => role === 'loss' && name === loss.name);
    const reached = new Set(root && ancestors(forward, root.node));
    for (const { key, role } of parameters) {
      if (role !== 'parameter' || !inputs.get(inputKey({ role: 'state', name: key }))?.some((source) => reached.has(source))) continue;
      const known = found.get(key);
      if (known) known.push(loss);
      else found.set(key, [loss]);
    }
  }
  return found;
}

export interface CompiledPhases {
  readonly ok: true;
  /** Gradient graphs by name: `gradients`, or `gradients.<first epoch>` where there are several. */
  readonly graphs: Readonly<Record<string, Graph>>;
  readonly phases: readonly (Pick<PhasePlan, 'fromEpoch' | 'graph'> & {
    /** Keys of trained parameters that stay as they are. */
    readonly untouched: readonly string[];
  })[];
  readonly trained: readonly StateDeclaration[];
}
export type PhaseGraphs = CompiledPhases | { readonly ok: false; readonly problems: readonly GradientProblem[] };

/** Statistics of a layer that never updates them go in and come out again: such state is no result. */
function withoutIdleUpdates(graph: Graph): Graph {
  const idle = ({ role, name, node }: GraphOutput): boolean =>
    role === 'state' && isInput(node) && node.attrs.role === 'state' && node.attrs.name === name;
  return graph.outputs.some(idle) ? { ...graph, outputs: graph.outputs.filter((output) => !idle(output)) } : graph;
}

/** The graph without the new values of some state, which stays as it is. */
function withoutUpdates(graph: Graph, still: readonly string[]): Graph {
  if (still.length === 0) return graph;
  return { ...graph, outputs: graph.outputs.filter(({ role, name }) => role !== 'state' || !still.includes(name)) };
}

/** Differentiates and simplifies the forward graph once for each set of active losses, of state that changes and of frozen parameters. */
export function phaseGraphs(
  forward: Graph,
  losses: readonly LossDeclaration[],
  parameters: readonly StateDeclaration[],
  spans: StateSpans = ALWAYS,
  freezing: FrozenSpans = NEVER,
): PhaseGraphs {
  const plan = phasesOf(losses, spans, freezing);
  const reaching = lossesByParameter(forward, losses, parameters);
  const trained = parameters.filter(({ key }) => reaching.has(key));
  const wanted = trained.map((parameter) => ({ role: 'state' as const, name: parameter.key, type: parameter.type }));
  const graphs: Record<string, Graph> = {};
  /** Graphs by their losses: a phase may come back. */
  const known = new Map<string, string>();
  const phases: CompiledPhases['phases'][number][] = [];
  const source = simplify(forward, { final: false });
  for (const { fromEpoch, active, still, frozen } of plan) {
    const set = JSON.stringify([active.map(({ name }) => name), still, frozen]);
    let graph = known.get(set);
    if (graph === undefined) {
      graph = plan.length === 1 ? 'gradients' : `gradients.${fromEpoch}`;
      const result = differentiate(withoutUpdates(source, still), {
        losses: active.map(lossWeight),
        wanted: wanted.filter(({ name }) => !frozen.includes(name)),
        unreached: 'zero',
        name: graph,
      });
      if (!result.ok) return result;
      graphs[graph] = withoutIdleUpdates(simplify(result.graph, { final: true }));
      known.set(set, graph);
    }
    const untouched = [...reaching].flatMap(([key, own]) =>
      frozen.includes(key) || own.every((loss) => !active.includes(loss) && loss.off === 'untouched') ? [key] : [],
    );
    phases.push({ fromEpoch, graph, untouched });
  }
  return { ok: true, graphs, phases, trained };
}

/** The update graphs: `update` of everything that trains, and `update.<first epoch>` of phases that leave something untouched. */
export function phaseUpdates(
  optimizer: OptimizerPlan,
  { phases, trained }: CompiledPhases,
  options: Omit<UpdateOptions, 'ownSteps'> = {},
): {
  readonly graphs: Readonly<Record<string, Graph>>;
  readonly phases: readonly PhasePlan[];
  readonly slots: readonly StateDeclaration[];
} {
  const ownSteps = new Set(phases.flatMap(({ untouched }) => untouched));
  const whole = buildUpdate(optimizer, trained, { ...options, ownSteps });
  const graphs: Record<string, Graph> = { update: whole.graph };
  const named = new Map<string, string>([['', 'update']]);
  const plans = phases.map(({ fromEpoch, graph, untouched }): PhasePlan => {
    const left = new Set(untouched);
    const set = untouched.join(' ');
    let update = named.get(set);
    if (update === undefined) {
      update = `update.${fromEpoch}`;
      const name = update;
      const touched = trained.filter(({ key }) => !left.has(key));
      graphs[name] = { ...buildUpdate(optimizer, touched, { ...options, ownSteps }).graph, name };
      named.set(set, name);
    }
    return update === 'update' ? { fromEpoch, graph } : { fromEpoch, graph, update };
  });
  return { graphs, phases: plans, slots: whole.slots };
}
