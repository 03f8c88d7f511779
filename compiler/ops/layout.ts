/** Operators that move elements without changing them. */
import { add, constant, constantOf, type Dim, subtract } from '../shape/dim.ts';
import { type OperatorDefinition, OperatorError } from './definition.ts';
import type { Kind } from './graph.ts';
import { dims, f32, int, ints, join, keep, meaning, number, product, requireAxis, requireSame } from './rules.ts';

const one = [{ name: 'x', dtype: 'any' }] as const;

/**
 * Axis of the batch after a reshape: the first that is not 1 behind sizes of the same product. Row-major, its blocks are then the images again, where its
 * size is that of the batch or a multiple ([N, h, w, C] as [N h w, C]); whether it is one, the walk over the graph looks at.
 */
function reshapedAxis(from: readonly Dim[], to: readonly Dim[], axis: number): number | 'coupled' {
  const before = product(from.slice(0, axis));
  for (let i = 0; i < to.length; i++) if (constantOf(to[i]) !== 1 && product(to.slice(0, i)) === before) return i;
  return 'coupled';
}

export const LAYOUT: readonly OperatorDefinition[] = [
  {
    name: 'reshape',
    doc: 'The same elements, row-major, in another shape.',
    inputs: one,
    attrs: { shape: 'dims' },
    result: ([x], attrs, context) => {
      const shape = dims(attrs, 'shape');
      requireSame(product(x.shape), product(shape), 'reshape keeps the number of elements', context, 0);
      return { dtype: x.dtype, shape };
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [b.reshape(dy, node.inputs[0].type.shape)],
    linear: true,
    view: true,
    batch: (node, [axis]) => (axis === undefined ? undefined : reshapedAxis(node.inputs[0].type.shape, node.type.shape, axis)),
  },
  {
    name: 'transpose',
    doc: 'Axes in another order: axis i of the result is axis perm[i] of x.',
    inputs: one,
    attrs: { perm: 'ints' },
    result: ([x], attrs) => {
      const perm = ints(attrs, 'perm');
      if ([...perm].sort((a, b) => a - b).some((p, i) => p !== i) || perm.length !== x.shape.length)
        throw new OperatorError('bad-axis', perm.join(', '));
      return { dtype: x.dtype, shape: perm.map((p) => x.shape[p]) };
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => {
      const perm = ints(node.attrs, 'perm');
      return [b.add('transpose', [dy], { perm: perm.map((_, i) => perm.indexOf(i)) })];
    },
    linear: true,
    batch: (node, [axis]) => (axis === undefined ? undefined : ints(node.attrs, 'perm').indexOf(axis)),
  },
  {
    name: 'broadcast_to',
    doc: 'Axes of length one repeated to a shape.',
    inputs: one,
    attrs: { shape: 'dims' },
    result: ([x], attrs, context) => {
      const shape = dims(attrs, 'shape');
      const extra = shape.length - x.shape.length;
      if (extra < 0) throw new OperatorError('rank-mismatch', String(shape.length), { input: 0 });
      x.shape.forEach((d, i) => {
        if (constantOf(d) !== 1) requireSame(d, shape[i + extra], 'an axis to repeat has length one', context, 0);
      });
      return { dtype: x.dtype, shape };
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [b.sumTo(dy, node.inputs[0].type.shape)],
    linear: true,
    viewOfEqual: () => true,
    batch: (node, [axis]) => (axis === undefined ? undefined : axis + node.type.shape.length - node.inputs[0].type.shape.length),
  },
  {
    name: 'slice',
    doc: 'A box of x: from starts, as long as sizes.',
    inputs: one,
    attrs: { starts: 'dims', sizes: 'dims' },
    result: ([x], attrs) => {
      const sizes = dims(attrs, 'sizes');
      if (sizes.length !== x.shape.length) throw new OperatorError('rank-mismatch', String(x.shape.length), { input: 0 });
      return { dtype: x.dtype, shape: sizes };
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => {
      const x = node.inputs[0].type.shape;
      const before = dims(node.attrs, 'starts');
      const sizes = dims(node.attrs, 'sizes');
      return [b.add('pad', [dy], { before, after: x.map((d, i) => subtract(d, add(before[i], sizes[i]))), value: 0 })];
    },
    linear: true,
    viewOfEqual: () => true,
    batch: (node, [axis]) => {
      if (axis === undefined) return undefined;
      return node.type.shape[axis] === node.inputs[0].type.shape[axis] ? axis : 'coupled';
    },
  },
  {
    name: 'pad',
    doc: 'A border of one number.',
    inputs: [{ name: 'x', dtype: 'f32' }],
    attrs: { before: 'dims', after: 'dims', value: 'float' },
    result: ([x], attrs) => {
      const before = dims(attrs, 'before');
      const after = dims(attrs, 'after');
      if (before.length !== x.shape.length || after.length !== x.shape.length)
        throw new OperatorError('rank-mismatch', String(x.shape.length), { input: 0 });
      return f32(x.shape.map((d, i) => add(d, before[i], after[i])));
    },
    kind: ([x], attrs) => {
      const value = number(attrs, 'value');
      return meaning(x.kind, { low: Math.min(x.range.low, value), high: Math.max(x.range.high, value) });
    },
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [b.add('slice', [dy], { starts: dims(node.attrs, 'before'), sizes: node.inputs[0].type.shape })],
    viewOfEqual: () => true,
    batch: (node, [axis]) => {
      if (axis === undefined) return undefined;
      return node.type.shape[axis] === node.inputs[0].type.shape[axis] ? axis : 'coupled';
    },
  },
  {
    name: 'concat',
    doc: 'Tensors one after the other along an axis.',
    inputs: [{ name: 'items', dtype: 'same' }],
    variadic: true,
    attrs: { axis: 'int' },
    result: (inputs, attrs, context) => {
      const axis = int(attrs, 'axis');
      const [first] = inputs;
      requireAxis(axis, first.shape.length);
      inputs.forEach((t, k) => {
        if (t.shape.length !== first.shape.length) throw new OperatorError('rank-mismatch', String(first.shape.length), { input: k });
        t.shape.forEach((d, i) => {
          if (i !== axis) requireSame(first.shape[i], d, `axis ${i} of what is put together`, context, k);
        });
      });
      return { dtype: first.dtype, shape: first.shape.map((d, i) => (i === axis ? add(...inputs.map((t) => t.shape[axis])) : d)) };
    },
    kind: (inputs) =>
      meaning(
        inputs.map((n) => n.kind).reduce((a, b): Kind => (a === b ? a : a === 'tensor' ? b : b === 'tensor' ? a : join(a, b))),
        { low: Math.min(...inputs.map((n) => n.range.low)), high: Math.max(...inputs.map((n) => n.range.high)) },
      ),
    differentiability: 'smooth',
    vjp: ({ b, node, dy, needs }) => {
      const axis = int(node.attrs, 'axis');
      let at = constant(0);
      return node.inputs.map((input, i) => {
        const from = at;
        at = add(at, input.type.shape[axis]);
        return needs[i]
          ? b.add('slice', [dy], { starts: input.type.shape.map((_, k) => (k === axis ? from : constant(0))), sizes: input.type.shape })
          : undefined;
      });
    },
    batch: (node, axes) => {
      const known = [...new Set(axes.filter((a) => a !== undefined))];
      if (known.length === 0) return undefined;
      return known.length === 1 && known[0] !== int(node.attrs, 'axis') ? known[0] : 'coupled';
    },
  },
  {
    name: 'reverse',
    doc: 'Mirrored along axes.',
    inputs: one,
    attrs: { axes: 'ints' },
    result: ([x], attrs) => {
      for (const axis of ints(attrs, 'axes')) requireAxis(axis, x.shape.length);
      return x;
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [b.add('reverse', [dy], { axes: ints(node.attrs, 'axes') })],
    linear: true,
    batch: (node, [axis]) => (axis !== undefined && ints(node.attrs, 'axes').includes(axis) ? 'coupled' : axis),
  },
  {
    name: 'detach',
    doc: 'The same values; gradients end here.',
    inputs: one,
    attrs: {},
    result: ([x]) => x,
    kind: keep,
    differentiability: 'stop',
    view: true,
    batch: 'elementwise',
  },
  {
    name: 'identity',
    doc: 'The same values under another kind.',
    inputs: one,
    attrs: { kind: 'string' },
    result: ([x]) => x,
    kind: ([x], attrs) => ({ kind: attrs.kind as Kind, range: x.range }),
    differentiability: 'smooth',
    vjp: ({ dy }) => [dy],
    linear: true,
    view: true,
    batch: 'elementwise',
  },
];
