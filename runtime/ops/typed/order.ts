/** The order of elements along an axis. */
import { sizeOf, type Tensor } from '../tensor.ts';
import { floats, type Heap, produce } from './heap.ts';

/** A key and a place below this bound are one whole number that float64 holds exactly. */
const PLACES = 2 ** 21;

/**
 * Indices of the first `count` elements of each line in descending (or ascending) order; of equals the lower index comes first, and not a number
 * counts as the largest. A float's bits are a whole number of the same order once negative ones are turned round; key and place in one number are
 * sorted by the engine's own sort of numbers, which needs no function to compare.
 */
export function typedTopIndices(heap: Heap, x: Tensor, axis: number, count: number, largest: boolean): Tensor {
  const size = x.shape[axis];
  if (size > PLACES) throw new RangeError(`top_indices: an axis of ${size} elements; at most ${PLACES} are supported`);
  const before = sizeOf(x.shape.slice(0, axis));
  const after = sizeOf(x.shape.slice(axis + 1));
  const shape = x.shape.map((n, d) => (d === axis ? count : n));
  return produce(heap, shape, 'int32', (out) => {
    const from = floats(heap, x);
    const number = new Float32Array(1);
    const bits = new Uint32Array(number.buffer);
    const keys = new Float64Array(size);
    for (let b = 0; b < before; b++) {
      for (let a = 0; a < after; a++) {
        let at = b * size * after + a;
        for (let k = 0; k < size; k++, at += after) {
          // Minus zero equals zero, and all that is no number is alike.
          number[0] = Number.isNaN(from[at]) ? Number.NaN : from[at] + 0;
          const raw = bits[0];
          const ascending = raw >= 0x80000000 ? 0xffffffff - raw : raw + 0x80000000;
          keys[k] = (largest ? 0xffffffff - ascending : ascending) * PLACES + k;
        }
        keys.sort();
        let o = b * count * after + a;
        for (let k = 0; k < count; k++, o += after) out[o] = keys[k] % PLACES;
      }
    }
  });
}
