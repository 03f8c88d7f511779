/** What `flow` finds, as plain data for programs and messages. */
import type { Graph, Node } from '../ops/graph.ts';
import { showPlace } from '../source/source.ts';
import { separability, withCountOutput } from './separable.ts';

export type Separability =
  | { readonly kind: 'mean' | 'sum' }
  /** Parts report the value c of the output `separable.count`; the weights are g(c) / g(sum of all c), g(x) = max(x, floor) + plus. */
  | { readonly kind: 'ratio'; readonly floor?: number; readonly plus: number }
  | { readonly kind: 'coupled'; readonly operator: string; readonly at: string };

/** Whether a step may be split over its images, and if not, which operator of which line mixes them; with the graph that parts run. */
export function separableForward(forward: Graph, batchDim: string): { readonly separability: Separability; readonly forward: Graph } {
  const found = separability(forward, batchDim);
  switch (found.kind) {
    case 'coupled':
      return { separability: { kind: 'coupled', operator: found.node.op, at: place(found.node) }, forward };
    case 'ratio': {
      const { floor, plus } = found.count;
      return { separability: { kind: 'ratio', floor, plus }, forward: withCountOutput(forward, found.count) };
    }
    default:
      return { separability: found, forward };
  }
}

function place(node: Node): string {
  return node.span ? showPlace(node.span) : node.path;
}
