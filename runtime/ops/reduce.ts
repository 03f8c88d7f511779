/** Reductions over axes. With `keep` the reduced axes stay with size 1, otherwise they go. */
import { run, share, view } from './run.ts';
import { drop } from './scope.ts';
import { sizeOf, type Tensor } from './tensor.ts';
import { heap } from './typed/heap.ts';
import { type ReduceName, typedArgmax, typedReduce } from './typed/reduce.ts';

export interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keep: boolean;
}

function reduce(name: ReduceName, kernel: string, x: Tensor, attrs: ReduceAttrs): Tensor {
  const { axes, keep } = attrs;
  if (axes.length === 0) return share(x);
  if (axes.every((d) => x.shape[d] === 1) && !keep) return view(x, kept(x.shape, axes));
  const typed = heap();
  if (typed === undefined) {
    const list = [...axes];
    return run(kernel, { x }, kernel === 'Max' ? { reductionIndices: list, keepDims: keep } : { axis: list, keepDims: keep });
  }
  const whole = typedReduce(typed, name, x, axes, x.dtype === 'int32' ? 'int32' : 'float32');
  if (keep) return whole;
  const result = view(whole, kept(x.shape, axes));
  drop(whole);
  return result;
}

const kept = (shape: readonly number[], axes: readonly number[]): number[] => shape.filter((_, d) => !axes.includes(d));

export const sum = (x: Tensor, attrs: ReduceAttrs): Tensor => reduce('sum', 'Sum', x, attrs);

/** Sum divided by the number of elements reduced. Float32. */
export const mean = (x: Tensor, attrs: ReduceAttrs): Tensor => reduce('mean', 'Mean', x, attrs);

export const max = (x: Tensor, attrs: ReduceAttrs): Tensor => reduce('max', 'Max', x, attrs);

export const min = (x: Tensor, attrs: ReduceAttrs): Tensor => reduce('min', 'Min', x, attrs);

/** Index (int32) of the largest element along an axis, the first among equals; the axis goes. */
export function argmax(x: Tensor, attrs: { readonly axis: number }): Tensor {
  const typed = heap();
  if (typed) return typedArgmax(typed, x, attrs.axis);
  return run('ArgMax', { x }, { axis: attrs.axis });
}

/** Number of elements that one result of a reduction comes from. */
export function reducedCount(shape: readonly number[], axes: readonly number[]): number {
  return sizeOf(axes.map((d) => shape[d]));
}
