/** Tensors that hold one number everywhere, and the shapes that broadcasting gives: shared by the simplification rules. */
import type { Builder } from '../ops/builder.ts';
import type { DType, Node, TensorType } from '../ops/graph.ts';
import { constantOf, type Dim } from '../shape/dim.ts';

/** The number in every place of a `const` or `fill`. */
export function uniformValue(node: Node): number | undefined {
  return node.op === 'const' || node.op === 'fill' ? (node.attrs.value as number) : undefined;
}

/** A tensor of one number: `const` of rank 0, else `fill`. */
export function uniform(b: Builder, type: TensorType, value: number): Node {
  return type.shape.length === 0
    ? b.add('const', [], { value, dtype: type.dtype })
    : b.add('fill', [], { shape: type.shape, value, dtype: type.dtype });
}

export function number(b: Builder, value: number, dtype: DType): Node {
  return b.add('const', [], { value, dtype });
}

/** Proved to be the same shape (sizes in normal form are shared objects). */
export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

export function isOne(d: Dim | undefined): boolean {
  return d !== undefined && constantOf(d) === 1;
}

/** Shape of an element-wise result; undefined where two sizes are not proved to fit. */
export function broadcastShape(shapes: readonly (readonly Dim[])[]): readonly Dim[] | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    let size: Dim | undefined;
    for (const shape of shapes) {
      const d = shape[i - (rank - shape.length)];
      if (d === undefined || d === size) continue;
      if (size === undefined || isOne(size)) size = d;
      else if (!isOne(d)) return undefined;
    }
    if (!size) return undefined;
    result.push(size);
  }
  return result;
}

/** x in the given shape, to which it broadcasts; x itself where it has that shape. */
export function stretched(b: Builder, x: Node, shape: readonly Dim[]): Node {
  return sameShape(x.type.shape, shape) ? x : b.broadcast(x, shape);
}

/** x in the given shape with as many elements; x itself where it has that shape. */
export function reshaped(b: Builder, x: Node, shape: readonly Dim[]): Node {
  return sameShape(x.type.shape, shape) ? x : b.reshape(x, shape);
}
