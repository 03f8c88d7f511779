/** `where: mask`: which elements a reduction, a softmax or an order takes in. */
import type { Kind, Node } from '../../ops/graph.ts';
import { type Reader, Refused } from './arguments.ts';
import { constantNode, node } from './primitive.ts';

/** The largest and the least float32: what no other value exceeds stands for an element that is left out. */
export const HIGHEST = 3.4028234663852886e38;

/** Kinds whose numbers say how much, not whether: hardly any of them is zero. */
const SCORES: ReadonlySet<Kind> = new Set(['cam', 'logits', 'probabilities', 'features', 'image']);

/** Elements that take part, as a condition of the shape of `x`; undefined where all do. Numbers other than zero take part, as of a mask or tags. */
export function selected(r: Reader, x: Node): Node | undefined {
  if (!r.has('where')) return undefined;
  const given = r.tensor('where');
  if (given.type.dtype !== 'bool' && SCORES.has(given.kind)) {
    r.E.report(
      'kind-mismatch',
      r.span('where'),
      { where: `where of ${r.callee}`, wanted: 'mask', found: given.kind },
      { hint: 'say which of them take part: where: cam > 0.3' },
    );
    throw new Refused();
  }
  const condition = truth(r, given);
  const { shape } = x.type;
  const same = condition.type.shape.length === shape.length && condition.type.shape.every((d, i) => d === shape[i]);
  return same ? condition : node(r, 'broadcast_to', [condition], { shape });
}

/** A condition as it is; of numbers whether they differ from zero. */
export function truth(r: Reader, x: Node): Node {
  if (x.type.dtype === 'bool') return x;
  return node(r, 'not_equal', [x, constantNode(r, 0, x.type.dtype === 'i32' ? 'i32' : 'f32')]);
}

/** `x` where the condition holds, elsewhere one number. */
export function orElse(r: Reader, condition: Node, x: Node, value: number): Node {
  return node(r, 'select', [condition, x, constantNode(r, value)]);
}

/** Whether any element along the axes takes part. */
export function someOf(r: Reader, condition: Node, axes: readonly number[], keep: boolean): Node {
  const most = node(r, 'max', [node(r, 'cast', [condition], { dtype: 'f32' })], { axes, keep });
  return node(r, 'greater', [most, constantNode(r, 0)]);
}
