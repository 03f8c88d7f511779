/** Shape and order. Nothing here computes. */
import { concat as stockConcat } from '@tensorflow/tfjs-core';
import { run, share, view } from './run.ts';
import { drop, own } from './scope.ts';
import { vectorKernels } from './simd/instance.ts';
import { asMatrices, vectorTranspose } from './simd/transpose.ts';
import { sameShape, sizeOf, type Tensor, type TfjsDType } from './tensor.ts';
import { typedBroadcast } from './typed/binary.ts';
import { heap } from './typed/heap.ts';
import { typedStrided } from './typed/layout.ts';

export const typeOf = (x: Tensor): TfjsDType => (x.dtype === 'int32' || x.dtype === 'bool' ? x.dtype : 'float32');

/** Same elements in row-major order; shares memory with `x`. */
export function reshape(x: Tensor, attrs: { readonly shape: readonly number[] }): Tensor {
  if (sizeOf(attrs.shape) !== x.size)
    throw new RangeError(`reshape: [${x.shape.join(', ')}] has ${x.size} elements, [${attrs.shape.join(', ')}] has ${sizeOf(attrs.shape)}`);
  return view(x, attrs.shape);
}

/** Axis d of the result is axis perm[d] of `x`. */
export function transpose(x: Tensor, attrs: { readonly perm: readonly number[] }): Tensor {
  const vectors = vectorKernels();
  const typed = heap();
  const dtype = typeOf(x);
  if (vectors !== undefined && typed !== undefined && dtype !== 'bool') {
    const matrices = asMatrices(x.shape, attrs.perm);
    if (matrices !== undefined) {
      const shape = attrs.perm.map((d) => x.shape[d]);
      return vectorTranspose(typed, vectors, x, matrices, shape, dtype);
    }
  }
  return run('Transpose', { x }, { perm: [...attrs.perm] });
}

/** Repeats axes of size 1, and new leading axes, to the given shape. */
export function broadcastTo(x: Tensor, attrs: { readonly shape: readonly number[] }): Tensor {
  const extra = attrs.shape.length - x.shape.length;
  if (attrs.shape.every((n, d) => n === (d < extra ? 1 : x.shape[d - extra]))) return view(x, attrs.shape);
  const typed = heap();
  if (typed) return typedBroadcast(typed, x, attrs.shape, typeOf(x));
  const padded = view(x, [...new Array<number>(attrs.shape.length - x.shape.length).fill(1), ...x.shape]);
  const result = run('Tile', { x: padded }, { reps: attrs.shape.map((n, d) => (padded.shape[d] === n ? 1 : n)) });
  drop(padded);
  return result;
}

/** The block of `sizes` elements from `starts`. */
export function slice(x: Tensor, attrs: { readonly starts: readonly number[]; readonly sizes: readonly number[] }): Tensor {
  const { starts, sizes } = attrs;
  for (let d = 0; d < sizes.length; d++) {
    if (starts[d] < 0 || sizes[d] < 0 || starts[d] + sizes[d] > x.shape[d])
      throw new RangeError(`slice: ${sizes[d]} elements from ${starts[d]} do not fit axis ${d} of [${x.shape.join(', ')}]`);
  }
  const typed = heap();
  if (sameShape(sizes, x.shape)) return share(x);
  if (typed)
    return typedStrided(
      typed,
      x,
      starts,
      sizes,
      sizes.map(() => 1),
      typeOf(x),
    );
  return run('Slice', { x }, { begin: [...starts], size: [...sizes] });
}

/** Surrounds `x` with a constant: before[d] elements ahead of axis d, after[d] behind. */
export function pad(
  x: Tensor,
  attrs: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number },
): Tensor {
  const paddings = attrs.before.map((n, d) => [n, attrs.after[d]]);
  if (paddings.every(([n, m]) => n === 0 && m === 0)) return share(x);
  return run('PadV2', { x }, { paddings, constantValue: attrs.value });
}

/** Joins tensors along one axis. Called with the tensors first and the attributes last. */
export function concat(...args: readonly [...Tensor[], { readonly axis: number }]): Tensor {
  const attrs = args[args.length - 1];
  const tensors = args.slice(0, -1).filter((part): part is Tensor => 'dataId' in part);
  if (!('axis' in attrs)) throw new TypeError('concat: the last argument names the axis');
  return own(stockConcat(tensors, attrs.axis));
}

/** Turns the given axes round. */
export function reverse(x: Tensor, attrs: { readonly axes: readonly number[] }): Tensor {
  const typed = heap();
  if (typed === undefined) return run('Reverse', { x }, { dims: [...attrs.axes] });
  const turned = x.shape.map((_, d) => attrs.axes.includes(d));
  const starts = x.shape.map((n, d) => (turned[d] ? n - 1 : 0));
  return typedStrided(
    typed,
    x,
    starts,
    x.shape,
    turned.map((is) => (is ? -1 : 1)),
    typeOf(x),
  );
}

/** Every step-th element from `starts`; not a primitive, but what several lowerings need. */
export function strided(x: Tensor, starts: readonly number[], sizes: readonly number[], steps: readonly number[]): Tensor {
  const typed = heap();
  if (typed) return typedStrided(typed, x, starts, sizes, steps, typeOf(x));
  const end = starts.map((start, d) => start + (sizes[d] - 1) * steps[d] + 1);
  const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
  return run('StridedSlice', { x }, { begin: [...starts], end, strides: [...steps], ...masks });
}
