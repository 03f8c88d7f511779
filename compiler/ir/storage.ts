/** Bytes and sharing of storage: what the memory plan and the cost report count. */
import type { DType, Graph, Node, TensorType } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { evaluate } from '../shape/dim.ts';
import { isInput } from './paths.ts';

/** As tfjs stores them. */
const BYTES: Readonly<Record<DType, number>> = { f32: 4, i32: 4, bool: 1 };

export type Sizes = Readonly<Record<string, number>>;

export function elementsOf(type: TensorType, sizes: Sizes): number {
  return type.shape.reduce((count, d) => count * evaluate(d, sizes), 1);
}

export function bytesOf(type: TensorType, sizes: Sizes): number {
  return elementsOf(type, sizes) * BYTES[type.dtype];
}

export function isView(node: Node): boolean {
  return !isInput(node) && operator(node.op).view === true;
}

/** Whether a node that is a view only where there is nothing to do is one with these sizes. */
function isViewAt(node: Node, sizes: Sizes): boolean {
  if (isInput(node) || operator(node.op).viewOfEqual?.(node) !== true) return false;
  const [from, to] = [node.inputs[0].type.shape, node.type.shape].map((shape) => shape.map((d) => evaluate(d, sizes)));
  // Axes that appear or go have length one.
  const [a, b] = from.length === to.length ? [from, to] : [from.filter((n) => n !== 1), to.filter((n) => n !== 1)];
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/**
 * For each node (by id) the node whose storage it reads: itself, or the first of a chain of views. With sizes, nodes that turn out to be views
 * are followed too.
 */
export function storageOf(graph: Graph, sizes?: Sizes): readonly Node[] {
  const roots: Node[] = [];
  for (const node of graph.nodes) {
    const view = isView(node) || (sizes !== undefined && isViewAt(node, sizes));
    roots.push(view ? roots[node.inputs[0].id] : node);
  }
  return roots;
}
