/**
 * Losses that start later make several phases of training, each with a graph of its own in which inactive losses are not computed.
 * A parameter that some loss reaches in any phase is trained in all of them: while its losses are off its gradient is exactly zero, so
 * that decay and momentum act as in PyTorch with zeroed gradients. A parameter that no loss reaches is never touched.
 */
import { ancestors, inputKey, inputNodes, isInput } from '../ir/paths.ts';
import type { LossDeclaration, StateDeclaration } from '../ir/program.ts';
import type { Graph, GraphOutput } from '../ops/graph.ts';
import { differentiate, type GradientProblem, type LossWeight } from './differentiate.ts';
import { simplify } from './simplify.ts';

export interface TrainingPhase {
  /** First epoch of the phase, from 0. */
  readonly fromEpoch: number;
  /** Losses computed in it, in the order of their declaration. */
  readonly active: readonly LossDeclaration[];
}

/** Phases in order; the first one starts at epoch 0. */
export function phasesOf(losses: readonly LossDeclaration[]): readonly TrainingPhase[] {
  const starts = [...new Set([0, ...losses.map((loss) => loss.fromEpoch)])].sort((a, b) => a - b);
  return starts.map((fromEpoch) => ({ fromEpoch, active: losses.filter((loss) => loss.fromEpoch <= fromEpoch) }));
}

/** Parameters that a loss of any phase reaches with a weight other than zero. */
export function trainedParameters(
  forward: Graph,
  losses: readonly LossWeight[],
  parameters: readonly StateDeclaration[],
): readonly StateDeclaration[] {
  const inputs = inputNodes(forward);
  const counted = new Set(losses.filter((loss) => loss.weight !== 0).map((loss) => loss.name));
  const roots = forward.outputs.filter((output) => output.role === 'loss' && counted.has(output.name)).map((output) => output.node);
  const reached = new Set(roots.flatMap((root) => [...ancestors(forward, root)]));
  return parameters.filter((parameter) => {
    const sources = inputs.get(inputKey({ role: 'state', name: parameter.key })) ?? [];
    return parameter.role === 'parameter' && sources.some((source) => reached.has(source));
  });
}

export type PhaseGraphs =
  | {
      readonly ok: true;
      /** Gradient graphs by name: `gradients`, or `gradients.<first epoch>` where there are several. */
      readonly graphs: Readonly<Record<string, Graph>>;
      readonly phases: readonly { readonly fromEpoch: number; readonly graph: string }[];
      readonly trained: readonly StateDeclaration[];
    }
  | { readonly ok: false; readonly problems: readonly GradientProblem[] };

/** Statistics of a layer that never updates them go in and come out again: such state is no result. */
function withoutIdleUpdates(graph: Graph): Graph {
  const idle = ({ role, name, node }: GraphOutput): boolean =>
    role === 'state' && isInput(node) && node.attrs.role === 'state' && node.attrs.name === name;
  return graph.outputs.some(idle) ? { ...graph, outputs: graph.outputs.filter((output) => !idle(output)) } : graph;
}

/** Differentiates and simplifies the forward graph once for each phase. */
export function phaseGraphs(forward: Graph, losses: readonly LossDeclaration[], parameters: readonly StateDeclaration[]): PhaseGraphs {
  const plan = phasesOf(losses);
  const trained = trainedParameters(forward, losses, parameters);
  const graphs: Record<string, Graph> = {};
  const phases: { readonly fromEpoch: number; readonly graph: string }[] = [];
  const source = simplify(forward, { final: false });
  for (const { fromEpoch, active } of plan) {
    const name = plan.length === 1 ? 'gradients' : `gradients.${fromEpoch}`;
    const wanted = trained.map((parameter) => ({ role: 'state' as const, name: parameter.key, type: parameter.type }));
    const result = differentiate(source, { losses: active, wanted, unreached: 'zero', name });
    if (!result.ok) return result;
    graphs[name] = withoutIdleUpdates(simplify(result.graph, { final: true }));
    phases.push({ fromEpoch, graph: name });
  }
  return { ok: true, graphs, phases, trained };
}
