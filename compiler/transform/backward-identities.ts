/**
 * What the backward pass reads, chosen so that less has to be kept. Made anew for each walk over a graph, because the rule remembers which
 * rectified values it has passed.
 */
import type { Rule } from '../ir/rewrite.ts';
import type { Node } from '../ops/graph.ts';
import { number, sameShape, uniformValue } from './uniform.ts';

export function backwardIdentities(): Rule {
  /** relu(x) by x. */
  const rectified = new Map<Node, Node>();
  return (node, b) => {
    if (node.op === 'relu') {
      rectified.set(node.inputs[0], node);
      return undefined;
    }
    if (node.phase !== 'backward') return undefined;
    if (node.op === 'greater' && uniformValue(node.inputs[1]) === 0) {
      // x > 0 exactly where relu(x) > 0; the result is kept for the next layer anyway, the argument is not.
      const y = rectified.get(node.inputs[0]);
      return y ? b.add('greater', [y, node.inputs[1]], {}) : undefined;
    }
    if (node.op === 'mul') return masked(node, b, 0, 1) ?? masked(node, b, 1, 0);
    return undefined;
  };
}

/** A gradient times a condition made a number: the gradient where the condition holds, exactly zero elsewhere (as in PyTorch, also beside infinities). */
function masked(node: Node, b: Parameters<Rule>[1], value: 0 | 1, condition: 0 | 1): Node | undefined {
  const mask = node.inputs[condition];
  const x = node.inputs[value];
  if (mask.op !== 'cast' || mask.inputs[0].type.dtype !== 'bool' || mask.type.dtype !== 'f32') return undefined;
  if (x.op === 'cast' || !sameShape(x.type.shape, node.type.shape)) return undefined;
  return b.add('select', [mask.inputs[0], x, number(b, 0, 'f32')], {});
}
