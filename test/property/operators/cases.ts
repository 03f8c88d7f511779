/** For each operator of the table: how to draw inputs and attributes that it accepts. */
import type { Attrs } from '../../../compiler/ops/graph.ts';
import { add, constant, type Dim, multiply, subtract } from '../../../compiler/shape/dim.ts';
import type { Domain, Draw, Given } from './draw.ts';

export interface Case {
  readonly inputs: readonly Given[];
  readonly attrs: Attrs;
}

type Drawer = (d: Draw) => Case;

const none: Attrs = {};

const unary =
  (domain: Domain = 'any', attrs: (d: Draw) => Attrs = () => none): Drawer =>
  (d) => ({ inputs: [d.tensor(d.shape(d.int(0, 3)), domain)], attrs: attrs(d) });

const binary =
  (first: Domain = 'any', second: Domain = first): Drawer =>
  (d) => {
    const shape = d.shape(d.int(0, 3));
    const narrow = d.narrowed(shape);
    const [a, b] = d.flag() ? [shape, narrow] : [narrow, shape];
    return { inputs: [d.tensor(a, first, 4), d.tensor(b, second, 4)], attrs: none };
  };

const reduction: Drawer = (d) => {
  const rank = d.int(1, 4);
  return { inputs: [d.tensor(d.shape(rank))], attrs: { axes: d.axes(rank), keep: d.flag() } };
};

function zeros(rank: number): readonly Dim[] {
  return Array.from({ length: rank }, () => constant(0));
}

interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly pad: readonly [number, number, number, number];
}

const pairOf = (d: Draw, low: number, high: number): [number, number] => [d.int(low, high), d.int(low, high)];

function window(d: Draw, pad: (kernel: number) => number): Window {
  const kernel = pairOf(d, 1, 3);
  return {
    kernel,
    stride: pairOf(d, 1, 3),
    dilation: pairOf(d, 1, 2),
    pad: [pad(kernel[0]), pad(kernel[0]), pad(kernel[1]), pad(kernel[1])],
  };
}

/** Maps large enough for any window drawn here. */
const plane = (d: Draw): readonly Dim[] => [d.size(5, 8), d.size(5, 8)];

const outSize = (n: number, kernel: number, stride: number, dilation: number, pad: number): number =>
  Math.floor((n + pad - dilation * (kernel - 1) - 1) / stride) + 1;

interface Convolution {
  readonly x: readonly Dim[];
  readonly filter: readonly Dim[];
  readonly dy: readonly Dim[];
  readonly geometry: Attrs;
}

function convolution(d: Draw): Convolution {
  const w = window(d, () => d.int(0, 2));
  const [n, c, o] = d.shape(3, 1, 2);
  const [h, width] = plane(d);
  const rows = outSize(d.value(h), w.kernel[0], w.stride[0], w.dilation[0], w.pad[0] + w.pad[1]);
  const columns = outSize(d.value(width), w.kernel[1], w.stride[1], w.dilation[1], w.pad[2] + w.pad[3]);
  return {
    x: [n, h, width, c],
    filter: [constant(w.kernel[0]), constant(w.kernel[1]), c, o],
    dy: [n, constant(rows), constant(columns), o],
    geometry: { stride: w.stride, pad: w.pad, dilation: w.dilation },
  };
}

function pooling(d: Draw): { readonly x: readonly Dim[]; readonly attrs: Attrs; readonly dy: (ceil: boolean) => readonly Dim[] } {
  // Padding of at most half the window, as PyTorch demands: every window then holds a cell.
  const w = window(d, (kernel) => d.int(0, Math.floor(kernel / 2)));
  const [n, c] = d.shape(2, 1, 2);
  const [h, width] = plane(d);
  const side = (size: Dim, i: 0 | 1, ceil: boolean): Dim => {
    const [before, after] = [w.pad[2 * i], w.pad[2 * i + 1]];
    const room = d.value(size) + before + after - w.kernel[i];
    const count = (ceil ? Math.ceil(room / w.stride[i]) : Math.floor(room / w.stride[i])) + 1;
    return constant(ceil && (count - 1) * w.stride[i] >= d.value(size) + before ? count - 1 : count);
  };
  return {
    x: [n, h, width, c],
    attrs: { window: w.kernel, stride: w.stride, pad: w.pad },
    dy: (ceil) => [n, side(h, 0, ceil), side(width, 1, ceil), c],
  };
}

