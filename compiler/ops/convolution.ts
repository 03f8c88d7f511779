/** Convolution and its two adjoints: NHWC maps, [kh, kw, in, out] filters, zero padding [top, bottom, left, right], PyTorch's sizes. */
import { add, constant, type Dim, floorDiv, multiply } from '../shape/dim.ts';
import { type OperatorDefinition, OperatorError } from './definition.ts';
import type { Attrs, Kind, Node, TensorType } from './graph.ts';
import { ANY, dims, f32, ints, product, requireRank, requireSame } from './rules.ts';
import { inputGradWorkspace } from './workspace.ts';

export const GEOMETRY = { stride: 'ints', pad: 'ints', dilation: 'ints' } as const;

/** The attributes of `GEOMETRY` alone, for the operators of a gradient. */
export function geometryOf(attrs: Attrs): Attrs {
  return { stride: ints(attrs, 'stride'), pad: ints(attrs, 'pad'), dilation: ints(attrs, 'dilation') };
}

/** floor((n + before + after - dilation (kernel - 1) - 1) / stride) + 1 along height (0) or width (1). */
export function outputSize(n: Dim, kernel: Dim, attrs: Attrs, side: 0 | 1): Dim {
  const [stride, dilation] = [ints(attrs, 'stride')[side], ints(attrs, 'dilation')[side]];
  const pad = ints(attrs, 'pad');
  const reach = add(multiply(constant(-dilation), add(kernel, constant(-1))), constant(pad[2 * side] + pad[2 * side + 1] - 1));
  return add(floorDiv(add(n, reach), constant(stride)), constant(1));
}

const REFUSED: readonly Kind[] = ['labels', 'tags'];

export function forwardKind(inputs: readonly Node[]): { kind: Kind; range: typeof ANY } {
  const [x] = inputs;
  if (REFUSED.includes(x.kind))
    throw new OperatorError('kind-mismatch', 'an image or features', {
      input: 0,
      hint: 'labels and tags have no place to convolve over: use one_hot, or a linear layer',
    });
  if (x.kind === 'mask' && x.type.shape.length === 4)
    throw new OperatorError('kind-mismatch', 'an image or features', {
      input: 0,
      hint: 'if the mask really is an input, say so: x as features',
    });
  return { kind: 'features', range: ANY };
}

function macs(filter: TensorType, out: TensorType): Dim {
  return multiply(product(out.shape), ...filter.shape.slice(0, 3));
}

/** Maps stay paired with their images; a filter gradient sums over them. */
export const perImage: OperatorDefinition['batch'] = (_, [axis, other]) =>
  other !== undefined ? 'coupled' : axis === undefined ? undefined : axis === 0 ? 0 : 'coupled';

export const CONVOLUTION: readonly OperatorDefinition[] = [
  {
    name: 'conv2d',
    doc: 'Cross-correlation of a map with a filter.',
    inputs: [
      { name: 'x', dtype: 'f32' },
      { name: 'filter', dtype: 'f32' },
    ],
    attrs: GEOMETRY,
    result: (inputs, attrs, context) => {
      requireRank(inputs, 0, 4);
      requireRank(inputs, 1, 4);
      const [x, filter] = inputs;
      if (!context.same(x.shape[3], filter.shape[2], 'channels of the map and of the filter')) {
        const first = x.shape[1] === filter.shape[2];
        throw new OperatorError(first ? 'channels-first' : 'shape-mismatch', 'channels', {
          input: 0,
          sides: { left: x.shape[3], right: filter.shape[2] },
          hint: first
            ? 'bring the channels to the end: rearrange(x, "n c h w -> n h w c")'
            : 'the filter was made for another number of channels',
        });
      }
      return f32([
        x.shape[0],
        outputSize(x.shape[1], filter.shape[0], attrs, 0),
        outputSize(x.shape[2], filter.shape[1], attrs, 1),
        filter.shape[3],
      ]);
    },
    kind: forwardKind,
    differentiability: 'smooth',
    bilinear: true,
    vjp: ({ b, node, dy, needs }) => {
      const [x, filter] = node.inputs;
      const geometry = geometryOf(node.attrs);
      return [
        needs[0] ? b.add('conv2d_input_grad', [dy, filter], { ...geometry, size: x.type.shape.slice(1, 3) }) : undefined,
        needs[1] ? b.add('conv2d_filter_grad', [x, dy], { ...geometry, kernel: filter.type.shape.slice(0, 2) }) : undefined,
      ];
    },
    macs: (node) => macs(node.inputs[1].type, node.type),
    batch: perImage,
  },
  {
    name: 'conv2d_input_grad',
    doc: 'Gradient of conv2d with respect to its map, of the given height and width.',
    inputs: [
      { name: 'dy', dtype: 'f32' },
      { name: 'filter', dtype: 'f32' },
    ],
    attrs: { ...GEOMETRY, size: 'dims' },
    result: ([dy, filter], attrs, context) => {
      requireSame(dy.shape[3], filter.shape[3], 'channels of the gradient and of the filter', context, 0);
      return f32([dy.shape[0], ...dims(attrs, 'size'), filter.shape[2]]);
    },
    kind: () => ({ kind: 'tensor', range: ANY }),
    differentiability: 'smooth',
    bilinear: true,
    vjp: ({ b, node, dy, needs }) => {
      const [g, filter] = node.inputs;
      const geometry = geometryOf(node.attrs);
      return [
        needs[0] ? b.add('conv2d', [dy, filter], geometry) : undefined,
        needs[1] ? b.add('conv2d_filter_grad', [dy, g], { ...geometry, kernel: filter.type.shape.slice(0, 2) }) : undefined,
      ];
    },
    macs: (node) => macs(node.inputs[1].type, node.inputs[0].type),
    workspace: inputGradWorkspace,
    batch: perImage,
  },
  {
    name: 'conv2d_filter_grad',
    doc: 'Gradient of conv2d with respect to its filter, of the given kernel size.',
    inputs: [
      { name: 'x', dtype: 'f32' },
      { name: 'dy', dtype: 'f32' },
    ],
    attrs: { ...GEOMETRY, kernel: 'dims' },
    result: ([x, dy], attrs, context) => {
      requireSame(x.shape[0], dy.shape[0], 'images of the map and of the gradient', context, 1);
      return f32([...dims(attrs, 'kernel'), x.shape[3], dy.shape[3]]);
    },
    kind: () => ({ kind: 'tensor', range: ANY }),
    differentiability: 'smooth',
    bilinear: true,
    vjp: ({ b, node, dy, needs }) => {
      const [x, g] = node.inputs;
      const geometry = geometryOf(node.attrs);
      return [
        needs[0] ? b.add('conv2d_input_grad', [g, dy], { ...geometry, size: x.type.shape.slice(1, 3) }) : undefined,
        needs[1] ? b.add('conv2d', [x, dy], geometry) : undefined,
      ];
    },
    macs: (node) => macs(node.type, node.inputs[1].type),
    batch: (_, [a, b]) => (a === undefined && b === undefined ? undefined : 'coupled'),
  },
];
