/** The functions an author may call without an import: their arguments, and how they become operators of the table. */
import type { Attrs, Node } from '../../ops/graph.ts';
import { constant, constantOf, type Dim, multiply } from '../../shape/dim.ts';
import { asDim, roundStatic } from '../statics.ts';
import { describe, list, number, size, tensor, type Value } from '../values.ts';
import { type Reader, Refused } from './arguments.ts';
import { applyPattern } from './patterns.ts';
import { normalizeStep, scaleStep } from './photo.ts';

export interface Primitive {
  /** Argument names in order; `?` marks those that may be left out. */
  readonly params: readonly string[];
  readonly doc: string;
  readonly run: (r: Reader) => Value;
}

function op(r: Reader, name: string, inputs: readonly Node[], attrs: Attrs = {}): Value {
  return r.E.op(name, inputs, attrs, r.at);
}

function unary(name: string, doc: string): Primitive {
  return { params: ['x'], doc, run: (r) => op(r, name, [r.tensor('x')]) };
}

function binary(name: string, doc: string): Primitive {
  return {
    params: ['a', 'b'],
    doc,
    run: (r) => {
      const a = r.value('a')?.kind === 'tensor' ? r.tensor('a') : r.tensor('a', r.tensor('b'));
      return op(r, name, [a, r.tensor('b', a)]);
    },
  };
}

function rounding(how: 'ceil' | 'floor' | 'round' | 'int', doc: string): Primitive {
  return {
    params: ['x'],
    doc,
    run: (r) => {
      const value = r.value('x')!;
      if (value.kind === 'tensor') return how === 'int' ? op(r, 'cast', [value.node], { dtype: 'i32' }) : op(r, how, [value.node]);
      const result = roundStatic(how, value);
      if (!result)
        throw r.wrong(
          'x',
          how === 'ceil' || how === 'floor' ? 'a tensor, a number or a quotient of sizes' : 'a tensor, a number or number × size',
        );
      return result;
    },
  };
}

function reduction(name: 'sum' | 'mean' | 'max' | 'min', doc: string): Primitive {
  return {
    params: ['x', 'over?', 'keep?'],
    doc,
    run: (r) => {
      const value = r.value('x')!;
      if ((value.kind === 'list' || value.kind === 'tuple') && name !== 'mean') return overList(r, name, value.items);
      const x = r.tensor('x');
      return op(r, name, [x], { axes: r.axes('over', x), keep: r.boolean('keep', false) });
    },
  };
}

/** `sum([a, b, c])`, `max([2, 3])`: over the elements of a list. */
function overList(r: Reader, name: 'sum' | 'max' | 'min', items: readonly Value[]): Value {
  if (items.length === 0) throw r.wrong('x', 'a list with elements');
  if (items.every((v) => v.kind === 'number')) {
    const values = items.map((v) => (v.kind === 'number' ? v.value : 0));
    return number(name === 'sum' ? values.reduce((a, b) => a + b, 0) : name === 'max' ? Math.max(...values) : Math.min(...values));
  }
  const nodes = r.tensors('x');
  const pairwise = name === 'sum' ? 'add' : name === 'max' ? 'maximum' : 'minimum';
  let result: Node = nodes[0];
  for (const next of nodes.slice(1)) {
    const node = r.E.node(pairwise, [result, next], {}, r.at);
    if (!node) throw new Refused();
    result = node;
  }
  return tensor(result);
}

function filled(value: number | undefined, doc: string): Primitive {
  return {
    params: value === undefined ? ['shape', 'value'] : ['shape'],
    doc,
    run: (r) => op(r, 'fill', [], { shape: r.dims('shape'), value: value ?? r.number('value', 0), dtype: 'f32' }),
  };
}

