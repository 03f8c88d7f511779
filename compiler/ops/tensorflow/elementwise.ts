/** TensorFlow column: sources and element-wise operators. */

import type { DType } from '../graph.ts';
import { dim, dims, number, word } from '../rules.ts';
import { cast, FLOAT, filled, range, same, type TfRule, type TfScope, type TfTensor, tfType } from './rule.ts';

const unary =
  (op: string): TfRule =>
  (t) =>
    same(t, op, t.inputs);

const binary = unary;

/** TensorFlow orders numbers only. */
function ordered(t: TfScope): readonly TfTensor[] {
  return t.inputs.map((x) => (x.type === 'DT_BOOL' ? cast(t, x, 'DT_INT32') : x));
}

const comparison =
  (op: string, needsNumbers: boolean): TfRule =>
  (t) => {
    const inputs = needsNumbers ? ordered(t) : t.inputs;
    return t.op(op, inputs, { T: { type: inputs[0].type } }, 'DT_BOOL');
  };

const logical =
  (op: string): TfRule =>
  (t) =>
    t.op(op, t.inputs, {}, 'DT_BOOL');

function dtype(t: TfScope): ReturnType<typeof tfType> {
  return tfType(word(t.node.attrs, 'dtype') as DType);
}

export const SOURCES: Readonly<Record<string, TfRule>> = {
  const: (t) => t.scalar(number(t.node.attrs, 'value'), dtype(t)),
  fill: (t) => filled(t, dims(t.node.attrs, 'shape'), t.scalar(number(t.node.attrs, 'value'), dtype(t))),
  iota: (t) => range(t, dim(t.node.attrs, 'size')),
  dim: (t) => cast(t, t.size(dim(t.node.attrs, 'value')), dtype(t)),
};

export const ELEMENTWISE: Readonly<Record<string, TfRule>> = {
  neg: unary('Neg'),
  abs: unary('Abs'),
  sign: unary('Sign'),
  exp: unary('Exp'),
  log: unary('Log'),
  log1p: unary('Log1p'),
  sqrt: unary('Sqrt'),
  rsqrt: unary('Rsqrt'),
  square: unary('Square'),
  reciprocal: unary('Reciprocal'),
  relu: unary('Relu'),
  sigmoid: unary('Sigmoid'),
  tanh: unary('Tanh'),
  softplus: unary('Softplus'),
  erf: unary('Erf'),
  floor: unary('Floor'),
  ceil: unary('Ceil'),
  // Halves to even, by its documentation; `Round` says "half to even" only since some version.
  round: unary('Rint'),
  pow: (t) => same(t, 'Pow', [t.inputs[0], t.scalar(number(t.node.attrs, 'exponent'), 'DT_FLOAT')]),
  clamp: (t) =>
    t.op(
      'Minimum',
      [
        same(t, 'Maximum', [t.inputs[0], t.scalar(number(t.node.attrs, 'min'), 'DT_FLOAT')]),
        t.scalar(number(t.node.attrs, 'max'), 'DT_FLOAT'),
      ],
      { T: FLOAT },
      'DT_FLOAT',
    ),
  add: binary('AddV2'),
  sub: binary('Sub'),
  mul: binary('Mul'),
  // Whole numbers are divided rounding down.
  div: (t) => same(t, t.inputs[0].type === 'DT_INT32' ? 'FloorDiv' : 'RealDiv', t.inputs),
  maximum: binary('Maximum'),
  minimum: binary('Minimum'),
  greater: comparison('Greater', true),
  greater_equal: comparison('GreaterEqual', true),
  less: comparison('Less', true),
  less_equal: comparison('LessEqual', true),
  equal: comparison('Equal', false),
  not_equal: comparison('NotEqual', false),
  logical_and: logical('LogicalAnd'),
  logical_or: logical('LogicalOr'),
  logical_not: logical('LogicalNot'),
  select: (t) => {
    const [condition, a, b] = t.inputs;
    return t.op('SelectV2', [condition, a, b], { T: { type: a.type } }, a.type);
  },
  cast: (t) => cast(t, t.inputs[0], dtype(t)),
};
