/** Elements by indices: picking, adding back, and the order of elements as indices. */
import { engine } from '@tensorflow/tfjs-core';
import { matmul } from './algebra.ts';
import { cachedTensor } from './cache.ts';
import { add, neg } from './elementwise.ts';
import { transpose, typeOf } from './layout.ts';
import { afterKernel } from './memory.ts';
import { hasKernel, run, share, view } from './run.ts';
import { drop, own } from './scope.ts';
import { sizeOf, type Tensor } from './tensor.ts';
import { heap } from './typed/heap.ts';
import { typedGather, typedGatherAlong, typedOneHot, typedScatterAdd, typedScatterAddAlong } from './typed/indexing.ts';
import { typedTopIndices } from './typed/order.ts';

/** Rows of one axis; `indices` (int32, any rank) replace that axis. Throws for an index out of range. */
export function gather(x: Tensor, indices: Tensor, attrs: { readonly axis: number }): Tensor {
  const typed = heap();
  if (typed) return typedGather(typed, x, indices, attrs.axis, typeOf(x));
  return run('GatherV2', { x, indices }, { axis: attrs.axis, batchDims: 0 });
}

/** Adjoint of `gather`: row i of `updates` along `axis` is added to row indices[i] of a zero tensor with `size` rows. */
export function scatterAdd(indices: Tensor, updates: Tensor, attrs: { readonly axis: number; readonly size: number }): Tensor {
  const { axis, size } = attrs;
  const typed = heap();
  if (typed) return typedScatterAdd(typed, indices, updates, axis, size);
  // [before, rows, after] -> [rows, before * after], summed by segment, and back.
  const rank = indices.shape.length;
  const head = updates.shape.slice(0, axis);
  const tail = updates.shape.slice(axis + rank);
  const before = sizeOf(head);
  const after = sizeOf(tail);
  const flat = view(updates, [before, indices.size, after]);
  const first = transpose(flat, { perm: [1, 0, 2] });
  const rows = view(first, [indices.size, before * after]);
  const ids = view(indices, [indices.size]);
  const summed = hasKernel('UnsortedSegmentSum')
    ? run('UnsortedSegmentSum', { x: rows, segmentIds: ids }, { numSegments: size })
    : byOneHot(ids, rows, size);
  const split = view(summed, [size, before, after]);
  const back = transpose(split, { perm: [1, 0, 2] });
  const result = view(back, [...head, size, ...tail]);
  drop(flat, first, rows, ids, summed, split, back);
  return result;
}

function byOneHot(ids: Tensor, rows: Tensor, size: number): Tensor {
  const table = oneHot(ids, { depth: size });
  const result = matmul(table, rows, { ta: true, tb: false });
  drop(table);
  return result;
}

/** Float32 with a new last axis: 1 at the index, 0 elsewhere; an index outside 0 to depth-1 gives zeros only. */
export function oneHot(indices: Tensor, attrs: { readonly depth: number }): Tensor {
  const typed = heap();
  if (typed) return typedOneHot(typed, indices, attrs.depth);
  return run('OneHot', { indices }, { depth: attrs.depth, onValue: 1, offValue: 0, dtype: 'float32' });
}

/** Elements of `x` along `axis`, each line by its own `indices` (int32, of the shape of `x` but for that axis). Throws for an index out of range. */
export function gatherAlong(x: Tensor, indices: Tensor, attrs: { readonly axis: number }): Tensor {
  const typed = heap();
  if (typed) return typedGatherAlong(typed, x, indices, attrs.axis);
  const lines = lastly(x, attrs.axis);
  const each = lastly(indices, attrs.axis);
  const flat = view(lines, [lines.size]);
  const places = flattened(each, x.shape[attrs.axis]);
  const found = run('GatherV2', { x: flat, indices: places }, { axis: 0, batchDims: 0 });
  const shaped = view(found, each.shape);
  const result = back(shaped, attrs.axis);
  drop(lines, each, flat, places, found, shaped);
  return result;
}

/** Adjoint of `gatherAlong`: every update is added to the place of its line that its index names, in zeros of `size` along `axis`. */
export function scatterAddAlong(indices: Tensor, updates: Tensor, attrs: { readonly axis: number; readonly size: number }): Tensor {
  const { axis, size } = attrs;
  const typed = heap();
  if (typed) return typedScatterAddAlong(typed, indices, updates, axis, size);
  const each = lastly(indices, axis);
  const lines = lastly(updates, axis);
  const places = flattened(each, size);
  const flat = view(lines, [lines.size]);
  const sums = scatterAdd(places, flat, { axis: 0, size: (lines.size / (lines.shape.at(-1) ?? 1)) * size });
  const shaped = view(sums, [...lines.shape.slice(0, -1), size]);
  const result = back(shaped, axis);
  drop(each, lines, places, flat, sums, shaped);
  return result;
}

/** Where an axis goes when it becomes the last one. */
function toTheEnd(rank: number, axis: number): number[] {
  return [...Array.from({ length: rank }, (_, d) => d).filter((d) => d !== axis), axis];
}

function lastly(x: Tensor, axis: number): Tensor {
  return axis === x.shape.length - 1 ? share(x) : transpose(x, { perm: toTheEnd(x.shape.length, axis) });
}

function back(x: Tensor, axis: number): Tensor {
  const perm = toTheEnd(x.shape.length, axis);
  return axis === x.shape.length - 1 ? share(x) : transpose(x, { perm: perm.map((_, d) => perm.indexOf(d)) });
}

/** Indices within lines of `size` elements (the last axis) as places among all elements. */
function flattened(indices: Tensor, size: number): Tensor {
  const count = indices.shape.at(-1) ?? 1;
  const lines = indices.size / count;
  const starts = cachedTensor(`lines ${lines} ${size}`, () => ({
    shape: [lines, 1],
    values: Int32Array.from({ length: lines }, (_, i) => i * size),
  }));
  const rows = view(indices, [lines, count]);
  const places = add(rows, starts);
  const flat = view(places, [indices.size]);
  drop(rows, places);
  return flat;
}

/**
 * Indices (int32) of the `count` largest or smallest elements along an axis, in their order; of equals the lower index comes first. Not a number
 * counts as the largest of all, as in PyTorch. With all elements this is a stable sort.
 */
export function topIndices(x: Tensor, attrs: { readonly axis: number; readonly count: number; readonly largest: boolean }): Tensor {
  const { axis, count, largest } = attrs;
  const size = x.shape[axis];
  if (count < 1 || count > size) throw new RangeError(`top_indices: ${count} of the ${size} elements of axis ${axis}`);
  const typed = heap();
  if (typed) return typedTopIndices(typed, x, axis, count, largest);
  const lines = lastly(x, axis);
  const keys = largest ? share(lines) : neg(lines);
  // Of equals the stock kernels give the lower index first, too.
  const [values, indices] = engine().runKernel<Tensor[]>('TopK', { x: keys }, { k: count, sorted: true }).map(own);
  afterKernel();
  const result = back(indices, axis);
  drop(lines, keys, values, indices);
  return result;
}
