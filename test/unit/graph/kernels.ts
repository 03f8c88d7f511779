/**
 * TensorFlow's operations as its documentation defines them, in float64, so that graphs can be run where TensorFlow is not installed. Where an
 * operation is a primitive of ours under another name, the float64 reference of that primitive stands for it; what was found by running the
 * graphs in TensorFlow itself is written down in docs/tensorflow-graph.md.
 */
import type { Attrs } from '../../../compiler/ops/graph.ts';
import { Attributes } from '../../reference/attributes.ts';
import { floorDivide } from '../../reference/elementwise.ts';
import { broadcastShape, build, type NdArray, ndarray, offset, read, readBroadcast, sizeOf, zeros } from '../../reference/ndarray.ts';
import { references } from '../../reference/primitives.ts';
import type { DecodedNode } from './decode.ts';
import { shapeOf } from './decode.ts';

export type Kernel = (inputs: readonly NdArray[], node: DecodedNode) => NdArray;

function primitive(name: string, inputs: readonly NdArray[], attrs: Attrs): NdArray {
  const found = references.get(name);
  if (!found) throw new Error(`no reference for ${name}`);
  return found(inputs, new Attributes(attrs, {}));
}

const numbers = (x: NdArray): readonly number[] => Array.from(x.data);
const like =
  (name: string): Kernel =>
  (inputs) =>
    primitive(name, inputs, {});

function intList(node: DecodedNode, name: string): readonly number[] {
  const list = node.attr[name]?.list?.i;
  if (!list) throw new Error(`${node.name} has no list ${name}`);
  return list;
}

const flagOf = (node: DecodedNode, name: string): boolean => node.attr[name]?.b === true;

/** Strides, dilations and [top, bottom, left, right]. */
function geometry(node: DecodedNode): {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly pad: readonly number[];
} {
  const explicit = node.attr.padding.s === 'EXPLICIT' ? intList(node, 'explicit_paddings') : [0, 0, 0, 0, 0, 0, 0, 0];
  return { stride: intList(node, 'strides').slice(1, 3), dilation: intList(node, 'dilations').slice(1, 3), pad: explicit.slice(2, 6) };
}

/** TensorFlow computes adjoints of convolutions on the processor only undilated: a graph with others runs nowhere else than on GPUs. */
function undilated(node: DecodedNode): ReturnType<typeof geometry> {
  const found = geometry(node);
  if (found.dilation.some((d) => d !== 1)) throw new Error(`${node.name}: dilation rates larger than 1 are not supported on the processor`);
  return found;
}

/** TensorFlow's depthwise kernels know equal strides only, and read no dilation. */
function square(node: DecodedNode): ReturnType<typeof geometry> {
  const found = undilated(node);
  if (found.stride[0] !== found.stride[1]) throw new Error(`${node.name}: strides differ`);
  return found;
}

/** [kh, kw, C, 1] as our [kh, kw, 1, C]. */
function channelsLast(filter: NdArray): NdArray {
  const [kh, kw, c, each] = filter.shape;
  if (each !== 1) throw new Error('more than one filter for a channel');
  return ndarray([kh, kw, 1, c], filter.data);
}

function pooling(node: DecodedNode): Attrs {
  if (node.attr.padding.s !== 'VALID') throw new Error(`${node.name}: unexpected padding`);
  return { window: intList(node, 'ksize').slice(1, 3), stride: intList(node, 'strides').slice(1, 3), pad: [0, 0, 0, 0] };
}

const reduction =
  (name: string): Kernel =>
  ([x, axes], node) =>
    primitive(name, [x], { axes: numbers(axes), keep: flagOf(node, 'keep_dims') });

/** -1 stands for what is left. */
function reshaped(x: NdArray, wanted: readonly number[]): NdArray {
  const rest = wanted.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const shape = wanted.map((n) => (n === -1 ? sizeOf(x.shape) / rest : n));
  return ndarray(shape, x.data);
}

function padded(x: NdArray, paddings: NdArray, value: number): NdArray {
  const pairs = numbers(paddings);
  if (pairs.some((n) => n < 0)) throw new Error('Paddings must be non-negative');
  return primitive('pad', [x], {
    before: pairs.filter((_, i) => i % 2 === 0),
    after: pairs.filter((_, i) => i % 2 === 1),
    value,
  });
}

/** Pairs of matrices, whose leading axes broadcast. */
const batchMatMul: Kernel = ([a, b], node) => {
  const [ta, tb] = [flagOf(node, 'adj_x'), flagOf(node, 'adj_y')];
  const [ra, rb] = [a.shape.length, b.shape.length];
  const depth = a.shape[ta ? ra - 2 : ra - 1];
  if (depth !== b.shape[tb ? rb - 1 : rb - 2]) throw new Error(`${node.name}: matrices do not fit`);
  const leading = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const at = (x: NdArray, index: readonly number[], row: number, column: number): number => {
    const own = x.shape.slice(0, -2);
    return read(x, [...own.map((n, i) => (n === 1 ? 0 : index[i + leading.length - own.length])), row, column]);
  };
  return build([...leading, a.shape[ta ? ra - 1 : ra - 2], b.shape[tb ? rb - 2 : rb - 1]], (index) => {
    const [row, column] = index.slice(-2);
    let sum = 0;
    for (let k = 0; k < depth; k++)
      sum += (ta ? at(a, index, k, row) : at(a, index, row, k)) * (tb ? at(b, index, column, k) : at(b, index, k, column));
    return sum;
  });
};

