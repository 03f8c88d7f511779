/** Functions of maps: convolution, pooling, resizing. */
import { outputSize } from '../../ops/convolution.ts';
import { constant, type Dim, multiply, show } from '../../shape/dim.ts';
import { asDim, roundStatic } from '../statics.ts';
import { number, size, tensor, type Value } from '../values.ts';
import type { Reader } from './arguments.ts';
import { bicubic } from './bicubic.ts';
import { neighbours } from './neighbours.ts';
import { op, type Primitive } from './primitive.ts';

function resize(r: Reader): Value {
  const x = r.tensor('x');
  const mode = r.word('mode', ['bilinear', 'nearest', 'bicubic'], 'bilinear');
  const convention = r.word('convention', ['half_pixel', 'corners', 'factor', 'pillow_nearest'], r.has('factor') ? 'factor' : undefined);
  let target: readonly Dim[];
  let factors: readonly number[] = [0, 0];
  if (r.has('like')) target = sizeLike(r);
  else if (r.has('size')) target = r.dims('size');
  else if (r.has('factor')) {
    const factor = r.number('factor', 1);
    factors = [factor, factor];
    target = [1, 2].map((axis) => {
      const dim = x.type.shape[axis];
      const scaled = Number.isInteger(factor) ? size(dim) : undefined;
      if (scaled) return asDim({ kind: 'ratio', numerator: dim, denominator: constant(1) }) ? multiplied(dim, factor) : dim;
      const whole = roundStatic('floor', scaledValue(factor, dim));
      const result = whole && asDim(whole);
      if (!result) throw r.wrong('factor', 'a factor that gives a size');
      return result;
    });
  } else throw r.wrong('size', 'like: x, size: [height, width] or factor: 2');
  if (target.length !== 2) throw r.wrong('size', '[height, width]');
  if (mode === 'bicubic') {
    if (convention !== 'half_pixel' && convention !== 'corners') throw r.wrong('convention', 'half_pixel or corners (with mode: bicubic)');
    if (x.type.shape.length !== 4) throw r.wrong('x', 'a map [N, H, W, C]');
    return tensor(bicubic(r, x, target, convention));
  }
  return op(r, 'resize', [x], { size: target, mode, convention, factor_h: factors[0], factor_w: factors[1] });
}
/** Height and width of the map given as `like`, or of the photo itself. */
function sizeLike(r: Reader): readonly Dim[] {
  const given = r.value('like');
  // The photo as it is: scaled, padded or cropped it has a size of its own once it is a tensor.
  if (given?.kind === 'photo' && given.photo.steps.length === 0) return [given.photo.height, given.photo.width];
  const { shape } = r.tensor('like').type;
  if (shape.length !== 4) throw r.wrong('like', 'a map [N, H, W, C]');
  return [shape[1], shape[2]];
}
function scaledValue(factor: number, dim: Dim): Value {
  const fixed = size(dim);
  return fixed.kind === 'number' ? number(fixed.value * factor, false) : { kind: 'scaled', factor, dim };
}
function multiplied(dim: Dim, factor: number): Dim {
  return multiply(dim, constant(factor));
}

function pooling(r: Reader, name: 'max_pool' | 'avg_pool'): Value {
  const window = r.pair('window', 2);
  const stride = r.has('stride') ? r.pair('stride', 1) : window;
  const shared = { window, stride, pad: r.padding('pad') };
  return op(
    r,
    name,
    [r.tensor('x')],
    name === 'max_pool' ? { ...shared, ceil: r.boolean('ceil', false) } : { ...shared, count_pad: r.boolean('count_pad', true) },
  );
}

