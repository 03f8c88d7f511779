/**
 * TensorFlow column: convolutions and their adjoints, NHWC. Forward convolutions and undilated adjoints are TensorFlow's own kernels with
 * explicit padding. Its processor kernels refuse adjoints of dilated convolutions, so these run on the undilated ones after
 * SpaceToBatchND, which deals every d-th row and column into an image of its own; that holds on every device.
 */
import { add, ceilDiv, constant, type Dim, multiply, subtract } from '../../shape/dim.ts';
import type { Attrs } from '../graph.ts';
import { ints } from '../rules.ts';
import { INT, padded, pairs, reshape, same, sliced, type TfAttrs, type TfRule, type TfScope, type TfTensor } from './rule.ts';

const ZERO = constant(0);
const NHWC = { data_format: { text: 'NHWC' } } as const;

/** Padding [top, bottom, left, right] as attributes. */
function padding([top, bottom, left, right]: readonly number[]): TfAttrs {
  if (top === 0 && bottom === 0 && left === 0 && right === 0) return { padding: { text: 'VALID' } };
  return { padding: { text: 'EXPLICIT' }, explicit_paddings: { ints: [0, 0, top, bottom, left, right, 0, 0] } };
}

function geometry(attrs: Attrs): TfAttrs {
  const [stride, dilation] = [ints(attrs, 'stride'), ints(attrs, 'dilation')];
  return { strides: { ints: [1, ...stride, 1] }, dilations: { ints: [1, ...dilation, 1] }, ...padding(ints(attrs, 'pad')), ...NHWC };
}

const VALID: TfAttrs = { strides: { ints: [1, 1, 1, 1] }, dilations: { ints: [1, 1, 1, 1] }, padding: { text: 'VALID' }, ...NHWC };

function isDilated(attrs: Attrs): boolean {
  return ints(attrs, 'dilation').some((d) => d > 1);
}

/** A dilated convolution seen as an undilated one over the images that SpaceToBatchND makes. */
interface Dealt {
  readonly block: TfTensor;
  /** Paddings [2, 2] of the map: those of the convolution, and behind them what makes the sides multiples of the dilation. */
  readonly paddings: TfTensor;
  /** Shape of the map after dealing. */
  readonly map: readonly Dim[];
  /** The gradient of the result, with what a stride left out set to zero, dealt in the same way. */
  readonly gradient: TfTensor;
}

/** `x` and `dy`: shapes of the map and of the gradient of the result; `kernel`: height and width of the filter. */
function deal(t: TfScope, x: readonly Dim[], dy: TfTensor, dyShape: readonly Dim[], kernel: readonly Dim[]): Dealt {
  const { attrs } = t.node;
  const [stride, pad, dilation] = [ints(attrs, 'stride'), ints(attrs, 'pad'), ints(attrs, 'dilation')];
  const sides = [0, 1] as const;
  const inside = sides.map((i) => add(x[i + 1], constant(pad[2 * i] + pad[2 * i + 1])));
  const whole = sides.map((i) => multiply(constant(dilation[i]), ceilDiv(inside[i], constant(dilation[i]))));
  const before = sides.map((i) => constant(pad[2 * i]));
  const after = sides.map((i) => add(constant(pad[2 * i + 1]), subtract(whole[i], inside[i])));
  const block = t.ints(dilation);
  const paddings = pairs(t, before, after);
  const blocks = constant(dilation[0] * dilation[1]);
  const parts = sides.map((i) => ceilDiv(inside[i], constant(dilation[i])));
  const spread = stride.every((s) => s === 1) ? { tensor: dy, shape: dyShape } : insertZeros(t, dy, dyShape, stride);
  // Results of the padded map: whole - dilation (kernel - 1) of them.
  const missing = sides.map((i) =>
    subtract(subtract(whole[i], multiply(constant(dilation[i]), add(kernel[i], constant(-1)))), spread.shape[i + 1]),
  );
  return {
    block,
    paddings,
    map: [multiply(blocks, x[0]), ...parts, x[3]],
    gradient: toBatch(t, spread.tensor, block, pairs(t, [ZERO, ZERO], missing)),
  };
}

function toBatch(t: TfScope, x: TfTensor, block: TfTensor, paddings: TfTensor): TfTensor {
  return same(t, 'SpaceToBatchND', [x, block, paddings], { Tblock_shape: INT, Tpaddings: INT });
}

/** `stride - 1` rows and columns of zeros between each two. */
function insertZeros(
  t: TfScope,
  dy: TfTensor,
  [n, h, w, c]: readonly Dim[],
  [down, across]: readonly number[],
): { readonly tensor: TfTensor; readonly shape: readonly Dim[] } {
  const apart = reshape(t, dy, t.sizes([n, h, constant(1), w, constant(1), c]));
  const after = [ZERO, ZERO, constant(down - 1), ZERO, constant(across - 1), ZERO];
  const wide = padded(t, apart, [ZERO, ZERO, ZERO, ZERO, ZERO, ZERO], after, 0);
  const spread = [n, multiply(constant(down), h), multiply(constant(across), w), c];
  const shape = [n, add(spread[1], constant(1 - down)), add(spread[2], constant(1 - across)), c];
  return { tensor: sliced(t, reshape(t, wide, t.sizes(spread)), [ZERO, ZERO, ZERO, ZERO], shape), shape };
}

export const CONVOLUTION: Readonly<Record<string, TfRule>> = {
  conv2d: (t) => same(t, 'Conv2D', t.inputs, geometry(t.node.attrs)),
  conv2d_input_grad: (t) => {
    const [dy, filter] = t.inputs;
    const { attrs, type } = t.node;
    if (!isDilated(attrs)) return same(t, 'Conv2DBackpropInput', [t.sizes(type.shape), filter, dy], geometry(attrs), 1);
    const [dyType, filterType] = t.node.inputs.map((input) => input.type);
    const dealt = deal(t, type.shape, dy, dyType.shape, filterType.shape.slice(0, 2));
    const parts = same(t, 'Conv2DBackpropInput', [t.sizes(dealt.map), filter, dealt.gradient], VALID, 1);
    return same(t, 'BatchToSpaceND', [parts, dealt.block, dealt.paddings], { Tblock_shape: INT, Tcrops: INT });
  },
  conv2d_filter_grad: (t) => {
    const [x, dy] = t.inputs;
    const { attrs, type } = t.node;
    const filter = t.sizes(type.shape);
    if (!isDilated(attrs)) return same(t, 'Conv2DBackpropFilter', [x, filter, dy], geometry(attrs));
    const [xType, dyType] = t.node.inputs.map((input) => input.type);
    const dealt = deal(t, xType.shape, dy, dyType.shape, type.shape.slice(0, 2));
    return same(t, 'Conv2DBackpropFilter', [toBatch(t, x, dealt.block, dealt.paddings), filter, dealt.gradient], VALID);
  },
};
