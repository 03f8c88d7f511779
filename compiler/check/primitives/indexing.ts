/** Elements by indices, and their order. Equal elements stand in the order of their indices. */
import type { Node } from '../../ops/graph.ts';
import { constantOf, type Dim } from '../../shape/dim.ts';
import { record, tensor } from '../values.ts';
import { type Reader, Refused } from './arguments.ts';
import { node, op, type Primitive } from './primitive.ts';
import { HIGHEST, orElse, selected } from './selected.ts';

function lastUnlessGiven(r: Reader, x: Node): number {
  return r.has('over') ? r.axis('over', x) : x.type.shape.length - 1;
}

/** Elements that `where` leaves out come last: below the lowest, or above the highest. */
function ordered(r: Reader, x: Node, axis: number, count: Dim, largest: boolean, where: Node | undefined): Node {
  const size = constantOf(x.type.shape[axis]);
  const wanted = constantOf(count);
  if (wanted !== undefined && (wanted < 1 || (size !== undefined && wanted > size))) {
    const span = r.has('k') ? r.span('k') : r.at;
    r.E.report('size-out-of-range', span, { where: r.callee, reason: `${wanted} of ${size ?? 'some'} elements` });
    throw new Refused();
  }
  return node(r, 'top_indices', [where ? orElse(r, where, x, largest ? -HIGHEST : HIGHEST) : x], { axis, count, largest });
}

/** i32 numbers sort as floats: those of indices are exact. */
function asFloat(r: Reader, x: Node): Node {
  return x.type.dtype === 'f32' ? x : node(r, 'cast', [x], { dtype: 'f32' });
}

export const INDEXING: Readonly<Record<string, Primitive>> = {
  top_k: {
    params: ['x: Tensor', 'k: count', 'over: word = channel', 'where: Mask = all', 'largest: bool = true'],
    returns: '{ value: Tensor, index: Tensor }',
    doc: 'The k largest (or smallest) elements along an axis, in their order, and their indices; of equals the lower index comes first. The gradient goes to the elements taken; indices carry none. Where fewer than k take part, elements left out follow by their indices, with the value 0.',
    run: (r) => {
      const x = r.tensor('x');
      const axis = lastUnlessGiven(r, x);
      const where = selected(r, x);
      const index = ordered(r, x, axis, r.dim('k'), r.boolean('largest', true), where);
      const value = node(r, 'gather_along', [where ? orElse(r, where, x, 0) : x, index], { axis });
      return record([
        ['value', tensor(value)],
        ['index', tensor(index)],
      ]);
    },
  },
  argsort: {
    params: ['x: Tensor', 'over: word = channel', 'descending: bool = false', 'where: Mask = all'],
    returns: 'Tensor',
    doc: 'Indices that sort along an axis; equals keep their order, elements left out by `where` come last. Carries no gradient.',
    run: (r) => {
      const x = asFloat(r, r.tensor('x'));
      const axis = lastUnlessGiven(r, x);
      return tensor(ordered(r, x, axis, x.type.shape[axis], r.boolean('descending', false), selected(r, x)));
    },
  },
  rank: {
    params: ['x: Tensor', 'over: word = channel', 'descending: bool = false', 'where: Mask = all'],
    returns: 'Tensor',
    doc: 'The place of each element in the sorted order along an axis, from 0, as whole numbers; equals keep their order, elements left out by `where` come last. Carries no gradient.',
    run: (r) => {
      const x = asFloat(r, r.tensor('x'));
      const axis = lastUnlessGiven(r, x);
      const count = x.type.shape[axis];
      const order = ordered(r, x, axis, count, r.boolean('descending', false), selected(r, x));
      return op(r, 'top_indices', [asFloat(r, order)], { axis, count, largest: false });
    },
  },
  gather: {
    params: ['x: Tensor', 'index: Tensor', 'over: word = batch'],
    returns: 'Tensor',
    doc: 'Elements of x at whole-number indices along one axis (the first), which the axes of the indices replace: [A, D] at [C, k] is [C, k, D].',
    run: (r) => {
      const x = r.tensor('x');
      return op(r, 'gather', [x, r.tensor('index')], { axis: r.has('over') ? r.axis('over', x) : 0 });
    },
  },
  gather_along: {
    params: ['x: Tensor', 'index: Tensor', 'over: word = channel'],
    returns: 'Tensor',
    doc: 'Elements along one axis, by indices of its own for each line along that axis: the other axes of x and index are the same.',
    run: (r) => {
      const x = r.tensor('x');
      return op(r, 'gather_along', [x, r.tensor('index')], { axis: lastUnlessGiven(r, x) });
    },
  },
  scatter_add: {
    params: ['index: Tensor', 'updates: Tensor', 'size: count', 'over: word = batch'],
    returns: 'Tensor',
    doc: 'Zeros of a size along one axis (the first) with the updates added at their indices: sums of groups. The axes of the indices start at that axis of the updates.',
    run: (r) => {
      const updates = r.tensor('updates');
      return op(r, 'scatter_add', [r.tensor('index'), updates], { axis: r.has('over') ? r.axis('over', updates) : 0, size: r.dim('size') });
    },
  },
  one_hot: {
    params: ['labels: Labels', 'depth: count'],
    returns: 'Mask',
    doc: 'A new last axis with 1 at the label and 0 elsewhere; labels outside 0..depth-1 (such as 255) give zeros.',
    run: (r) => op(r, 'one_hot', [r.tensor('labels')], { depth: r.dim('depth') }),
  },
};
