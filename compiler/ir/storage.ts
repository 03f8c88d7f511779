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

/** For each node (by id) the node whose storage it reads: itself, or the first of a chain of views. */
export function storageOf(graph: Graph): readonly Node[] {
  const roots: Node[] = [];
  for (const node of graph.nodes) roots.push(isView(node) ? roots[node.inputs[0].id] : node);
  return roots;
}
