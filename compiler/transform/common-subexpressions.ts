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

/** Operators whose work is the size of their result, or nothing. */
const LIGHT: ReadonlySet<string> = new Set(['add', 'sub', 'mul', 'div', 'neg', 'fill', 'concat', 'reshape', 'cast', 'slice']);

/**
 * The update of one parameter shares nothing but single numbers with that of another: the squares of all gradients would be held from the norm to
 * the last moment, and the first of several parameters would compute for the others.
 */
function ofOneParameter(node: Node): boolean {
  return node.phase === 'update' && node.type.shape.length > 0;
}

export function shareCommonSubexpressions(graph: Graph): Graph {
  const tables = tablesOfBatch(graph);
  const image = new Map<Node, Node>();
  const first = new Map<string, number>();
  const nodes: Node[] = [];
  const position = new Map<Node, number>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => imageOf(image, input));
    const ids = inputs.map((input) => position.get(input) ?? -1);
    if (COMMUTATIVE.has(node.op)) ids.sort((a, b) => a - b);
    const key = `${node.op}(${ids.join(',')})${node.type.dtype}${attrsKey(node.attrs)}${CHEAP.has(node.op) ? node.phase : ''}${ofOneParameter(node) ? node.path : ''}`;
    const known = first.get(key);
    // Calls of one module make such tables each for themselves: they stay alike, and hold nothing from one to the next.
    const own = tables.has(node) && known !== undefined && nodes[known].path !== node.path;
    if (known !== undefined && !own) {
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

/** Forward values made lightly of inputs of the batch with at most two dimensions, such as a mask of the present classes. */
function tablesOfBatch(graph: Graph): ReadonlySet<Node> {
  const tables = new Set<Node>();
  for (const node of graph.nodes) {
    const rank = node.type.shape.length;
    if (node.phase !== 'forward' || rank > (node.op === 'reshape' ? 4 : 2)) continue;
    const small = (input: Node): boolean => input.op === 'const' || tables.has(input);
    if (isInput(node) ? node.attrs.role === 'batch' : LIGHT.has(node.op) && node.inputs.every(small)) tables.add(node);
  }
  return tables;
}
