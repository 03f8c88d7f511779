/** Pooling windows. */
import { add, ceilDiv, constant, type Dim, floorDiv, minDim } from '../shape/dim.ts';
import type { OperatorDefinition } from './definition.ts';
import type { Attrs } from './graph.ts';
import { ANY, dims, f32, flag, ints, keep, requireRank } from './rules.ts';
import { avgPoolWorkspace } from './workspace.ts';

const WINDOW = { window: 'ints', stride: 'ints', pad: 'ints' } as const;

function size(n: Dim, attrs: Attrs, side: 0 | 1, ceil: boolean): Dim {
  const [window, stride] = [ints(attrs, 'window')[side], ints(attrs, 'stride')[side]];
  const pad = ints(attrs, 'pad');
  const before = pad[2 * side];
  const room = add(n, constant(before + pad[2 * side + 1] - window));
  if (!ceil) return add(floorDiv(room, constant(stride)), constant(1));
  // Rounded up, but the last window starts inside the input or the padding before it.
  return minDim(add(ceilDiv(room, constant(stride)), constant(1)), ceilDiv(add(n, constant(before)), constant(stride)));
}

const perImage: OperatorDefinition['batch'] = (_, axes) => {
  const known = axes.filter((a) => a !== undefined);
  return known.length === 0 ? undefined : known.every((a) => a === 0) ? 0 : 'coupled';
};

export const POOLING: readonly OperatorDefinition[] = [
  {
    name: 'max_pool',
    doc: 'Largest value of each window; padding counts as minus infinity.',
    inputs: [{ name: 'x', dtype: 'f32' }],
    attrs: { ...WINDOW, ceil: 'bool' },
    result: (inputs, attrs) => {
      requireRank(inputs, 0, 4);
      const [n, h, w, c] = inputs[0].shape;
      return f32([n, size(h, attrs, 0, flag(attrs, 'ceil')), size(w, attrs, 1, flag(attrs, 'ceil')), c]);
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [b.add('max_pool_grad', [node.inputs[0], node, dy], node.attrs)],
    batch: perImage,
  },
  {
    name: 'max_pool_grad',
    doc: 'Gradient of max_pool: to the first maximum of each window.',
    inputs: [
      { name: 'x', dtype: 'f32' },
      { name: 'y', dtype: 'f32' },
      { name: 'dy', dtype: 'f32' },
    ],
    attrs: { ...WINDOW, ceil: 'bool' },
    result: ([x]) => x,
    kind: () => ({ kind: 'tensor', range: ANY }),
    differentiability: 'none',
    batch: perImage,
  },
  {
    name: 'avg_pool',
    doc: 'Mean of each window; count_pad divides by the whole window, else by the cells inside the input.',
    inputs: [{ name: 'x', dtype: 'f32' }],
    attrs: { ...WINDOW, count_pad: 'bool' },
    result: (inputs, attrs) => {
      requireRank(inputs, 0, 4);
      const [n, h, w, c] = inputs[0].shape;
      return f32([n, size(h, attrs, 0, false), size(w, attrs, 1, false), c]);
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [b.add('avg_pool_grad', [dy], { ...node.attrs, size: node.inputs[0].type.shape.slice(1, 3) })],
    linear: true,
    workspace: avgPoolWorkspace,
    batch: perImage,
  },
  {
    name: 'avg_pool_grad',
    doc: 'Gradient of avg_pool with respect to its map, of the given height and width.',
    inputs: [{ name: 'dy', dtype: 'f32' }],
    attrs: { ...WINDOW, count_pad: 'bool', size: 'dims' },
    result: ([dy], attrs) => f32([dy.shape[0], ...dims(attrs, 'size'), dy.shape[3]]),
    kind: () => ({ kind: 'tensor', range: ANY }),
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => {
      const { size: _, ...window } = node.attrs;
      return [b.add('avg_pool', [dy], window)];
    },
    linear: true,
    batch: perImage,
  },
];
