import { memory } from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { constantCache } from '../../../runtime/ops/cache.ts';
import { conv2d, conv2dInputGrad } from '../../../runtime/ops/convolution.ts';
import { add, mul, neg } from '../../../runtime/ops/elementwise.ts';
import { reshape } from '../../../runtime/ops/layout.ts';
import { measurePeak, setMeter } from '../../../runtime/ops/memory.ts';
import { mean } from '../../../runtime/ops/reduce.ts';
import { resize } from '../../../runtime/ops/resize.ts';
import { scope } from '../../../runtime/ops/scope.ts';
import type { Tensor } from '../../../runtime/ops/tensor.ts';
import { withoutTypedKernels } from '../../../runtime/ops/typed/heap.ts';
import { normal, tensor, use } from './harness.ts';

describe.each(['cpu', 'wasm'] as const)('scopes on %s', (road) => {
  beforeEach(() => use(road));
  const bytes = () => memory().numBytes;

  it('keep what the result reaches and free the rest', () => {
    const x = tensor(normal('x', 10));
    const before = bytes();
    const result = scope((s) => {
      const a = neg(x);
      const b = add(a, x);
      const c = mul(b, b);
      s.free(b);
      const seen = new Map([['c', c]]);
      return { list: [add(c, c)], nested: { seen }, number: 3, same: x };
    });
    expect(bytes() - before).toBe(2 * 40);
    expect(result.list[0].isDisposed || result.same.isDisposed).toBe(false);
    for (const one of [...result.list, ...result.nested.seen.values()]) one.dispose();
    expect(bytes()).toBe(before);
    x.dispose();
  });

  it('free everything when the work throws, and let the error go on', () => {
    const x = tensor(normal('x', 10));
    const before = bytes();
    expect(() =>
      scope(() => {
        const a = neg(x);
        scope(() => add(a, a));
        throw new Error('on purpose');
      }),
    ).toThrow('on purpose');
    expect(bytes()).toBe(before);
    expect(memory().numTensors).toBeGreaterThan(0);
    expect(x.isDisposed).toBe(false);
    x.dispose();
  });

  it('free the temporaries of an operator that fails half way', () => {
    const dy = tensor(normal('dy', 1, 3, 3, 2));
    const filter = tensor(normal('f', 3, 3, 4, 2));
    const before = bytes();
    const attrs = { stride: [1, 1], pad: [1, 1, 1, 1], dilation: [1, 1] } as const;
    expect(() => scope(() => conv2dInputGrad(dy, filter, { ...attrs, size: [5, 5] }))).toThrow(/gradient has shape/);
    expect(() => scope(() => conv2d(neg(dy), filter, attrs))).toThrow(/channels/);
    expect(bytes()).toBe(before);
    dy.dispose();
    filter.dispose();
  });

  it('hand results of an inner scope to the outer one, which may free them', () => {
    const x = tensor(normal('x', 10));
    const before = bytes();
    const kept = scope((outer) => {
      const early = neg(x);
      const inner = scope((s) => {
        const a = add(early, x);
        s.free(early);
        return [a, neg(a)] as const;
      });
      const last = mul(inner[0], inner[1]);
      outer.free(inner[0]);
      return last;
    });
    expect(bytes() - before).toBe(40);
    kept.dispose();
    x.dispose();
  });

  it('leave tensors of the caller alone and refuse promises', () => {
    const x = tensor(normal('x', 3));
    const before = bytes();
    expect(scope(() => x)).toBe(x);
    expect(x.isDisposed).toBe(false);
    expect(() => scope(async () => neg(x))).toThrow(/promise/);
    expect(bytes()).toBe(before);
    x.dispose();
  });

  it('views live as long as one of them', () => {
    const x = tensor(normal('x', 12));
    const view = scope((s) => {
      const a = neg(x);
      const b = reshape(a, { shape: [3, 4] });
      s.free(a);
      return b;
    });
    expect(Array.from(view.dataSync())).toEqual(Array.from(x.dataSync(), (v) => -v));
    view.dispose();
    x.dispose();
  });

  it('measure the peak exactly: views once, temporaries of kernels too', () => {
    const x = tensor(normal('x', 100));
    const { peak, kept, exact, result } = measurePeak(() =>
      scope((s) => {
        const a = neg(x);
        const b = reshape(a, { shape: [10, 10] });
        const c = add(b, b);
        s.free(a, b);
        const d = neg(c);
        s.free(c);
        return mean(d, { axes: [0, 1], keep: false });
      }),
    );
    expect(exact).toBe(true);
    expect(peak).toBe(800);
    expect(kept).toBe(4);
    result.dispose();
    x.dispose();
  });

  it('call the meter after every kernel', () => {
    const x = tensor(normal('x', 100));
    const seen: number[] = [];
    const before = bytes();
    const previous = setMeter((held) => seen.push(held - before));
    scope(() => {
      neg(neg(x));
    });
    setMeter(previous);
    expect(seen).toEqual([400, 800]);
    x.dispose();
  });
});

describe('constant tables', () => {
  it('are kept between calls, counted and cleared', async () => {
    await use('cpu');
    const x = tensor(normal('x', 1, 4, 4, 1));
    const up = (size: number): Tensor =>
      withoutTypedKernels(() => resize(x, { size: [size, size], mode: 'bilinear', convention: 'half_pixel', factor_h: 0, factor_w: 0 }));
    constantCache.clear();
    const before = memory().numBytes;
    up(7).dispose();
    const held = constantCache.bytes;
    expect(held).toBeGreaterThanOrEqual(4 * 7 * 4);
    const tensors = memory().numTensors;
    up(7).dispose();
    expect(memory().numTensors).toBe(tensors);
    expect(constantCache.bytes).toBe(held);
    constantCache.clear();
    expect(constantCache.bytes).toBe(0);
    expect(memory().numBytes).toBe(before);
    x.dispose();
  });
  it('are bounded', async () => {
    await use('cpu');
    const x = tensor(normal('x', 1, 1, 1, 1));
    // Each size needs a table of its own.
    for (let size = 1; size < 40; size++)
      resize(x, { size: [200000 + size, 1], mode: 'bilinear', convention: 'half_pixel', factor_h: 0, factor_w: 0 }).dispose();
    expect(constantCache.bytes).toBeLessThanOrEqual(64 * 1024 * 1024);
    constantCache.clear();
    x.dispose();
  });
});
