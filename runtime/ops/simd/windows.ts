/** Gradients of pooling and of resizing by scaled additions of whole pixels. */
import type { AxisTable } from '../interpolation.ts';
import { drop } from '../scope.ts';
import type { Tensor } from '../tensor.ts';
import { type Heap, produceFloats } from '../typed/heap.ts';
import { inside, type PoolGeometry } from '../typed/pooling.ts';
import type { VectorKernels } from './instance.ts';

/** Gives each gradient to the first maximum of its window, row by row. */
export function vectorMaxPoolGrad(heap: Heap, { row, address }: VectorKernels, x: Tensor, y: Tensor, dy: Tensor, g: PoolGeometry): Tensor {
  const [n, h, w, c] = g.input;
  const [oh, ow] = g.output;
  const kernel = row('first maximum');
  const result = produceFloats(heap, g.input, (out) => out.fill(0));
  const [from, to, largest, upper] = [address(x), address(result), address(y), address(dy)];
  for (let b = 0, o = 0; b < n; b++)
    for (let i = 0; i < oh; i++) {
      const [top, bottom] = inside(i, g.stride[0], g.pad[0], g.window[0], h);
      for (let j = 0; j < ow; j++, o += 4 * c) {
        const [left, right] = inside(j, g.stride[1], g.pad[2], g.window[1], w);
        if (bottom <= top || right <= left) continue;
        const at = 4 * c * ((b * h + top) * w + left);
        kernel(from + at, to + at, largest + o, upper + o, bottom - top, right - left, 4 * w * c, 4 * c, c);
      }
    }
  return result;
}

/** Spreads each gradient evenly over its window. */
export function vectorAvgPoolGrad(heap: Heap, { row, address }: VectorKernels, dy: Tensor, g: PoolGeometry, countPad: boolean): Tensor {
  const [n, h, w, c] = g.input;
  const [oh, ow] = g.output;
  const axpy = row('axpy');
  const result = produceFloats(heap, g.input, (out) => out.fill(0));
  const [upper, to] = [address(dy), address(result)];
  for (let b = 0, o = 0; b < n; b++)
    for (let i = 0; i < oh; i++) {
      const [top, bottom] = inside(i, g.stride[0], g.pad[0], g.window[0], h);
      for (let j = 0; j < ow; j++, o += 4 * c) {
        const [left, right] = inside(j, g.stride[1], g.pad[2], g.window[1], w);
        const share = 1 / (countPad ? g.window[0] * g.window[1] : (bottom - top) * (right - left));
        for (let p = top; p < bottom; p++) for (let q = left; q < right; q++) axpy(to + 4 * c * ((b * h + p) * w + q), upper + o, c, share);
      }
    }
  return result;
}

/** Adjoint of a resize: [N, H, W, C] -> [N, h, w, C]; whole rows first, then pixels. */
export function vectorResizeGrad(
  heap: Heap,
  { row, address }: VectorKernels,
  dy: Tensor,
  rows: AxisTable,
  columns: AxisTable,
  h: number,
  w: number,
): Tensor {
  const [n, height, width, c] = [dy.shape[0], rows.first.length, columns.first.length, dy.shape[3] ?? 0];
  const axpy = row('axpy');
  const line = 4 * width * c;
  const gathered = produceFloats(heap, [n, h, width, c], (out) => out.fill(0));
  {
    const [from, to] = [address(dy), address(gathered)];
    for (let b = 0; b < n; b++)
      for (let i = 0; i < height; i++) {
        const weight = rows.weight[i];
        const source = from + (b * height + i) * line;
        if (weight !== 0) axpy(to + (b * h + rows.first[i]) * line, source, width * c, weight);
        if (weight !== 1) axpy(to + (b * h + rows.second[i]) * line, source, width * c, 1 - weight);
      }
  }
  const result = produceFloats(heap, [n, h, w, c], (out) => out.fill(0));
  const [from, to] = [address(gathered), address(result)];
  for (let r = 0; r < n * h; r++)
    for (let j = 0; j < width; j++) {
      const weight = columns.weight[j];
      const source = from + r * line + 4 * j * c;
      if (weight !== 0) axpy(to + 4 * c * (r * w + columns.first[j]), source, c, weight);
      if (weight !== 1) axpy(to + 4 * c * (r * w + columns.second[j]), source, c, 1 - weight);
    }
  drop(gathered);
  return result;
}
