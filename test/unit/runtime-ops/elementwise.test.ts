import { describe, expect, it } from 'vitest';
import * as ops from '../../../runtime/ops/elementwise.ts';
import type { Tensor } from '../../../runtime/ops/tensor.ts';
import { type Data, expectClose, normal, outcome, roads, tied, whole } from './harness.ts';

const f32 = (...values: readonly number[]): Data => ({ shape: [values.length], values: Float32Array.from(values) });

function halfToEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

const x = normal('x', 2, 3, 5, 7);
const positive: Data = { shape: x.shape, values: Float32Array.from(x.values, (v) => Math.abs(v) + 0.01) };

const unary: readonly [string, (t: Tensor) => Tensor, (v: number) => number, Data][] = [
  ['neg', ops.neg, (v) => -v, x],
  ['abs', ops.abs, Math.abs, x],
  ['sign', ops.sign, Math.sign, tied('s', 4, 9)],
  ['exp', ops.exp, Math.exp, x],
  ['log', ops.log, Math.log, positive],
  ['log1p', ops.log1p, Math.log1p, positive],
  ['log1p near zero', ops.log1p, Math.log1p, f32(1e-7, -1e-7, 3e-5, 0)],
  ['sqrt', ops.sqrt, Math.sqrt, positive],
  ['rsqrt', ops.rsqrt, (v) => 1 / Math.sqrt(v), positive],
  ['square', ops.square, (v) => v * v, x],
  ['reciprocal', ops.reciprocal, (v) => 1 / v, positive],
  ['relu', ops.relu, (v) => Math.max(0, v), x],
  ['sigmoid', ops.sigmoid, (v) => 1 / (1 + Math.exp(-v)), f32(-120, -20, -1, 0, 1, 20, 120)],
  ['tanh', ops.tanh, Math.tanh, x],
  ['softplus', ops.softplus, (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))), f32(-200, -30, -16, -12, -1, 0, 1, 10, 30, 200)],
  ['floor', ops.floor, Math.floor, x],
  ['ceil', ops.ceil, Math.ceil, x],
  ['round', ops.round, halfToEven, f32(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 0.4999, 2.6, -2.6)],
  ['pow 3', (t) => ops.pow(t, { exponent: 3 }), (v) => v ** 3, x],
  ['pow 2', (t) => ops.pow(t, { exponent: 2 }), (v) => v ** 2, x],
  ['pow 0.5', (t) => ops.pow(t, { exponent: 0.5 }), (v) => v ** 0.5, positive],
  ['pow -1', (t) => ops.pow(t, { exponent: -1 }), (v) => 1 / v, positive],
  ['pow 0.9', (t) => ops.pow(t, { exponent: 0.9 }), (v) => v ** 0.9, positive],
  ['pow 0', (t) => ops.pow(t, { exponent: 0 }), () => 1, x],
  ['clamp', (t) => ops.clamp(t, { min: -0.5, max: 0.7 }), (v) => Math.min(0.7, Math.max(-0.5, v)), x],
  ['clamp below', (t) => ops.clamp(t, { min: -0.5, max: Number.POSITIVE_INFINITY }), (v) => Math.max(-0.5, v), x],
];

describe.each(unary)('%s', (_, op, reference, data) => {
  it.each(roads)('on %s', async (road) => {
    expectClose(await outcome(road, [data], op), { shape: data.shape, values: Array.from(data.values, reference) }, road, 1e-6, 3e-6);
  });
});

it.each(roads)('log and sqrt at the edge on %s', async (road) => {
  const edge = f32(0, 1);
  expect((await outcome(road, [edge], ops.log)).values).toEqual([Number.NEGATIVE_INFINITY, 0]);
  expect((await outcome(road, [edge], ops.rsqrt)).values).toEqual([Number.POSITIVE_INFINITY, 1]);
  expect((await outcome(road, [edge], ops.reciprocal)).values).toEqual([Number.POSITIVE_INFINITY, 1]);
});

const shapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3, 4, 5],
    [2, 3, 4, 5],
  ],
  [[2, 3, 4, 5], []],
  [[], [3]],
  [[], [45]],
  [
    [2, 1, 37],
    [2, 4, 37],
  ],
  [
    [3, 1],
    [3, 50],
  ],
  [
    [3, 50],
    [3, 1],
  ],
  [[2, 3, 4, 5], [5]],
  [
    [2, 3, 4, 1],
    [1, 1, 1, 6],
  ],
  [
    [2, 1, 1, 5],
    [2, 3, 4, 5],
  ],
  [
    [2, 1, 4, 1],
    [3, 1, 5],
  ],
  [
    [2, 3, 1, 2, 1, 3],
    [1, 2, 2, 1, 3],
  ],
  [
    [2, 1, 2, 1, 3, 1, 2],
    [1, 3, 1, 2, 1, 2, 1],
  ],
];

/** Broadcasting by its definition: every index of the result, reduced modulo sizes of 1. */
function broadcast(a: Data, b: Data, f: (x: number, y: number) => number): { shape: number[]; values: number[] } {
  const rank = Math.max(a.shape.length, b.shape.length);
  const size = (d: Data, axis: number) => d.shape[axis - (rank - d.shape.length)] ?? 1;
  const shape = Array.from({ length: rank }, (_, axis) => Math.max(size(a, axis), size(b, axis)));
  const at = (d: Data, index: readonly number[]) =>
    index.reduce((flat, i, axis) => flat * size(d, axis) + (size(d, axis) === 1 ? 0 : i), 0);
  const values: number[] = [];
  const visit = (index: readonly number[]): void => {
    if (index.length === rank) values.push(f(a.values[at(a, index)], b.values[at(b, index)]));
    else for (let i = 0; i < shape[index.length]; i++) visit([...index, i]);
  };
  visit([]);
  return { shape, values };
}

