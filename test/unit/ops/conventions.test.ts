/** Where frameworks differ, the derivative rules follow PyTorch. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../compiler/ops/builder.ts';
import type { Attrs } from '../../../compiler/ops/graph.ts';
import { operator } from '../../../compiler/ops/table.ts';
import { constant } from '../../../compiler/shape/dim.ts';
import { type NdArray, ndarray } from '../../reference/ndarray.ts';
import { referenceEvaluate } from '../../reference/primitives.ts';

const anything = { kind: 'tensor', range: { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY } } as const;

/** Gradients of the sum of the result (or of its product with `dy`). */
function gradients(op: string, inputs: readonly NdArray[], attrs: Attrs = {}, dy?: NdArray): readonly (readonly number[] | undefined)[] {
  const b = new Builder({ same: (l, r) => l === r });
  const feeds = new Map<string, NdArray>();
  const give = (name: string, value: NdArray) => {
    feeds.set(name, value);
    return b.input('batch', name, { dtype: 'f32', shape: value.shape.map(constant) }, anything);
  };
  const node = b.add(
    op,
    inputs.map((x, i) => give(`x${i}`, x)),
    attrs,
  );
  const value = referenceEvaluate(b.nodes, feeds, {}).get(node);
  if (!value) throw new Error('not evaluated');
  const cotangent = give(
    'dy',
    dy ??
      ndarray(
        value.shape,
        value.data.map(() => 1),
      ),
  );
  const found = operator(op).vjp?.({ b, node, dy: cotangent, needs: inputs.map(() => true) }) ?? [];
  const values = referenceEvaluate(b.nodes, feeds, {});
  return found.map((gradient) => {
    const array = gradient && values.get(gradient);
    return array && Array.from(array.data, (v) => v + 0);
  });
}

const vector = (...values: readonly number[]): NdArray => ndarray([values.length], values);

describe('derivatives at corners', () => {
  it('relu and abs have none at zero', () => {
    expect(gradients('relu', [vector(-1, 0, 2)])).toEqual([[0, 0, 1]]);
    expect(gradients('abs', [vector(-1, 0, 2)])).toEqual([[-1, 0, 1]]);
  });

  it('clamp passes the gradient at both bounds', () => {
    expect(gradients('clamp', [vector(-2, -1, 0, 1, 2)], { min: -1, max: 1 })).toEqual([[0, 1, 1, 1, 0]]);
  });

  it('maximum and minimum give half to each of two equals', () => {
    expect(gradients('maximum', [vector(1, 2, 3), vector(2, 2, 2)])).toEqual([
      [0, 0.5, 1],
      [1, 0.5, 0],
    ]);
    expect(gradients('minimum', [vector(1, 2, 3), vector(2, 2, 2)])).toEqual([
      [1, 0.5, 0],
      [0, 0.5, 1],
    ]);
  });

  it('max and min over axes share equally among equals, an all-zero map too', () => {
    expect(gradients('max', [vector(0, 0, 0, 0)], { axes: [0], keep: false })).toEqual([[0.25, 0.25, 0.25, 0.25]]);
    expect(gradients('max', [vector(1, 3, 3)], { axes: [0], keep: true })).toEqual([[0, 0.5, 0.5]]);
    expect(gradients('min', [vector(1, 1, 3)], { axes: [0], keep: true })).toEqual([[0.5, 0.5, 0]]);
  });

  it('max_pool gives to the first maximum of a window', () => {
    const attrs = { window: [2, 2], stride: [2, 2], pad: [0, 0, 0, 0], ceil: false };
    expect(gradients('max_pool', [ndarray([1, 2, 2, 1], [1, 3, 3, 3])], attrs)).toEqual([[0, 1, 0, 0]]);
  });

  it('sqrt has an infinite one at zero', () => {
    expect(gradients('sqrt', [vector(0, 4)])).toEqual([[Number.POSITIVE_INFINITY, 0.25]]);
  });

  it('select hides what it does not choose', () => {
    const b = new Builder({ same: (l, r) => l === r });
    const condition = b.input('batch', 'c', { dtype: 'bool', shape: [constant(2)] }, anything);
    const [x, y, dy] = ['x', 'y', 'dy'].map((name) => b.input('batch', name, { dtype: 'f32', shape: [constant(2)] }, anything));
    const node = b.add('select', [condition, x, y], {});
    const found = operator('select').vjp?.({ b, node, dy, needs: [false, true, true] }) ?? [];
    const feeds = new Map([
      ['c', vector(1, 0)],
      ['x', vector(1, 2)],
      ['y', vector(3, 4)],
      ['dy', vector(5, 7)],
    ]);
    const values = referenceEvaluate(b.nodes, feeds, {});
    expect(found.map((g) => g && Array.from(values.get(g)?.data ?? []))).toEqual([undefined, [5, 0], [0, 7]]);
  });

  it('sums over axes along which an input was stretched', () => {
    expect(gradients('mul', [ndarray([2, 2], [1, 2, 3, 4]), vector(10, 20)])).toEqual([
      [10, 20, 10, 20],
      [4, 6],
    ]);
    expect(gradients('add', [ndarray([2, 1], [1, 2]), ndarray([], [5])])).toEqual([[1, 1], [2]]);
  });
});