/** Both ways: the same draw gives a resize and its adjoint. */
function resizing(d: Draw, adjoint: boolean): Case {
  const [n, c] = d.shape(2, 1, 2);
  const from = d.shape(2, 1, 6);
  const [mode, convention] = d.pick([
    ['bilinear', 'half_pixel'],
    ['bilinear', 'corners'],
    ['bilinear', 'factor'],
    ['nearest', 'half_pixel'],
    ['nearest', 'factor'],
    ['nearest', 'pillow_nearest'],
  ] as const);
  const factors = [d.pick([0.5, 1.5, 2, 0.75]), d.pick([0.5, 1.5, 2])];
  const to =
    convention === 'factor' ? from.map((size, i) => constant(Math.max(1, Math.floor(d.value(size) * factors[i])))) : d.shape(2, 1, 7);
  const form = { mode, convention, factor_h: convention === 'factor' ? factors[0] : 0, factor_w: convention === 'factor' ? factors[1] : 0 };
  const [shape, size] = adjoint ? [to, from] : [from, to];
  return { inputs: [d.tensor([n, ...shape, c])], attrs: { ...form, size } };
}

/** A convolution in which every channel has a filter of its own. */
function depthwise(d: Draw): Convolution {
  const { x, filter, dy, geometry } = convolution(d);
  const [kh, kw, c] = filter;
  return { x, filter: [kh, kw, constant(1), c], dy: [...dy.slice(0, 3), c], geometry };
}

/** A map and places in and around it. */
function sampling(d: Draw): { readonly x: readonly Dim[]; readonly grid: Given; readonly dy: readonly Dim[]; readonly attrs: Attrs } {
  const [n, c] = d.shape(2, 1, 2);
  const size = d.shape(2, 1, 5);
  const places = d.shape(2, 1, 4);
  const { type, value } = d.tensor([n, ...places, constant(2)]);
  // Between -1.3 and 1.3: some lie outside.
  const grid = { type, value: { shape: value.shape, data: value.data.map((v) => v / 3) } };
  const attrs = { corners: d.flag(), border: d.pick(['zero', 'replicate']) };
  return { x: [n, ...size, c], grid, dy: [n, ...places, c], attrs };
}

/** A map and where its neighbours lie; some offsets occur twice. */
function surroundings(d: Draw): {
  readonly x: readonly Dim[];
  readonly offsets: readonly number[];
  readonly reach: readonly [number, number];
} {
  const [n, c] = d.shape(2, 1, 2);
  const [h, w] = plane(d);
  const moves = Array.from({ length: d.int(1, 4) }, () => pairOf(d, 0, 3));
  const reach = [Math.max(...moves.map(([down]) => down)), Math.max(...moves.map(([, right]) => right))] as const;
  return { x: [n, h, w, c], offsets: moves.flat(), reach };
}