export const MAPS: Readonly<Record<string, Primitive>> = {
  conv2d: {
    params: ['x: Tensor', 'filter: Tensor', 'stride: size[count] = 1', 'pad: size[natural] = 0', 'dilation: size[count] = 1'],
    returns: 'Features',
    doc: 'Cross-correlation of a map [N, H, W, C] with a filter [kh, kw, C, O]; zero padding; size floor((n + 2p - d(k-1) - 1) / s) + 1.',
    run: (r) =>
      op(r, 'conv2d', [r.tensor('x'), r.tensor('filter')], {
        stride: r.pair('stride', 1),
        pad: r.padding('pad'),
        dilation: r.pair('dilation', 1),
      }),
  },
  depthwise_conv2d: {
    params: ['x: Tensor', 'filter: Tensor', 'stride: size[count] = 1', 'pad: size[natural] = 0', 'dilation: size[count] = 1'],
    returns: 'Features',
    doc: 'Cross-correlation of each channel of a map [N, H, W, C] with a filter of its own [kh, kw, 1, C]; sizes as of conv2d.',
    run: (r) =>
      op(r, 'depthwise_conv2d', [r.tensor('x'), r.tensor('filter')], {
        stride: r.pair('stride', 1),
        pad: r.padding('pad'),
        dilation: r.pair('dilation', 1),
      }),
  },
  conv2d_transpose: {
    params: ['x: Tensor', 'filter: Tensor', 'size: size', 'stride: size[count] = 1', 'pad: size[natural] = 0', 'dilation: size[count] = 1'],
    returns: 'Features',
    doc: 'Transposed convolution: the adjoint of conv2d with this filter [kh, kw, O, C], from a map [N, H, W, C] to one of the given height and width with O channels.',
    run: (r) => {
      const size = r.dims('size');
      if (size.length !== 2) throw r.wrong('size', '[height, width]');
      const [x, filter] = [r.tensor('x'), r.tensor('filter')];
      const attrs = { stride: r.pair('stride', 1), pad: r.padding('pad'), dilation: r.pair('dilation', 1) };
      if (x.type.shape.length !== 4) throw r.wrong('x', 'a map [N, H, W, C]');
      if (filter.type.shape.length !== 4) throw r.wrong('filter', 'a filter [kh, kw, O, C]');
      for (const side of [0, 1] as const) {
        const back = outputSize(size[side], filter.type.shape[side], attrs, side);
        if (!r.E.same(back, x.type.shape[side + 1], 'a convolution of the result has the size of the map', r.at))
          throw r.wrong(
            'size',
            `a ${side === 0 ? 'height' : 'width'} that this convolution takes to ${show(x.type.shape[side + 1])}, not to ${show(back)}`,
          );
      }
      return op(r, 'conv2d_input_grad', [x, filter], { ...attrs, size });
    },
  },
  neighbours,
  max_pool: {
    params: ['x: Tensor', 'window: size[count]', 'stride: size[count] = window', 'pad: size[natural] = 0', 'ceil: bool = false'],
    returns: 'Tensor',
    doc: 'Largest value of each window; padding counts as minus infinity.',
    run: (r) => pooling(r, 'max_pool'),
  },
  avg_pool: {
    params: ['x: Tensor', 'window: size[count]', 'stride: size[count] = window', 'pad: size[natural] = 0', 'count_pad: bool = true'],
    returns: 'Tensor',
    doc: 'Mean of each window.',
    run: (r) => pooling(r, 'avg_pool'),
  },
  grid_sample: {
    params: ['x: Tensor', 'grid: Tensor', 'convention: word', 'pad: word = zero'],
    returns: 'Tensor',
    doc: 'The map at computed places, mixed from the four elements around each: grid [N, H, W, 2] holds (x, y), where -1 and 1 are the centres of the outermost elements (corners) or their outer edges (half_pixel). Outside lie zeros (zero) or the nearest elements (replicate). Gradients go to the map and to the places.',
    run: (r) =>
      op(r, 'grid_sample', [r.tensor('x'), r.tensor('grid')], {
        corners: r.word('convention', ['half_pixel', 'corners']) === 'corners',
        border: r.word('pad', ['zero', 'replicate'], 'zero'),
      }),
  },
  resize: {
    params: [
      'x: Tensor',
      'like: Tensor = none',
      'size: size = none',
      'factor: positive = none',
      'mode: word = bilinear',
      'convention: word = factor',
    ],
    returns: 'Tensor',
    doc: 'Resizes height and width, bilinear, nearest or bicubic (a = -0.75, for small maps such as position embeddings). The convention is named: half_pixel (align_corners false), corners (align_corners true), factor, pillow_nearest.',
    run: resize,
  },
};
