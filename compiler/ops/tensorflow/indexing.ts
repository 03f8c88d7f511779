/** TensorFlow column: elements by indices, and the order of elements. */
import { multiply } from '../../shape/dim.ts';
import { dim, flag, int, product } from '../rules.ts';
import { flagAttr, INT, range, reshape, same, type TfRule, type TfScope, type TfTensor, transpose, type } from './rule.ts';

/** Where an axis goes when it becomes the last one. */
function toTheEnd(rank: number, axis: number): readonly number[] {
  return [...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis), axis];
}

/** The tensor with this axis last. */
function lastly(t: TfScope, x: TfTensor, rank: number, axis: number): TfTensor {
  return axis === rank - 1 ? x : transpose(t, x, toTheEnd(rank, axis));
}

/** The last axis back in its place. */
function back(t: TfScope, x: TfTensor, rank: number, axis: number): TfTensor {
  const perm = toTheEnd(rank, axis);
  const turned = perm.map((_, i) => perm.indexOf(i));
  return axis === rank - 1 ? same(t, 'Identity', [x]) : transpose(t, x, turned);
}

/** Indices within lines (the last axis) as places among all elements of those lines, flat. */
function places(t: TfScope, indices: TfTensor, index: 0 | 1, lengthOfLine: TfTensor): TfTensor {
  const axis = int(t.node.attrs, 'axis');
  const { shape } = t.node.inputs[index].type;
  const lines = product(shape.filter((_, i) => i !== axis));
  const starts = same(t, 'Mul', [range(t, lines), lengthOfLine]);
  const rows = reshape(t, lastly(t, indices, shape.length, axis), t.sizes([lines, shape[axis]]));
  const all = same(t, 'AddV2', [rows, reshape(t, starts, t.ints([-1, 1]))]);
  return reshape(t, all, t.ints([-1]));
}

export const INDEXING: Readonly<Record<string, TfRule>> = {
  gather: (t) => {
    const [x, indices] = t.inputs;
    const axis = t.scalar(int(t.node.attrs, 'axis'), 'DT_INT32');
    return t.op('GatherV2', [x, indices, axis], { Tparams: type(x.type), Tindices: INT, Taxis: INT }, x.type);
  },
  /** Sums of segments along the first axes: the axes of the indices are brought there and the new axis back. */
  scatter_add: (t) => {
    const [indices, updates] = t.inputs;
    const axis = int(t.node.attrs, 'axis');
    const rank = t.node.inputs[0].type.shape.length;
    const all = t.node.inputs[1].type.shape.map((_, i) => i);
    const front = all.slice(axis, axis + rank);
    const first = axis === 0 ? updates : transpose(t, updates, [...front, ...all.slice(0, axis), ...all.slice(axis + rank)]);
    const sums = same(t, 'UnsortedSegmentSum', [first, indices, t.size(dim(t.node.attrs, 'size'))], { Tindices: INT, Tnumsegments: INT });
    if (axis === 0) return sums;
    const result = t.node.type.shape.map((_, i) => i);
    return transpose(
      t,
      sums,
      result.map((i) => (i < axis ? i + 1 : i === axis ? 0 : i)),
    );
  },
  one_hot: (t) =>
    t.op(
      'OneHot',
      [t.inputs[0], t.size(dim(t.node.attrs, 'depth')), t.scalar(1, 'DT_FLOAT'), t.scalar(0, 'DT_FLOAT')],
      { T: type('DT_FLOAT'), TI: INT, axis: { int: -1 } },
      'DT_FLOAT',
    ),
  gather_along: (t) => {
    const [x, indices] = t.inputs;
    const axis = int(t.node.attrs, 'axis');
    const { shape } = t.node.inputs[0].type;
    const flat = reshape(t, lastly(t, x, shape.length, axis), t.ints([-1]));
    const found = t.op(
      'GatherV2',
      [flat, places(t, indices, 1, t.size(shape[axis])), t.scalar(0, 'DT_INT32')],
      { Tparams: type(x.type), Tindices: INT, Taxis: INT },
      x.type,
    );
    const order = toTheEnd(shape.length, axis);
    return back(t, reshape(t, found, t.sizes(order.map((d) => t.node.type.shape[d]))), shape.length, axis);
  },
  scatter_add_along: (t) => {
    const [indices, updates] = t.inputs;
    const axis = int(t.node.attrs, 'axis');
    const { shape } = t.node.type;
    const flat = reshape(t, lastly(t, updates, shape.length, axis), t.ints([-1]));
    const all = t.size(multiply(...shape));
    const sums = same(t, 'UnsortedSegmentSum', [flat, places(t, indices, 0, t.size(shape[axis])), all], {
      Tindices: INT,
      Tnumsegments: INT,
    });
    const order = toTheEnd(shape.length, axis);
    return back(t, reshape(t, sums, t.sizes(order.map((d) => shape[d]))), shape.length, axis);
  },
  /** TensorFlow documents that of equals the lower index comes first. */
  top_indices: (t) => {
    const axis = int(t.node.attrs, 'axis');
    const rank = t.node.type.shape.length;
    const lines = lastly(t, t.inputs[0], rank, axis);
    const keys = flag(t.node.attrs, 'largest') ? lines : same(t, 'Neg', [lines]);
    const attrs = { T: type(keys.type), sorted: flagAttr(true), Tk: INT, index_type: INT };
    const found = t.op('TopKV2', [keys, t.size(dim(t.node.attrs, 'count'))], attrs, 'DT_FLOAT');
    return back(t, { ...found, output: 1, type: 'DT_INT32' }, rank, axis);
  },
};
