/** Functions of every element by itself. */
import { roundStatic } from '../statics.ts';
import { tensor } from '../values.ts';
import { op, type Primitive, scores } from './primitive.ts';

function unary(name: string, doc: string, returns = 'Tensor'): Primitive {
  return { params: ['x: Tensor'], returns, doc, run: (r) => op(r, name, [r.tensor('x')]) };
}

function binary(name: string, doc: string): Primitive {
  return {
    params: ['a: Tensor', 'b: Tensor'],
    returns: 'Tensor',
    doc,
    run: (r) => {
      const a = r.value('a')?.kind === 'tensor' ? r.tensor('a') : r.tensor('a', r.tensor('b'));
      return op(r, name, [a, r.tensor('b', a)]);
    },
  };
}

function rounding(how: 'ceil' | 'floor' | 'round' | 'int', doc: string): Primitive {
  return {
    params: ['x: Tensor'],
    returns: 'Tensor',
    doc,
    run: (r) => {
      const value = r.value('x')!;
      if (value.kind === 'tensor' || value.kind === 'reference')
        return op(r, how === 'int' ? 'cast' : how, [r.tensor('x')], how === 'int' ? { dtype: 'i32' } : {});
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

export const ELEMENTWISE: Readonly<Record<string, Primitive>> = {
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
  sigmoid: {
    ...unary('sigmoid', 'Logistic function: probabilities from logits.', 'Probabilities'),
    run: (r) => op(r, 'sigmoid', [scores(r)]),
  },
  tanh: unary('tanh', 'Hyperbolic tangent.'),
  softplus: unary('softplus', 'log(1 + exp(x)), stable for large |x|.'),
  erf: unary('erf', 'Error function; gelu(x) is x / 2 · (1 + erf(x / sqrt(2))).'),
  floor: rounding('floor', 'Largest whole number not above x. Carries no gradient.'),
  ceil: rounding('ceil', 'Smallest whole number not below x. Carries no gradient.'),
  round: rounding('round', 'Nearest whole number, halves to even. Carries no gradient.'),
  int: rounding('int', 'Whole part (a size) or i32 elements (a tensor).'),
  float: {
    params: ['x: Tensor'],
    returns: 'Tensor',
    doc: 'The same numbers as f32; true is 1 and false 0.',
    run: (r) => {
      const x = r.tensor('x');
      return x.type.dtype === 'f32' ? tensor(x) : op(r, 'cast', [x], { dtype: 'f32' });
    },
  },
  pow: {
    params: ['x: Tensor', 'exponent: float'],
    returns: 'Tensor',
    doc: 'x to a fixed power.',
    run: (r) => op(r, 'pow', [r.tensor('x')], { exponent: r.number('exponent', 1) }),
  },
  clamp: {
    params: ['x: Tensor', 'low: float', 'high: float'],
    returns: 'Tensor',
    doc: 'x limited to [low, high]; the gradient passes inside and at the bounds.',
    run: (r) => {
      const [min, max] = r.ordered('low', 0, 'high', 1);
      return op(r, 'clamp', [r.tensor('x')], { min, max });
    },
  },
  maximum: binary('maximum', 'Element-wise larger of two.'),
  minimum: binary('minimum', 'Element-wise smaller of two.'),
  where: {
    params: ['condition: Mask', 'a: Tensor', 'b: Tensor'],
    returns: 'Tensor',
    doc: 'a where the condition holds, b elsewhere.',
    run: (r) => {
      const a = r.value('a')?.kind === 'tensor' ? r.tensor('a') : r.tensor('a', r.tensor('b'));
      return op(r, 'select', [r.tensor('condition'), a, r.tensor('b', a)]);
    },
  },
  detach: {
    params: ['x: Tensor'],
    returns: 'Tensor',
    doc: 'The same values; gradients end here.',
    run: (r) => op(r, 'detach', [r.tensor('x')]),
  },
};
