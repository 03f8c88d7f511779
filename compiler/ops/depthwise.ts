/** Depthwise convolution and its two adjoints: every channel has a filter [kh, kw] of its own. Filters are [kh, kw, 1, C]. */
import { constant, type Dim, multiply } from '../shape/dim.ts';
import { forwardKind, GEOMETRY, geometryOf, outputSize, perImage } from './convolution.ts';
import type { OperatorDefinition } from './definition.ts';
import type { TensorType } from './graph.ts';
import { ANY, dims, f32, product, requireRank, requireSame } from './rules.ts';

function macs(filter: TensorType, out: TensorType): Dim {
  return multiply(product(out.shape), ...filter.shape.slice(0, 2));
}

const unclaimed = (): { readonly kind: 'tensor'; readonly range: typeof ANY } => ({ kind: 'tensor', range: ANY });

export const DEPTHWISE: readonly OperatorDefinition[] = [
  {
    name: 'depthwise_conv2d',
    doc: 'Cross-correlation of each channel of a map with a filter of its own.',
    inputs: [
      { name: 'x', dtype: 'f32' },
      { name: 'filter', dtype: 'f32' },
    ],
    attrs: GEOMETRY,
    result: (inputs, attrs, context) => {
      requireRank(inputs, 0, 4);
      requireRank(inputs, 1, 4);
      const [x, filter] = inputs;
      requireSame(filter.shape[2], constant(1), 'a depthwise filter reads one channel', context, 1);
      requireSame(x.shape[3], filter.shape[3], 'a filter for each channel', context, 1);
      const [height, width] = ([0, 1] as const).map((side) => outputSize(x.shape[side + 1], filter.shape[side], attrs, side));
      return f32([x.shape[0], height, width, x.shape[3]]);
    },
    kind: forwardKind,
    differentiability: 'smooth',
    bilinear: true,
    vjp: ({ b, node, dy, needs }) => {
      const [x, filter] = node.inputs;
      const form = geometryOf(node.attrs);
      return [
        needs[0] ? b.add('depthwise_conv2d_input_grad', [dy, filter], { ...form, size: x.type.shape.slice(1, 3) }) : undefined,
        needs[1] ? b.add('depthwise_conv2d_filter_grad', [x, dy], { ...form, kernel: filter.type.shape.slice(0, 2) }) : undefined,
      ];
    },
    macs: (node) => macs(node.inputs[1].type, node.type),
    batch: perImage,
  },
  {
    name: 'depthwise_conv2d_input_grad',
    doc: 'Gradient of depthwise_conv2d with respect to its map, of the given height and width.',
    inputs: [
      { name: 'dy', dtype: 'f32' },
      { name: 'filter', dtype: 'f32' },
    ],
    attrs: { ...GEOMETRY, size: 'dims' },
    result: ([dy, filter], attrs, context) => {
      requireSame(dy.shape[3], filter.shape[3], 'a filter for each channel', context, 1);
      return f32([dy.shape[0], ...dims(attrs, 'size'), dy.shape[3]]);
    },
    kind: unclaimed,
    differentiability: 'smooth',
    bilinear: true,
    vjp: ({ b, node, dy, needs }) => {
      const [g, filter] = node.inputs;
      const form = geometryOf(node.attrs);
      return [
        needs[0] ? b.add('depthwise_conv2d', [dy, filter], form) : undefined,
        needs[1] ? b.add('depthwise_conv2d_filter_grad', [dy, g], { ...form, kernel: filter.type.shape.slice(0, 2) }) : undefined,
      ];
    },
    macs: (node) => macs(node.inputs[1].type, node.inputs[0].type),
    batch: perImage,
  },
  {
    name: 'depthwise_conv2d_filter_grad',
    doc: 'Gradient of depthwise_conv2d with respect to its filter, of the given kernel size.',
    inputs: [
      { name: 'x', dtype: 'f32' },
      { name: 'dy', dtype: 'f32' },
    ],
    attrs: { ...GEOMETRY, kernel: 'dims' },
    result: ([x, dy], attrs, context) => {
      requireSame(x.shape[0], dy.shape[0], 'images of the map and of the gradient', context, 1);
      requireSame(x.shape[3], dy.shape[3], 'channels of the map and of the gradient', context, 1);
      return f32([...dims(attrs, 'kernel'), constant(1), x.shape[3]]);
    },
    kind: unclaimed,
    differentiability: 'smooth',
    bilinear: true,
    vjp: ({ b, node, dy, needs }) => {
      const [x, g] = node.inputs;
      const form = geometryOf(node.attrs);
      return [
        needs[0] ? b.add('depthwise_conv2d_input_grad', [g, dy], { ...form, size: x.type.shape.slice(1, 3) }) : undefined,
        needs[1] ? b.add('depthwise_conv2d', [x, dy], form) : undefined,
      ];
    },
    macs: (node) => macs(node.type, node.inputs[1].type),
    batch: (_, [a, b]) => (a === undefined && b === undefined ? undefined : 'coupled'),
  },
];
