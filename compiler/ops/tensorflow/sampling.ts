/** TensorFlow column: grid sampling as gathers of the four elements around each place, and sums of segments back. */
import { add, constant, type Dim, multiply } from '../../shape/dim.ts';
import type { Attrs } from '../graph.ts';
import { dims, flag, product, word } from '../rules.ts';
import { cast, INT, range, reshape, same, sliced, type TfRule, type TfScope, type TfTensor, type } from './rule.ts';

const ONE = constant(1);
const TWO = constant(2);

interface Side {
  readonly index: TfTensor;
  readonly weight: TfTensor;
  readonly slope: TfTensor;
}

/** One of the four elements around each place: its place in [N h w], its weight, and the weight's derivatives with respect to (x, y). */
interface Corner {
  readonly element: TfTensor;
  readonly weight: TfTensor;
  readonly slope: readonly [TfTensor, TfTensor];
}

const plus = (t: TfScope, a: TfTensor, b: TfTensor): TfTensor => same(t, 'AddV2', [a, b]);
const minus = (t: TfScope, a: TfTensor, b: TfTensor): TfTensor => same(t, 'Sub', [a, b]);
const times = (t: TfScope, a: TfTensor, b: TfTensor): TfTensor => same(t, 'Mul', [a, b]);
const number = (t: TfScope, value: number): TfTensor => t.scalar(value, 'DT_FLOAT');
const upright = (t: TfScope, x: TfTensor): TfTensor => reshape(t, x, t.ints([-1, 1]));

function clamped(t: TfScope, x: TfTensor, last: TfTensor): TfTensor {
  return same(t, 'Minimum', [same(t, 'Maximum', [x, number(t, 0)]), last]);
}

/** 1 where 0 <= x <= high (or strictly between), otherwise 0. */
function within(t: TfScope, x: TfTensor, high: TfTensor, strictly: boolean): TfTensor {
  const T = { T: type('DT_FLOAT') };
  const above = t.op(strictly ? 'Greater' : 'GreaterEqual', [x, number(t, 0)], T, 'DT_BOOL');
  const below = t.op(strictly ? 'Less' : 'LessEqual', [x, high], T, 'DT_BOOL');
  return cast(t, t.op('LogicalAnd', [above, below], {}, 'DT_BOOL'), 'DT_FLOAT');
}

/** The two elements around each place along one side. */
function sides(t: TfScope, place: TfTensor, size: Dim, attrs: Attrs): readonly [Side, Side] {
  const centres = flag(attrs, 'corners');
  const replicated = word(attrs, 'border') === 'replicate';
  const last = cast(t, t.size(add(size, constant(-1))), 'DT_FLOAT');
  const scale = times(t, centres ? last : cast(t, t.size(size), 'DT_FLOAT'), number(t, 0.5));
  const moved = times(t, plus(t, place, number(t, 1)), scale);
  const free = centres ? moved : minus(t, moved, number(t, 0.5));
  const at = replicated ? clamped(t, free, last) : free;
  // A place held at the border does not move.
  const moves = replicated ? times(t, within(t, free, last, true), scale) : scale;
  const before = same(t, 'Floor', [at]);
  const part = minus(t, at, before);
  const made = (index: TfTensor, weight: TfTensor, slope: TfTensor): Side => {
    const inside = within(t, index, last, false);
    return { index: cast(t, clamped(t, index, last), 'DT_INT32'), weight: times(t, weight, inside), slope: times(t, slope, inside) };
  };
  return [made(before, minus(t, number(t, 1), part), times(t, moves, number(t, -1))), made(plus(t, before, number(t, 1)), part, moves)];
}

/** All places of a grid in one list. */
function corners(t: TfScope, grid: TfTensor, shape: readonly Dim[], [h, w]: readonly Dim[]): readonly Corner[] {
  const [n, height, width] = shape;
  const places = multiply(height, width);
  const all = multiply(n, places);
  const flat = reshape(t, grid, t.sizes([all, TWO]));
  const along = (which: 0 | 1): TfTensor => reshape(t, sliced(t, flat, [constant(0), constant(which)], [all, ONE]), t.ints([-1]));
  const starts = times(t, range(t, n), t.size(multiply(h, w)));
  const images = reshape(t, same(t, 'BroadcastTo', [upright(t, starts), t.sizes([n, places])], { Tidx: INT }), t.ints([-1]));
  const columns = sides(t, along(0), w, t.node.attrs);
  return sides(t, along(1), h, t.node.attrs).flatMap((row) =>
    columns.map(
      (column): Corner => ({
        element: plus(t, plus(t, times(t, row.index, t.size(w)), column.index), images),
        weight: times(t, row.weight, column.weight),
        slope: [times(t, row.weight, column.slope), times(t, row.slope, column.weight)],
      }),
    ),
  );
}

/** Rows of channels. */
function rows(t: TfScope, x: TfTensor, shape: readonly Dim[]): TfTensor {
  return reshape(t, x, t.sizes([product(shape.slice(0, 3)), shape[3]]));
}

function picked(t: TfScope, flat: TfTensor, element: TfTensor): TfTensor {
  const attrs = { Tparams: type(flat.type), Tindices: INT, Taxis: INT };
  return t.op('GatherV2', [flat, element, t.scalar(0, 'DT_INT32')], attrs, flat.type);
}

/** The sum of what the four corners give, in the shape of the result. */
function together(t: TfScope, parts: readonly TfTensor[]): TfTensor {
  return reshape(
    t,
    parts.reduce((a, b) => plus(t, a, b)),
    t.sizes(t.node.type.shape),
  );
}

export const SAMPLING: Readonly<Record<string, TfRule>> = {
  grid_sample: (t) => {
    const [x, grid] = t.inputs;
    const [map, places] = t.node.inputs.map((input) => input.type.shape);
    const flat = rows(t, x, map);
    const found = corners(t, grid, places, map.slice(1, 3));
    return together(
      t,
      found.map(({ element, weight }) => times(t, picked(t, flat, element), upright(t, weight))),
    );
  },
  grid_sample_input_grad: (t) => {
    const [grid, dy] = t.inputs;
    const [places, upper] = t.node.inputs.map((input) => input.type.shape);
    const size = dims(t.node.attrs, 'size');
    const flat = rows(t, dy, upper);
    const count = t.size(multiply(upper[0], ...size));
    return together(
      t,
      corners(t, grid, places, size).map(({ element, weight }) =>
        same(t, 'UnsortedSegmentSum', [times(t, flat, upright(t, weight)), element, count], { Tindices: INT, Tnumsegments: INT }),
      ),
    );
  },
  grid_sample_grid_grad: (t) => {
    const [x, grid, dy] = t.inputs;
    const [map, places, upper] = t.node.inputs.map((input) => input.type.shape);
    const flat = rows(t, x, map);
    const above = rows(t, dy, upper);
    return together(
      t,
      corners(t, grid, places, map.slice(1, 3)).map(({ element, slope }) => {
        const alike = same(t, 'Sum', [times(t, picked(t, flat, element), above), t.ints([1])], { Tidx: INT, keep_dims: { bool: false } });
        return same(
          t,
          'Pack',
          slope.map((s) => times(t, alike, s)),
          { N: { int: 2 }, axis: { int: 1 } },
        );
      }),
    );
  },
};
