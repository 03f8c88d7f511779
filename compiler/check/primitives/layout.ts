/** Axes: joining, padding, reshaping, einops patterns and products. */
import type { Dim } from '../../shape/dim.ts';
import { tensor } from '../values.ts';
import { BORDERS, bordered } from './borders.ts';
import { applyPattern } from './patterns.ts';
import { op, type Primitive } from './primitive.ts';

export const LAYOUT: Readonly<Record<string, Primitive>> = {
  concat: {
    params: ['items: list', 'axis: word = channel'],
    returns: 'Tensor',
    doc: 'Tensors one after the other along an axis (the channel).',
    run: (r) => {
      const items = r.tensors('items');
      if (items.length === 0) throw r.wrong('items', 'a list with tensors');
      return op(r, 'concat', items, { axis: r.has('axis') ? r.axis('axis', items[0]) : items[0].type.shape.length - 1 });
    },
  },
  flip: {
    params: ['x: Tensor', 'axis: word = width'],
    returns: 'Tensor',
    doc: 'The mirror image along an axis (the width).',
    run: (r) => {
      const x = r.tensor('x');
      return op(r, 'reverse', [x], { axes: [r.has('axis') ? r.axis('axis', x) : 2] });
    },
  },
  pad: {
    params: [
      'x: Tensor',
      'height: list[natural] = [0, 0]',
      'width: list[natural] = [0, 0]',
      'value: float = 0',
      'mode: word = zero',
      'over: word = none',
      'sizes: list[natural] = [0, 0]',
    ],
    returns: 'Tensor',
    doc: 'A border: (before, after) along height and width of a map, or `sizes` along the axis that `over` names. It holds zeros (or another value), the nearest elements (mode: replicate) or a mirror image (mode: reflect).',
    run: (r) => {
      const x = r.tensor('x');
      const pair = (name: string): readonly [Dim, Dim] => {
        const dims = r.dims(name);
        if (dims.length !== 2) throw r.wrong(name, 'a pair (before, after)');
        return [dims[0], dims[1]];
      };
      if ((r.has('height') || r.has('width')) && x.type.shape.length !== 4) throw r.wrong('x', 'a map [N, H, W, C]');
      if (r.has('over') !== r.has('sizes'))
        throw r.wrong(r.has('over') ? 'sizes' : 'over', 'both of them, such as over: batch, sizes: (0, 1)');
      const mode = r.word('mode', BORDERS, 'zero');
      if (mode !== 'zero' && r.has('value')) throw r.wrong('value', `no value: with mode: ${mode} the border holds elements of x`);
      const border = new Map<number, readonly [Dim, Dim]>();
      if (r.has('height')) border.set(1, pair('height'));
      if (r.has('width')) border.set(2, pair('width'));
      if (r.has('over')) border.set(r.axis('over', x), pair('sizes'));
      return tensor(bordered(r, x, border, mode, r.number('value', 0)));
    },
  },
  expand: {
    params: ['x: Tensor', 'shape: list'],
    returns: 'Tensor',
    doc: 'Axes of length one repeated to a shape.',
    run: (r) => op(r, 'broadcast_to', [r.tensor('x')], { shape: r.dims('shape') }),
  },
  reshape: {
    params: ['x: Tensor', 'shape: list'],
    returns: 'Tensor',
    doc: 'The same elements in another shape (row-major). Prefer rearrange, which says what happens.',
    run: (r) => op(r, 'reshape', [r.tensor('x')], { shape: r.dims('shape') }),
  },
  rearrange: {
    params: ['x: Tensor', 'pattern: string'],
    returns: 'Tensor',
    doc: 'Reorders, splits and merges axes by an einops pattern.',
    run: (r) => applyPattern(r, 'rearrange'),
  },
  reduce: {
    params: ['x: Tensor', 'pattern: string', 'how: word'],
    returns: 'Tensor',
    doc: 'Reduces axes by an einops pattern with sum, mean, max or min.',
    run: (r) => applyPattern(r, 'reduce'),
  },
  einsum: {
    params: ['a: Tensor', 'b: Tensor', 'pattern: string'],
    returns: 'Tensor',
    doc: 'Products of two tensors summed over axes missing from the result, by an einops pattern.',
    run: (r) => applyPattern(r, 'einsum'),
  },
  matmul: {
    params: ['a: Tensor', 'b: Tensor', 'transpose_a: bool = false', 'transpose_b: bool = false'],
    returns: 'Tensor',
    doc: 'Matrix product of rank 2 or 3 tensors.',
    run: (r) =>
      op(r, 'matmul', [r.tensor('a'), r.tensor('b')], { ta: r.boolean('transpose_a', false), tb: r.boolean('transpose_b', false) }),
  },
};
