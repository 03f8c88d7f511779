/** Depthwise convolution and its gradients as plain loops; channels are the inner ones, next to each other in memory. */
import type { Tensor } from '../tensor.ts';
import type { Geometry } from './convolution.ts';
import { forEachMeeting } from './convolution.ts';
import { floats, type Heap, produceFloats } from './heap.ts';

/** One filter for each channel: in the walk over pixels and taps, map, result and filter all have C numbers at each place. */
function meetings(g: Geometry, visit: (x: number, y: number, tap: number) => void): void {
  const channels = g.input[3];
  forEachMeeting(g, (x, y, tap) => visit(x, y, tap / channels));
}

/** [N, h, w, C] * [kh, kw, 1, C] -> [N, oh, ow, C]. */
export function typedDepthwise(heap: Heap, x: Tensor, filter: Tensor, g: Geometry): Tensor {
  const c = g.input[3];
  return produceFloats(heap, [g.input[0], ...g.output, c], (out) => {
    out.fill(0);
    const from = floats(heap, x);
    const taps = floats(heap, filter);
    meetings(g, (i, o, tap) => {
      for (let k = 0; k < c; k++) out[o + k] += from[i + k] * taps[tap + k];
    });
  });
}

export function typedDepthwiseInputGrad(heap: Heap, dy: Tensor, filter: Tensor, g: Geometry): Tensor {
  const c = g.input[3];
  return produceFloats(heap, g.input, (out) => {
    out.fill(0);
    const upper = floats(heap, dy);
    const taps = floats(heap, filter);
    meetings(g, (i, o, tap) => {
      for (let k = 0; k < c; k++) out[i + k] += upper[o + k] * taps[tap + k];
    });
  });
}

export function typedDepthwiseFilterGrad(heap: Heap, x: Tensor, dy: Tensor, g: Geometry): Tensor {
  const c = g.input[3];
  return produceFloats(heap, [...g.kernel, 1, c], (out) => {
    const from = floats(heap, x);
    const upper = floats(heap, dy);
    // Sums over all pixels of all images: in float64.
    const sums = new Float64Array(out.length);
    meetings(g, (i, o, tap) => {
      for (let k = 0; k < c; k++) sums[tap + k] += from[i + k] * upper[o + k];
    });
    out.set(sums);
  });
}
