/** TensorFlow column: reductions, layout and matrix products. */
import { dims, flag, int, ints, number } from '../rules.ts';
import { cast, flagAttr, INT, padded, range, reshape, same, sliced, type TfRule, transpose, type } from './rule.ts';

const reduction =
  (op: string): TfRule =>
  (t) =>
    same(t, op, [t.inputs[0], t.ints(ints(t.node.attrs, 'axes'))], { Tidx: INT, keep_dims: flagAttr(flag(t.node.attrs, 'keep')) });

const identity: TfRule = (t) => same(t, 'Identity', t.inputs);

export const REDUCE: Readonly<Record<string, TfRule>> = {
  sum: reduction('Sum'),
  mean: reduction('Mean'),
  max: reduction('Max'),
  min: reduction('Min'),
  /**
   * The smallest index among those that hold the maximum. TensorFlow's own ArgMax documents no order of equals, and equals are common: where a
   * mask is zero everywhere, every channel ties. Indices are compared as float32, which GPUs reduce (int32 goes through the processor).
   */
  argmax: (t) => {
    const [x] = t.inputs;
    const axis = int(t.node.attrs, 'axis');
    const { shape } = t.node.inputs[0].type;
    const along = t.ints([axis]);
    const highest = same(t, 'Max', [x, along], { Tidx: INT, keep_dims: flagAttr(true) });
    const wins = t.op('Equal', [x, highest], { T: type(x.type) }, 'DT_BOOL');
    const indices = cast(t, range(t, shape[axis]), 'DT_FLOAT');
    const upright = reshape(t, indices, t.ints([-1, ...shape.slice(axis + 1).map(() => 1)]));
    const none = cast(t, t.size(shape[axis]), 'DT_FLOAT');
    const candidates = t.op('SelectV2', [wins, upright, none], { T: type('DT_FLOAT') }, 'DT_FLOAT');
    return cast(t, same(t, 'Min', [candidates, along], { Tidx: INT, keep_dims: flagAttr(false) }), 'DT_INT32');
  },
};

export const LAYOUT: Readonly<Record<string, TfRule>> = {
  reshape: (t) => reshape(t, t.inputs[0], t.sizes(dims(t.node.attrs, 'shape'))),
  transpose: (t) => transpose(t, t.inputs[0], ints(t.node.attrs, 'perm')),
  broadcast_to: (t) => same(t, 'BroadcastTo', [t.inputs[0], t.sizes(dims(t.node.attrs, 'shape'))], { Tidx: INT }),
  slice: (t) => sliced(t, t.inputs[0], dims(t.node.attrs, 'starts'), dims(t.node.attrs, 'sizes')),
  pad: (t) => padded(t, t.inputs[0], dims(t.node.attrs, 'before'), dims(t.node.attrs, 'after'), number(t.node.attrs, 'value')),
  // TensorFlow concatenates two tensors or more.
  concat: (t) =>
    t.inputs.length === 1
      ? identity(t)
      : same(t, 'ConcatV2', [...t.inputs, t.scalar(int(t.node.attrs, 'axis'), 'DT_INT32')], { N: { int: t.inputs.length }, Tidx: INT }),
  reverse: (t) => same(t, 'ReverseV2', [t.inputs[0], t.ints(ints(t.node.attrs, 'axes'))], { Tidx: INT }),
  detach: identity,
  identity,
};

export const ALGEBRA: Readonly<Record<string, TfRule>> = {
  matmul: (t) => {
    const [ta, tb] = [flagAttr(flag(t.node.attrs, 'ta')), flagAttr(flag(t.node.attrs, 'tb'))];
    return t.node.type.shape.length === 2
      ? same(t, 'MatMul', t.inputs, { transpose_a: ta, transpose_b: tb })
      : same(t, 'BatchMatMulV2', t.inputs, { adj_x: ta, adj_y: tb });
  },
};
