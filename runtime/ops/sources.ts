/** Tensors out of nothing. */
import { engine } from '@tensorflow/tfjs-core';
import { own } from './scope.ts';
import { type DType, sizeOf, type Tensor, tfjsDType } from './tensor.ts';

/** A scalar (rank 0). The IR calls it `const`. */
export function constant(attrs: { readonly value: number; readonly dtype: DType }): Tensor {
  return fill({ shape: [], value: attrs.value, dtype: attrs.dtype });
}

/** A tensor of one repeated value. */
export function fill(attrs: { readonly shape: readonly number[]; readonly value: number; readonly dtype: DType }): Tensor {
  const values = typed(attrs.dtype, sizeOf(attrs.shape));
  values.fill(attrs.value);
  return own(engine().makeTensor(values, [...attrs.shape], tfjsDType(attrs.dtype)));
}

/** 0, 1, … size-1 as int32, shape [size]. */
export function iota(attrs: { readonly size: number }): Tensor {
  const values = new Int32Array(attrs.size);
  for (let i = 0; i < values.length; i++) values[i] = i;
  return own(engine().makeTensor(values, [attrs.size], 'int32'));
}

/** A size as a scalar tensor. */
export function dim(attrs: { readonly value: number; readonly dtype: DType }): Tensor {
  return constant(attrs);
}

function typed(dtype: DType, size: number): Float32Array | Int32Array | Uint8Array {
  switch (dtype) {
    case 'f32':
      return new Float32Array(size);
    case 'i32':
      return new Int32Array(size);
    case 'bool':
      return new Uint8Array(size);
  }
}
