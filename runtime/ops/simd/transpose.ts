/** Transposing the last two axes of a batch of matrices by 4 × 4 tiles. */
import type { Tensor } from '../tensor.ts';
import { type Heap, produce } from '../typed/heap.ts';
import type { VectorKernels } from './instance.ts';

/**
 * A permutation as the exchange of two neighbouring groups of axes behind a common front, [batch, rows, columns] -> [batch, columns, rows];
 * undefined for any other.
 */
export function asMatrices(shape: readonly number[], perm: readonly number[]): readonly [number, number, number] | undefined {
  const axes = perm.filter((d) => shape[d] !== 1);
  const order = [...axes].sort((a, b) => a - b);
  let front = 0;
  while (front < axes.length && axes[front] === order[front]) front++;
  const moved = axes.slice(front);
  const rest = order.slice(front);
  const cut = rest.indexOf(moved[0] ?? -1);
  if (cut < 0 || [...rest.slice(cut), ...rest.slice(0, cut)].some((d, i) => d !== moved[i])) return undefined;
  const size = (list: readonly number[]): number => list.reduce((product, d) => product * shape[d], 1);
  return [size(axes.slice(0, front)), size(rest.slice(0, cut)), size(rest.slice(cut))];
}

/** Elements of four bytes: [batch, rows, columns] -> shape, which has the elements of [batch, columns, rows]. */
export function vectorTranspose(
  heap: Heap,
  { row, address }: VectorKernels,
  x: Tensor,
  [batch, rows, columns]: readonly [number, number, number],
  shape: readonly number[],
  dtype: 'float32' | 'int32',
): Tensor {
  const kernel = row('transpose');
  const [tiledRows, tiledColumns] = [rows - (rows % 4), columns - (columns % 4)];
  const result = produce(heap, shape, dtype, (out) => {
    const from = heap.values(x);
    for (let b = 0; b < batch; b++) {
      const base = b * rows * columns;
      for (let r = 0; r < rows; r++)
        for (let c = r < tiledRows ? tiledColumns : 0; c < columns; c++) out[base + c * rows + r] = from[base + r * columns + c];
    }
  });
  const [from, to] = [address(x), address(result)];
  for (let b = 0; b < batch; b++) {
    const base = 4 * b * rows * columns;
    // Bands of columns, so that the lines being written stay in the cache until they are full.
    for (let c = 0; c < tiledColumns; c += BAND)
      kernel(to + base + 4 * c * rows, from + base + 4 * c, tiledRows, Math.min(BAND, tiledColumns - c), 4 * columns, 4 * rows);
  }
  return result;
}

const BAND = 64;
