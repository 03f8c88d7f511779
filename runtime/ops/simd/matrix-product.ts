/** aᵀ·b for each pair of a batch. */
import type { Tensor } from '../tensor.ts';
import { type Heap, produceFloats } from '../typed/heap.ts';
import { innerBlock } from './blocks.ts';
import type { VectorKernels } from './instance.ts';

/** a [B, K, M], b [B, K, N] -> [B, M, N]. */
export function transposedProduct(heap: Heap, { outerProducts, address }: VectorKernels, a: Tensor, b: Tensor): Tensor {
  const [batch, k, m] = [a.shape[0] ?? 0, a.shape[1] ?? 0, a.shape[2] ?? 0];
  const n = b.shape[2] ?? 0;
  const result = produceFloats(heap, [batch, m, n], (out) => out.fill(0));
  const [left, right, out] = [address(a), address(b), address(result)];
  const block = innerBlock(m, n);
  if (m * n === 0) return result;
  for (let i = 0; i < batch; i++)
    for (let start = 0; start < k; start += block) {
      const count = Math.min(block, k - start);
      const x = left + 4 * m * (i * k + start);
      const y = right + 4 * n * (i * k + start);
      outerProducts(x, y, out + 4 * i * m * n, 1, count, 0, 4 * m, 0, 4 * n, 4 * n, n, m);
    }
  return result;
}