/** The image n·b + (image of the block) of the result holds every `block`-th row and column. */
const spaceToBatch: Kernel = ([x, block, paddings], node) => {
  const [down, across] = numbers(block);
  const all = padded(x, ndarray([4, 2], [0, 0, ...numbers(paddings), 0, 0]), 0);
  const [n, h, w, c] = all.shape;
  if (h % down !== 0 || w % across !== 0) throw new Error(`${node.name}: sides are no multiples of the block`);
  return build([n * down * across, h / down, w / across, c], ([image, i, j, k]) => {
    const place = Math.floor(image / n);
    return read(all, [image % n, i * down + Math.floor(place / across), j * across + (place % across), k]);
  });
};

const batchToSpace: Kernel = ([x, block, crops]) => {
  const [down, across] = numbers(block);
  const [top, bottom, left, right] = numbers(crops);
  const [images, h, w, c] = x.shape;
  const n = images / (down * across);
  return build([n, h * down - top - bottom, w * across - left - right, c], ([image, i, j, k]) => {
    const [row, column] = [i + top, j + left];
    const place = (row % down) * across + (column % across);
    return read(x, [place * n + image, Math.floor(row / down), Math.floor(column / across), k]);
  });
};

function resizing(node: DecodedNode, size: readonly number[]): Attrs {
  const corners = flagOf(node, 'align_corners');
  if (corners === flagOf(node, 'half_pixel_centers')) throw new Error(`${node.name}: neither corners nor half-pixel centres`);
  return { size, mode: 'bilinear', convention: corners ? 'corners' : 'half_pixel', factor_h: 0, factor_w: 0 };
}

const element =
  (f: (a: number, b: number) => number): Kernel =>
  ([a, b]) =>
    build(broadcastShape(a.shape, b.shape), (index) => f(readBroadcast(a, index), readBroadcast(b, index)));

const SAME_NAME = [
  ...[
    'Neg',
    'Abs',
    'Sign',
    'Exp',
    'Log',
    'Log1p',
    'Sqrt',
    'Rsqrt',
    'Square',
    'Reciprocal',
    'Relu',
    'Sigmoid',
    'Tanh',
    'Softplus',
    'Erf',
    'Floor',
    'Ceil',
  ],
  ...['Sub', 'Mul', 'Maximum', 'Minimum', 'Greater', 'Less', 'Equal'],
];

/** Along the last axis, the largest first; "if two elements are equal, the lower-index element appears first". */
function topIndices(x: NdArray, count: NdArray): NdArray {
  return primitive('top_indices', [x], { axis: x.shape.length - 1, count: count.data[0], largest: true });
}

/** The second output of those operations that have one. */
export const SECOND_OUTPUTS: Readonly<Record<string, Kernel>> = { TopKV2: ([x, count]) => topIndices(x, count) };

