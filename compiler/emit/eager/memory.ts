/** Order of computation and places of release, in the form the emitter works with. */
import type { Graph, Node } from '../../ops/graph.ts';
import { planMemory } from '../../transform/plan-memory.ts';

/** Nodes in the order they are computed in (inputs and numbers left out) and, for each, the values that are released right after it. */
export interface Releases {
  /** Single numbers of the graph: made first, released last, reached by value. */
  readonly numbers: readonly Node[];
  readonly order: readonly Node[];
  readonly after: ReadonlyMap<Node, readonly Node[]>;
  /** Released when everything is computed. */
  readonly atEnd: readonly Node[];
}

export function isNumber(node: Node): boolean {
  return node.op === 'const';
}

/**
 * The memory plan's releases, with one change: single numbers live through the whole graph, and so do computed ones that outlive the call
 * they come from. That costs some bytes and spares calls of the same module that differ only in which of them makes or releases a number.
 */
export function plannedReleases(graph: Graph): Releases {
  const { release } = planMemory(graph);
  const shared = new Set<Node>();
  for (const node of graph.nodes) {
    for (const input of node.inputs)
      if (isComputedScalar(input) && (input.path !== node.path || input.phase !== node.phase)) shared.add(input);
  }
  const released = new Set(release.flat());
  return {
    numbers: graph.nodes.filter(isNumber),
    order: graph.nodes.filter((node) => node.op !== 'input' && !isNumber(node)),
    after: new Map(graph.nodes.map((node) => [node, release[node.id].filter((value) => !shared.has(value) && !isNumber(value))])),
    atEnd: graph.nodes.filter((node) => shared.has(node) && released.has(node)),
  };
}

function isComputedScalar(node: Node): boolean {
  return node.op !== 'input' && !isNumber(node) && node.type.shape.length === 0;
}
