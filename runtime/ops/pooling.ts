/** Pooling over height and width, NHWC, PyTorch's explicit padding. */
import { cachedTensor } from './cache.ts';
import { mul } from './elementwise.ts';
import { pad, slice } from './layout.ts';
import { run, share } from './run.ts';
import { drop } from './scope.ts';
import { vectorKernels } from './simd/instance.ts';
import { vectorAvgPoolGrad, vectorMaxPoolGrad } from './simd/windows.ts';
import { fill } from './sources.ts';
import { fourSizes, type Tensor } from './tensor.ts';
import { heap } from './typed/heap.ts';
import { type PoolGeometry, typedAvgPool, typedAvgPoolGrad, typedMaxPool, typedMaxPoolGrad } from './typed/pooling.ts';
import { type Padding, type Pair, poolCount, requireFit, STOCK_POOL_CHANNELS } from './window.ts';

export interface PoolAttrs {
  readonly window: Pair;
  readonly stride: Pair;
  /** top, bottom, left, right. */
  readonly pad: Padding;
}

/** Sizes are rounded up when `ceil`; the last window then starts inside the input or the padding before it. */
export type MaxPoolAttrs = PoolAttrs & { readonly ceil: boolean };

/** `count_pad`: padding counts as zeros in the mean; otherwise only cells of the input count. */
export type AvgPoolAttrs = PoolAttrs & { readonly count_pad: boolean };

function geometry(input: readonly number[], a: PoolAttrs, ceil: boolean): PoolGeometry {
  const [n, h, w, c] = input;
  const oh = poolCount(h, a.window[0], a.stride[0], a.pad[0], a.pad[1], ceil);
  const ow = poolCount(w, a.window[1], a.stride[1], a.pad[2], a.pad[3], ceil);
  requireFit(Math.min(oh, ow), 'pool', input);
  return { input: [n, h, w, c], output: [oh, ow], window: a.window, stride: a.stride, pad: a.pad };
}

/** Padding up to the end of the last window: more than declared when sizes are rounded up, less where a window does not fit. */
function extent(g: PoolGeometry): Padding {
  const after = (axis: 0 | 1, n: number): number =>
    Math.max(0, (g.output[axis] - 1) * g.stride[axis] + g.window[axis] - n - g.pad[axis * 2]);
  return [g.pad[0], after(0, g.input[1]), g.pad[2], after(1, g.input[2])];
}

function surround(x: Tensor, [top, bottom, left, right]: Padding, value: number): Tensor {
  return pad(x, { before: [0, top, left, 0], after: [0, bottom, right, 0], value });
}

/** What every stock pooling kernel works with: no padding of its own. */
function stock(g: PoolGeometry): { readonly filterSize: number[]; readonly strides: number[]; readonly pad: string } {
  return { filterSize: [...g.window], strides: [...g.stride], pad: 'valid' };
}

/** XNNPACK refuses windows of a single cell, and very many channels overflow its stack. */
function usesStock(g: PoolGeometry): boolean {
  return g.window[0] * g.window[1] > 1 && g.input[3] <= STOCK_POOL_CHANNELS;
}

/** Padding in the form of the stock kernels that have their own; for maxima it behaves as minus infinity. */
function explicit([top, bottom, left, right]: Padding): number[][] {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

/** Below every float32 value that training meets; stands for minus infinity where a kernel has no padding of its own. */
const LOWEST = -3.4028234663852886e38;

/** Largest value of each window; padding is minus infinity. */
export function maxPool(x: Tensor, attrs: MaxPoolAttrs): Tensor {
  const g = geometry(x.shape, attrs, attrs.ceil);
  const typed = heap();
  if (typed?.backend === 'wasm' && usesStock(g))
    return run('MaxPool', { x }, { ...stock(g), pad: explicit(extent(g)), dimRoundingMode: 'floor' });
  if (typed) return typedMaxPool(typed, x, g);
  const padded = surround(x, extent(g), LOWEST);
  const result = run('MaxPool', { x: padded }, stock(g));
  drop(padded);
  return result;
}

/** Gradient of `maxPool`: each element of dy goes to the first maximum of its window, in row-major order. */
export function maxPoolGrad(x: Tensor, y: Tensor, dy: Tensor, attrs: MaxPoolAttrs): Tensor {
  const g = geometry(x.shape, attrs, attrs.ceil);
  const typed = heap();
  const vectors = vectorKernels();
  if (typed && vectors) return vectorMaxPoolGrad(typed, vectors, x, y, dy, g);
  if (typed) return typedMaxPoolGrad(typed, x, y, dy, g);
  const around = extent(g);
  const padded = surround(x, around, LOWEST);
  const whole = run('MaxPoolGrad', { dy, input: padded, output: y }, stock(g));
  const result = slice(whole, { starts: [0, around[0], around[2], 0], sizes: x.shape });
  drop(padded, whole);
  return result;
}

/** Mean of each window. */
export function avgPool(x: Tensor, attrs: AvgPoolAttrs): Tensor {
  const g = geometry(x.shape, attrs, false);
  const typed = heap();
  const padded = g.pad.some((n) => n > 0);
  if (typed && (typed.backend === 'cpu' || !usesStock(g) || (padded && !attrs.count_pad)))
    return typedAvgPool(typed, x, g, attrs.count_pad);
  const around = surround(x, extent(g), 0);
  const pooled = run('AvgPool', { x: around }, stock(g));
  const result = correct(pooled, g, attrs.count_pad);
  drop(around, pooled);
  return result;
}

/** Gradient of `avgPool` with respect to an input of height and width `size`. */
export function avgPoolGrad(dy: Tensor, attrs: AvgPoolAttrs & { readonly size: Pair }): Tensor {
  const [n, , , c] = fourSizes(dy, 'avg_pool_grad');
  const [h, w] = attrs.size;
  const shape = [n, h, w, c];
  const g = geometry(shape, attrs, false);
  const typed = heap();
  const vectors = vectorKernels();
  if (typed && vectors) return vectorAvgPoolGrad(typed, vectors, dy, g, attrs.count_pad);
  if (typed) return typedAvgPoolGrad(typed, dy, g, attrs.count_pad);
  const around = extent(g);
  const scaled = correct(dy, g, attrs.count_pad);
  // The stock kernel reads only the shape of its second input.
  const input = fill({ shape: [n, h + around[0] + around[1], w + around[2] + around[3], c], value: 0, dtype: 'f32' });
  const whole = run('AvgPoolGrad', { dy: scaled, input }, stock(g));
  const result = slice(whole, { starts: [0, around[0], around[2], 0], sizes: shape });
  drop(scaled, input, whole);
  return result;
}

/** From means over whole windows to means over the cells inside the input. */
function correct(pooled: Tensor, g: PoolGeometry, countPad: boolean): Tensor {
  if (countPad || g.pad.every((n) => n === 0)) return share(pooled);
  const [oh, ow] = g.output;
  const key = `pool ${[...g.input.slice(1, 3), ...g.output, ...g.window, ...g.stride, ...g.pad].join(' ')}`;
  const factors = cachedTensor(key, () => {
    const values = new Float32Array(oh * ow);
    const covered = (axis: 0 | 1, i: number): number => {
      const start = i * g.stride[axis] - g.pad[axis * 2];
      return Math.min(g.input[axis + 1], start + g.window[axis]) - Math.max(0, start);
    };
    for (let i = 0; i < oh; i++)
      for (let j = 0; j < ow; j++) values[i * ow + j] = (g.window[0] * g.window[1]) / (covered(0, i) * covered(1, j));
    return { shape: [1, oh, ow, 1], values };
  });
  return mul(pooled, factors);
}
