/** Bilinear grid sampling and its gradients, as typed-array loops: one pass, nothing held between the four elements around a place. */
import type { Tensor } from '../tensor.ts';
import type { Pair } from '../window.ts';
import { floats, type Heap, produceFloats } from './heap.ts';

export interface SampleForm {
  readonly corners: boolean;
  readonly border: 'zero' | 'replicate';
}

/** One side of a place: the element before it, how far behind that it lies, and how far the place moves when the grid moves by one. */
interface Side {
  before: number;
  part: number;
  moves: number;
}

function locate(into: Side, place: number, n: number, { corners, border }: SampleForm): void {
  const scale = corners ? (n - 1) / 2 : n / 2;
  let at = corners ? (place + 1) * scale : (place + 1) * scale - 0.5;
  into.moves = scale;
  if (border === 'replicate') {
    if (at <= 0 || at >= n - 1) into.moves = 0;
    at = Math.min(Math.max(at, 0), n - 1);
  }
  into.before = Math.floor(at);
  into.part = at - into.before;
}

type Visit = (place: number, element: number, rowWeight: number, columnWeight: number, row: 0 | 1, column: 0 | 1) => void;

/** Calls `visit` for each place and each of the up to four elements around it that lie inside the map. */
function eachCorner(grid: Float32Array, places: number, n: number, [h, w]: Pair, form: SampleForm, x: Side, y: Side, visit: Visit): void {
  for (let b = 0, place = 0; b < n; b++) {
    for (let p = 0; p < places; p++, place++) {
      locate(x, grid[2 * place], w, form);
      locate(y, grid[2 * place + 1], h, form);
      for (const row of [0, 1] as const) {
        const i = y.before + row;
        if (!(i >= 0 && i < h)) continue;
        for (const column of [0, 1] as const) {
          const j = x.before + column;
          if (!(j >= 0 && j < w)) continue;
          visit(place, (b * h + i) * w + j, row === 0 ? 1 - y.part : y.part, column === 0 ? 1 - x.part : x.part, row, column);
        }
      }
    }
  }
}

const side = (): Side => ({ before: 0, part: 0, moves: 0 });

export function typedGridSample(heap: Heap, x: Tensor, grid: Tensor, form: SampleForm): Tensor {
  const [n, h, w, c]: readonly number[] = x.shape;
  const [, height, width]: readonly number[] = grid.shape;
  return produceFloats(heap, [n, height, width, c], (out) => {
    out.fill(0);
    const from = floats(heap, x);
    eachCorner(floats(heap, grid), height * width, n, [h, w], form, side(), side(), (place, element, a, b) => {
      const weight = a * b;
      for (let k = 0, o = place * c, at = element * c; k < c; k++) out[o + k] += weight * from[at + k];
    });
  });
}

export function typedGridSampleInputGrad(heap: Heap, grid: Tensor, dy: Tensor, size: Pair, form: SampleForm): Tensor {
  const [n, height, width, c]: readonly number[] = dy.shape;
  return produceFloats(heap, [n, ...size, c], (out) => {
    out.fill(0);
    const upper = floats(heap, dy);
    eachCorner(floats(heap, grid), height * width, n, size, form, side(), side(), (place, element, a, b) => {
      const weight = a * b;
      for (let k = 0, o = element * c, at = place * c; k < c; k++) out[o + k] += weight * upper[at + k];
    });
  });
}

export function typedGridSampleGridGrad(heap: Heap, x: Tensor, grid: Tensor, dy: Tensor, form: SampleForm): Tensor {
  const [n, h, w, c]: readonly number[] = x.shape;
  const [, height, width]: readonly number[] = grid.shape;
  return produceFloats(heap, grid.shape, (out) => {
    out.fill(0);
    const from = floats(heap, x);
    const upper = floats(heap, dy);
    const [across, down] = [side(), side()];
    eachCorner(floats(heap, grid), height * width, n, [h, w], form, across, down, (place, element, a, b, row, column) => {
      let sum = 0;
      for (let k = 0, at = element * c, o = place * c; k < c; k++) sum += from[at + k] * upper[o + k];
      out[2 * place] += sum * a * (column === 0 ? -across.moves : across.moves);
      out[2 * place + 1] += sum * b * (row === 0 ? -down.moves : down.moves);
    });
  });
}
