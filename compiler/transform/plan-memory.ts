/**
 * When each value is released, and how much is held at once. The schedule is the order of the nodes.
 *
 * A value is one tensor handle: it is released right after the last node that reads it. Views share the storage of what they view (tfjs
 * counts references): the bytes go when the last handle on them is released. Inputs belong to the caller and are never released; outputs
 * are handed over and never released.
 */
import { isInput } from '../ir/paths.ts';
import { bytesOf, type Sizes, storageOf } from '../ir/storage.ts';
import type { Graph, Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { evaluate } from '../shape/dim.ts';

export interface MemoryPlan {
  readonly graph: Graph;
  /** By node id: what is released after that node, in the order it was made. */
  readonly release: readonly (readonly Node[])[];
}

export function planMemory(graph: Graph): MemoryPlan {
  const lastUse = graph.nodes.map((node) => node.id);
  for (const node of graph.nodes) for (const input of node.inputs) lastUse[input.id] = node.id;
  const kept = new Set(graph.outputs.map((output) => output.node));
  const release: Node[][] = graph.nodes.map(() => []);
  for (const node of graph.nodes) if (!isInput(node) && !kept.has(node)) release[lastUse[node.id]].push(node);
  return { graph, release };
}

export interface LiveValue {
  readonly node: Node;
  readonly bytes: number;
}

export interface PeakReport {
  /** Bytes of all inputs of the graph; held by the caller throughout and not part of `peak`. */
  readonly inputs: number;
  /** Most bytes that values and kernels of the graph hold at one time. */
  readonly peak: number;
  /** The node that is running then; undefined for a graph without nodes of its own. */
  readonly at: Node | undefined;
  /** Bytes the kernel at the peak needs besides inputs and result. */
  readonly workspace: number;
  /** What is held at the peak, largest first; the result of `at` included. */
  readonly live: readonly LiveValue[];
  /** Bytes of the outputs: what the caller owns afterwards. */
  readonly heldAfter: number;
}

/** Walks the plan with real sizes. */
export function peakBytes(plan: MemoryPlan, sizes: Sizes): PeakReport {
  const { graph, release } = plan;
  const storage = storageOf(graph, sizes);
  /** Handles on each storage that are not released yet. */
  const handles = new Map<Node, number>();
  const bytes = new Map<Node, number>();
  let inputs = 0;
  let held = 0;
  let peak = 0;
  let at: Node | undefined;
  let workspace = 0;
  let live: readonly LiveValue[] = [];
  for (const node of graph.nodes) {
    const root = storage[node.id];
    if (isInput(node)) {
      inputs += bytesOf(node.type, sizes);
      continue;
    }
    if (!isInput(root)) {
      const count = handles.get(root) ?? 0;
      handles.set(root, count + 1);
      if (count === 0) {
        const size = bytesOf(root.type, sizes);
        bytes.set(root, size);
        held += size;
      }
    }
    const extra = root === node ? operator(node.op).workspace?.(node) : undefined;
    const scratch = extra ? evaluate(extra, sizes) : 0;
    if (held + scratch > peak) {
      peak = held + scratch;
      at = node;
      workspace = scratch;
      live = [...bytes].map(([value, size]) => ({ node: value, bytes: size }));
    }
    for (const gone of release[node.id]) {
      const of = storage[gone.id];
      if (isInput(of)) continue;
      const count = (handles.get(of) ?? 0) - 1;
      handles.set(of, count);
      if (count > 0) continue;
      held -= bytes.get(of) ?? 0;
      bytes.delete(of);
    }
  }
  return { inputs, peak, at, workspace, live: [...live].sort((a, b) => b.bytes - a.bytes || a.node.id - b.node.id), heldAfter: held };
}
