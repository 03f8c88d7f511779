/**
 * Proof that a training step may be split over the images of a batch: losses and gradients of parts are combined with weights and give
 * exactly those of the whole batch. Every value is classified (`batch-classes.ts`); a sum, a mean or a ratio has a gradient of the same class,
 * so that the losses decide for the whole step.
 */
import { settle } from '../ir/rewrite.ts';
import type { Graph, Node } from '../ops/graph.ts';
import { type BatchClass, batchClasses, type Count, sameCount } from './batch-classes.ts';

export type StepSeparability =
  /** Weights n_part / N (`mean`) or 1 (`sum`). */
  | { readonly kind: 'mean' }
  | { readonly kind: 'sum' }
  /**
   * A mean over something counted in the data, such as labelled pixels. With c the value of the count's node in a part, C the sum of c over
   * the parts and g(x) = max(x, floor) + plus, the weights are g(c) / g(C).
   */
  | { readonly kind: 'ratio'; readonly count: Count }
  /** `node` is the first operator that mixes images; `reason` says how, in words. */
  | { readonly kind: 'coupled'; readonly node: Node; readonly reason: string };

/** Output of role `output` under which a gradients graph gives the count of a `ratio`. */
export const COUNT_OUTPUT = 'separable.count';

/** The forward graph with the count as a further output, so that parts report it. */
export function withCountOutput(graph: Graph, count: Count): Graph {
  return settle(graph.name, graph.nodes, [...graph.outputs, { role: 'output', name: COUNT_OUTPUT, node: count.node }], graph.assertions);
}

/** Judges the losses of a forward graph (outputs of role `loss`) and its new state, for the dimension that counts images. */
export function separability(graph: Graph, batchDim: string): StepSeparability {
  const classes = batchClasses(graph, batchDim);
  let verdict: Exclude<StepSeparability, { kind: 'coupled' }> | undefined;
  for (const { role, name, node } of graph.outputs) {
    if (role !== 'state' && role !== 'loss') continue;
    const found = classes[node.id];
    if (found.kind === 'coupled') return found;
    if (role === 'state') {
      if (found.kind !== 'whole') return { kind: 'coupled', node, reason: `the state '${name}' is updated from all images of the batch` };
      continue;
    }
    const own = verdictOf(found);
    if (!own) return { kind: 'coupled', node, reason: `the loss '${name}' is neither a mean nor a sum over the images` };
    if (verdict && !agree(verdict, own))
      return { kind: 'coupled', node, reason: `the loss '${name}' is a ${own.kind} over the images, another one is a ${verdict.kind}` };
    verdict = own;
  }
  return verdict ?? { kind: 'mean' };
}

function verdictOf(found: BatchClass): Exclude<StepSeparability, { kind: 'coupled' }> | undefined {
  switch (found.kind) {
    // What does not depend on the images at all counts as its own mean.
    case 'whole':
      return found.degree === 0 ? { kind: 'mean' } : undefined;
    case 'reduced':
      return found.degree === -1 ? { kind: 'mean' } : found.degree === 0 ? { kind: 'sum' } : undefined;
    case 'ratio':
      return { kind: 'ratio', count: found.count };
    default:
      return undefined;
  }
}

function agree(a: StepSeparability, b: StepSeparability): boolean {
  return a.kind === b.kind && (a.kind !== 'ratio' || b.kind !== 'ratio' || sameCount(a.count, b.count));
}
