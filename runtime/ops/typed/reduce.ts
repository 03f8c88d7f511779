/** Reductions in one pass over the input, whatever the axes: no transposed copy, and sums in float64. */
import { sizeOf, type Tensor, type TfjsDType } from '../tensor.ts';
import { forEachRow, planLoop } from './broadcast.ts';
import { type Heap, produce, type Values } from './heap.ts';

export type ReduceName = 'sum' | 'mean' | 'max' | 'min';

type Accumulate = (into: Float64Array, j: number, sj: number, from: Values, i: number, n: number) => void;

const accumulate: Readonly<Record<ReduceName, Accumulate>> = {
  sum,
  mean: sum,
  max: (into, j, sj, from, i, n) => {
    for (let k = 0; k < n; k++, j += sj) {
      const value = from[i + k];
      // Not a number wins, as in PyTorch.
      if (value > into[j] || Number.isNaN(value)) into[j] = value;
    }
  },
  min: (into, j, sj, from, i, n) => {
    for (let k = 0; k < n; k++, j += sj) {
      const value = from[i + k];
      if (value < into[j] || Number.isNaN(value)) into[j] = value;
    }
  },
};

function sum(into: Float64Array, j: number, sj: number, from: Values, i: number, n: number): void {
  if (sj === 0) {
    let total = 0;
    for (let k = 0; k < n; k++) total += from[i + k];
    into[j] += total;
  } else for (let k = 0; k < n; k++) into[j + k] += from[i + k];
}

const start: Readonly<Record<ReduceName, number>> = { sum: 0, mean: 0, max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY };

/** Result has size 1 along the reduced axes. */
export function typedReduce(heap: Heap, name: ReduceName, x: Tensor, axes: readonly number[], dtype: TfjsDType): Tensor {
  const kept = x.shape.map((n, d) => (axes.includes(d) ? 1 : n));
  const loop = planLoop(x.shape, kept);
  const inner = loop.sizes.length - 1;
  const n = loop.sizes[inner];
  const sj = loop.strides[1][inner];
  const step = accumulate[name];
  const size = sizeOf(kept);
  return produce(heap, kept, dtype, (out) => {
    const into = new Float64Array(size).fill(start[name]);
    const from = heap.values(x);
    forEachRow(loop, (i, _, j) => step(into, j, sj, from, i, n));
    const divisor = name === 'mean' ? x.size / size : 1;
    for (let k = 0; k < size; k++) out[k] = into[k] / divisor;
  });
}

/** Index of the first largest element along one axis. */
export function typedArgmax(heap: Heap, x: Tensor, axis: number): Tensor {
  const size = x.shape[axis];
  const after = sizeOf(x.shape.slice(axis + 1));
  const before = sizeOf(x.shape.slice(0, axis));
  const shape = x.shape.filter((_, d) => d !== axis);
  return produce(heap, shape, 'int32', (out) => {
    const from = heap.values(x);
    for (let b = 0, o = 0; b < before; b++) {
      for (let a = 0; a < after; a++, o++) {
        let at = b * size * after + a;
        let best = from[at];
        let index = 0;
        for (let k = 1; k < size; k++) {
          at += after;
          const value = from[at];
          if (value > best || (Number.isNaN(value) && !Number.isNaN(best))) {
            best = value;
            index = k;
          }
        }
        out[o] = index;
      }
    }
  });
}
