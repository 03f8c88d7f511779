import { describe, expect, it } from 'vitest';
import { matmul } from '../../../runtime/ops/algebra.ts';
import * as indexing from '../../../runtime/ops/indexing.ts';
import * as layout from '../../../runtime/ops/layout.ts';
import { constant, dim, fill, iota } from '../../../runtime/ops/sources.ts';
import { type Data, expectClose, normal, outcome, roads, tensor, use, whole } from './harness.ts';

const ops = { ...layout, ...indexing };

/** Builds a result of `shape` from a function of the index. */
function build(shape: readonly number[], f: (index: readonly number[]) => number): { shape: readonly number[]; values: number[] } {
  const values: number[] = [];
  const visit = (index: readonly number[]): void => {
    if (index.length === shape.length) values.push(f(index));
    else for (let i = 0; i < shape[index.length]; i++) visit([...index, i]);
  };
  visit([]);
  return { shape, values };
}
const at = (x: Data, index: readonly number[]): number => x.values[index.reduce((flat, i, d) => flat * x.shape[d] + i, 0)];

const x = normal('x', 3, 4, 5, 6);
const i = whole('i', -99, 99, 3, 4, 5, 6);
const flags: Data = { shape: [3, 4, 5, 6], values: Uint8Array.from(whole('b', 0, 1, 3, 4, 5, 6).values) };

describe.each([
  ['f32', x],
  ['i32', i],
  ['bool', flags],
] as const)('copies of %s', (_, data) => {
  const check = async (op: Parameters<typeof outcome>[2], shape: readonly number[], f: (index: readonly number[]) => number) => {
    for (const road of roads) {
      const found = await outcome(road, [data], op);
      expectClose(found, build(shape, f), road, 0, 0);
      expect(found.dtype).toBe(data === x ? 'float32' : data === i ? 'int32' : 'bool');
    }
  };
  it('reshape', () =>
    check(
      (t) => ops.reshape(t, { shape: [12, 30] }),
      [12, 30],
      ([a, b]) => data.values[a * 30 + b],
    ));
  it.each([
    [0, 1, 2, 3],
    [0, 2, 3, 1],
    [3, 1, 2, 0],
    [1, 0, 3, 2],
  ])('transpose %i %i %i %i', (...perm) =>
    check(
      (t) => ops.transpose(t, { perm }),
      perm.map((d) => data.shape[d]),
      (index) =>
        at(
          data,
          [0, 1, 2, 3].map((d) => index[perm.indexOf(d)]),
        ),
    ),
  );
  it.each([
    [
      [0, 0, 0, 0],
      [3, 4, 5, 6],
    ],
    [
      [1, 0, 0, 0],
      [2, 4, 5, 6],
    ],
    [
      [0, 1, 2, 3],
      [3, 2, 1, 3],
    ],
    [
      [0, 0, 2, 0],
      [3, 4, 3, 6],
    ],
    [
      [2, 3, 4, 5],
      [1, 1, 1, 1],
    ],
  ])('slice from %j, %j elements', (starts, sizes) =>
    check(
      (t) => ops.slice(t, { starts, sizes }),
      sizes,
      (index) =>
        at(
          data,
          index.map((k, d) => k + starts[d]),
        ),
    ),
  );
  it.each([[[0]], [[1, 2]], [[3]], [[0, 1, 2, 3]]])('reverse %j', (axes) =>
    check(
      (t) => ops.reverse(t, { axes }),
      data.shape,
      (index) =>
        at(
          data,
          index.map((k, d) => (axes.includes(d) ? data.shape[d] - 1 - k : k)),
        ),
    ),
  );
  it('gather with indices of rank 2', async () => {
    const rows: Data = { shape: [2, 3], values: Int32Array.of(4, 0, 0, 2, 3, 1) };
    for (const road of roads)
      expectClose(
        await outcome(road, [data, rows], (t, r) => ops.gather(t, r, { axis: 2 })),
        build([3, 4, 2, 3, 6], ([a, b, p, q, c]) => at(data, [a, b, at(rows, [p, q]), c])),
        road,
        0,
        0,
      );
  });
});

