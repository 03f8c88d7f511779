/** Bicubic resizing (PyTorch's, a = -0.75), as a product with a matrix of weights for each side: for position embeddings, whose sides are short. */
import type { Node } from '../../ops/graph.ts';
import { add, constant, type Dim, multiply } from '../../shape/dim.ts';
import type { Reader } from './arguments.ts';
import { constantNode, node } from './primitive.ts';

const A = -0.75;

/** x [N, h, w, C] to another height and width; no anti-aliasing. */
export function bicubic(r: Reader, x: Node, [height, width]: readonly Dim[], convention: string): Node {
  const [n, h, w, c] = x.type.shape;
  const rows = product(r, weights(r, h, height, convention), node(r, 'reshape', [x], { shape: [n, h, multiply(w, c)] }));
  const turned = node(r, 'transpose', [node(r, 'reshape', [rows], { shape: [n, height, w, c] })], { perm: [0, 2, 1, 3] });
  const columns = product(r, weights(r, w, width, convention), node(r, 'reshape', [turned], { shape: [n, w, multiply(height, c)] }));
  return node(r, 'transpose', [node(r, 'reshape', [columns], { shape: [n, width, height, c] })], { perm: [0, 2, 1, 3] });
}

/** The matrix times the first side of each image: [out, in] and [N, in, rest]. */
function product(r: Reader, matrix: Node, x: Node): Node {
  const shared = node(r, 'broadcast_to', [matrix], { shape: [x.type.shape[0], ...matrix.type.shape] });
  return node(r, 'matmul', [shared, x], { ta: false, tb: false });
}

/** [out, in]: what each place of the result takes of each place of the side. Places beyond the border are the nearest one. */
function weights(r: Reader, from: Dim, to: Dim, convention: string): Node {
  const number = (value: number): Node => constantNode(r, value);
  const size = (value: Dim): Node => node(r, 'dim', [], { value, dtype: 'f32' });
  const [plus, minus, times] = ['add', 'sub', 'mul'].map((name) => (a: Node, b: Node) => node(r, name, [a, b]));
  const place = node(r, 'cast', [node(r, 'iota', [], { size: to })], { dtype: 'f32' });
  const one = constant(-1);
  const source =
    convention === 'corners'
      ? node(r, 'div', [times(place, size(add(from, one))), node(r, 'maximum', [size(add(to, one)), number(1)])])
      : minus(node(r, 'div', [times(plus(place, number(0.5)), size(from)), size(to)]), number(0.5));
  const before = node(r, 'floor', [source]);
  const part = minus(source, before);
  // Polynomials of the distance, by Horner: up to 1 and from 1 to 2.
  const near = (d: Node): Node => plus(times(times(minus(times(d, number(A + 2)), number(A + 3)), d), d), number(1));
  const far = (d: Node): Node => minus(times(times(plus(times(minus(d, number(5)), d), number(8)), d), number(A)), number(4 * A));
  const rest = minus(number(1), part);
  const taps = [far(plus(part, number(1))), near(part), near(rest), far(plus(rest, number(1)))];
  const last = size(add(from, one));
  return taps
    .map((weight, tap) => {
      const at = node(r, 'minimum', [node(r, 'maximum', [plus(before, number(tap - 1)), number(0)]), last]);
      const chosen = node(r, 'one_hot', [node(r, 'cast', [at], { dtype: 'i32' })], { depth: from });
      return times(chosen, node(r, 'reshape', [weight], { shape: [to, constant(1)] }));
    })
    .reduce(plus);
}
