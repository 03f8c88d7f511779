/** Types that every operator file shares. */
import type { Tensor } from '@tensorflow/tfjs-core';

export type { Tensor } from '@tensorflow/tfjs-core';

/** Element types of the language. A `bool` tensor is a tfjs bool: one byte an element, 0 or 1. */
export type DType = 'f32' | 'i32' | 'bool';

/** The tfjs name of each element type. */
export type TfjsDType = 'float32' | 'int32' | 'bool';

export function tfjsDType(dtype: DType): TfjsDType {
  switch (dtype) {
    case 'f32':
      return 'float32';
    case 'i32':
      return 'int32';
    case 'bool':
      return 'bool';
  }
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/** NumPy's rule, aligned from the right. Throws where two sizes differ and neither is 1. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 0; i < rank; i++) {
    const m = a[a.length - rank + i] ?? 1;
    const n = b[b.length - rank + i] ?? 1;
    if (m !== n && m !== 1 && n !== 1)
      throw new RangeError(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast: ${m} against ${n}`);
    shape[i] = m === 1 ? n : m;
  }
  return shape;
}

/** The four sizes of a rank-4 tensor; throws naming the operator for any other rank. */
export function fourSizes(x: Tensor, operator: string): readonly [number, number, number, number] {
  const sizes: readonly number[] = x.shape;
  if (sizes.length !== 4) throw new RangeError(`${operator}: expected four dimensions, found [${sizes.join(', ')}]`);
  return [sizes[0], sizes[1], sizes[2], sizes[3]];
}