describe('larger transposes', () => {
  const cases: readonly (readonly [readonly number[], readonly number[]])[] = [
    [
      [2, 70, 133],
      [0, 2, 1],
    ],
    [
      [66, 5],
      [1, 0],
    ],
    [
      [3, 1, 9, 8, 1, 5],
      [0, 5, 1, 2, 4, 3],
    ],
    [
      [4, 3, 8, 2],
      [3, 2, 1, 0],
    ],
  ];
  it.each(cases)('[%j] by %j', async (shape, perm) => {
    for (const data of [normal('t', ...shape), whole('t', -9, 9, ...shape)])
      for (const road of roads)
        expectClose(
          await outcome(road, [data], (t) => ops.transpose(t, { perm })),
          build(
            perm.map((d) => shape[d]),
            (index) =>
              at(
                data,
                shape.map((_, d) => index[perm.indexOf(d)]),
              ),
          ),
          road,
          0,
          0,
        );
  });
});

describe('padding, broadcasting, joining', () => {
  it.each([0, -3.4e38, 255])('pad with %d', async (value) => {
    const before = [0, 1, 2, 0];
    const after = [0, 3, 0, 1];
    for (const road of roads)
      for (const data of value === -3.4e38 ? [x] : [x, i])
        expectClose(
          await outcome(road, [data], (t) => ops.pad(t, { before, after, value })),
          build([3, 8, 7, 7], (index) => {
            const inner = index.map((k, d) => k - before[d]);
            return inner.every((k, d) => k >= 0 && k < data.shape[d]) ? at(data, inner) : Math.fround(value);
          }),
          road,
          0,
          0,
        );
  });
  it.each([
    [[], [2, 3]],
    [[3], [2, 3]],
    [
      [2, 1, 4],
      [2, 3, 4],
    ],
    [
      [1, 3, 1, 2],
      [5, 3, 4, 2],
    ],
    [
      [20, 1],
      [3, 20, 40],
    ],
    [
      [2, 3],
      [2, 3],
    ],
  ] as [number[], number[]][])('broadcast [%j] to [%j]', async (from, to) => {
    for (const data of [normal('b', ...from), whole('w', 0, 9, ...from)])
      for (const road of roads)
        expectClose(
          await outcome(road, [data], (t) => ops.broadcastTo(t, { shape: to })),
          build(to, (index) =>
            at(
              data,
              index.slice(to.length - from.length).map((k, d) => (from[d] === 1 ? 0 : k)),
            ),
          ),
          road,
          0,
          0,
        );
  });
  it.each([0, 1, 2, 3])('concat along %i', async (axis) => {
    const sizes = [2, 3, 1];
    for (const make of [normal, (name: string, ...shape: number[]) => whole(name, 0, 9, ...shape)]) {
      const parts = sizes.map((n, k) => make(`part${k}`, ...[2, 3, 4, 2].map((m, d) => (d === axis ? n : m))));
      const shape = [2, 3, 4, 2].map((m, d) => (d === axis ? 6 : m));
      for (const road of roads)
        expectClose(
          await outcome(road, parts, (a, b, c) => ops.concat(a, b, c, { axis })),
          build(shape, (index) => {
            let k = index[axis];
            let part = 0;
            while (k >= sizes[part]) k -= sizes[part++];
            return at(
              parts[part],
              index.map((v, d) => (d === axis ? k : v)),
            );
          }),
          road,
          0,
          0,
        );
    }
  });
  it('concat of one', async () => {
    for (const road of roads) expectClose(await outcome(road, [x], (a) => ops.concat(a, { axis: 1 })), x, road, 0, 0);
  });
});

