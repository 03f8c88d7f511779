/** Arrays of float64 in row-major order: what the references of the primitives compute with. Integers and booleans are numbers too. */

export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function zeros(shape: readonly number[]): NdArray {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

export function ndarray(shape: readonly number[], values: ArrayLike<number>): NdArray {
  if (values.length !== sizeOf(shape)) throw new Error(`${values.length} values for shape [${shape.join(', ')}]`);
  return { shape, data: Float64Array.from(values) };
}

/** The array with `value(index)` in every place; the index is reused between calls. */
export function build(shape: readonly number[], value: (index: readonly number[]) => number): NdArray {
  const result = zeros(shape);
  const index = shape.map(() => 0);
  for (let at = 0; at < result.data.length; at++) {
    result.data[at] = value(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return result;
}

/** Place of an index in the row-major order. */
export function offset(shape: readonly number[], index: readonly number[]): number {
  let at = 0;
  for (let axis = 0; axis < shape.length; axis++) at = at * shape[axis] + index[axis];
  return at;
}

export function read(x: NdArray, index: readonly number[]): number {
  return x.data[offset(x.shape, index)];
}

/** Reads with NumPy's broadcasting: axes aligned from the right, axes of length one stretched. */
export function readBroadcast(x: NdArray, index: readonly number[]): number {
  const extra = index.length - x.shape.length;
  return read(
    x,
    x.shape.map((n, axis) => (n === 1 ? 0 : index[axis + extra])),
  );
}

export function broadcastShape(...shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((s) => s[axis - (rank - s.length)] ?? 1);
    const size = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.some((n) => n !== 1 && n !== size))
      throw new Error(`shapes do not broadcast: ${shapes.map((s) => `[${s.join(', ')}]`).join(' ')}`);
    return size;
  });
}

/** Sum of the products of all elements. */
export function dot(a: NdArray, b: NdArray): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += a.data[i] * b.data[i];
  return sum;
}
