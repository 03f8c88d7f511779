/** Resizing over height and width, NHWC, with the conventions of PyTorch and Pillow. */
import { matmul } from './algebra.ts';
import { cachedTable, cachedTensor } from './cache.ts';
import { type AxisTable, axisMatrix, axisTable, type ResizeConvention, type ResizeMode } from './interpolation.ts';
import { broadcastTo, transpose } from './layout.ts';
import { run, share, view } from './run.ts';
import { drop } from './scope.ts';
import { vectorKernels } from './simd/instance.ts';
import { vectorResizeGrad } from './simd/windows.ts';
import type { Tensor } from './tensor.ts';
import { heap } from './typed/heap.ts';
import { typedResize, typedResizeGrad } from './typed/resize.ts';
import type { Pair } from './window.ts';

export interface ResizeAttrs {
  /** Height and width: of the result for `resize`, of the input of the forward operator for `resizeGrad`. */
  readonly size: Pair;
  readonly mode: ResizeMode;
  readonly convention: ResizeConvention;
  /** Scale factors, used by the convention `factor` only. */
  readonly factor_h: number;
  readonly factor_w: number;
}

interface Axis {
  readonly key: string;
  readonly input: number;
  readonly output: number;
  readonly table: AxisTable;
}

function axis(input: number, output: number, factor: number, attrs: ResizeAttrs): Axis {
  const key = `resize ${attrs.mode} ${attrs.convention} ${input} ${output} ${attrs.convention === 'factor' ? factor : 0}`;
  const table = cachedTable(key, () => ({ value: axisTable(input, output, attrs.mode, attrs.convention, factor), bytes: 12 * output }));
  return { key, input, output, table };
}

/** x [N, h, w, C] -> [N, H, W, C]. */
export function resize(x: Tensor, attrs: ResizeAttrs): Tensor {
  const [, h, w] = x.shape;
  const rows = axis(h, attrs.size[0], attrs.factor_h, attrs);
  const columns = axis(w, attrs.size[1], attrs.factor_w, attrs);
  if (isIdentity(rows.table, h) && isIdentity(columns.table, w)) return share(x);
  const typed = heap();
  if (typed?.backend === 'wasm' && isStockBilinear(attrs, h, w)) return stockBilinear(x, attrs);
  if (typed) return typedResize(typed, x, rows.table, columns.table);
  return byMatrices(x, rows, columns, false);
}

/** Gradient of `resize`: dy [N, H, W, C] -> [N, h, w, C] with [h, w] = `size`. */
export function resizeGrad(dy: Tensor, attrs: ResizeAttrs): Tensor {
  const [, height, width] = dy.shape;
  const [h, w] = attrs.size;
  const rows = axis(h, height, attrs.factor_h, attrs);
  const columns = axis(w, width, attrs.factor_w, attrs);
  if (isIdentity(rows.table, h) && isIdentity(columns.table, w)) return share(dy);
  const typed = heap();
  const vectors = vectorKernels();
  if (typed && vectors) return vectorResizeGrad(typed, vectors, dy, rows.table, columns.table, h, w);
  if (typed) return typedResizeGrad(typed, dy, rows.table, columns.table, h, w);
  return byMatrices(dy, rows, columns, true);
}

/** What XNNPACK computes by the same definition. */
function isStockBilinear({ mode, convention, size, factor_h, factor_w }: ResizeAttrs, h: number, w: number): boolean {
  if (mode !== 'bilinear') return false;
  switch (convention) {
    case 'half_pixel':
      return true;
    case 'factor':
      return size[0] === h * factor_h && size[1] === w * factor_w;
    case 'corners':
      return size[0] > 1 && size[1] > 1;
    case 'pillow_nearest':
      return false;
  }
}

function stockBilinear(x: Tensor, { convention, size }: ResizeAttrs): Tensor {
  const corners = convention === 'corners';
  return run('ResizeBilinear', { images: x }, { alignCorners: corners, halfPixelCenters: !corners, size: [...size] });
}

function isIdentity(table: AxisTable, input: number): boolean {
  return table.first.length === input && table.first.every((at, i) => at === i && table.weight[i] === 1);
}

/** Two products with constant matrices: over rows, then over columns; transposed for the gradient. Right on every backend. */
function byMatrices(x: Tensor, rows: Axis, columns: Axis, adjoint: boolean): Tensor {
  const down = alongAxis(x, rows, adjoint);
  const turned = transpose(down, { perm: [0, 2, 1, 3] });
  const across = alongAxis(turned, columns, adjoint);
  const result = transpose(across, { perm: [0, 2, 1, 3] });
  drop(down, turned, across);
  return result;
}

/** Applies an axis matrix to axis 1 of [N, h, w, C]. */
function alongAxis(x: Tensor, { key, input, output, table }: Axis, adjoint: boolean): Tensor {
  const [n, h, w, c] = x.shape;
  const matrix = cachedTensor(key, () => ({ shape: [1, output, input], values: axisMatrix(table, input) }));
  const flat = view(x, [n, h, w * c]);
  const batched = broadcastTo(matrix, { shape: [n, output, input] });
  const product = matmul(batched, flat, { ta: adjoint, tb: false });
  const result = view(product, [n, adjoint ? input : output, w, c]);
  drop(flat, batched, product);
  return result;
}
