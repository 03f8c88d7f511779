/** What a graph costs for given sizes, as plain data. */

import { isInput } from '../ir/paths.ts';
import type { StateDeclaration } from '../ir/program.ts';
import { bytesOf, elementsOf, isView, type Sizes } from '../ir/storage.ts';
import type { Graph, Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { evaluate } from '../shape/dim.ts';

export interface GraphCost {
  /** Nodes that run a kernel (inputs and views do not). */
  readonly kernels: number;
  readonly multiplyAdds: { readonly total: number; readonly forward: number; readonly backward: number; readonly update: number };
  /** Bytes of all results that own storage, as if nothing were released. */
  readonly resultBytes: number;
  /** Bytes of forward results that the backward pass reads: what a step must keep. */
  readonly savedBytes: number;
  /** Multiply-adds by call path, largest first; the path is cut to `depth` parts. */
  readonly byPath: readonly { readonly path: string; readonly multiplyAdds: number }[];
}

export function graphCost(graph: Graph, sizes: Sizes, depth = 1): GraphCost {
  const macs = { total: 0, forward: 0, backward: 0, update: 0 };
  const paths = new Map<string, number>();
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
    macs.total += value;
    macs[node.phase] += value;
    if (value > 0) {
      const path = node.path.split('.').slice(0, depth).join('.');
      paths.set(path, (paths.get(path) ?? 0) + value);
    }
  }
  const storage = new Set([...saved].map(owner).filter((node) => !isInput(node)));
  return {
    kernels,
    multiplyAdds: macs,
    resultBytes,
    savedBytes: [...storage].reduce((sum, node) => sum + bytesOf(node.type, sizes), 0),
    byPath: [...paths]
      .map(([path, multiplyAdds]) => ({ path, multiplyAdds }))
      .sort((a, b) => b.multiplyAdds - a.multiplyAdds || (a.path < b.path ? -1 : 1)),
  };
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
