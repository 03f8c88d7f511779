/** Convolution and its two gradients as plain loops, for the `cpu` backend: correct, deterministic, and far faster than its stock kernels. */
import type { Tensor } from '../tensor.ts';
import type { Padding, Pair } from '../window.ts';
import { floats, type Heap, produceFloats } from './heap.ts';

export interface Geometry {
  /** Batch, input height and width, input channels. */
  readonly input: readonly [number, number, number, number];
  /** Output height and width. */
  readonly output: Pair;
  readonly outChannels: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Padding;
  readonly dilation: Pair;
}

/** Calls `visit` with the flat offsets of (input pixel, output pixel, filter tap) for each pair that meets. */
export function forEachMeeting(g: Geometry, visit: (x: number, y: number, tap: number) => void): void {
  const [n, h, w, channels] = g.input;
  const [oh, ow] = g.output;
  const out = g.outChannels;
  for (let b = 0; b < n; b++) {
    for (let i = 0; i < oh; i++) {
      for (let j = 0; j < ow; j++) {
        const y = ((b * oh + i) * ow + j) * out;
        for (let p = 0; p < g.kernel[0]; p++) {
          const row = i * g.stride[0] - g.pad[0] + p * g.dilation[0];
          if (row < 0 || row >= h) continue;
          for (let q = 0; q < g.kernel[1]; q++) {
            const column = j * g.stride[1] - g.pad[2] + q * g.dilation[1];
            if (column < 0 || column >= w) continue;
            visit(((b * h + row) * w + column) * channels, y, (p * g.kernel[1] + q) * channels * out);
          }
        }
      }
    }
  }
}

/** [N, h, w, C] * [kh, kw, C, O] -> [N, oh, ow, O]. */
export function typedConv2d(heap: Heap, x: Tensor, filter: Tensor, g: Geometry): Tensor {
  const channels = g.input[3];
  const out = g.outChannels;
  return produceFloats(heap, [g.input[0], ...g.output, out], (values) => {
    values.fill(0);
    const from = floats(heap, x);
    const taps = floats(heap, filter);
    forEachMeeting(g, (xi, yi, tap) => {
      for (let c = 0; c < channels; c++) {
        const value = from[xi + c];
        const at = tap + c * out;
        for (let o = 0; o < out; o++) values[yi + o] += value * taps[at + o];
      }
    });
  });
}

/** [N, oh, ow, O] and [kh, kw, C, O] -> [N, h, w, C]. */
export function typedConv2dInputGrad(heap: Heap, dy: Tensor, filter: Tensor, g: Geometry): Tensor {
  const channels = g.input[3];
  const out = g.outChannels;
  return produceFloats(heap, g.input, (values) => {
    values.fill(0);
    const from = floats(heap, dy);
    const taps = floats(heap, filter);
    forEachMeeting(g, (xi, yi, tap) => {
      for (let c = 0; c < channels; c++) {
        const at = tap + c * out;
        let total = 0;
        for (let o = 0; o < out; o++) total += from[yi + o] * taps[at + o];
        values[xi + c] += total;
      }
    });
  });
}

/** [N, h, w, C] and [N, oh, ow, O] -> [kh, kw, C, O]. Summed in float64: thousands of terms meet in each element. */
export function typedConv2dFilterGrad(heap: Heap, x: Tensor, dy: Tensor, g: Geometry): Tensor {
  const channels = g.input[3];
  const out = g.outChannels;
  return produceFloats(heap, [...g.kernel, channels, out], (values) => {
    const total = new Float64Array(values.length);
    const from = floats(heap, x);
    const upper = floats(heap, dy);
    forEachMeeting(g, (xi, yi, tap) => {
      for (let c = 0; c < channels; c++) {
        const value = from[xi + c];
        const at = tap + c * out;
        for (let o = 0; o < out; o++) total[at + o] += value * upper[yi + o];
      }
    });
    values.set(total);
  });
}
