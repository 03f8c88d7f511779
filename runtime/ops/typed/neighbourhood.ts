/** Neighbours of every pixel and their adjoint, as typed-array loops. */
import type { Tensor } from '../tensor.ts';
import type { Pair } from '../window.ts';
import { floats, type Heap, produceFloats } from './heap.ts';

/** Distance of each moved element from its place, in elements of the map. */
function distances(moves: readonly Pair[], width: number, channels: number): Int32Array {
  return Int32Array.from(moves, ([down, right]) => (down * width + right) * channels);
}

export function typedNeighbours(heap: Heap, x: Tensor, moves: readonly Pair[], h: number, w: number): Tensor {
  const [n, height, width, c] = x.shape;
  const away = distances(moves, width, c);
  return produceFloats(heap, [n, h, w, moves.length, c], (out) => {
    const from = floats(heap, x);
    for (let b = 0, o = 0; b < n; b++) {
      for (let i = 0; i < h; i++) {
        let place = (b * height + i) * width * c;
        for (let j = 0; j < w; j++, place += c) {
          for (let p = 0; p < away.length; p++) {
            const at = place + away[p];
            for (let k = 0; k < c; k++, o++) out[o] = from[at + k];
          }
        }
      }
    }
  });
}

export function typedNeighboursGrad(heap: Heap, dy: Tensor, moves: readonly Pair[], size: Pair): Tensor {
  const [n, h, w, , c]: readonly number[] = dy.shape;
  const [height, width] = size;
  const away = distances(moves, width, c);
  return produceFloats(heap, [n, height, width, c], (out) => {
    out.fill(0);
    const upper = floats(heap, dy);
    for (let b = 0, at = 0; b < n; b++) {
      for (let i = 0; i < h; i++) {
        let place = (b * height + i) * width * c;
        for (let j = 0; j < w; j++, place += c) {
          for (let p = 0; p < away.length; p++) {
            const o = place + away[p];
            for (let k = 0; k < c; k++, at++) out[o + k] += upper[at];
          }
        }
      }
    }
  });
}
