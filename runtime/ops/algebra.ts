/** Matrix products. */
import { run, view } from './run.ts';
import { drop } from './scope.ts';
import { type VectorKernels, vectorKernels } from './simd/instance.ts';
import { transposedProduct } from './simd/matrix-product.ts';
import { vectorTranspose } from './simd/transpose.ts';
import type { Tensor } from './tensor.ts';
import { type Heap, heap } from './typed/heap.ts';

export interface MatmulAttrs {
  readonly ta: boolean;
  readonly tb: boolean;
}

/** a·b for rank 2, or for each pair of a batch for rank 3 (equal batch); `ta`, `tb` transpose the last two axes first. */
export function matmul(a: Tensor, b: Tensor, attrs: MatmulAttrs): Tensor {
  const inner = a.shape[a.shape.length - (attrs.ta ? 2 : 1)];
  const other = b.shape[b.shape.length - (attrs.tb ? 1 : 2)];
  if (inner !== other || a.shape.length !== b.shape.length)
    throw new RangeError(`matmul: [${a.shape.join(', ')}] and [${b.shape.join(', ')}] meet at ${inner} and ${other}`);
  // Kernels of some backends take rank 3 only.
  if (a.shape.length === 3) return batched(a, b, attrs);
  const left = view(a, [1, ...a.shape]);
  const right = view(b, [1, ...b.shape]);
  const product = batched(left, right, attrs);
  const result = view(product, product.shape.slice(1));
  drop(left, right, product);
  return result;
}

function batched(a: Tensor, b: Tensor, attrs: MatmulAttrs): Tensor {
  const vectors = vectorKernels();
  const typed = heap();
  if (vectors !== undefined && typed !== undefined) return onWasm(typed, vectors, a, b, attrs);
  return run('BatchMatMul', { a, b }, { transposeA: attrs.ta, transposeB: attrs.tb });
}

/**
 * The stock kernel is fast only for a single pair that is not transposed. Everything else is a sum of outer products of the rows of aᵀ and b,
 * after transposing what does not lie that way.
 */
function onWasm(typed: Heap, vectors: VectorKernels, a: Tensor, b: Tensor, { ta, tb }: MatmulAttrs): Tensor {
  const right = tb ? turned(typed, vectors, b) : b;
  if (!ta && a.shape[0] === 1) {
    const result = run('BatchMatMul', { a, b: right }, { transposeA: false, transposeB: false });
    if (tb) drop(right);
    return result;
  }
  const left = ta ? a : turned(typed, vectors, a);
  const result = transposedProduct(typed, vectors, left, right);
  if (tb) drop(right);
  if (!ta) drop(left);
  return result;
}

/** [B, m, n] -> [B, n, m]. */
function turned(typed: Heap, vectors: VectorKernels, x: Tensor): Tensor {
  const [batch, m, n] = [x.shape[0], x.shape[1] ?? 1, x.shape[2] ?? 1];
  return vectorTranspose(typed, vectors, x, [batch, m, n], [batch, n, m], 'float32');
}
