/**
 * TensorFlow column: depthwise convolutions. Its own kernels want equal strides and no dilation, and filters [kh, kw, C, 1]; maps are padded before.
 * Other geometries run as whole convolutions whose filters are zero between different channels.
 */
import { add, constant, type Dim } from '../../shape/dim.ts';
import type { Attrs, Node } from '../graph.ts';
import { ints } from '../rules.ts';
import { CONVOLUTION } from './convolution.ts';
import {
  flagAttr,
  INT,
  padded,
  range,
  reshape,
  same,
  sliced,
  type TfAttrs,
  type TfRule,
  type TfScope,
  type TfTensor,
  type,
} from './rule.ts';

const ONE = constant(1);
const ZERO = constant(0);

function isNative(attrs: Attrs): boolean {
  const [down, across] = ints(attrs, 'stride');
  return down === across && ints(attrs, 'dilation').every((d) => d === 1);
}

function form(attrs: Attrs): TfAttrs {
  return {
    strides: { ints: [1, ...ints(attrs, 'stride'), 1] },
    dilations: { ints: [1, 1, 1, 1] },
    padding: { text: 'VALID' },
    data_format: { text: 'NHWC' },
  };
}

function before(attrs: Attrs): readonly Dim[] {
  const [top, , left] = ints(attrs, 'pad');
  return [ZERO, constant(top), constant(left), ZERO];
}

function inside(t: TfScope, x: TfTensor): TfTensor {
  const [top, bottom, left, right] = ints(t.node.attrs, 'pad');
  if (top + bottom + left + right === 0) return x;
  return padded(t, x, before(t.node.attrs), [ZERO, constant(bottom), constant(right), ZERO], 0);
}

/** The shape of a map within its padding. */
function around([n, h, w, c]: readonly Dim[], attrs: Attrs): readonly Dim[] {
  const [top, bottom, left, right] = ints(attrs, 'pad');
  return [n, add(h, constant(top + bottom)), add(w, constant(left + right)), c];
}

/** [kh, kw, 1, C] as TensorFlow has it, [kh, kw, C, 1]. */
function upright(t: TfScope, filter: TfTensor, [kh, kw, , c]: readonly Dim[]): TfTensor {
  return reshape(t, filter, t.sizes([kh, kw, c, ONE]));
}

/** 1 where the channel that is read is the channel that is written: [C, C]. */
function ownChannel(t: TfScope, c: Dim): TfTensor {
  const numbers = [t.scalar(1, 'DT_FLOAT'), t.scalar(0, 'DT_FLOAT')];
  return t.op('OneHot', [range(t, c), t.size(c), ...numbers], { T: type('DT_FLOAT'), TI: INT, axis: { int: -1 } }, 'DT_FLOAT');
}

function dense(t: TfScope, filter: TfTensor, c: Dim): TfTensor {
  return same(t, 'Mul', [filter, ownChannel(t, c)]);
}

/** The same place of the graph with other inputs, and with another shape of its result. */
function instead(t: TfScope, inputs: readonly TfTensor[], shape: readonly Dim[] = t.node.type.shape): TfScope {
  const node: Node = { ...t.node, type: { ...t.node.type, shape } };
  return {
    node,
    inputs,
    op: (...given) => t.op(...given),
    scalar: (...given) => t.scalar(...given),
    ints: (...given) => t.ints(...given),
    size: (d) => t.size(d),
    sizes: (all) => t.sizes(all),
  };
}

export const DEPTHWISE: Readonly<Record<string, TfRule>> = {
  depthwise_conv2d: (t) => {
    const [x, filter] = t.inputs;
    const { shape } = t.node.inputs[1].type;
    if (!isNative(t.node.attrs)) return CONVOLUTION.conv2d(instead(t, [x, dense(t, filter, shape[3])]));
    return same(t, 'DepthwiseConv2dNative', [inside(t, x), upright(t, filter, shape)], form(t.node.attrs));
  },
  depthwise_conv2d_input_grad: (t) => {
    const [dy, filter] = t.inputs;
    const { attrs, type: result } = t.node;
    const { shape } = t.node.inputs[1].type;
    if (!isNative(attrs)) return CONVOLUTION.conv2d_input_grad(instead(t, [dy, dense(t, filter, shape[3])]));
    const size = t.sizes(around(result.shape, attrs));
    const whole = same(t, 'DepthwiseConv2dNativeBackpropInput', [size, upright(t, filter, shape), dy], form(attrs), 1);
    return sliced(t, whole, before(attrs), result.shape);
  },
  depthwise_conv2d_filter_grad: (t) => {
    const [x, dy] = t.inputs;
    const [kh, kw, , c] = t.node.type.shape;
    if (!isNative(t.node.attrs)) {
      const all = CONVOLUTION.conv2d_filter_grad(instead(t, [x, dy], [kh, kw, c, c]));
      const own = same(t, 'Mul', [all, ownChannel(t, c)]);
      return same(t, 'Sum', [own, t.ints([2])], { Tidx: INT, keep_dims: flagAttr(true) });
    }
    const sizes = t.sizes([kh, kw, c, ONE]);
    const whole = same(t, 'DepthwiseConv2dNativeBackpropFilter', [inside(t, x), sizes, dy], form(t.node.attrs));
    return reshape(t, whole, t.sizes(t.node.type.shape));
  },
};
