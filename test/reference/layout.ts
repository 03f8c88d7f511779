/** References of the primitives that move elements. */
import type { Reference } from './attributes.ts';
import { build, read, readBroadcast } from './ndarray.ts';

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
  detach: same,
  identity: same,
};
