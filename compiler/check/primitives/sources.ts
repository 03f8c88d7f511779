/** Tensors of given numbers, and how weights start. */
import type { Fan } from '../../ir/program.ts';
import { constantOf } from '../../shape/dim.ts';
import { describe, list, size } from '../values.ts';
import type { Reader } from './arguments.ts';
import { op, type Primitive } from './primitive.ts';

function filled(value: number | undefined, doc: string): Primitive {
  return {
    params: value === undefined ? ['shape: list', 'value: float'] : ['shape: list[count]'],
    returns: 'Tensor',
    doc,
    run: (r) => op(r, 'fill', [], { shape: r.dims('shape'), value: value ?? r.number('value', 0), dtype: 'f32' }),
  };
}

function fanNamed(r: Reader): Fan {
  const fan = r.word('fan', ['in', 'out', 'mean'], 'in');
  return fan === 'out' || fan === 'mean' ? fan : 'in';
}

function initializer(kind: 'normal' | 'uniform' | 'fan_normal' | 'fan_uniform', doc: string): Primitive {
  const fans = kind.startsWith('fan');
  return {
    params: fans ? ['scale: amount = 1', 'fan: word = in', 'count: count = none'] : ['a: float = 1', 'b: float = none'],
    returns: 'initializer',
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
          initializer: { kind, scale: r.number('scale', 1), fan: fanNamed(r) },
        };
      if (kind === 'normal') {
        const [mean, std] = r.has('b') ? [r.number('a', 0), r.number('b', 1, 'amount')] : [0, r.number('a', 1, 'amount')];
        return { kind: 'initializer', initializer: { kind, mean, std } };
      }
      if (r.has('b')) {
        const [low, high] = r.ordered('a', 0, 'b', 1);
        return { kind: 'initializer', initializer: { kind, low, high } };
      }
      const bound = r.number('a', 1, 'amount');
      return { kind: 'initializer', initializer: { kind, low: -bound, high: bound } };
    },
  };
}

export const SOURCES: Readonly<Record<string, Primitive>> = {
  zeros: filled(0, 'Zeros of a shape.'),
  ones: filled(1, 'Ones of a shape.'),
  full: filled(undefined, 'One number in every place of a shape.'),
  size: {
    params: ['x: Tensor', 'axis: word'],
    returns: 'int',
    doc: 'Length of an axis, as a size.',
    run: (r) => {
      const x = r.tensor('x');
      return size(x.type.shape[r.axis('axis', x)]);
    },
  },
  zip: {
    params: ['a: list', 'b: list'],
    returns: 'list',
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
    "First values: uniform within sqrt(scale / fan), fan = in, out or mean; fan_uniform(1) is a PyTorch convolution's default, fan_uniform(3, fan: mean) Glorot's.",
  ),
  iota: {
    params: ['count: count'],
    returns: 'Tensor',
    doc: '0, 1, 2 … as whole numbers; float(iota(n)) for arithmetic with others.',
    run: (r) => op(r, 'iota', [], { size: r.dim('count') }),
  },
};
