/** Order of computation and places of release, in the form the emitter works with. */
import type { Graph, Node } from '../../ops/graph.ts';
import { planMemory } from '../../transform/plan-memory.ts';

/** Nodes in the order they are computed in (inputs left out) and, for each, the values that are released right after it. */
export interface Releases {
  readonly order: readonly Node[];
  readonly after: ReadonlyMap<Node, readonly Node[]>;
  /** Released when everything is computed. */
  readonly atEnd: readonly Node[];
}

/** The memory plan's releases. */
export function plannedReleases(graph: Graph): Releases {
  const { release } = planMemory(graph);
  return withSharedScalars({
    order: graph.nodes.filter((node) => node.op !== 'input'),
    after: new Map(graph.nodes.map((node) => [node, release[node.id]])),
    atEnd: [],
  });
}

/**
 * Constants that several calls use come first, and single numbers that outlive the call they come from stay to the end: some bytes, against
 * calls of the same module that differ only in which of them makes or releases such a number.
 */
function withSharedScalars({ order, after, atEnd }: Releases): Releases {
  const shared = new Set<Node>();
  for (const node of order) {
    for (const input of node.inputs) if (isScalar(input) && (input.path !== node.path || input.phase !== node.phase)) shared.add(input);
  }
  const isFirst = (node: Node): boolean => node.op === 'const' && shared.has(node);
  const released = new Set([...after.values()].flat());
  return {
    order: [...order.filter(isFirst), ...order.filter((node) => !isFirst(node))],
    after: new Map([...after].map(([node, values]) => [node, values.filter((value) => !shared.has(value))])),
    atEnd: [...atEnd, ...order.filter((node) => shared.has(node) && released.has(node))],
  };
}

function isScalar(node: Node): boolean {
  return node.op !== 'input' && node.type.shape.length === 0;
}
