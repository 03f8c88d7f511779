/** Separable interpolation as typed-array loops, columns and rows in one pass, and its adjoint. */
import type { AxisTable } from '../interpolation.ts';
import type { Tensor } from '../tensor.ts';
import { floats, type Heap, produceFloats } from './heap.ts';
import { copyRun } from './layout.ts';

/** [N, h, w, C] -> [N, H, W, C] with H and W the lengths of the tables. */
export function typedResize(heap: Heap, x: Tensor, rows: AxisTable, columns: AxisTable): Tensor {
  const [n, h, w, c] = x.shape;
  const height = rows.first.length;
  const width = columns.first.length;
  return produceFloats(heap, [n, height, width, c], (out) => {
    const from = floats(heap, x);
    for (let b = 0, o = 0; b < n; b++) {
      for (let i = 0; i < height; i++) {
        const upper = (b * h + rows.first[i]) * w * c;
        const lower = (b * h + rows.second[i]) * w * c;
        const u = rows.weight[i];
        for (let j = 0; j < width; j++) {
          const left = columns.first[j] * c;
          const right = columns.second[j] * c;
          const l = columns.weight[j];
          if (u === 1 && l === 1) {
            copyRun(out, o, from, upper + left, c);
            o += c;
            continue;
          }
          for (let k = 0; k < c; k++) {
            const above = l * from[upper + left + k] + (1 - l) * from[upper + right + k];
            const below = l * from[lower + left + k] + (1 - l) * from[lower + right + k];
            out[o++] = u * above + (1 - u) * below;
          }
        }
      }
    }
  });
}

/** Adjoint: [N, H, W, C] -> [N, h, w, C]. */
export function typedResizeGrad(heap: Heap, dy: Tensor, rows: AxisTable, columns: AxisTable, h: number, w: number): Tensor {
  const [n, height, width, c] = dy.shape;
  return produceFloats(heap, [n, h, w, c], (out) => {
    const from = floats(heap, dy);
    // One image in float64: many outputs may meet in one input.
    const total = new Float64Array(h * w * c);
    for (let b = 0, at = 0; b < n; b++) {
      total.fill(0);
      for (let i = 0; i < height; i++) {
        const upper = rows.first[i] * w * c;
        const lower = rows.second[i] * w * c;
        const u = rows.weight[i];
        for (let j = 0; j < width; j++) {
          const left = columns.first[j] * c;
          const right = columns.second[j] * c;
          const l = columns.weight[j];
          for (let k = 0; k < c; k++) {
            const value = from[at++];
            const above = u * value;
            const below = value - above;
            total[upper + left + k] += l * above;
            total[upper + right + k] += (1 - l) * above;
            total[lower + left + k] += l * below;
            total[lower + right + k] += (1 - l) * below;
          }
        }
      }
      out.set(total, b * total.length);
    }
  });
}
