/** Reading a map at places that are computed: bilinear grid sampling, its adjoint, and its gradient with respect to the places. */

import { constant } from '../shape/dim.ts';
import type { OperatorDefinition, ShapeContext } from './definition.ts';
import { OperatorError } from './definition.ts';
import type { Attrs, TensorType } from './graph.ts';
import { ANY, dims, f32, requireRank, requireSame, word } from './rules.ts';

/** `corners`: -1 and 1 are the centres of the outermost elements, otherwise their outer edges. `border`: what lies outside. */
const FORM = { corners: 'bool', border: 'string' } as const;

function requireGrid(inputs: readonly TensorType[], index: number, attrs: Attrs, context: ShapeContext): void {
  requireRank(inputs, index, 4);
  requireSame(inputs[index].shape[3], constant(2), 'a place is a pair (x, y)', context, index);
  if (word(attrs, 'border') !== 'zero' && word(attrs, 'border') !== 'replicate')
    throw new OperatorError('bad-attribute', 'border of grid_sample: zero or replicate');
}

/** Maps, places and gradients all belong to images. */
const perImage: OperatorDefinition['batch'] = (_, axes) => {
  const known = axes.filter((a) => a !== undefined);
  return known.length === 0 ? undefined : known.every((a) => a === 0) ? 0 : 'coupled';
};

export const SAMPLING: readonly OperatorDefinition[] = [
  {
    name: 'grid_sample',
    doc: 'The map at places (x, y) between -1 and 1, mixed from the four elements around each; outside lie zeros or the nearest elements.',
    inputs: [
      { name: 'x', dtype: 'f32' },
      { name: 'grid', dtype: 'f32' },
    ],
    attrs: FORM,
    result: (inputs, attrs, context) => {
      requireRank(inputs, 0, 4);
      requireGrid(inputs, 1, attrs, context);
      const [x, grid] = inputs;
      requireSame(x.shape[0], grid.shape[0], 'places for each image', context, 1);
      return f32([x.shape[0], grid.shape[1], grid.shape[2], x.shape[3]]);
    },
    kind: ([x], attrs) => ({
      kind: x.kind === 'labels' || x.kind === 'mask' ? 'tensor' : x.kind,
      range: attrs.border === 'zero' ? { low: Math.min(0, x.range.low), high: Math.max(0, x.range.high) } : x.range,
    }),
    differentiability: 'smooth',
    vjp: ({ b, node, dy, needs }) => {
      const [x, grid] = node.inputs;
      return [
        needs[0] ? b.add('grid_sample_input_grad', [grid, dy], { ...node.attrs, size: x.type.shape.slice(1, 3) }) : undefined,
        needs[1] ? b.add('grid_sample_grid_grad', [x, grid, dy], node.attrs) : undefined,
      ];
    },
    linear: true,
    batch: perImage,
  },
  {
    name: 'grid_sample_input_grad',
    doc: 'Gradient of grid_sample with respect to its map, of the given height and width.',
    inputs: [
      { name: 'grid', dtype: 'f32' },
      { name: 'dy', dtype: 'f32' },
    ],
    attrs: { ...FORM, size: 'dims' },
    result: (inputs, attrs, context) => {
      requireGrid(inputs, 0, attrs, context);
      requireRank(inputs, 1, 4);
      const [grid, dy] = inputs;
      for (const axis of [0, 1, 2]) requireSame(grid.shape[axis], dy.shape[axis], 'a gradient for each place', context, 1);
      return f32([dy.shape[0], ...dims(attrs, 'size'), dy.shape[3]]);
    },
    kind: () => ({ kind: 'tensor', range: ANY }),
    differentiability: 'smooth',
    vjp: ({ b, node, dy, needs }) => {
      const [grid, g] = node.inputs;
      const { size: _, ...form } = node.attrs;
      return [
        needs[0] ? b.add('grid_sample_grid_grad', [dy, grid, g], form) : undefined,
        needs[1] ? b.add('grid_sample', [dy, grid], form) : undefined,
      ];
    },
    batch: perImage,
  },
  {
    name: 'grid_sample_grid_grad',
    doc: 'Gradient of grid_sample with respect to its places; 0 where a place lies outside a replicated border.',
    inputs: [
      { name: 'x', dtype: 'f32' },
      { name: 'grid', dtype: 'f32' },
      { name: 'dy', dtype: 'f32' },
    ],
    attrs: FORM,
    result: (inputs, attrs, context) => {
      requireRank(inputs, 0, 4);
      requireGrid(inputs, 1, attrs, context);
      requireRank(inputs, 2, 4);
      const [x, grid, dy] = inputs;
      for (const axis of [0, 1, 2]) requireSame(grid.shape[axis], dy.shape[axis], 'a gradient for each place', context, 2);
      requireSame(x.shape[3], dy.shape[3], 'channels of the map and of the gradient', context, 2);
      return grid;
    },
    kind: () => ({ kind: 'tensor', range: ANY }),
    differentiability: 'none',
    batch: perImage,
  },
];
