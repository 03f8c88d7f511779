/** Which values mix the images of a batch, and how. */
import type { Graph, Node } from '../ops/graph.ts';
import { type BatchClass, batchClasses } from './batch-classes.ts';

export interface Mixing {
  /** The operator at which images meet. */
  readonly node: Node;
  /** `mean` and `sum` over the images may be taken in parts; what is `coupled` needs them all at once. */
  readonly how: 'mean' | 'sum' | 'coupled';
  readonly reason: string;
  /** Losses and new state that depend on it. */
  readonly outputs: readonly string[];
}

/** Every operator that makes one value out of several images, in the order of the graph; what follows from such a value is not listed again. */
export function mixings(graph: Graph, batchDim: string): readonly Mixing[] {
  const classes = batchClasses(graph, batchDim);
  const perImage = (found: BatchClass): boolean => found.kind === 'batched' || found.kind === 'whole';
  const found: { readonly node: Node; readonly how: Mixing['how']; readonly reason: string }[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => classes[input.id]);
    if (!inputs.some((input) => input.kind === 'batched') || !inputs.every(perImage)) continue;
    const own = classes[node.id];
    if (own.kind === 'coupled') found.push({ node, how: 'coupled', reason: own.reason });
    else if (own.kind === 'reduced')
      found.push(
        own.degree < 0 ? { node, how: 'mean', reason: 'mean over the images' } : { node, how: 'sum', reason: 'sum over the images' },
      );
  }
  const readers = new Map<Node, Set<string>>(found.map(({ node }) => [node, new Set()]));
  for (const { role, name, node } of graph.outputs) {
    if (role !== 'loss' && role !== 'state') continue;
    const behind = new Set<Node>([node]);
    for (const value of behind) for (const input of value.inputs) behind.add(input);
    for (const value of behind) readers.get(value)?.add(name);
  }
  return found.map((mixing) => ({ ...mixing, outputs: [...(readers.get(mixing.node) ?? [])] })).filter((m) => m.outputs.length > 0);
}
