/**
 * Keeps what is not finite out of gradients while the condition of a loss (`when`) is false. The loss is then 0 and so is the gradient that enters it,
 * but inside it a quotient by nothing is infinite, and infinity times zero is no number. So its gradients are replaced by zero where they
 * leave the part of the graph that belongs to the condition alone and could hold such values: for all that lies behind, the loss is not there.
 */
import { ancestors } from '../ir/paths.ts';
import type { Graph, Node } from '../ops/graph.ts';

/** The condition under which a gradient may go on from a node to one of its inputs; undefined where it always may. */
export type Gate = (node: Node, input: Node) => Node | undefined;

/** `roots` are the losses that have a gradient. */
export function gatesOf(forward: Graph, roots: readonly Node[]): Gate {
  const conditional = roots.map((root) => conditionOf(root));
  if (conditional.every((found) => found === undefined)) return () => undefined;
  /** The only condition of all losses that a node is part of; null where there are several, or one without. */
  const owner = new Map<Node, Node | null>();
  roots.forEach((root, i) => {
    const found = conditional[i];
    const condition = found?.condition ?? null;
    for (const node of ancestors(forward, found?.loss ?? root))
      owner.set(node, owner.get(node) === undefined || owner.get(node) === condition ? condition : null);
  });
  const fragile = new Set<Node>();
  for (const node of forward.nodes) if (mayBreak(node) || node.inputs.some((input) => fragile.has(input))) fragile.add(node);
  return (node, input) => {
    const condition = owner.get(node);
    if (!condition || !fragile.has(node)) return undefined;
    return owner.get(input) === condition && fragile.has(input) ? undefined : condition;
  };
}

/** A loss of the form `condition ? loss : 0`, as the checker writes `when`. */
function conditionOf(root: Node): { readonly condition: Node; readonly loss: Node } | undefined {
  if (root.op !== 'select') return undefined;
  const [condition, loss, otherwise] = root.inputs;
  return condition.type.shape.length === 0 && otherwise.op === 'const' && otherwise.attrs.value === 0 ? { condition, loss } : undefined;
}

/** Whether the value or a derivative of an operator can be infinite, or no number, although its inputs are finite. */
function mayBreak({ op, inputs, attrs }: Node): boolean {
  const nonzero = ({ range }: Node): boolean => range.low > 0 || range.high < 0;
  switch (op) {
    case 'div':
      return !nonzero(inputs[1]);
    case 'reciprocal':
      return !nonzero(inputs[0]);
    case 'log':
    case 'sqrt':
      return !(inputs[0].range.low > 0);
    case 'pow':
      return !(Number(attrs.exponent) >= 1) && !(inputs[0].range.low > 0);
    case 'exp':
      return inputs[0].range.high === Number.POSITIVE_INFINITY;
    default:
      return false;
  }
}
