/** The filter gradient of a convolution by outer products of pixels: any stride, padding and dilation, without workspace. */
import type { Tensor } from '../tensor.ts';
import type { Geometry } from '../typed/convolution.ts';
import { type Heap, produceFloats } from '../typed/heap.ts';
import { innerBlock } from './blocks.ts';
import type { VectorKernels } from './instance.ts';

/** Output positions whose source for this tap lies inside the input. */
function range(tap: number, dilation: number, stride: number, before: number, size: number, out: number): readonly [number, number] {
  const offset = tap * dilation - before;
  const from = Math.max(0, Math.ceil(-offset / stride));
  const to = Math.min(out, Math.floor((size - 1 - offset) / stride) + 1);
  return [from, to];
}

/** x [N, h, w, C] and dy [N, oh, ow, O] -> [kh, kw, C, O]. Sums blocks of pixels first, then the blocks, all in float32. */
export function filterGradByOuterProducts(
  heap: Heap,
  { outerProducts, address }: VectorKernels,
  x: Tensor,
  dy: Tensor,
  g: Geometry,
): Tensor {
  const [n, h, w, c] = g.input;
  const [oh, ow] = g.output;
  const [kh, kw] = g.kernel;
  const [sh, sw] = g.stride;
  const o = g.outChannels;
  const block = innerBlock(c, o);
  const columns = Math.min(ow, block);
  const rows = Math.max(1, Math.min(oh, Math.round(block / columns)));
  const shape = [kh, kw, c, o];
  const result = produceFloats(heap, shape, (out) => out.fill(0));
  const [xAt, yAt, outAt] = [address(x), address(dy), address(result)];
  const [xPixel, yPixel] = [4 * c, 4 * o];
  for (let b = 0; b < n; b++)
    for (let top = 0; top < oh; top += rows)
      for (let left = 0; left < ow; left += columns)
        for (let p = 0; p < kh; p++) {
          const [firstRow, lastRow] = range(p, g.dilation[0], sh, g.pad[0], h, oh);
          const i = Math.max(top, firstRow);
          const height = Math.min(top + rows, lastRow) - i;
          if (height <= 0) continue;
          for (let q = 0; q < kw; q++) {
            const [firstColumn, lastColumn] = range(q, g.dilation[1], sw, g.pad[2], w, ow);
            const j = Math.max(left, firstColumn);
            const width = Math.min(left + columns, lastColumn) - j;
            if (width <= 0) continue;
            const row = i * sh + p * g.dilation[0] - g.pad[0];
            const column = j * sw + q * g.dilation[1] - g.pad[2];
            outerProducts(
              xAt + ((b * h + row) * w + column) * xPixel,
              yAt + ((b * oh + i) * ow + j) * yPixel,
              outAt + (p * kw + q) * c * yPixel,
              height,
              width,
              sh * w * xPixel,
              sw * xPixel,
              ow * yPixel,
              yPixel,
              yPixel,
              o,
              c,
            );
          }
        }
  return result;
}
