/** Copies as typed-array loops: slicing, reversing, gathering and its adjoint. */
import { sizeOf, stridesOf, type Tensor, type TfjsDType } from '../tensor.ts';
import { floats, type Heap, integers, produce, produceFloats, type Values } from './heap.ts';

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

/** Splits a shape around one axis. */
function around(shape: readonly number[], axis: number): { readonly before: number; readonly after: number } {
  return { before: sizeOf(shape.slice(0, axis)), after: sizeOf(shape.slice(axis + 1)) };
}

function checkIndices(indices: Int32Array, size: number, axis: number, operator: string): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (index < 0 || index >= size)
      throw new RangeError(`${operator}: index ${index} at position ${i} lies outside 0 to ${size - 1}, the range of axis ${axis}`);
  }
}

/** Rows `indices` of one axis; the axis is replaced by the shape of `indices`. */
export function typedGather(heap: Heap, x: Tensor, indices: Tensor, axis: number, dtype: TfjsDType): Tensor {
  const { before, after } = around(x.shape, axis);
  const size = x.shape[axis];
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  checkIndices(integers(heap, indices), size, axis, 'gather');
  return produce(heap, shape, dtype, (out) => {
    const from = heap.values(x);
    const rows = integers(heap, indices);
    const n = rows.length;
    for (let b = 0, o = 0; b < before; b++) {
      const base = b * size * after;
      for (let i = 0; i < n; i++, o += after) copyRun(out, o, from, base + rows[i] * after, after);
    }
  });
}

/** Adjoint of gathering: adds each row of `updates` to row `indices` of a zero tensor. Sums in the order of the indices. */
export function typedScatterAdd(heap: Heap, indices: Tensor, updates: Tensor, axis: number, size: number): Tensor {
  const rank = indices.shape.length;
  const head = updates.shape.slice(0, axis);
  const tail = updates.shape.slice(axis + rank);
  const before = sizeOf(head);
  const after = sizeOf(tail);
  checkIndices(integers(heap, indices), size, axis, 'scatter_add');
  return produceFloats(heap, [...head, size, ...tail], (out) => {
    out.fill(0);
    const from = floats(heap, updates);
    const rows = integers(heap, indices);
    const n = rows.length;
    for (let b = 0, at = 0; b < before; b++) {
      for (let i = 0; i < n; i++, at += after) {
        const o = (b * size + rows[i]) * after;
        for (let k = 0; k < after; k++) out[o + k] += from[at + k];
      }
    }
  });
}

/** Float32 rows with a single 1; an index outside 0 to depth-1 (an ignored label) gives a row of zeros. */
export function typedOneHot(heap: Heap, indices: Tensor, depth: number): Tensor {
  return produceFloats(heap, [...indices.shape, depth], (out) => {
    out.fill(0);
    const rows = integers(heap, indices);
    for (let i = 0; i < rows.length; i++) if (rows[i] >= 0 && rows[i] < depth) out[i * depth + rows[i]] = 1;
  });
}
