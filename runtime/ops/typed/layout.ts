/** Copies as typed-array loops: slicing and reversing. */
import { sizeOf, stridesOf, type Tensor, type TfjsDType } from '../tensor.ts';
import { type Heap, produce, type Values } from './heap.ts';

/**
 * Copies elements x[start + index * step] for every index of `sizes`. Steps may be negative. Covers slicing, reversing and strided slicing.
 */
export function typedStrided(
  heap: Heap,
  x: Tensor,
  starts: readonly number[],
  sizes: readonly number[],
  steps: readonly number[],
  dtype: TfjsDType,
): Tensor {
  const strides = stridesOf(x.shape);
  // Whole trailing dimensions are one contiguous run.
  let inner = 1;
  let outer = sizes.length;
  while (outer > 0 && steps[outer - 1] === 1 && starts[outer - 1] === 0 && sizes[outer - 1] === x.shape[outer - 1]) {
    outer--;
    inner *= sizes[outer];
  }
  // One more dimension may be cut but is contiguous still.
  let origin = 0;
  if (outer > 0 && steps[outer - 1] === 1) {
    outer--;
    origin += starts[outer] * inner;
    inner *= sizes[outer];
  }
  for (let d = 0; d < outer; d++) origin += starts[d] * strides[d];
  const counts = sizes.slice(0, outer);
  const jumps = counts.map((_, d) => strides[d] * steps[d]);
  const rows = sizeOf(counts);
  return produce(heap, sizes, dtype, (out) => {
    const from = heap.values(x);
    const index = new Int32Array(outer);
    let at = origin;
    for (let r = 0, o = 0; r < rows; r++, o += inner) {
      copyRun(out, o, from, at, inner);
      for (let d = outer - 1; d >= 0; d--) {
        at += jumps[d];
        if (++index[d] < counts[d]) break;
        index[d] = 0;
        at -= jumps[d] * counts[d];
      }
    }
  });
}

/** Short runs by a loop, long ones by the engine's block copy. */
export function copyRun(out: Values, o: number, from: Values, at: number, n: number): void {
  if (n < 32) for (let k = 0; k < n; k++) out[o + k] = from[at + k];
  else out.set(from.subarray(at, at + n), o);
}
