/** References of the primitives that move elements. */
import type { Reference } from './attributes.ts';
import { build, offset, read, readBroadcast, zeros } from './ndarray.ts';

const same: Reference = ([x]) => x;

export const LAYOUT: Readonly<Record<string, Reference>> = {
  reshape: ([x], attrs) => ({ shape: attrs.numbers('shape'), data: x.data }),
  transpose: ([x], attrs) => {
    const perm = attrs.numbers('perm');
    return build(
      perm.map((p) => x.shape[p]),
      (index) => {
        const from = x.shape.map(() => 0);
        perm.forEach((p, axis) => {
          from[p] = index[axis];
        });
        return read(x, from);
      },
    );
  },
  broadcast_to: ([x], attrs) => build(attrs.numbers('shape'), (index) => readBroadcast(x, index)),
  slice: ([x], attrs) => {
    const starts = attrs.numbers('starts');
    return build(attrs.numbers('sizes'), (index) =>
      read(
        x,
        index.map((i, axis) => i + starts[axis]),
      ),
    );
  },
  pad: ([x], attrs) => {
    const before = attrs.numbers('before');
    const after = attrs.numbers('after');
    return build(
      x.shape.map((n, axis) => n + before[axis] + after[axis]),
      (index) => {
        const from = index.map((i, axis) => i - before[axis]);
        return from.every((i, axis) => i >= 0 && i < x.shape[axis]) ? read(x, from) : attrs.number('value');
      },
    );
  },
  concat: (inputs, attrs) => {
    const along = attrs.number('axis');
    const length = inputs.reduce((sum, x) => sum + x.shape[along], 0);
    return build(
      inputs[0].shape.map((n, axis) => (axis === along ? length : n)),
      (index) => {
        const at = [...index];
        for (const x of inputs) {
          if (at[along] < x.shape[along]) return read(x, at);
          at[along] -= x.shape[along];
        }
        throw new Error('concat: index outside');
      },
    );
  },
  reverse: ([x], attrs) => {
    const axes = attrs.numbers('axes');
    return build(x.shape, (index) =>
      read(
        x,
        index.map((i, axis) => (axes.includes(axis) ? x.shape[axis] - 1 - i : i)),
      ),
    );
  },
  gather: ([x, indices], attrs) => {
    const axis = attrs.number('axis');
    const rank = indices.shape.length;
    return build([...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], (index) =>
      read(x, [...index.slice(0, axis), read(indices, index.slice(axis, axis + rank)), ...index.slice(axis + rank)]),
    );
  },
  scatter_add: ([indices, updates], attrs) => {
    const axis = attrs.number('axis');
    const rank = indices.shape.length;
    const result = zeros([...updates.shape.slice(0, axis), attrs.number('size'), ...updates.shape.slice(axis + rank)]);
    build(updates.shape, (index) => {
      const to = [...index.slice(0, axis), read(indices, index.slice(axis, axis + rank)), ...index.slice(axis + rank)];
      result.data[offset(result.shape, to)] += read(updates, index);
      return 0;
    });
    return result;
  },
  one_hot: ([indices], attrs) =>
    build([...indices.shape, attrs.number('depth')], (index) => Number(read(indices, index.slice(0, -1)) === index[index.length - 1])),
  detach: same,
  identity: same,
};
