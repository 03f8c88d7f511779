/**
 * Bilinear grid sampling, NHWC, as PyTorch's `grid_sample`: the grid holds (x, y), -1 and 1 are the centres of the outermost elements (`corners`) or
 * their outer edges; outside lie zeros, or the nearest elements (`replicate`, PyTorch's `border`).
 */

import { cachedTensor } from './cache.ts';
import { add, cast, clamp, floor, greater, greaterEqual, less, lessEqual, logicalAnd, mul, sub } from './elementwise.ts';
import { gather, scatterAdd } from './indexing.ts';
import { concat, slice } from './layout.ts';
import { sum } from './reduce.ts';
import { view } from './run.ts';
import { scope } from './scope.ts';
import { constant } from './sources.ts';
import { fourSizes, type Tensor } from './tensor.ts';
import { heap } from './typed/heap.ts';
import { type SampleForm, typedGridSample, typedGridSampleGridGrad, typedGridSampleInputGrad } from './typed/sampling.ts';
import type { Pair } from './window.ts';

export type GridSampleAttrs = SampleForm;

/** x [N, h, w, C], grid [N, H, W, 2] -> [N, H, W, C]. */
export function gridSample(x: Tensor, grid: Tensor, attrs: GridSampleAttrs): Tensor {
  const [n, h, w, c] = fourSizes(x, 'grid_sample');
  const typed = heap();
  if (typed) return typedGridSample(typed, x, grid, attrs);
  return scope(() => {
    const flat = view(x, [n * h * w, c]);
    const parts = corners(grid, [h, w], attrs).map(({ element, weight }) => mul(gather(flat, element, { axis: 0 }), column(weight)));
    return view(parts.reduce(add), [...grid.shape.slice(0, 3), c]);
  });
}

/** Gradient with respect to a map of height and width `size`: grid [N, H, W, 2], dy [N, H, W, C] -> [N, h, w, C]. */
export function gridSampleInputGrad(grid: Tensor, dy: Tensor, attrs: GridSampleAttrs & { readonly size: Pair }): Tensor {
  const [n, , , c] = fourSizes(dy, 'grid_sample_input_grad');
  const typed = heap();
  if (typed) return typedGridSampleInputGrad(typed, grid, dy, attrs.size, attrs);
  return scope(() => {
    const [h, w] = attrs.size;
    const upper = view(dy, [dy.size / c, c]);
    const parts = corners(grid, attrs.size, attrs).map(({ element, weight }) =>
      scatterAdd(element, mul(upper, column(weight)), { axis: 0, size: n * h * w }),
    );
    return view(parts.reduce(add), [n, h, w, c]);
  });
}

/** Gradient with respect to the grid: x [N, h, w, C], dy [N, H, W, C] -> [N, H, W, 2]. */
export function gridSampleGridGrad(x: Tensor, grid: Tensor, dy: Tensor, attrs: GridSampleAttrs): Tensor {
  const [n, h, w, c] = fourSizes(x, 'grid_sample_grid_grad');
  const typed = heap();
  if (typed) return typedGridSampleGridGrad(typed, x, grid, dy, attrs);
  return scope(() => {
    const flat = view(x, [n * h * w, c]);
    const upper = view(dy, [dy.size / c, c]);
    const parts = corners(grid, [h, w], attrs).map(({ element, slope }) => {
      const alike = sum(mul(gather(flat, element, { axis: 0 }), upper), { axes: [1], keep: false });
      return concat(column(mul(alike, slope[0])), column(mul(alike, slope[1])), { axis: 1 });
    });
    return view(parts.reduce(add), grid.shape);
  });
}

/** One of the four elements around every place, all places in one list. */
interface Corner {
  /** Its place in [N·h·w] (any element where it lies outside: its weight is 0 then). */
  readonly element: Tensor;
  readonly weight: Tensor;
  /** Derivatives of the weight with respect to (x, y). */
  readonly slope: readonly [Tensor, Tensor];
}

interface Side {
  readonly index: Tensor;
  readonly weight: Tensor;
  readonly slope: Tensor;
}

const number = (value: number): Tensor => constant({ value, dtype: 'f32' });
const column = (x: Tensor): Tensor => view(x, [x.size, 1]);

function between(x: Tensor, low: number, high: number): Tensor {
  return cast(logicalAnd(greaterEqual(x, number(low)), lessEqual(x, number(high))), { dtype: 'f32' });
}

/** The two elements around each place along one side. */
function sides(place: Tensor, n: number, { corners: centres, border }: SampleForm): readonly [Side, Side] {
  const scale = centres ? (n - 1) / 2 : n / 2;
  const free = add(mul(place, number(scale)), number(centres ? scale : scale - 0.5));
  const at = border === 'replicate' ? clamp(free, { min: 0, max: n - 1 }) : free;
  // A place held at the border does not move.
  const moves =
    border === 'replicate'
      ? mul(cast(logicalAnd(greater(free, number(0)), less(free, number(n - 1))), { dtype: 'f32' }), number(scale))
      : number(scale);
  const before = floor(at);
  const part = sub(at, before);
  const made = (index: Tensor, weight: Tensor, slope: Tensor): Side => {
    const inside = between(index, 0, n - 1);
    return {
      index: cast(clamp(index, { min: 0, max: n - 1 }), { dtype: 'i32' }),
      weight: mul(weight, inside),
      slope: mul(slope, inside),
    };
  };
  return [made(before, sub(number(1), part), mul(moves, number(-1))), made(add(before, number(1)), part, moves)];
}

function corners(grid: Tensor, [h, w]: Pair, form: SampleForm): readonly Corner[] {
  const [n, height, width]: readonly number[] = grid.shape;
  const places = height * width;
  const flat = view(grid, [n * places, 2]);
  const along = (which: 0 | 1): Tensor => view(slice(flat, { starts: [0, which], sizes: [n * places, 1] }), [n * places]);
  const images = cachedTensor(`images ${n} ${places} ${h * w}`, () => ({
    shape: [n * places],
    values: Int32Array.from({ length: n * places }, (_, place) => Math.floor(place / places) * h * w),
  }));
  const columns = sides(along(0), w, form);
  return sides(along(1), h, form).flatMap((row) =>
    columns.map((c): Corner => {
      const inImage = add(mul(row.index, constant({ value: w, dtype: 'i32' })), c.index);
      return {
        element: add(inImage, images),
        weight: mul(row.weight, c.weight),
        slope: [mul(row.weight, c.slope), mul(row.slope, c.weight)],
      };
    }),
  );
}
