/** Unary functions as typed-array loops, where the stock kernel is slow or inexact. */
import type { Tensor } from '../tensor.ts';
import { floats, type Heap, produceFloats } from './heap.ts';

export function typedUnary(heap: Heap, x: Tensor, f: (value: number) => number): Tensor {
  return produceFloats(heap, x.shape, (out) => {
    const from = floats(heap, x);
    for (let i = 0; i < out.length; i++) out[i] = f(from[i]);
  });
}
