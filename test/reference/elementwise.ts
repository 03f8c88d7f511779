/** References of the element-wise primitives. Booleans are 0 and 1. */
import type { Reference } from './attributes.ts';
import { broadcastShape, build, ndarray, readBroadcast } from './ndarray.ts';

const unary =
  (f: (x: number) => number): Reference =>
  ([x]) =>
    ndarray(x.shape, x.data.map(f));

const binary =
  (f: (a: number, b: number) => number): Reference =>
  ([a, b]) =>
    build(broadcastShape(a.shape, b.shape), (index) => f(readBroadcast(a, index), readBroadcast(b, index)));

const test = (f: (a: number, b: number) => boolean): Reference => binary((a, b) => Number(f(a, b)));

export function halfToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below < 0.5) return below;
  if (x - below > 0.5) return below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** 2/sqrt(pi) exp(-x²) (x + 2 x³/3 + 4 x⁵/15 + …): all terms of one sign, so that nothing cancels. */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

export const ELEMENTWISE: Readonly<Record<string, Reference>> = {
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  exp: unary(Math.exp),
  log: unary(Math.log),
  log1p: unary(Math.log1p),
  sqrt: unary(Math.sqrt),
  rsqrt: unary((x) => 1 / Math.sqrt(x)),
  square: unary((x) => x * x),
  reciprocal: unary((x) => 1 / x),
  relu: unary((x) => Math.max(x, 0)),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  tanh: unary(Math.tanh),
  softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  erf: unary(errorFunction),
  floor: unary(Math.floor),
  ceil: unary(Math.ceil),
  round: unary(halfToEven),
  pow: ([x], attrs) =>
    ndarray(
      x.shape,
      x.data.map((v) => v ** attrs.number('exponent')),
    ),
  clamp: ([x], attrs) =>
    ndarray(
      x.shape,
      x.data.map((v) => Math.min(Math.max(v, attrs.number('min')), attrs.number('max'))),
    ),
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  greater: test((a, b) => a > b),
  greater_equal: test((a, b) => a >= b),
  less: test((a, b) => a < b),
  less_equal: test((a, b) => a <= b),
  equal: test((a, b) => a === b),
  not_equal: test((a, b) => a !== b),
  logical_and: test((a, b) => a !== 0 && b !== 0),
  logical_or: test((a, b) => a !== 0 || b !== 0),
  logical_not: unary((x) => Number(x === 0)),
  select: ([condition, a, b]) =>
    build(broadcastShape(condition.shape, a.shape, b.shape), (index) =>
      readBroadcast(condition, index) !== 0 ? readBroadcast(a, index) : readBroadcast(b, index),
    ),
  cast: ([x], attrs) => {
    const dtype = attrs.word('dtype');
    return ndarray(x.shape, x.data.map(dtype === 'bool' ? (v) => Number(v !== 0) : dtype === 'i32' ? Math.trunc : (v) => v));
  },
};

/** `div` of i32 rounds down; the interpreter asks by dtype. */
export const floorDivide: Reference = binary((a, b) => Math.floor(a / b));
