/** Picking elements by indices and adding them back, as typed-array loops. */
import { sizeOf, type Tensor, type TfjsDType } from '../tensor.ts';
import { floats, type Heap, integers, produce, produceFloats } from './heap.ts';
import { copyRun } from './layout.ts';

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

/** Elements of each line along `axis`, by indices of its own. */
export function typedGatherAlong(heap: Heap, x: Tensor, indices: Tensor, axis: number): Tensor {
  const { before, after } = around(x.shape, axis);
  const size = x.shape[axis];
  const count = indices.shape[axis];
  checkIndices(integers(heap, indices), size, axis, 'gather_along');
  return produceFloats(heap, indices.shape, (out) => {
    const from = floats(heap, x);
    const places = integers(heap, indices);
    for (let b = 0, o = 0; b < before; b++) {
      const base = b * size * after;
      for (let i = 0; i < count; i++) for (let k = 0; k < after; k++, o++) out[o] = from[base + places[o] * after + k];
    }
  });
}

/** Adjoint of gathering along an axis. Sums in the order of the indices. */
export function typedScatterAddAlong(heap: Heap, indices: Tensor, updates: Tensor, axis: number, size: number): Tensor {
  const { before, after } = around(updates.shape, axis);
  const count = updates.shape[axis];
  checkIndices(integers(heap, indices), size, axis, 'scatter_add_along');
  const shape = updates.shape.map((n, d) => (d === axis ? size : n));
  return produceFloats(heap, shape, (out) => {
    out.fill(0);
    const from = floats(heap, updates);
    const places = integers(heap, indices);
    for (let b = 0, at = 0; b < before; b++) {
      const base = b * size * after;
      for (let i = 0; i < count; i++) for (let k = 0; k < after; k++, at++) out[base + places[at] * after + k] += from[at];
    }
  });
}
