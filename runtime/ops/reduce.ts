/** Reductions over axes. With `keep` the reduced axes stay with size 1, otherwise they go. */
import { run, share, view } from './run.ts';
import { drop } from './scope.ts';
import { sizeOf, type Tensor } from './tensor.ts';
import { floats, type Heap, heap } from './typed/heap.ts';
import { type ReduceName, typedArgmax, typedReduce } from './typed/reduce.ts';
import { STOCK_POOL_CHANNELS } from './window.ts';

export interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keep: boolean;
}

function reduce(name: ReduceName, kernel: string, x: Tensor, attrs: ReduceAttrs): Tensor {
  const { axes, keep } = attrs;
  if (axes.length === 0) return share(x);
  if (axes.every((d) => x.shape[d] === 1)) return keep ? share(x) : view(x, kept(x.shape, axes));
  const typed = heap();
  if (typed === undefined) {
    const list = [...axes];
    return run(kernel, { x }, kernel === 'Max' ? { reductionIndices: list, keepDims: keep } : { axis: list, keepDims: keep });
  }
  const whole = byPooling(typed, name, x, axes) ?? typedReduce(typed, name, x, axes, x.dtype === 'int32' ? 'int32' : 'float32');
  if (keep) return whole;
  const result = view(whole, kept(x.shape, axes));
  drop(whole);
  return result;
}

/**
 * On wasm, reducing everything between kept leading axes and kept trailing ones is pooling over a column of pixels, which XNNPACK does ten times
 * faster than any loop here. Long columns in two stages: sums of sums lose less.
 */
function byPooling(typed: Heap, name: ReduceName, x: Tensor, axes: readonly number[]): Tensor | undefined {
  if (typed.backend !== 'wasm' || name === 'min' || x.dtype !== 'float32') return undefined;
  const [first, last] = [Math.min(...axes), Math.max(...axes)];
  if (last - first + 1 !== axes.length) return undefined;
  const before = sizeOf(x.shape.slice(0, first));
  const count = sizeOf(x.shape.slice(first, last + 1));
  const after = sizeOf(x.shape.slice(last + 1));
  if (after < 4 || after > STOCK_POOL_CHANNELS || count < 4) return undefined;
  const inner = name === 'max' ? 1 : stage(count);
  const outer = count / inner;
  const column = view(x, [before * outer, inner, 1, after]);
  const partial = inner === 1 ? column : pool('AvgPool', column, inner);
  const rest = view(partial, [before, outer, 1, after]);
  const pooled = outer === 1 ? rest : pool(name === 'max' ? 'MaxPool' : 'AvgPool', rest, outer);
  const shaped = view(
    pooled,
    x.shape.map((n, d) => (axes.includes(d) ? 1 : n)),
  );
  drop(column, partial, rest, pooled);
  // Nobody else holds this memory yet, so that means become sums where they are.
  if (name === 'sum') {
    const values = floats(typed, shaped);
    for (let i = 0; i < values.length; i++) values[i] *= count;
  }
  return shaped;
}

function pool(kernel: string, x: Tensor, window: number): Tensor {
  return run(kernel, { x }, { filterSize: [window, 1], strides: [window, 1], pad: 'valid' });
}

/** The divisor of a count that is nearest to its square root, for counts of which one stage would be long. */
function stage(count: number): number {
  if (count <= 256) return 1;
  for (let d = Math.floor(Math.sqrt(count)); d >= 16; d--) if (count % d === 0) return d;
  return 1;
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
