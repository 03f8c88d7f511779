/** What a graph costs for given sizes, as plain data. */

import { isInput } from '../ir/paths.ts';
import type { StateDeclaration } from '../ir/program.ts';
import { bytesOf, elementsOf, isView, type Sizes } from '../ir/storage.ts';
import type { Graph, Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { evaluate } from '../shape/dim.ts';

/** What the operators of one call path cost. */
export interface ModuleCost {
  readonly forward: number;
  readonly backward: number;
  readonly update: number;
  /** Bytes of its forward results that the backward pass reads. */
  readonly savedBytes: number;
}

export interface GraphCost {
  /** Nodes that run a kernel (inputs and views do not). */
  readonly kernels: number;
  readonly multiplyAdds: { readonly total: number; readonly forward: number; readonly backward: number; readonly update: number };
  /** Bytes of all results that own storage, as if nothing were released. */
  readonly resultBytes: number;
  /** Bytes of forward results that the backward pass reads: what a step must keep. */
  readonly savedBytes: number;
  /** By call path, in the order of the graph; a path without multiply-adds and without saved bytes is left out. */
  readonly modules: ReadonlyMap<string, ModuleCost>;
}

export function graphCost(graph: Graph, sizes: Sizes): GraphCost {
  const macs = { total: 0, forward: 0, backward: 0, update: 0 };
  const modules = new Map<string, { forward: number; backward: number; update: number; savedBytes: number }>();
  const at = (path: string): { forward: number; backward: number; update: number; savedBytes: number } => {
    let found = modules.get(path);
    if (!found) {
      found = { forward: 0, backward: 0, update: 0, savedBytes: 0 };
      modules.set(path, found);
    }
    return found;
  };
  const saved = new Set<Node>();
  let kernels = 0;
  let resultBytes = 0;
  for (const node of graph.nodes) {
    if (isInput(node)) continue;
    if (node.phase === 'backward') for (const input of node.inputs) if (input.phase === 'forward' && !isInput(input)) saved.add(input);
    if (isView(node)) continue;
    kernels++;
    resultBytes += bytesOf(node.type, sizes);
    const count = operator(node.op).macs?.(node);
    const value = count ? evaluate(count, sizes) : 0;
    if (value === 0) continue;
    macs.total += value;
    macs[node.phase] += value;
    at(node.path)[node.phase] += value;
  }
  let savedBytes = 0;
  for (const node of new Set([...saved].map(owner))) {
    if (isInput(node)) continue;
    const bytes = bytesOf(node.type, sizes);
    savedBytes += bytes;
    if (bytes > 0) at(node.path).savedBytes += bytes;
  }
  return { kernels, multiplyAdds: macs, resultBytes, savedBytes, modules };
}

function owner(node: Node): Node {
  let current = node;
  while (isView(current)) current = current.inputs[0];
  return current;
}

export interface StateCost {
  /** Elements of trainable parameters. */
  readonly parameters: number;
  /** Elements of everything else that is kept between steps. */
  readonly other: number;
  readonly bytes: number;
}

export function stateCost(state: readonly StateDeclaration[], sizes: Sizes): StateCost {
  let parameters = 0;
  let other = 0;
  let bytes = 0;
  for (const { role, type } of state) {
    const count = elementsOf(type, sizes);
    if (role === 'parameter') parameters += count;
    else other += count;
    bytes += bytesOf(type, sizes);
  }
  return { parameters, other, bytes };
}
