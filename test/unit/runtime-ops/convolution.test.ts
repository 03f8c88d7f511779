import { describe, expect, it } from 'vitest';
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from '../../../runtime/ops/convolution.ts';
import { expectClose, normal, outcome, roads, tensor, use } from './harness.ts';
import { type Conv, conv, convFilterGrad, convInputGrad } from './loops.ts';

interface Case extends Conv {
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly [number, number];
  readonly out: number;
}

const cases: readonly Case[] = [
  { x: [2, 8, 7, 3], kernel: [3, 3], out: 5, stride: [1, 1], pad: [1, 1, 1, 1], dilation: [1, 1] },
  { x: [2, 9, 8, 4], kernel: [3, 3], out: 3, stride: [2, 2], pad: [1, 1, 1, 1], dilation: [1, 1] },
  { x: [1, 8, 8, 4], kernel: [3, 3], out: 3, stride: [2, 2], pad: [1, 1, 1, 1], dilation: [1, 1] },
  { x: [2, 15, 14, 3], kernel: [7, 7], out: 4, stride: [2, 2], pad: [3, 3, 3, 3], dilation: [1, 1] },
  { x: [1, 9, 10, 2], kernel: [3, 3], out: 3, stride: [1, 1], pad: [2, 2, 2, 2], dilation: [2, 2] },
  { x: [2, 13, 9, 3], kernel: [3, 3], out: 2, stride: [1, 1], pad: [4, 4, 4, 4], dilation: [4, 4] },
  { x: [1, 11, 12, 2], kernel: [3, 2], out: 3, stride: [2, 3], pad: [2, 1, 0, 3], dilation: [3, 2] },
  { x: [2, 6, 5, 7], kernel: [1, 1], out: 4, stride: [1, 1], pad: [0, 0, 0, 0], dilation: [1, 1] },
  { x: [2, 7, 6, 5], kernel: [1, 1], out: 4, stride: [2, 2], pad: [0, 0, 0, 0], dilation: [1, 1] },
  { x: [1, 6, 7, 3], kernel: [1, 1], out: 2, stride: [2, 1], pad: [1, 0, 2, 1], dilation: [1, 1] },
  { x: [1, 10, 10, 1], kernel: [4, 3], out: 1, stride: [3, 2], pad: [0, 0, 0, 0], dilation: [1, 1] },
  { x: [1, 2, 2, 2], kernel: [2, 2], out: 2, stride: [2, 2], pad: [1, 0, 1, 0], dilation: [1, 1] },
  { x: [2, 20, 70, 9], kernel: [3, 3], out: 13, stride: [1, 1], pad: [1, 1, 1, 1], dilation: [1, 1] },
  { x: [1, 9, 9, 6], kernel: [3, 3], out: 17, stride: [1, 2], pad: [1, 1, 0, 2], dilation: [1, 1] },
  { x: [3, 5, 5, 2], kernel: [5, 5], out: 3, stride: [1, 1], pad: [0, 0, 0, 0], dilation: [1, 1] },
  { x: [1, 6, 6, 2], kernel: [2, 2], out: 3, stride: [3, 3], pad: [0, 0, 0, 0], dilation: [1, 1] },
  { x: [2, 7, 9, 2], kernel: [3, 3], out: 2, stride: [2, 2], pad: [2, 2, 2, 2], dilation: [2, 2] },
];

const title = (a: Case) => `${a.x.join('×')} by ${a.kernel.join('×')}→${a.out}, stride ${a.stride}, pad ${a.pad}, dilation ${a.dilation}`;

describe.each(cases.map((a) => [title(a), a] as const))('%s', (_, a) => {
  const x = normal('x', ...a.x);
  const filter = normal('filter', ...a.kernel, a.x[3], a.out);
  const forward = conv(x, filter, a);
  const dy = normal('dy', ...forward.shape);
  const { stride, pad, dilation } = a;

  it.each(roads)('forward on %s', async (road) => {
    expectClose(await outcome(road, [x, filter], (t, f) => conv2d(t, f, { stride, pad, dilation })), forward, road, 1e-5, 1e-5, 1e-6);
  });
  it.each(roads)('input gradient on %s', async (road) => {
    const size = [a.x[1], a.x[2]] as const;
    const found = await outcome(road, [dy, filter], (t, f) => conv2dInputGrad(t, f, { stride, pad, dilation, size }));
    expectClose(found, convInputGrad(dy, filter, size, a), road, 1e-5, 1e-5, 1e-6);
  });
  it.each(roads)('filter gradient on %s', async (road) => {
    const found = await outcome(road, [x, dy], (t, d) => conv2dFilterGrad(t, d, { stride, pad, dilation, kernel: a.kernel }));
    expectClose(found, convFilterGrad(x, dy, a.kernel, a), road, 1e-5, 1e-5, 1e-6);
  });
});

describe('refusals', () => {
  it('names the channels that disagree', async () => {
    await use('wasm');
    const x = tensor(normal('x', 1, 4, 4, 3));
    const filter = tensor(normal('f', 1, 1, 2, 5));
    expect(() => conv2d(x, filter, { stride: [1, 1], pad: [0, 0, 0, 0], dilation: [1, 1] })).toThrow(/3 channels, the filter expects 2/);
    x.dispose();
    filter.dispose();
  });
});