export const KERNELS: Readonly<Record<string, Kernel>> = {
  ...Object.fromEntries(SAME_NAME.map((name) => [name, like(name.toLowerCase())])),
  Rint: like('round'),
  AddV2: like('add'),
  RealDiv: like('div'),
  FloorDiv: (inputs) => floorDivide(inputs, new Attributes({}, {})),
  Pow: element((a, b) => a ** b),
  GreaterEqual: like('greater_equal'),
  LessEqual: like('less_equal'),
  NotEqual: like('not_equal'),
  LogicalAnd: like('logical_and'),
  LogicalOr: like('logical_or'),
  LogicalNot: like('logical_not'),
  SelectV2: like('select'),
  Identity: ([x]) => x,
  Cast: ([x], node) => {
    const to = node.attr.DstT.type;
    return primitive('cast', [x], { dtype: to === 'DT_BOOL' ? 'bool' : to === 'DT_INT32' ? 'i32' : 'f32' });
  },
  Const: (_, node) => {
    const tensor = node.attr.value.tensor;
    const values = tensor?.floatVal?.length
      ? tensor.floatVal
      : tensor?.doubleVal?.length
        ? tensor.doubleVal
        : tensor?.intVal?.length
          ? tensor.intVal
          : (tensor?.boolVal ?? []).map(Number);
    return ndarray(shapeOf(tensor?.tensorShape ?? {}), values);
  },
  Shape: ([x]) => ndarray([x.shape.length], x.shape),
  StridedSlice: ([x, from, to, step], node) => {
    if (node.attr.shrink_axis_mask?.i !== 1 || to.data[0] !== from.data[0] + 1 || step.data[0] !== 1)
      throw new Error(`${node.name}: more than one element`);
    return ndarray([], [x.data[from.data[0]]]);
  },
  Pack: (inputs, node) => {
    const axis = node.attr.axis?.i ?? 0;
    const { shape } = inputs[0];
    return build([...shape.slice(0, axis), inputs.length, ...shape.slice(axis)], (index) =>
      read(inputs[index[axis]], [...index.slice(0, axis), ...index.slice(axis + 1)]),
    );
  },
  Range: ([start, limit, step]) => {
    const values: number[] = [];
    for (let v = start.data[0]; v < limit.data[0]; v += step.data[0]) values.push(v);
    return ndarray([values.length], values);
  },
  Fill: ([shape, value]) => build(numbers(shape), () => value.data[0]),
  Sum: reduction('sum'),
  Mean: reduction('mean'),
  Max: reduction('max'),
  Min: reduction('min'),
  Reshape: ([x, shape]) => reshaped(x, numbers(shape)),
  Transpose: ([x, perm]) => primitive('transpose', [x], { perm: numbers(perm) }),
  BroadcastTo: ([x, shape]) => primitive('broadcast_to', [x], { shape: numbers(shape) }),
  Slice: ([x, starts, sizes]) => primitive('slice', [x], { starts: numbers(starts), sizes: numbers(sizes) }),
  PadV2: ([x, paddings, value]) => padded(x, paddings, value.data[0]),
  ConcatV2: (inputs) => primitive('concat', inputs.slice(0, -1), { axis: inputs[inputs.length - 1].data[0] }),
  ReverseV2: ([x, axes]) => primitive('reverse', [x], { axes: numbers(axes) }),
  GatherV2: ([x, indices, axis]) => primitive('gather', [x, indices], { axis: axis.data[0] }),
  AddN: (inputs) => inputs.reduce((sum, x) => primitive('add', [sum, x], {})),
  TopKV2: ([x, count]) => primitive('gather_along', [x, topIndices(x, count)], { axis: x.shape.length - 1 }),
  UnsortedSegmentSum: ([x, segments, count]) => {
    const rank = segments.shape.length;
    const result = zeros([count.data[0], ...x.shape.slice(rank)]);
    build(x.shape, (index) => {
      const segment = read(segments, index.slice(0, rank));
      if (segment >= 0) result.data[offset(result.shape, [segment, ...index.slice(rank)])] += read(x, index);
      return 0;
    });
    return result;
  },
  OneHot: ([indices, depth, on, off]) =>
    build([...indices.shape, depth.data[0]], (index) =>
      read(indices, index.slice(0, -1)) === index[index.length - 1] ? on.data[0] : off.data[0],
    ),
  MatMul: ([a, b], node) => primitive('matmul', [a, b], { ta: flagOf(node, 'transpose_a'), tb: flagOf(node, 'transpose_b') }),
  BatchMatMulV2: batchMatMul,
  Conv2D: ([x, filter], node) => primitive('conv2d', [x, filter], { ...geometry(node) }),
  Conv2DBackpropInput: ([shape, filter, dy], node) =>
    primitive('conv2d_input_grad', [dy, filter], { ...undilated(node), size: numbers(shape).slice(1, 3) }),
  Conv2DBackpropFilter: ([x, shape, dy], node) =>
    primitive('conv2d_filter_grad', [x, dy], { ...undilated(node), kernel: numbers(shape).slice(0, 2) }),
  DepthwiseConv2dNative: ([x, filter], node) => primitive('depthwise_conv2d', [x, channelsLast(filter)], { ...square(node) }),
  DepthwiseConv2dNativeBackpropInput: ([shape, filter, dy], node) =>
    primitive('depthwise_conv2d_input_grad', [dy, channelsLast(filter)], { ...square(node), size: numbers(shape).slice(1, 3) }),
  DepthwiseConv2dNativeBackpropFilter: ([x, shape, dy], node) =>
    reshaped(primitive('depthwise_conv2d_filter_grad', [x, dy], { ...square(node), kernel: numbers(shape).slice(0, 2) }), numbers(shape)),
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  MaxPool: ([x], node) => primitive('max_pool', [x], { ...pooling(node), ceil: false }),
  MaxPoolGrad: ([x, y, dy], node) => primitive('max_pool_grad', [x, y, dy], { ...pooling(node), ceil: false }),
  AvgPool: ([x], node) => primitive('avg_pool', [x], { ...pooling(node), count_pad: true }),
  AvgPoolGrad: ([shape, dy], node) =>
    primitive('avg_pool_grad', [dy], { ...pooling(node), count_pad: true, size: numbers(shape).slice(1, 3) }),
  ResizeBilinear: ([x, size], node) => primitive('resize', [x], resizing(node, numbers(size))),
  ResizeBilinearGrad: ([dy, original], node) => primitive('resize_grad', [dy], resizing(node, original.shape.slice(1, 3))),
};
