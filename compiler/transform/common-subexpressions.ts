/** Computes equal things once. Two nodes are equal when operator, attributes and inputs are; the first stays. */

import { attrsKey } from '../ir/attributes.ts';
import { isInput } from '../ir/paths.ts';
import { imageOf, settle, withInputs } from '../ir/rewrite.ts';
import type { Graph, Node } from '../ops/graph.ts';

/** Operators whose two inputs may be swapped without changing one bit of the result. */
const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'mul', 'equal', 'not_equal', 'logical_and', 'logical_or']);

/**
 * Cheap to make and large to keep: sharing one of these between the forward and the backward pass would hold it for the whole step,
 * so they are shared only within a phase.
 */
const CHEAP: ReadonlySet<string> = new Set(['fill', 'broadcast_to', 'iota', 'one_hot', 'cast', 'pad', 'reverse']);

/**
 * Single numbers and vectors that follow from the state alone, as a normalisation's factor and shift do. A layer that is called several times
 * makes them in each call: that costs next to nothing, and calls that need nothing of each other stay the same function and hold nothing between.
 */
function isOwn(node: Node, ofState: ReadonlySet<Node>): boolean {
  return node.phase === 'forward' && node.inputs.length > 0 && node.type.shape.length <= 1 && ofState.has(node);
}

export function shareCommonSubexpressions(graph: Graph): Graph {
  const ofState = fromState(graph);
  const image = new Map<Node, Node>();
  const first = new Map<string, number>();
  const nodes: Node[] = [];
  const position = new Map<Node, number>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => imageOf(image, input));
    const ids = inputs.map((input) => position.get(input) ?? -1);
    if (COMMUTATIVE.has(node.op)) ids.sort((a, b) => a - b);
    const key = `${node.op}(${ids.join(',')})${node.type.dtype}${attrsKey(node.attrs)}${CHEAP.has(node.op) ? node.phase : ''}`;
    const known = first.get(key);
    if (known !== undefined && !(isOwn(node, ofState) && nodes[known].path === node.path)) {
      image.set(node, nodes[known]);
      continue;
    }
    const copy = withInputs(node, inputs);
    first.set(key, nodes.length);
    position.set(copy, nodes.length);
    nodes.push(copy);
    image.set(node, copy);
  }
  const outputs = graph.outputs.map((output) => ({ ...output, node: imageOf(image, output.node) }));
  return settle(graph.name, nodes, outputs, graph.assertions);
}

/** Nodes that follow from state and constants alone, and from some state. */
function fromState(graph: Graph): ReadonlySet<Node> {
  const found = new Set<Node>();
  for (const node of graph.nodes) {
    if (
      isInput(node)
        ? node.attrs.role === 'state'
        : node.inputs.some((input) => found.has(input)) && node.inputs.every((input) => found.has(input) || input.op === 'const')
    )
      found.add(node);
  }
  return found;
}
