import { describe, it } from 'vitest';
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from '../../../runtime/ops/pooling.ts';
import { type Data, expectClose, normal, outcome, roads, tied } from './harness.ts';
import { type Pool, windows } from './loops.ts';

const shapes: readonly (Pool & { readonly x: readonly [number, number, number, number] })[] = [
  { x: [2, 9, 8, 3], window: [3, 3], stride: [2, 2], pad: [1, 1, 1, 1], ceil: false },
  { x: [1, 8, 7, 5], window: [2, 2], stride: [2, 2], pad: [0, 0, 0, 0], ceil: false },
  { x: [2, 7, 10, 2], window: [3, 2], stride: [1, 2], pad: [1, 0, 0, 1], ceil: false },
  { x: [1, 6, 5, 16], window: [6, 5], stride: [6, 5], pad: [0, 0, 0, 0], ceil: false },
  { x: [1, 7, 7, 7], window: [3, 3], stride: [2, 2], pad: [1, 1, 1, 1], ceil: false },
  { x: [1, 4, 5, 5000], window: [4, 5], stride: [4, 5], pad: [0, 0, 0, 0], ceil: false },
  { x: [1, 6, 6, 2], window: [1, 1], stride: [2, 2], pad: [0, 0, 0, 0], ceil: false },
  { x: [2, 5, 7, 3], window: [3, 3], stride: [1, 1], pad: [1, 1, 1, 1], ceil: false },
];
const ceiled: typeof shapes = [
  { x: [1, 8, 9, 2], window: [3, 3], stride: [2, 2], pad: [0, 0, 0, 0], ceil: true },
  { x: [2, 8, 7, 3], window: [3, 3], stride: [2, 2], pad: [1, 1, 1, 1], ceil: true },
  { x: [1, 5, 5, 1], window: [2, 2], stride: [3, 3], pad: [1, 1, 1, 1], ceil: true },
];
const title = (a: (typeof shapes)[number]) =>
  `${a.x.join('×')}, window ${a.window}, stride ${a.stride}, pad ${a.pad}${a.ceil ? ', sizes rounded up' : ''}`;
const named = (all: typeof shapes) => all.map((a) => [title(a), a] as const);

describe.each(named([...shapes, ...ceiled]))('max pooling, %s', (_, a) => {
  // Ties, and values below zero only: padding must never win.
  const x: Data = tied('x', ...a.x);
  const below: Data = { shape: x.shape, values: Float32Array.from(x.values, (v) => v - 3) };
  const { shape, cells } = windows(a.x, a);
  const first = cells.map((own) => own.reduce((best, cell) => (below.values[cell] > below.values[best] ? cell : best), own[0]));
  const y: Data = { shape, values: Float32Array.from(first, (cell) => below.values[cell]) };
  const dy = normal('dy', ...shape);
  it.each(roads)('forward on %s', async (road) => {
    expectClose(await outcome(road, [below], (t) => maxPool(t, a)), y, road, 0, 0);
  });
  it.each(roads)('gradient to the first maximum on %s', async (road) => {
    const expected = new Float64Array(x.values.length);
    for (const [o, cell] of first.entries()) expected[cell] += dy.values[o];
    expectClose(await outcome(road, [below, y, dy], (t, u, d) => maxPoolGrad(t, u, d, a)), { shape: a.x, values: expected }, road);
  });
});

describe.each(named(shapes))('mean pooling, %s', (_, a) => {
  const x = normal('x', ...a.x);
  const { shape, cells } = windows(a.x, a);
  const dy = normal('dy', ...shape);
  const { window, stride, pad } = a;
  describe.each([true, false])('padding counted: %s', (count_pad) => {
    const divisor = (own: readonly number[]) => (count_pad ? window[0] * window[1] : own.length);
    it.each(roads)('forward on %s', async (road) => {
      const values = cells.map((own) => own.reduce((total, cell) => total + x.values[cell], 0) / divisor(own));
      expectClose(await outcome(road, [x], (t) => avgPool(t, { window, stride, pad, count_pad })), { shape, values }, road);
    });
    it.each(roads)('gradient on %s', async (road) => {
      const expected = new Float64Array(x.values.length);
      for (const [o, own] of cells.entries()) for (const cell of own) expected[cell] += dy.values[o] / divisor(own);
      const size = [a.x[1], a.x[2]] as const;
      expectClose(
        await outcome(road, [dy], (d) => avgPoolGrad(d, { window, stride, pad, count_pad, size })),
        { shape: a.x, values: expected },
        road,
      );
    });
  });
});
