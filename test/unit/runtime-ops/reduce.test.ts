import { describe, expect, it } from 'vitest';
import { argmax, max, mean, min, sum } from '../../../runtime/ops/reduce.ts';
import { type Data, expectClose, normal, outcome, roads, tied, whole } from './harness.ts';

/** Groups the elements of `x` by the result they go to. */
function groups(
  x: Data,
  axes: readonly number[],
): { readonly shape: number[]; readonly keptShape: number[]; readonly members: number[][] } {
  const keptShape = x.shape.map((n, d) => (axes.includes(d) ? 1 : n));
  const members: number[][] = Array.from({ length: keptShape.reduce((p, n) => p * n, 1) }, () => []);
  for (let flat = 0; flat < x.values.length; flat++) {
    let rest = flat;
    let target = 0;
    let step = 1;
    for (let d = x.shape.length - 1; d >= 0; d--) {
      const i = rest % x.shape[d];
      rest = Math.floor(rest / x.shape[d]);
      if (keptShape[d] > 1) target += i * step;
      step *= keptShape[d];
    }
    members[target].push(flat);
  }
  return { shape: x.shape.filter((_, d) => !axes.includes(d)), keptShape, members };
}

const cases: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[3, 4, 5, 6], [3]],
  [
    [3, 4, 5, 6],
    [1, 2],
  ],
  [[3, 4, 5, 6], [0]],
  [
    [3, 4, 5, 6],
    [0, 1, 2],
  ],
  [
    [3, 4, 5, 6],
    [0, 1, 2, 3],
  ],
  [
    [3, 4, 5, 6],
    [1, 3],
  ],
  [
    [3, 4, 5, 6],
    [0, 2],
  ],
  [
    [2, 3, 2, 4, 5],
    [1, 2, 4],
  ],
  [[7], [0]],
  [[4, 1, 5], [1]],
  [
    [2, 16, 16, 8],
    [1, 2],
  ],
  [[2, 64, 8], [1]],
  [[12, 4096], [0]],
  [[16, 40, 32, 32], [0]],
  [
    [1, 600, 1, 5],
    [0, 1, 2],
  ],
  [[2, 521, 4], [1]],
];

describe.each(cases)('[%s] over [%s]', (shape, axes) => {
  const x = normal('x', ...shape);
  const i = whole('i', -50, 50, ...shape);
  const total = (values: readonly number[]) => values.reduce((t, v) => t + v, 0);
  const table = [
    ['sum', sum, total],
    ['mean', mean, (values: readonly number[]) => total(values) / values.length],
    ['max', max, (values: readonly number[]) => Math.max(...values)],
    ['min', min, (values: readonly number[]) => Math.min(...values)],
  ] as const;
  it.each(table)('%s', async (name, op, reference) => {
    for (const road of roads) {
      for (const keep of [true, false]) {
        for (const data of name === 'mean' ? [x] : [x, i]) {
          const { shape: dropped, keptShape, members } = groups(data, axes);
          const values = members.map((own) => reference(own.map((at) => data.values[at])));
          const found = await outcome(road, [data], (t) => op(t, { axes, keep }));
          expectClose(found, { shape: keep ? keptShape : dropped, values }, `${road}, keep ${keep}`);
          expect(found.dtype).toBe(data === i ? 'int32' : 'float32');
        }
      }
    }
  });
});

describe('argmax', () => {
  it.each([0, 1, 2, 3])('the first among equals, axis %i', async (axis) => {
    const x = tied('x', 3, 4, 5, 6);
    const { shape, members } = groups(x, [axis]);
    const values = members.map((own) => own.findIndex((at) => x.values[at] === Math.max(...own.map((other) => x.values[other]))));
    for (const road of roads) {
      const found = await outcome(road, [x], (t) => argmax(t, { axis }));
      expectClose(found, { shape, values }, road, 0, 0);
      expect(found.dtype).toBe('int32');
    }
  });
});

describe('long sums', () => {
  it.each(['cpu', 'wasm'] as const)('stay exact to float32 on %s', async (road) => {
    const x: Data = { shape: [1 << 20], values: new Float32Array(1 << 20).fill(0.1) };
    const found = await outcome(road, [x], (t) => sum(t, { axes: [0], keep: false }));
    expectClose(found, { shape: [], values: [Math.fround(0.1) * (1 << 20)] }, road, 0, 1e-7);
  });
});
