/** Unary functions as typed-array loops, where the stock kernel is slow or inexact. */
import type { Tensor } from '../tensor.ts';
import { floats, type Heap, produceFloats } from './heap.ts';

export function typedUnary(heap: Heap, x: Tensor, f: (value: number) => number): Tensor {
  return produceFloats(heap, x.shape, (out) => {
    const from = floats(heap, x);
    for (let i = 0; i < out.length; i++) out[i] = f(from[i]);
  });
}

/** Numerator and denominator in x² of erf(x) / x, lowest power first: the minimax approximation of Eigen, exact to float32 within |x| < 4. */
const ERF_OVER = [
  -1.60960333262415e-2, -2.95459980854025e-3, -7.34990630326855e-4, -5.69250639462346e-5, -2.10102402082508e-6, 2.77068142495902e-8,
  -2.72614225801306e-10,
] as const;
const ERF_UNDER = [-1.42647390514189e-2, -7.37332916720468e-3, -1.68282697438203e-3, -2.13374055278905e-4, -1.45660718464996e-5] as const;

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + coefficients[i];
  return value;
}

export function errorFunction(value: number): number {
  const x = Math.min(4, Math.max(-4, value));
  return (x * polynomial(ERF_OVER, x * x)) / polynomial(ERF_UNDER, x * x);
}
