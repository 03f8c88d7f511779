/** TensorFlow column: pooling. Its average pooling has no padding of its own, and its maximum none that depends on sizes: maps are padded before. */
import { add, constant, type Dim, maxDim, multiply, subtract } from '../../shape/dim.ts';
import type { Attrs } from '../graph.ts';
import { dims, flag, ints } from '../rules.ts';
import { filled, padded, same, sliced, type TfAttrs, type TfRule, type TfScope, type TfTensor } from './rule.ts';

const ZERO = constant(0);
/** Below every float32 value that training meets; stands for minus infinity. */
const LOWEST = -3.4028234663852886e38;

function geometry(attrs: Attrs): TfAttrs {
  return {
    ksize: { ints: [1, ...ints(attrs, 'window'), 1] },
    strides: { ints: [1, ...ints(attrs, 'stride'), 1] },
    padding: { text: 'VALID' },
    data_format: { text: 'NHWC' },
  };
}

interface Border {
  readonly before: readonly Dim[];
  readonly after: readonly Dim[];
  readonly isEmpty: boolean;
}

/** The declared padding; where sizes are rounded up, as much behind the map as the last window needs. */
function border(attrs: Attrs, map: readonly Dim[], result: readonly Dim[]): Border {
  const [pad, window, stride] = [ints(attrs, 'pad'), ints(attrs, 'window'), ints(attrs, 'stride')];
  const up = attrs.ceil === true;
  const behind = (side: 0 | 1): Dim => {
    if (!up) return constant(pad[2 * side + 1]);
    const end = add(multiply(constant(stride[side]), subtract(result[side + 1], constant(1))), constant(window[side] - pad[2 * side]));
    return maxDim(ZERO, subtract(end, map[side + 1]));
  };
  return {
    before: [ZERO, constant(pad[0]), constant(pad[2]), ZERO],
    after: [ZERO, behind(0), behind(1), ZERO],
    isEmpty: !up && pad.every((edge) => edge === 0),
  };
}

function inside(t: TfScope, x: TfTensor, edge: Border, value: number): TfTensor {
  return edge.isEmpty ? x : padded(t, x, edge.before, edge.after, value);
}

function cropped(t: TfScope, x: TfTensor, edge: Border, shape: readonly Dim[]): TfTensor {
  return edge.isEmpty ? x : sliced(t, x, edge.before, shape);
}

/** Divides by the share of each window that lies inside the map, where padding does not count. */
function perCell(t: TfScope, pooled: TfTensor, edge: Border, map: readonly Dim[]): TfTensor {
  if (edge.isEmpty || flag(t.node.attrs, 'count_pad')) return pooled;
  const one = constant(1);
  const ones = filled(t, [one, map[1], map[2], one], t.scalar(1, 'DT_FLOAT'));
  return same(t, 'RealDiv', [pooled, same(t, 'AvgPool', [inside(t, ones, edge, 0)], geometry(t.node.attrs))]);
}

export const POOLING: Readonly<Record<string, TfRule>> = {
  max_pool: (t) => {
    const { attrs, type, inputs } = t.node;
    return same(t, 'MaxPool', [inside(t, t.inputs[0], border(attrs, inputs[0].type.shape, type.shape), LOWEST)], geometry(attrs));
  },
  max_pool_grad: (t) => {
    const [x, y, dy] = t.inputs;
    const { attrs, type, inputs } = t.node;
    const edge = border(attrs, type.shape, inputs[1].type.shape);
    return cropped(t, same(t, 'MaxPoolGrad', [inside(t, x, edge, LOWEST), y, dy], geometry(attrs)), edge, type.shape);
  },
  avg_pool: (t) => {
    const { attrs, type, inputs } = t.node;
    const map = inputs[0].type.shape;
    const edge = border(attrs, map, type.shape);
    return perCell(t, same(t, 'AvgPool', [inside(t, t.inputs[0], edge, 0)], geometry(attrs)), edge, map);
  },
  avg_pool_grad: (t) => {
    const { attrs, type, inputs } = t.node;
    const [n, , , c] = type.shape;
    const map = [n, ...dims(attrs, 'size'), c];
    const edge = border(attrs, map, inputs[0].type.shape);
    const whole = map.map((d, i) => add(d, edge.before[i], edge.after[i]));
    const shares = perCell(t, t.inputs[0], edge, map);
    return cropped(t, same(t, 'AvgPoolGrad', [t.sizes(whole), shares], geometry(attrs), 1), edge, map);
  },
};
