/**
 * Gives every call of a layer its own copy of what the calls share once equal things are computed once: the factor and shift that a normalisation
 * makes of its state. They cost next to nothing; and calls that need nothing of each other stay the same function of the emitted program, and hold
 * nothing from one to the next. Large things stay shared.
 */
import { attrsKey } from '../ir/attributes.ts';
import { isInput } from '../ir/paths.ts';
import { imageOf, settle, withInputs } from '../ir/rewrite.ts';
import type { Graph, Node } from '../ops/graph.ts';

/** Operators whose work is the size of their result, or nothing. */
const LIGHT: ReadonlySet<string> = new Set(['add', 'sub', 'mul', 'div', 'sqrt', 'rsqrt', 'neg', 'reshape']);

export function separateCalls(graph: Graph): Graph {
  const small = vectorsOfState(graph);
  const image = new Map<Node, Node>();
  const nodes: Node[] = [];
  /** For each small value its copies for later calls. */
  const copies = new Map<Node, Map<number, Node>>();
  const seen = new Map<string, number>();
  const put = (node: Node): Node => {
    nodes.push(node);
    return node;
  };
  const copyOf = (node: Node, call: number): Node => {
    if (!small.has(node)) return imageOf(image, node);
    const own = copies.get(node) ?? new Map<number, Node>();
    copies.set(node, own);
    const known = own.get(call);
    if (known) return known;
    const made = put({
      ...node,
      inputs: node.inputs.map((input) => copyOf(input, call)),
    });
    own.set(call, made);
    return made;
  };
  for (const node of graph.nodes) {
    const reads = node.phase === 'forward' && node.path !== '' && !small.has(node) && node.inputs.some((input) => small.has(input));
    let call = 0;
    if (reads) {
      // The same statement reading the same value again is the same statement of another call.
      const values = node.inputs.map((input) => (small.has(input) ? input.id : '')).join();
      const key = `${node.op} ${node.path} ${node.span?.file.name ?? ''}:${node.span?.start ?? ''} ${attrsKey(node.attrs)} ${values}`;
      call = seen.get(key) ?? 0;
      seen.set(key, call + 1);
    }
    const inputs = node.inputs.map((input) => (call === 0 ? imageOf(image, input) : copyOf(input, call)));
    image.set(node, put(withInputs(node, inputs)));
  }
  const outputs = graph.outputs.map((output) => ({ ...output, node: imageOf(image, output.node) }));
  return settle(graph.name, nodes, outputs, graph.assertions);
}

/** Computed single numbers and vectors that follow from the state alone. */
function vectorsOfState(graph: Graph): ReadonlySet<Node> {
  const vectors = new Set<Node>();
  const fromState = (node: Node): boolean => (isInput(node) ? node.attrs.role === 'state' : vectors.has(node));
  for (const node of graph.nodes) {
    if (isInput(node) || node.phase !== 'forward' || !LIGHT.has(node.op) || node.type.shape.length > 1) continue;
    const sources = node.inputs.filter((input) => input.op !== 'const');
    if (sources.length > 0 && sources.every(fromState)) vectors.add(node);
  }
  return vectors;
}