function initializer(kind: 'normal' | 'uniform' | 'fan_normal' | 'fan_uniform', doc: string): Primitive {
  const fans = kind.startsWith('fan');
  return {
    params: fans ? ['scale?', 'fan?', 'count?'] : ['a?', 'b?'],
    doc,
    run: (r) => {
      if ((kind === 'fan_normal' || kind === 'fan_uniform') && r.has('count')) {
        // A vector has no fan of its own: the number of inputs is given.
        const count = constantOf(r.dim('count'));
        if (count === undefined) return { kind: 'initializer', initializer: { kind: 'constant', value: 0 } };
        const bound = Math.sqrt(r.number('scale', 1) / count);
        return {
          kind: 'initializer',
          initializer: kind === 'fan_normal' ? { kind: 'normal', mean: 0, std: bound } : { kind: 'uniform', low: -bound, high: bound },
        };
      }
      if (kind === 'fan_normal' || kind === 'fan_uniform')
        return {
          kind: 'initializer',
          initializer: { kind, scale: r.number('scale', 1), fan: r.has('fan') ? (r.text('fan') === 'out' ? 'out' : 'in') : 'in' },
        };
      const a = r.number('a', 1);
      if (kind === 'normal')
        return { kind: 'initializer', initializer: r.has('b') ? { kind, mean: a, std: r.number('b', 1) } : { kind, mean: 0, std: a } };
      return { kind: 'initializer', initializer: r.has('b') ? { kind, low: a, high: r.number('b', 1) } : { kind, low: -a, high: a } };
    },
  };
}