describe('indices', () => {
  it.each([0, 1, 2])('scatter_add along axis %i, repeated rows add up', async (axis) => {
    const size = 5;
    const rows: Data = { shape: [2, 3], values: Int32Array.of(4, 0, 0, 2, 0, 1) };
    const rest = [2, 4, 3].filter((_, d) => d !== axis);
    const shape = [...rest.slice(0, axis), 2, 3, ...rest.slice(axis)];
    const updates = normal('u', ...shape);
    const expected = build([...rest.slice(0, axis), size, ...rest.slice(axis)], (index) => {
      let total = 0;
      for (let p = 0; p < 2; p++)
        for (let q = 0; q < 3; q++)
          if (at(rows, [p, q]) === index[axis]) total += at(updates, [...index.slice(0, axis), p, q, ...index.slice(axis + 1)]);
      return total;
    });
    for (const road of roads)
      expectClose(await outcome(road, [rows, updates], (r, u) => ops.scatterAdd(r, u, { axis, size })), expected, road);
  });
  it('one_hot ignores labels out of range', async () => {
    const labels: Data = { shape: [2, 3], values: Int32Array.of(0, 255, 2, 1, -1, 3) };
    for (const road of roads)
      expectClose(
        await outcome(road, [labels], (t) => ops.oneHot(t, { depth: 4 })),
        build([2, 3, 4], ([a, b, c]) => Number(at(labels, [a, b]) === c)),
        road,
        0,
        0,
      );
  });
  it('an index out of range is refused with its place', async () => {
    for (const road of ['cpu', 'wasm'] as const) {
      await use(road);
      const data = tensor(normal('g', 4, 2));
      const rows = tensor({ shape: [3], values: Int32Array.of(0, 255, 1) });
      expect(() => ops.gather(data, rows, { axis: 0 })).toThrow(/index 255 at position 1 lies outside 0 to 3/);
      expect(() => ops.scatterAdd(rows, data, { axis: 0, size: 4 })).toThrow(/index 255 at position 1/);
      data.dispose();
      rows.dispose();
    }
  });
});

describe('matmul', () => {
  const combinations = [false, true].flatMap((ta) => [false, true].map((tb) => ({ ta, tb })));
  it.each(combinations)('rank 2, %j', async ({ ta, tb }) => {
    const a = normal('a', ...(ta ? [7, 5] : [5, 7]));
    const b = normal('b', ...(tb ? [9, 7] : [7, 9]));
    const expected = build([5, 9], ([m, n]) => {
      let total = 0;
      for (let k = 0; k < 7; k++) total += at(a, ta ? [k, m] : [m, k]) * at(b, tb ? [n, k] : [k, n]);
      return total;
    });
    for (const road of roads) expectClose(await outcome(road, [a, b], (p, q) => matmul(p, q, { ta, tb })), expected, road);
  });
  it.each(combinations)('rank 3, %j', async ({ ta, tb }) => {
    const a = normal('a', 3, ...(ta ? [11, 6] : [6, 11]));
    const b = normal('b', 3, ...(tb ? [4, 11] : [11, 4]));
    const expected = build([3, 6, 4], ([g, m, n]) => {
      let total = 0;
      for (let k = 0; k < 11; k++) total += at(a, ta ? [g, k, m] : [g, m, k]) * at(b, tb ? [g, n, k] : [g, k, n]);
      return total;
    });
    for (const road of roads) expectClose(await outcome(road, [a, b], (p, q) => matmul(p, q, { ta, tb })), expected, road);
  });
});

describe('sources', () => {
  it.each(roads)('on %s', async (road) => {
    expect(await outcome(road, [], () => constant({ value: 1.5, dtype: 'f32' }))).toEqual({ shape: [], dtype: 'float32', values: [1.5] });
    expect(await outcome(road, [], () => dim({ value: 7, dtype: 'i32' }))).toEqual({ shape: [], dtype: 'int32', values: [7] });
    expect(await outcome(road, [], () => fill({ shape: [2, 2], value: 1, dtype: 'bool' }))).toEqual({
      shape: [2, 2],
      dtype: 'bool',
      values: [1, 1, 1, 1],
    });
    expect(await outcome(road, [], () => iota({ size: 4 }))).toEqual({ shape: [4], dtype: 'int32', values: [0, 1, 2, 3] });
  });
});