const arithmetic: readonly [string, (a: Tensor, b: Tensor) => Tensor, (x: number, y: number) => number][] = [
  ['add', ops.add, (p, q) => p + q],
  ['sub', ops.sub, (p, q) => p - q],
  ['mul', ops.mul, (p, q) => p * q],
  ['div', ops.div, (p, q) => p / q],
  ['maximum', ops.maximum, Math.max],
  ['minimum', ops.minimum, Math.min],
];
const comparisons: readonly [string, (a: Tensor, b: Tensor) => Tensor, (x: number, y: number) => boolean][] = [
  ['greater', ops.greater, (p, q) => p > q],
  ['greaterEqual', ops.greaterEqual, (p, q) => p >= q],
  ['less', ops.less, (p, q) => p < q],
  ['lessEqual', ops.lessEqual, (p, q) => p <= q],
  ['equal', ops.equal, (p, q) => p === q],
  ['notEqual', ops.notEqual, (p, q) => p !== q],
];

describe.each(shapes)('[%s] with [%s]', (left, right) => {
  it.each(arithmetic)('%s', async (_, op, reference) => {
    const a = normal('a', ...left);
    const b = normal('b', ...right);
    const i = whole('i', -9, 9, ...left);
    const j: Data = { shape: right, values: whole('j', -9, 9, ...right).values.map((v) => (v === 0 ? 1 : v)) };
    const integer = (p: number, q: number) => Math.floor(reference(p, q));
    for (const road of roads) {
      expectClose(await outcome(road, [a, b], op), broadcast(a, b, reference), road, 1e-6, 1e-6);
      const found = await outcome(road, [i, j], op);
      expect(found.dtype).toBe('int32');
      expectClose(found, broadcast(i, j, integer), `${road}, integers`, 0, 0);
    }
  });
  it.each(comparisons)('%s', async (_, op, reference) => {
    const reals = [tied('a', ...left), tied('b', ...right)] as const;
    const integers = [whole('i', -2, 2, ...left), whole('j', -2, 2, ...right)] as const;
    for (const road of roads) {
      for (const [a, b] of [reals, integers]) {
        const found = await outcome(road, [a, b], op);
        expect(found.dtype).toBe('bool');
        expectClose(
          found,
          broadcast(a, b, (p, q) => Number(reference(p, q))),
          road,
          0,
          0,
        );
      }
    }
  });
  it('logic and selection', async () => {
    const p: Data = { shape: left, values: Uint8Array.from(whole('p', 0, 1, ...left).values) };
    const q: Data = { shape: right, values: Uint8Array.from(whole('q', 0, 1, ...right).values) };
    const a = normal('a', ...left);
    const i = whole('i', -99, 99, ...left);
    const zero: Data = { shape: [], values: Float32Array.of(0.5) };
    const none: Data = { shape: [], values: Int32Array.of(255) };
    for (const road of roads) {
      expectClose(
        await outcome(road, [p, q], ops.logicalAnd),
        broadcast(p, q, (x, y) => x & y),
        road,
        0,
        0,
      );
      expectClose(
        await outcome(road, [p, q], ops.logicalOr),
        broadcast(p, q, (x, y) => x | y),
        road,
        0,
        0,
      );
      expectClose(await outcome(road, [p], ops.logicalNot), { shape: left, values: Array.from(p.values, (v) => 1 - v) }, road, 0, 0);
      expectClose(
        await outcome(road, [q, a, zero], ops.select),
        broadcast(q, a, (c, v) => (c ? v : 0.5)),
        road,
        0,
        0,
      );
      const labels = await outcome(road, [q, none, i], ops.select);
      expect(labels.dtype).toBe('int32');
      expectClose(
        labels,
        broadcast(q, i, (c, v) => (c ? 255 : v)),
        road,
        0,
        0,
      );
    }
  });
});

describe('not a number', () => {
  it.each(roads)('stays in maximum and minimum on %s', async (road) => {
    const a = f32(Number.NaN, 1, 2);
    const b = f32(0, Number.NaN, 1);
    expect((await outcome(road, [a, b], ops.maximum)).values).toEqual([Number.NaN, Number.NaN, 2]);
    expect((await outcome(road, [a, b], ops.minimum)).values).toEqual([Number.NaN, Number.NaN, 1]);
  });
});

describe('casts', () => {
  const reals = f32(-2.7, -0.5, 0, 0.5, 2.7, 256, 512.5);
  const integers: Data = { shape: [4], values: Int32Array.of(0, 255, 256, -1) };
  const flags: Data = { shape: [3], values: Uint8Array.of(0, 1, 1) };
  it.each(roads)('on %s', async (road) => {
    const cast = (data: Data, dtype: 'f32' | 'i32' | 'bool') => outcome(road, [data], (t) => ops.cast(t, { dtype }));
    expect((await cast(reals, 'i32')).values.map((v) => v + 0)).toEqual([-2, 0, 0, 0, 2, 256, 512]);
    expect((await cast(reals, 'bool')).values).toEqual([1, 1, 0, 1, 1, 1, 1]);
    expect((await cast(integers, 'bool')).values).toEqual([0, 1, 1, 1]);
    expect(await cast(integers, 'f32')).toMatchObject({ dtype: 'float32', values: [0, 255, 256, -1] });
    expect(await cast(flags, 'f32')).toMatchObject({ dtype: 'float32', values: [0, 1, 1] });
    expect(await cast(flags, 'i32')).toMatchObject({ dtype: 'int32', values: [0, 1, 1] });
    expect(await cast(reals, 'f32')).toMatchObject({ dtype: 'float32' });
  });
});
