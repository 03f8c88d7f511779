/** Computes equal things once. Two nodes are equal when operator, attributes and inputs are; the first stays. */

import { attrsKey } from '../ir/attributes.ts';
import { imageOf, settle, withInputs } from '../ir/rewrite.ts';
import type { Graph, Node } from '../ops/graph.ts';

/** Operators whose two inputs may be swapped without changing one bit of the result. */
const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'mul', 'equal', 'not_equal', 'logical_and', 'logical_or']);

/**
 * Cheap to make and large to keep: sharing one of these between the forward and the backward pass would hold it for the whole step,
 * so they are shared only within a phase.
 */
const CHEAP: ReadonlySet<string> = new Set(['fill', 'broadcast_to', 'iota', 'one_hot', 'cast', 'pad', 'reverse']);

export function shareCommonSubexpressions(graph: Graph): Graph {
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
    if (known !== undefined) {
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
