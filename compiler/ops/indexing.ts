/** Elements found by whole numbers: picking, adding back, and the order of elements as whole numbers. */
import { type OperatorDefinition, OperatorError } from './definition.ts';
import type { TensorType } from './graph.ts';
import { ANY, dim, f32, int, keep, requireAxis, requireSame, UNIT } from './rules.ts';

/** Axes other than `axis` are the same in both: each line along `axis` has indices of its own. */
const lineByLine: OperatorDefinition['batch'] = (node, axes) => {
  const known = [...new Set(axes.filter((a) => a !== undefined))];
  if (known.length === 0) return undefined;
  return known.length === 1 && known[0] !== int(node.attrs, 'axis') ? known[0] : 'coupled';
};

/** The shape with another size along one axis. */
function resized(x: TensorType, axis: number, size: TensorType['shape'][number]): TensorType['shape'] {
  return x.shape.map((d, i) => (i === axis ? size : d));
}

export const INDEXING: readonly OperatorDefinition[] = [
  {
    name: 'gather',
    doc: 'Elements of x at indices along one axis, which the axes of the indices replace.',
    inputs: [
      { name: 'x', dtype: 'f32' },
      { name: 'indices', dtype: 'i32' },
    ],
    attrs: { axis: 'int' },
    result: ([x, indices], attrs) => {
      const axis = int(attrs, 'axis');
      requireAxis(axis, x.shape.length);
      return f32([...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]);
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => {
      const axis = int(node.attrs, 'axis');
      return [b.add('scatter_add', [node.inputs[1], dy], { axis, size: node.inputs[0].type.shape[axis] }), undefined];
    },
    linear: true,
    batch: (node, [axis, indexAxis]) => {
      const along = int(node.attrs, 'axis');
      if (axis === undefined && indexAxis === undefined) return undefined;
      if (indexAxis !== undefined || axis === undefined || axis === along) return 'coupled';
      return axis < along ? axis : axis + node.inputs[1].type.shape.length - 1;
    },
  },
  {
    name: 'scatter_add',
    doc: 'Adds updates into zeros at indices along one axis: the adjoint of gather.',
    inputs: [
      { name: 'indices', dtype: 'i32' },
      { name: 'updates', dtype: 'f32' },
    ],
    attrs: { axis: 'int', size: 'dim' },
    result: ([indices, updates], attrs, context) => {
      const axis = int(attrs, 'axis');
      const rank = indices.shape.length;
      if (axis < 0 || axis + rank > updates.shape.length) throw new OperatorError('bad-axis', String(axis));
      indices.shape.forEach((d, i) => {
        requireSame(d, updates.shape[axis + i], 'an update for each index', context, 1);
      });
      return f32([...updates.shape.slice(0, axis), dim(attrs, 'size'), ...updates.shape.slice(axis + indices.shape.length)]);
    },
    kind: (inputs) => ({ kind: inputs[1].kind, range: ANY }),
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [undefined, b.add('gather', [dy, node.inputs[0]], { axis: int(node.attrs, 'axis') })],
    batch: (node, [indexAxis, axis]) => {
      const along = int(node.attrs, 'axis');
      const rank = node.inputs[0].type.shape.length;
      if (axis === undefined && indexAxis === undefined) return undefined;
      if (indexAxis !== undefined || axis === undefined || (axis >= along && axis < along + rank)) return 'coupled';
      return axis < along ? axis : axis - rank + 1;
    },
  },
  {
    name: 'gather_along',
    doc: 'Elements of x along one axis, by indices of its own for each line along that axis.',
    inputs: [
      { name: 'x', dtype: 'f32' },
      { name: 'indices', dtype: 'i32' },
    ],
    attrs: { axis: 'int' },
    result: ([x, indices], attrs, context) => {
      const axis = int(attrs, 'axis');
      requireAxis(axis, x.shape.length);
      if (indices.shape.length !== x.shape.length) throw new OperatorError('rank-mismatch', String(x.shape.length), { input: 1 });
      x.shape.forEach((d, i) => {
        if (i !== axis) requireSame(d, indices.shape[i], 'each line of the tensor has indices of its own', context, 1);
      });
      return f32(resized(x, axis, indices.shape[axis]));
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => {
      const axis = int(node.attrs, 'axis');
      return [b.add('scatter_add_along', [node.inputs[1], dy], { axis, size: node.inputs[0].type.shape[axis] }), undefined];
    },
    linear: true,
    batch: lineByLine,
  },
  {
    name: 'scatter_add_along',
    doc: 'Adds updates into lines of zeros along one axis, at indices of their own: the adjoint of gather_along.',
    inputs: [
      { name: 'indices', dtype: 'i32' },
      { name: 'updates', dtype: 'f32' },
    ],
    attrs: { axis: 'int', size: 'dim' },
    result: ([indices, updates], attrs, context) => {
      const axis = int(attrs, 'axis');
      requireAxis(axis, updates.shape.length);
      if (indices.shape.length !== updates.shape.length)
        throw new OperatorError('rank-mismatch', String(updates.shape.length), { input: 0 });
      updates.shape.forEach((d, i) => {
        requireSame(d, indices.shape[i], 'an index for each update', context, 0);
      });
      return f32(resized(updates, axis, dim(attrs, 'size')));
    },
    kind: (inputs) => ({ kind: inputs[1].kind, range: ANY }),
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [undefined, b.add('gather_along', [dy, node.inputs[0]], { axis: int(node.attrs, 'axis') })],
    batch: lineByLine,
  },
  {
    name: 'top_indices',
    doc: 'Indices of the largest (or smallest) elements along an axis, in their order; of equals the lower index comes first. All of them: a stable sort.',
    inputs: [{ name: 'x', dtype: 'f32' }],
    attrs: { axis: 'int', count: 'dim', largest: 'bool' },
    result: ([x], attrs) => {
      const axis = int(attrs, 'axis');
      requireAxis(axis, x.shape.length);
      const count = dim(attrs, 'count');
      return { dtype: 'i32', shape: resized(x, axis, count) };
    },
    kind: () => ({ kind: 'tensor', range: { low: 0, high: ANY.high } }),
    differentiability: 'cut',
    batch: lineByLine,
  },
  {
    name: 'one_hot',
    doc: 'A new last axis with 1 at the index; indices outside give zeros.',
    inputs: [{ name: 'indices', dtype: 'i32' }],
    attrs: { depth: 'dim' },
    result: ([x], attrs) => f32([...x.shape, dim(attrs, 'depth')]),
    kind: () => ({ kind: 'mask', range: UNIT }),
    differentiability: 'cut',
    batch: (_, [axis]) => axis,
  },
];
