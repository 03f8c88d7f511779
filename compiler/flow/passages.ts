/** Which values every gradient from a loss to some parameters has to pass. */
import { ancestors, dependents, passesGradient } from '../ir/paths.ts';
import type { Graph, Node } from '../ops/graph.ts';

/**
 * The nodes that lie on all ways of the gradient from `root` back to any of `sources`, in the order of the graph (parameters first); `root`
 * and the sources themselves are left out. Empty where there is no way.
 *
 * On the nodes that lie on some way, in the order of the graph, a node is on all ways exactly if no edge leads past it.
 */
export function passages(graph: Graph, root: Node, sources: ReadonlySet<Node>): readonly Node[] {
  const back = ancestors(graph, root);
  const forth = dependents(graph, sources);
  const on = graph.nodes.filter((node) => back.has(node) && forth.has(node));
  if (on.length === 0) return [];
  /** Largest id that an edge from a node passed so far leads to; every source starts at the same place in front of the first. */
  let reach = Math.max(...on.filter((node) => sources.has(node)).map((node) => node.id));
  const readers = lastReaders(on);
  const found: Node[] = [];
  for (const node of on) {
    if (node.id >= reach && node !== root && !sources.has(node)) found.push(node);
    reach = Math.max(reach, readers.get(node) ?? node.id);
  }
  return found;
}

/** For each node the last one that takes a gradient back to it. */
function lastReaders(nodes: readonly Node[]): ReadonlyMap<Node, number> {
  const among = new Set(nodes);
  const last = new Map<Node, number>();
  for (const node of nodes) if (passesGradient(node)) for (const input of node.inputs) if (among.has(input)) last.set(input, node.id);
  return last;
}

/**
 * Of some nodes in the order of the graph those that an author would name: values with a name of their own that the module which makes them hands
 * out. Of values that differ by a declared kind alone the last, of those that differ by their shape the first.
 */
export function telling(graph: Graph, nodes: readonly Node[]): readonly Node[] {
  const handedOut = new Set<Node>(graph.outputs.map((output) => output.node));
  for (const node of graph.nodes) for (const input of node.inputs) if (!within(node.path, input.path)) handedOut.add(input);
  const found: Node[] = [];
  let waiting: Node[] = [];
  const flush = (): void => {
    if (waiting.some((node) => handedOut.has(node))) found.push(waiting[waiting.length - 1]);
    waiting = [];
  };
  for (const node of nodes) {
    if (node.name === undefined) continue;
    const before = waiting.at(-1);
    const step = before && renaming(node, before);
    if (!step) flush();
    // Under another shape it is still what it was called before.
    if (step !== 'shape') waiting.push(node);
  }
  flush();
  return found;
}

/** Whether `path` is the call of `outer` or a call inside it. */
function within(path: string, outer: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}.`);
}

/** Whether `later` is `earlier` under another kind, or under another shape. */
function renaming(later: Node, earlier: Node): 'kind' | 'shape' | undefined {
  let shaped = false;
  let node = later;
  while (node !== earlier) {
    if (node.op === 'reshape') shaped = true;
    else if (node.op !== 'identity') return undefined;
    node = node.inputs[0];
  }
  return shaped ? 'shape' : 'kind';
}
