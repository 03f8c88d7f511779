/** Matrix products. */
import { run, view } from './run.ts';
import { drop } from './scope.ts';
import type { Tensor } from './tensor.ts';

/** a·b for rank 2, or for each pair of a batch for rank 3 (equal batch); `ta`, `tb` transpose the last two axes first. */
export function matmul(a: Tensor, b: Tensor, attrs: { readonly ta: boolean; readonly tb: boolean }): Tensor {
  const inner = a.shape[a.shape.length - (attrs.ta ? 2 : 1)];
  const other = b.shape[b.shape.length - (attrs.tb ? 1 : 2)];
  if (inner !== other) throw new RangeError(`matmul: [${a.shape.join(', ')}] and [${b.shape.join(', ')}] meet at ${inner} and ${other}`);
  // Kernels of some backends take rank 3 only.
  if (a.shape.length === 3) return run('BatchMatMul', { a, b }, { transposeA: attrs.ta, transposeB: attrs.tb });
  const left = view(a, [1, ...a.shape]);
  const right = view(b, [1, ...b.shape]);
  const product = run('BatchMatMul', { a: left, b: right }, { transposeA: attrs.ta, transposeB: attrs.tb });
  const result = view(product, product.shape.slice(1));
  drop(left, right, product);
  return result;
}
