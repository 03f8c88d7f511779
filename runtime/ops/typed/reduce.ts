/** Reductions in one pass over the input, whatever the axes: no transposed copy, and sums in float64. */
import { sizeOf, type Tensor, type TfjsDType } from '../tensor.ts';
import { forEachRow, planLoop } from './broadcast.ts';
import { type Heap, produce, type Values } from './heap.ts';

export type ReduceName = 'sum' | 'mean' | 'max' | 'min';

type Accumulate = (into: Float64Array, j: number, sj: number, from: Values, i: number, n: number) => void;

const accumulate: Readonly<Record<ReduceName, Accumulate>> = {
  sum,
  mean: sum,
  // Not a number wins, as in PyTorch.
  max: (into, j, sj, from, i, n) => {
    if (sj === 0) {
      let largest = into[j];
      for (let k = 0; k < n; k++) largest = Math.max(largest, from[i + k]);
      into[j] = largest;
    } else for (let k = 0; k < n; k++) into[j + k] = Math.max(into[j + k], from[i + k]);
  },
  min: (into, j, sj, from, i, n) => {
    if (sj === 0) {
      let smallest = into[j];
      for (let k = 0; k < n; k++) smallest = Math.min(smallest, from[i + k]);
      into[j] = smallest;
    } else for (let k = 0; k < n; k++) into[j + k] = Math.min(into[j + k], from[i + k]);
  },
};

function sum(into: Float64Array, j: number, sj: number, from: Values, i: number, n: number): void {
  if (sj === 0) {
    // Four chains of additions do not wait for each other.
    let [t0, t1, t2, t3] = [0, 0, 0, 0];
    let k = 0;
    for (; k + 4 <= n; k += 4) {
      t0 += from[i + k];
      t1 += from[i + k + 1];
      t2 += from[i + k + 2];
      t3 += from[i + k + 3];
    }
    for (; k < n; k++) t0 += from[i + k];
    into[j] += t0 + t1 + (t2 + t3);
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
