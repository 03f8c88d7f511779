/** The orthogonalisation that Muon applies to an update: the nearest (semi-)orthogonal matrix, by a quintic Newton–Schulz iteration. */
import type { Builder } from '../ops/builder.ts';
import type { Node } from '../ops/graph.ts';
import { constant, constantOf, type Dim, multiply } from '../shape/dim.ts';

/** Coefficients of x → a x + b x³ + c x⁵, chosen by K. Jordan for the steepest slope at zero. */
const QUINTIC = { a: 3.4445, b: -4.775, c: 2.0315 } as const;

/** Keeps a zero update from a division by zero. */
const EPSILON = 1e-7;

function matrixShape(x: Node): readonly [Dim, Dim] {
  const { shape } = x.type;
  const out = shape[shape.length - 1] ?? constant(1);
  return [shape.length < 2 ? constant(1) : multiply(...shape.slice(0, -1)), out];
}

/** The update with all its singular values near 1, in the shape of x: [.., in, out] is worked on as a matrix of fewer rows than columns. */
export function orthogonalized(b: Builder, x: Node, iterations: number): Node {
  const [inputs, outputs] = matrixShape(x);
  const matrix = b.reshape(x, [inputs, outputs]);
  // The iteration multiplies by X Xᵀ: small when rows are few. Either way the result is the same up to rounding; a symbolic number of
  // outputs is a number of classes, and few.
  const rows = constantOf(inputs);
  const columns = constantOf(outputs);
  const turned = rows !== undefined && (columns === undefined || rows > columns);
  const start = turned ? b.add('transpose', [matrix], { perm: [1, 0] }) : matrix;
  const norm = b.unary('sqrt', b.add('sum', [b.unary('square', start)], { axes: [0, 1], keep: false }));
  const unit = b.div(start, b.addition(norm, b.scalar(EPSILON)));
  const value = b.add('matmul', [polynomial(b, unit, iterations), unit], { ta: false, tb: false });
  const back = turned ? b.add('transpose', [value], { perm: [1, 0] }) : value;
  return b.reshape(back, x.type.shape);
}

/**
 * The matrix P with P X = what the iteration makes of X. Every step multiplies X by a polynomial Q of its Gram matrix G = X Xᵀ, and all of these
 * commute, so that G and P alone need to be carried along: they are as small as X has rows, where X has many columns.
 */
function polynomial(b: Builder, x: Node, iterations: number): Node {
  const product = (left: Node, right: Node): Node => b.add('matmul', [left, right], { ta: false, tb: false });
  const rows = x.type.shape[0];
  const identity = b.add('one_hot', [b.add('iota', [], { size: rows })], { depth: rows });
  let gram = b.add('matmul', [x, x], { ta: false, tb: true });
  let factor: Node | undefined;
  for (let i = 0; i < iterations; i++) {
    const higher = b.addition(b.mul(gram, b.scalar(QUINTIC.b)), b.mul(product(gram, gram), b.scalar(QUINTIC.c)));
    const step = b.addition(b.mul(identity, b.scalar(QUINTIC.a)), higher);
    if (i + 1 < iterations) gram = product(product(step, gram), step);
    factor = factor ? product(step, factor) : step;
  }
  return factor ?? identity;
}

/** sqrt(max(1, out / in)) as a rank-0 tensor. */
export function sizeRatio(b: Builder, x: Node): Node {
  const [inputs, outputs] = matrixShape(x);
  const size = (d: Dim): Node => {
    const value = constantOf(d);
    return value === undefined ? b.add('dim', [], { value: d, dtype: 'f32' }) : b.scalar(value);
  };
  return b.unary('sqrt', b.add('maximum', [b.scalar(1), b.div(size(outputs), size(inputs))], {}));
}
