/** The surroundings of every pixel, side by side. NHWC; the map comes with its border. */
import { add } from './elementwise.ts';
import { concat, pad, slice } from './layout.ts';
import { view } from './run.ts';
import { drop } from './scope.ts';
import { fourSizes, type Tensor } from './tensor.ts';
import { heap } from './typed/heap.ts';
import { typedNeighbours, typedNeighboursGrad } from './typed/neighbourhood.ts';
import type { Pair } from './window.ts';

export interface NeighbourAttrs {
  /** down, right, down, right, …; none negative. */
  readonly offsets: readonly number[];
}

function pairs(offsets: readonly number[]): readonly Pair[] {
  return offsets.flatMap((down, i): Pair[] => (i % 2 === 0 ? [[down, offsets[i + 1]]] : []));
}

/** x [N, H, W, C] -> [N, h, w, P, C]: element p of a place is x at that place moved by offset p; h and w are what the longest offsets leave. */
export function neighbours(x: Tensor, attrs: NeighbourAttrs): Tensor {
  const [n, height, width, c] = fourSizes(x, 'neighbours');
  const moves = pairs(attrs.offsets);
  const h = height - Math.max(...moves.map(([down]) => down));
  const w = width - Math.max(...moves.map(([, right]) => right));
  if (h < 1 || w < 1) throw new RangeError(`neighbours: offsets reach beyond a map of ${height} x ${width}`);
  const typed = heap();
  if (typed) return typedNeighbours(typed, x, moves, h, w);
  const parts = moves.map(([down, right]) => {
    const part = slice(x, { starts: [0, down, right, 0], sizes: [n, h, w, c] });
    const upright = view(part, [n, h, w, 1, c]);
    drop(part);
    return upright;
  });
  const result = concat(...parts, { axis: 3 });
  drop(...parts);
  return result;
}

/** Adjoint of `neighbours`: dy [N, h, w, P, C] -> [N, H, W, C] with [H, W] = `size`. */
export function neighboursGrad(dy: Tensor, attrs: NeighbourAttrs & { readonly size: Pair }): Tensor {
  const moves = pairs(attrs.offsets);
  const typed = heap();
  if (typed) return typedNeighboursGrad(typed, dy, moves, attrs.size);
  const [n, h, w, , c] = dy.shape;
  const [height, width] = attrs.size;
  const whole = moves.map(([down, right], p) => {
    const part = slice(dy, { starts: [0, 0, 0, p, 0], sizes: [n, h, w, 1, c] });
    const flat = view(part, [n, h, w, c]);
    const placed = pad(flat, { before: [0, down, right, 0], after: [0, height - h - down, width - w - right, 0], value: 0 });
    drop(part, flat);
    return placed;
  });
  return whole.slice(1).reduce((sum, part) => {
    const next = add(sum, part);
    drop(sum, part);
    return next;
  }, whole[0]);
}
