/** Tensors from the order of axes of a reference file to that of the program, and back. */
import { CompareError } from './errors.ts';
import type { AxisOrder } from './plan.ts';

export interface Ordered {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** The tensor `key` of the file in the program's order. Throws CompareError where the layout does not fit its shape. */
export function toProgram(tensor: Ordered, axes: AxisOrder | undefined, key: string): Ordered {
  return axes ? reorder(tensor, axes.file, axes.program, key) : tensor;
}

/** A result of the program in the order of the file's tensor `key`. Throws CompareError where the layout does not fit its shape. */
export function toFile(tensor: Ordered, axes: AxisOrder | undefined, key: string): Ordered {
  return axes ? reorder(tensor, axes.program, axes.file, key) : tensor;
}

function reorder({ shape, data }: Ordered, from: readonly string[], to: readonly string[], key: string): Ordered {
  const fits = shape.length === from.length && from.every((axis, i) => axis !== '1' || shape[i] === 1);
  if (!fits)
    throw new CompareError(
      'case-layout',
      `'${key}' has the shape [${shape.join(', ')}], which does not fit the layout '${from.join(' ')} -> ${to.join(' ')}'`,
      'Give the case the layout that the description of the reference states for this tensor.',
    );
  const length = new Map(from.map((axis, i) => [axis, shape[i]] as const));
  const target = to.map((axis) => (axis === '1' ? 1 : (length.get(axis) ?? 1)));
  return { shape: target, data: permute(data, strides(from, shape), to, target) };
}

function strides(axes: readonly string[], shape: readonly number[]): ReadonlyMap<string, number> {
  const result = new Map<string, number>();
  let step = 1;
  for (let i = axes.length - 1; i >= 0; i--) {
    if (axes[i] !== '1') result.set(axes[i], step);
    step *= shape[i];
  }
  return result;
}

function permute(
  data: ArrayLike<number>,
  from: ReadonlyMap<string, number>,
  axes: readonly string[],
  shape: readonly number[],
): Float64Array {
  const steps = axes.map((axis) => from.get(axis) ?? 0);
  const result = new Float64Array(data.length);
  const index = shape.map(() => 0);
  for (let k = 0; k < result.length; k++) {
    let at = 0;
    for (let i = 0; i < steps.length; i++) at += index[i] * steps[i];
    result[k] = data[at];
    for (let i = index.length - 1; i >= 0 && ++index[i] === shape[i]; i--) index[i] = 0;
  }
  return result;
}
