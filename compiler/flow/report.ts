/** What `flow` finds, as plain data for programs and messages. */
import type { Graph, Node } from '../ops/graph.ts';
import { showPlace } from '../source/source.ts';
import { separability } from './separable.ts';

export type Separability = { readonly kind: 'mean' | 'sum' } | { readonly kind: 'coupled'; readonly operator: string; readonly at: string };

/** Whether a step may be split over its images, and if not, which operator of which line mixes them. */
export function separabilityOf(forward: Graph, batchDim: string): Separability {
  const found = separability(forward, batchDim);
  if (found.kind === 'mean' || found.kind === 'sum') return found;
  // Parts would have to report their counts before they can be weighted: the runtime gathers nothing yet.
  if (found.kind === 'ratio') return { kind: 'coupled', operator: found.count.node.op, at: place(found.count.node) };
  return { kind: 'coupled', operator: found.node.op, at: place(found.node) };
}

function place(node: Node): string {
  return node.span ? showPlace(node.span) : node.path;
}