export const CASES: Readonly<Record<string, Drawer>> = {
  const: (d) => ({ inputs: [], attrs: { value: d.int(-3, 3) / 2, dtype: 'f32' } }),
  fill: (d) => ({ inputs: [], attrs: { shape: d.shape(d.int(0, 3)), value: 0.5, dtype: 'f32' } }),
  iota: (d) => ({ inputs: [], attrs: { size: d.size(1, 5) } }),
  dim: (d) => ({ inputs: [], attrs: { value: add(multiply(d.size(1, 5), constant(2)), constant(1)), dtype: 'f32' } }),
  neg: unary(),
  abs: unary(),
  sign: unary(),
  exp: unary(),
  log: unary('positive'),
  log1p: unary('positive'),
  sqrt: unary('positive'),
  rsqrt: unary('positive'),
  square: unary(),
  reciprocal: unary('positive'),
  relu: unary(),
  sigmoid: unary(),
  tanh: unary(),
  softplus: unary(),
  erf: unary(),
  floor: unary(),
  ceil: unary(),
  round: unary(),
  pow: unary('positive', (d) => ({ exponent: d.pick([0.5, 1, 2, 3, -1, 1.7]) })),
  clamp: unary('any', () => ({ min: -1, max: 0.5 })),
  add: binary(),
  sub: binary(),
  mul: binary(),
  div: binary('any', 'positive'),
  maximum: binary(),
  minimum: binary(),
  greater: binary('whole'),
  greater_equal: binary('whole'),
  less: binary('whole'),
  less_equal: binary('whole'),
  equal: binary('whole'),
  not_equal: binary('whole'),
  logical_and: binary('flag'),
  logical_or: binary('flag'),
  logical_not: unary('flag'),
  select: (d) => {
    const shape = d.shape(d.int(0, 3));
    return { inputs: [d.tensor(d.flag() ? shape : d.narrowed(shape), 'flag'), d.tensor(shape), d.tensor(d.narrowed(shape))], attrs: none };
  },
  cast: (d) => ({ inputs: [d.tensor(d.shape(2), d.pick(['any', 'whole', 'flag']), 5)], attrs: { dtype: d.pick(['f32', 'i32', 'bool']) } }),
  sum: reduction,
  mean: reduction,
  max: reduction,
  min: reduction,
  argmax: (d) => {
    const rank = d.int(1, 3);
    return { inputs: [d.tensor(d.shape(rank))], attrs: { axis: d.int(0, rank - 1) } };
  },
  reshape: (d) => {
    const [a, b, c] = d.shape(3);
    const shape = d.pick([[a, multiply(b, c)], [multiply(a, b), c], [multiply(a, b, c)], [constant(1), a, b, c]]);
    const x = d.tensor([a, b, c]);
    return d.flag() ? { inputs: [x], attrs: { shape } } : { inputs: [d.tensor(shape)], attrs: { shape: [a, b, c] } };
  },
  transpose: (d) => {
    const rank = d.int(1, 4);
    return { inputs: [d.tensor(d.shape(rank, 1, 3))], attrs: { perm: d.order(rank) } };
  },
  broadcast_to: (d) => {
    const shape = d.shape(d.int(0, 3));
    return { inputs: [d.tensor(d.narrowed(shape))], attrs: { shape } };
  },
  slice: (d) => {
    const shape = d.shape(d.int(1, 3), 3, 5);
    const starts = shape.map(() => constant(d.int(0, 1)));
    return {
      inputs: [d.tensor(shape)],
      attrs: { starts, sizes: shape.map((n, i) => (d.flag() ? subtract(n, add(starts[i], constant(1))) : constant(2))) },
    };
  },
  pad: (d) => {
    const shape = d.shape(d.int(1, 3));
    return {
      inputs: [d.tensor(shape)],
      attrs: { before: shape.map(() => d.size(1, 2)), after: d.flag() ? zeros(shape.length) : shape, value: d.int(-1, 1) },
    };
  },
  concat: (d) => {
    const shape = d.shape(d.int(1, 3));
    const axis = d.int(0, shape.length - 1);
    return {
      inputs: Array.from({ length: d.int(1, 3) }, () => d.tensor(shape.map((n, i) => (i === axis ? d.size(1, 3) : n)))),
      attrs: { axis },
    };
  },
  reverse: (d) => {
    const rank = d.int(1, 3);
    return { inputs: [d.tensor(d.shape(rank))], attrs: { axes: d.axes(rank) } };
  },
  gather: (d) => {
    const shape = d.shape(d.int(1, 3));
    const axis = d.int(0, shape.length - 1);
    return { inputs: [d.tensor(shape), d.tensor(d.shape(d.int(0, 2)), 'whole', d.value(shape[axis]))], attrs: { axis } };
  },
  scatter_add: (d) => {
    const shape = d.shape(d.int(1, 3));
    const axis = d.int(0, shape.length - 1);
    const indices = d.tensor(d.shape(d.int(0, 2)), 'whole', d.value(shape[axis]));
    return {
      inputs: [indices, d.tensor([...shape.slice(0, axis), ...indices.type.shape, ...shape.slice(axis + 1)])],
      attrs: { axis, size: shape[axis] },
    };
  },
  gather_along: (d) => {
    const shape = d.shape(d.int(1, 3));
    const axis = d.int(0, shape.length - 1);
    const count = d.size(1, 4);
    return {
      inputs: [
        d.tensor(shape),
        d.tensor(
          shape.map((n, i) => (i === axis ? count : n)),
          'whole',
          d.value(shape[axis]),
        ),
      ],
      attrs: { axis },
    };
  },
  scatter_add_along: (d) => {
    const shape = d.shape(d.int(1, 3));
    const axis = d.int(0, shape.length - 1);
    const size = d.size(1, 4);
    return { inputs: [d.tensor(shape, 'whole', d.value(size)), d.tensor(shape)], attrs: { axis, size } };
  },
  top_indices: (d) => {
    const shape = d.shape(d.int(1, 3), 1, 6);
    const axis = d.int(0, shape.length - 1);
    const count = d.flag() ? shape[axis] : constant(d.int(1, d.value(shape[axis])));
    return { inputs: [d.tied(shape)], attrs: { axis, count, largest: d.flag() } };
  },
  one_hot: (d) => ({ inputs: [d.tensor(d.shape(d.int(0, 2)), 'whole', 6)], attrs: { depth: d.size(2, 4) } }),
  detach: unary(),
  identity: unary('any', () => ({ kind: 'features' })),
  matmul: (d) => {
    const [batch, rows, depth, columns] = d.shape(4);
    const [ta, tb] = [d.flag(), d.flag()];
    const a = ta ? [depth, rows] : [rows, depth];
    const b = tb ? [columns, depth] : [depth, columns];
    const stack = d.flag() ? [batch] : [];
    return { inputs: [d.tensor([...stack, ...a]), d.tensor([...stack, ...b])], attrs: { ta, tb } };
  },
  conv2d: (d) => {
    const { x, filter, geometry } = convolution(d);
    return { inputs: [d.tensor(x), d.tensor(filter)], attrs: geometry };
  },
  conv2d_input_grad: (d) => {
    const { x, filter, dy, geometry } = convolution(d);
    return { inputs: [d.tensor(dy), d.tensor(filter)], attrs: { ...geometry, size: x.slice(1, 3) } };
  },
  conv2d_filter_grad: (d) => {
    const { x, filter, dy, geometry } = convolution(d);
    return { inputs: [d.tensor(x), d.tensor(dy)], attrs: { ...geometry, kernel: filter.slice(0, 2) } };
  },
  depthwise_conv2d: (d) => {
    const { x, filter, geometry } = depthwise(d);
    return { inputs: [d.tensor(x), d.tensor(filter)], attrs: geometry };
  },
  depthwise_conv2d_input_grad: (d) => {
    const { x, filter, dy, geometry } = depthwise(d);
    return { inputs: [d.tensor(dy), d.tensor(filter)], attrs: { ...geometry, size: x.slice(1, 3) } };
  },
  depthwise_conv2d_filter_grad: (d) => {
    const { x, filter, dy, geometry } = depthwise(d);
    return { inputs: [d.tensor(x), d.tensor(dy)], attrs: { ...geometry, kernel: filter.slice(0, 2) } };
  },
  neighbours: (d) => {
    const { x, offsets } = surroundings(d);
    return { inputs: [d.tensor(x)], attrs: { offsets } };
  },
  neighbours_grad: (d) => {
    const { x, offsets, reach } = surroundings(d);
    const [n, h, w, c] = x;
    const places = [add(h, constant(-reach[0])), add(w, constant(-reach[1]))];
    return { inputs: [d.tensor([n, ...places, constant(offsets.length / 2), c])], attrs: { offsets, size: [h, w] } };
  },
  max_pool: (d) => {
    const { x, attrs } = pooling(d);
    return { inputs: [d.tensor(x)], attrs: { ...attrs, ceil: d.flag() } };
  },
  max_pool_grad: (d) => {
    const { x, attrs, dy } = pooling(d);
    const ceil = d.flag();
    return { inputs: [d.tensor(x), d.tensor(dy(ceil)), d.tensor(dy(ceil))], attrs: { ...attrs, ceil } };
  },
  avg_pool: (d) => {
    const { x, attrs } = pooling(d);
    return { inputs: [d.tensor(x)], attrs: { ...attrs, count_pad: d.flag() } };
  },
  avg_pool_grad: (d) => {
    const { x, attrs, dy } = pooling(d);
    return { inputs: [d.tensor(dy(false))], attrs: { ...attrs, count_pad: d.flag(), size: x.slice(1, 3) } };
  },
  grid_sample: (d) => {
    const { x, grid, attrs } = sampling(d);
    return { inputs: [d.tensor(x), grid], attrs };
  },
  grid_sample_input_grad: (d) => {
    const { x, grid, dy, attrs } = sampling(d);
    return { inputs: [grid, d.tensor(dy)], attrs: { ...attrs, size: x.slice(1, 3) } };
  },
  grid_sample_grid_grad: (d) => {
    const { x, grid, dy, attrs } = sampling(d);
    return { inputs: [d.tensor(x), grid, d.tensor(dy)], attrs };
  },
  resize: (d) => resizing(d, false),
  resize_grad: (d) => resizing(d, true),
};
