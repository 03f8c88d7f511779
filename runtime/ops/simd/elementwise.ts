/** Comparisons, extrema and selection by vector kernels, run by run of the broadcast loop. */
import type { Tensor } from '../tensor.ts';
import { forEachRow, planLoop } from '../typed/broadcast.ts';
import { type Heap, produce } from '../typed/heap.ts';
import type { VectorKernels } from './instance.ts';
import type { Advance, ComparisonName, ExtremumName } from './row-kernels.ts';

/** Which operands advance along a run; both stay only in loops of one element. */
function advance(first: number, second: number): Advance {
  if (first === second) return 'both';
  return first === 1 ? 'first' : 'second';
}

/** float32 operands; bool for comparisons, float32 for extrema. */
export function vectorBinary(
  heap: Heap,
  { row, address }: VectorKernels,
  name: ComparisonName | ExtremumName,
  a: Tensor,
  b: Tensor,
  dtype: 'bool' | 'float32',
): Tensor {
  const loop = planLoop(a.shape, b.shape);
  const inner = loop.sizes.length - 1;
  const n = loop.sizes[inner];
  const kernel = row(`${name} ${advance(loop.strides[0][inner], loop.strides[1][inner])}`);
  const size = dtype === 'bool' ? 1 : 4;
  const result = produce(heap, loop.shape, dtype, () => {});
  const [left, right, out] = [address(a), address(b), address(result)];
  forEachRow(loop, (o, i, j) => kernel(out + size * o, left + 4 * i, right + 4 * j, n));
  return result;
}

/** Elements of four bytes. Undefined where the condition does not advance along runs: then they are plain copies. */
export function vectorSelect(
  heap: Heap,
  { row, address }: VectorKernels,
  condition: Tensor,
  a: Tensor,
  b: Tensor,
  dtype: 'int32' | 'float32',
): Tensor | undefined {
  const loop = planLoop(condition.shape, a.shape, b.shape);
  const inner = loop.sizes.length - 1;
  const n = loop.sizes[inner];
  const [moves, first, second] = loop.strides.map((own) => own[inner]);
  if (moves === 0) return undefined;
  const kernel = row(`select ${first === 0 && second === 0 ? 'none' : advance(first, second)}`);
  const result = produce(heap, loop.shape, dtype, () => {});
  const [test, yes, no, out] = [address(condition), address(a), address(b), address(result)];
  forEachRow(loop, (o, c, i, j) => kernel(out + 4 * o, test + c, yes + 4 * i, no + 4 * j, n));
  return result;
}
