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

/** A number known when the program is compiled: every function reaches it by value. */
export function isNumber(node: Node): boolean {
  return node.op === 'const';
}

/** A size as a number: functions take it as a tensor, for its value depends on where they are called. */
export function isSizeNumber(node: Node): boolean {
  return node.op === 'dim';
}

/** Numbers of both forms are made before everything else. */
export function isHoisted(node: Node): boolean {
  return isNumber(node) || isSizeNumber(node);
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
    numbers: graph.nodes.filter(isHoisted),
    order: graph.nodes.filter((node) => node.op !== 'input' && !isHoisted(node)),
    after: new Map(graph.nodes.map((node) => [node, release[node.id].filter((value) => !shared.has(value) && !isHoisted(value))])),
    atEnd: graph.nodes.filter((node) => shared.has(node) && released.has(node)),
  };
}

function isComputedScalar(node: Node): boolean {
  return node.op !== 'input' && !isHoisted(node) && node.type.shape.length === 0;
}
