/** Pooling as typed-array loops: what stock kernels lack or get wrong. */
import type { Tensor } from '../tensor.ts';
import type { Padding, Pair } from '../window.ts';
import { floats, type Heap, produceFloats } from './heap.ts';

export interface PoolGeometry {
  /** Batch, height, width, channels. */
  readonly input: readonly [number, number, number, number];
  readonly output: Pair;
  readonly window: Pair;
  readonly stride: Pair;
  readonly pad: Padding;
}

/** The part of a window along one axis that lies inside the input. */
export function inside(i: number, stride: number, before: number, k: number, n: number): readonly [number, number] {
  const start = i * stride - before;
  return [Math.max(0, start), Math.min(n, start + k)];
}

/** Largest value of each window; padding never wins. */
export function typedMaxPool(heap: Heap, x: Tensor, g: PoolGeometry): Tensor {
  const [n, h, w, c] = g.input;
  const [oh, ow] = g.output;
  return produceFloats(heap, [n, oh, ow, c], (out) => {
    const from = floats(heap, x);
    out.fill(Number.NEGATIVE_INFINITY);
    for (let b = 0, o = 0; b < n; b++) {
      for (let i = 0; i < oh; i++) {
        const [top, bottom] = inside(i, g.stride[0], g.pad[0], g.window[0], h);
        for (let j = 0; j < ow; j++, o += c) {
          const [left, right] = inside(j, g.stride[1], g.pad[2], g.window[1], w);
          for (let p = top; p < bottom; p++) {
            for (let q = left; q < right; q++) {
              const at = ((b * h + p) * w + q) * c;
              for (let k = 0; k < c; k++) {
                const value = from[at + k];
                if (value > out[o + k] || Number.isNaN(value)) out[o + k] = value;
              }
            }
          }
        }
      }
    }
  });
}

/** Gives each gradient to the first maximum of its window, row by row. */
export function typedMaxPoolGrad(heap: Heap, x: Tensor, y: Tensor, dy: Tensor, g: PoolGeometry): Tensor {
  const [n, h, w, c] = g.input;
  const [oh, ow] = g.output;
  return produceFloats(heap, g.input, (out) => {
    out.fill(0);
    const from = floats(heap, x);
    const largest = floats(heap, y);
    const upper = floats(heap, dy);
    for (let b = 0, o = 0; b < n; b++) {
      for (let i = 0; i < oh; i++) {
        const [top, bottom] = inside(i, g.stride[0], g.pad[0], g.window[0], h);
        for (let j = 0; j < ow; j++) {
          const [left, right] = inside(j, g.stride[1], g.pad[2], g.window[1], w);
          const corner = ((b * h + top) * w + left) * c;
          const width = (right - left) * c;
          for (let k = 0; k < c; k++, o++) {
            const value = largest[o];
            search: for (let p = top, row = corner + k; p < bottom; p++, row += w * c) {
              for (let at = row; at < row + width; at += c) {
                if (from[at] === value) {
                  out[at] += upper[o];
                  break search;
                }
              }
            }
          }
        }
      }
    }
  });
}

/** Mean of each window; cells outside the input count as zeros when `countPad`, otherwise they do not count. */
export function typedAvgPool(heap: Heap, x: Tensor, g: PoolGeometry, countPad: boolean): Tensor {
  const [n, h, w, c] = g.input;
  const [oh, ow] = g.output;
  return produceFloats(heap, [n, oh, ow, c], (out) => {
    const from = floats(heap, x);
    const total = new Float64Array(c);
    for (let b = 0, o = 0; b < n; b++) {
      for (let i = 0; i < oh; i++) {
        const [top, bottom] = inside(i, g.stride[0], g.pad[0], g.window[0], h);
        for (let j = 0; j < ow; j++, o += c) {
          const [left, right] = inside(j, g.stride[1], g.pad[2], g.window[1], w);
          total.fill(0);
          for (let p = top; p < bottom; p++) {
            for (let q = left; q < right; q++) {
              const at = ((b * h + p) * w + q) * c;
              for (let k = 0; k < c; k++) total[k] += from[at + k];
            }
          }
          const count = countPad ? g.window[0] * g.window[1] : (bottom - top) * (right - left);
          for (let k = 0; k < c; k++) out[o + k] = total[k] / count;
        }
      }
    }
  });
}

/** Spreads each gradient evenly over its window. */
export function typedAvgPoolGrad(heap: Heap, dy: Tensor, g: PoolGeometry, countPad: boolean): Tensor {
  const [n, h, w, c] = g.input;
  const [oh, ow] = g.output;
  return produceFloats(heap, g.input, (out) => {
    out.fill(0);
    const upper = floats(heap, dy);
    for (let b = 0, o = 0; b < n; b++) {
      for (let i = 0; i < oh; i++) {
        const [top, bottom] = inside(i, g.stride[0], g.pad[0], g.window[0], h);
        for (let j = 0; j < ow; j++, o += c) {
          const [left, right] = inside(j, g.stride[1], g.pad[2], g.window[1], w);
          const count = countPad ? g.window[0] * g.window[1] : (bottom - top) * (right - left);
          for (let p = top; p < bottom; p++) {
            for (let q = left; q < right; q++) {
              const at = ((b * h + p) * w + q) * c;
              for (let k = 0; k < c; k++) out[at + k] += upper[o + k] / count;
            }
          }
        }
      }
    }
  });
}