function resize(r: Reader): Value {
  const x = r.tensor('x');
  const mode = r.word('mode', ['bilinear', 'nearest'], 'bilinear');
  const convention = r.word('convention', ['half_pixel', 'corners', 'factor', 'pillow_nearest'], r.has('factor') ? 'factor' : undefined);
  let target: readonly Dim[];
  let factors: readonly number[] = [0, 0];
  if (r.has('like')) {
    const like = r.tensor('like');
    if (like.type.shape.length !== 4) throw r.wrong('like', 'a map [N, H, W, C]');
    target = [like.type.shape[1], like.type.shape[2]];
  } else if (r.has('size')) target = r.dims('size');
  else if (r.has('factor')) {
    const factor = r.number('factor', 1);
    if (!(factor > 0)) throw r.wrong('factor', 'a number above 0');
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
  return op(r, 'resize', [x], { size: target, mode, convention, factor_h: factors[0], factor_w: factors[1] });
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

export const PRIMITIVES: Readonly<Record<string, Primitive>> = {
  abs: unary('abs', 'Absolute value; its derivative at 0 is 0.'),
  sign: unary('sign', 'Sign: -1, 0 or 1. Carries no gradient.'),
  exp: unary('exp', 'Exponential.'),
  log: unary('log', 'Natural logarithm.'),
  log1p: unary('log1p', 'log(1 + x).'),
  sqrt: unary('sqrt', 'Square root; its derivative at 0 is infinite.'),
  rsqrt: unary('rsqrt', '1 / sqrt(x).'),
  square: unary('square', 'x².'),
  reciprocal: unary('reciprocal', '1 / x.'),
  relu: unary('relu', 'max(x, 0); its derivative at 0 is 0.'),
  sigmoid: unary('sigmoid', 'Logistic function: probabilities from logits.'),
  tanh: unary('tanh', 'Hyperbolic tangent.'),
  softplus: unary('softplus', 'log(1 + exp(x)), stable for large |x|.'),
  floor: rounding('floor', 'Largest whole number not above x. Carries no gradient.'),
  ceil: rounding('ceil', 'Smallest whole number not below x. Carries no gradient.'),
  round: rounding('round', 'Nearest whole number, halves to even. Carries no gradient.'),
  int: rounding('int', 'Whole part (a size) or i32 elements (a tensor).'),
  float: {
    params: ['x'],
    doc: 'The same numbers as f32; true is 1 and false 0.',
    run: (r) => {
      const x = r.tensor('x');
      return x.type.dtype === 'f32' ? tensor(x) : op(r, 'cast', [x], { dtype: 'f32' });
    },
  },
  pow: {
    params: ['x', 'exponent'],
    doc: 'x to a fixed power.',
    run: (r) => op(r, 'pow', [r.tensor('x')], { exponent: r.number('exponent', 1) }),
  },
  clamp: {
    params: ['x', 'low', 'high'],
    doc: 'x limited to [low, high]; the gradient passes inside and at the bounds.',
    run: (r) => op(r, 'clamp', [r.tensor('x')], { min: r.number('low', 0), max: r.number('high', 1) }),
  },
  maximum: binary('maximum', 'Element-wise larger of two.'),
  minimum: binary('minimum', 'Element-wise smaller of two.'),
  where: {
    params: ['condition', 'a', 'b'],
    doc: 'a where the condition holds, b elsewhere.',
    run: (r) => {
      const a = r.value('a')?.kind === 'tensor' ? r.tensor('a') : r.tensor('a', r.tensor('b'));
      return op(r, 'select', [r.tensor('condition'), a, r.tensor('b', a)]);
    },
  },
  sum: reduction('sum', 'Sum over axes (all when none are given), or of a list.'),
  mean: reduction('mean', 'Mean over axes (all when none are given).'),
  max: reduction('max', 'Largest value over axes; tied maxima share the gradient.'),
  min: reduction('min', 'Smallest value over axes; tied minima share the gradient.'),
  argmax: {
    params: ['x', 'over?'],
    doc: 'Index of the largest value along one axis (the channel), the first of equals. Labels; carries no gradient.',
    run: (r) => {
      const x = r.tensor('x');
      return op(r, 'argmax', [x], { axis: r.has('over') ? r.axis('over', x) : x.type.shape.length - 1 });
    },
  },
  one_hot: {
    params: ['labels', 'depth'],
    doc: 'A new last axis with 1 at the label and 0 elsewhere; labels outside 0..depth-1 give zeros.',
    run: (r) => op(r, 'one_hot', [r.tensor('labels')], { depth: r.dim('depth') }),
  },
  gather: {
    params: ['x', 'indices', 'axis'],
    doc: 'Elements of x at i32 indices along one axis.',
    run: (r) => {
      const x = r.tensor('x');
      return op(r, 'gather', [x, r.tensor('indices')], { axis: r.axis('axis', x) });
    },
  },
  concat: {
    params: ['items', 'axis?'],
    doc: 'Tensors one after the other along an axis (the channel).',
    run: (r) => {
      const items = r.tensors('items');
      if (items.length === 0) throw r.wrong('items', 'a list with tensors');
      return op(r, 'concat', items, { axis: r.has('axis') ? r.axis('axis', items[0]) : items[0].type.shape.length - 1 });
    },
  },
  flip: {
    params: ['x', 'axis?'],
    doc: 'The mirror image along an axis (the width).',
    run: (r) => {
      const x = r.tensor('x');
      return op(r, 'reverse', [x], { axes: [r.has('axis') ? r.axis('axis', x) : 2] });
    },
  },
  pad: {
    params: ['x', 'height?', 'width?', 'value?'],
    doc: 'A border of a constant: (before, after) along height and width.',
    run: (r) => {
      const x = r.tensor('x');
      if (x.type.shape.length !== 4) throw r.wrong('x', 'a map [N, H, W, C]');
      const side = (name: string): readonly [Dim, Dim] => {
        if (!r.has(name)) return [constant(0), constant(0)];
        const dims = r.dims(name);
        if (dims.length !== 2) throw r.wrong(name, 'a pair (before, after)');
        return [dims[0], dims[1]];
      };
      const [top, bottom] = side('height');
      const [left, right] = side('width');
      const none = constant(0);
      return op(r, 'pad', [x], { before: [none, top, left, none], after: [none, bottom, right, none], value: r.number('value', 0) });
    },
  },
  expand: {
    params: ['x', 'shape'],
    doc: 'Axes of length one repeated to a shape.',
    run: (r) => op(r, 'broadcast_to', [r.tensor('x')], { shape: r.dims('shape') }),
  },
  reshape: {
    params: ['x', 'shape'],
    doc: 'The same elements in another shape (row-major). Prefer rearrange, which says what happens.',
    run: (r) => op(r, 'reshape', [r.tensor('x')], { shape: r.dims('shape') }),
  },
  rearrange: {
    params: ['x', 'pattern'],
    doc: 'Reorders, splits and merges axes by an einops pattern.',
    run: (r) => applyPattern(r, 'rearrange'),
  },
  reduce: {
    params: ['x', 'pattern', 'how'],
    doc: 'Reduces axes by an einops pattern with sum, mean, max or min.',
    run: (r) => applyPattern(r, 'reduce'),
  },
  einsum: {
    params: ['a', 'b', 'pattern'],
    doc: 'Products of two tensors summed over axes missing from the result, by an einops pattern.',
    run: (r) => applyPattern(r, 'einsum'),
  },
  matmul: {
    params: ['a', 'b', 'transpose_a?', 'transpose_b?'],
    doc: 'Matrix product of rank 2 or 3 tensors.',
    run: (r) =>
      op(r, 'matmul', [r.tensor('a'), r.tensor('b')], { ta: r.boolean('transpose_a', false), tb: r.boolean('transpose_b', false) }),
  },
  conv2d: {
    params: ['x', 'filter', 'stride?', 'pad?', 'dilation?'],
    doc: 'Cross-correlation of a map [N, H, W, C] with a filter [kh, kw, C, O]; zero padding; size floor((n + 2p - d(k-1) - 1) / s) + 1.',
    run: (r) =>
      op(r, 'conv2d', [r.tensor('x'), r.tensor('filter')], {
        stride: r.pair('stride', 1),
        pad: r.padding('pad'),
        dilation: r.pair('dilation', 1),
      }),
  },
  max_pool: {
    params: ['x', 'window', 'stride?', 'pad?', 'ceil?'],
    doc: 'Largest value of each window; padding counts as minus infinity.',
    run: (r) => pooling(r, 'max_pool'),
  },
  avg_pool: { params: ['x', 'window', 'stride?', 'pad?', 'count_pad?'], doc: 'Mean of each window.', run: (r) => pooling(r, 'avg_pool') },
  resize: {
    params: ['x', 'like?', 'size?', 'factor?', 'mode?', 'convention?'],
    doc: 'Resizes height and width. The convention is named: half_pixel (align_corners false), corners (align_corners true), factor, pillow_nearest.',
    run: resize,
  },
  detach: { params: ['x'], doc: 'The same values; gradients end here.', run: (r) => op(r, 'detach', [r.tensor('x')]) },
  zeros: filled(0, 'Zeros of a shape.'),
  ones: filled(1, 'Ones of a shape.'),
  full: filled(undefined, 'One number in every place of a shape.'),
  size: {
    params: ['x', 'axis'],
    doc: 'Length of an axis, as a size.',
    run: (r) => {
      const x = r.tensor('x');
      return size(x.type.shape[r.axis('axis', x)]);
    },
  },
  zip: {
    params: ['a', 'b'],
    doc: 'Pairs of two lists of the same length.',
    run: (r) => {
      const a = r.value('a')!;
      const b = r.value('b')!;
      if (a.kind !== 'list' || b.kind !== 'list' || a.items.length !== b.items.length)
        throw r.wrong('b', `as many elements as a (${describe(a)})`);
      return list(a.items.map((item, i) => ({ kind: 'tuple', items: [item, b.items[i]] })));
    },
  },
  normal: initializer('normal', 'First values: normal(std) or normal(mean, std).'),
  uniform: initializer('uniform', 'First values: uniform(bound) or uniform(low, high).'),
  fan_normal: initializer('fan_normal', 'First values: normal with std sqrt(scale / fan); He is fan_normal(2).'),
  fan_uniform: initializer(
    'fan_uniform',
    'First values: uniform within sqrt(scale / fan); fan_uniform(1) is the default of a PyTorch convolution.',
  ),
  scale: {
    params: ['photo', 'factor'],
    doc: 'The photo resized by a factor (Pillow bicubic, sizes rounded half to even).',
    run: scaleStep,
  },
  normalize: {
    params: ['photo', 'preset'],
    doc: 'The photo as a tensor [1, H, W, 3], normalised: imagenet, or signed (x / 127.5 - 1).',
    run: normalizeStep,
  },
};
