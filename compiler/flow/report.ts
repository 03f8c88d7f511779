/** What `flow` finds, as plain data for programs and messages. */
import type { Graph } from '../ops/graph.ts';
import { showPlace } from '../source/source.ts';
import { separability } from './separable.ts';

export type Separability = { readonly kind: 'mean' | 'sum' } | { readonly kind: 'coupled'; readonly operator: string; readonly at: string };

/** Whether a step may be split over its images, and if not, which operator of which line mixes them. */
export function separabilityOf(forward: Graph, batchDim: string): Separability {
  const found = separability(forward, batchDim);
  if (found.kind !== 'coupled') return found;
  return { kind: 'coupled', operator: found.node.op, at: found.node.span ? showPlace(found.node.span) : found.node.path };
}
