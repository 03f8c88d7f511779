/** `neighbours`: what stands around each pixel, for local filters and for pairs of pixels. */
import { constant, type Dim } from '../../shape/dim.ts';
import type { Value } from '../values.ts';
import type { Reader } from './arguments.ts';
import { BORDERS, bordered } from './borders.ts';
import { op, type Primitive } from './primitive.ts';

type Move = readonly [down: number, right: number];

/** Rows from above to below, columns from left to right. */
const RING: readonly Move[] = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right): Move => [down, right]));

function whole(r: Reader, name: string, value: Value, wanted: string): number {
  if (value.kind === 'number' && value.integer) return value.value;
  throw r.wrong(name, wanted);
}

function items(r: Reader, name: string, wanted: string): readonly Value[] {
  const value = r.value(name);
  if (value?.kind === 'list' || value?.kind === 'tuple') return value.items;
  throw r.wrong(name, wanted);
}

/** The eight around the pixel at each dilation in turn, or the offsets that are given. */
function moves(r: Reader): readonly Move[] {
  if (r.has('offsets')) {
    const wanted = 'a list of pairs (down, right), such as [(0, 1), (1, 0)]';
    const found = items(r, 'offsets', wanted).map((pair): Move => {
      if ((pair.kind !== 'tuple' && pair.kind !== 'list') || pair.items.length !== 2) throw r.wrong('offsets', wanted);
      return [whole(r, 'offsets', pair.items[0], wanted), whole(r, 'offsets', pair.items[1], wanted)];
    });
    if (found.length === 0) throw r.wrong('offsets', wanted);
    return found;
  }
  const wanted = 'a list of whole numbers above 0, such as [1, 2, 4]';
  const dilations = r.has('dilations') ? items(r, 'dilations', wanted).map((d) => whole(r, 'dilations', d, wanted)) : [1];
  if (dilations.length === 0 || dilations.some((d) => d < 1)) throw r.wrong('dilations', wanted);
  const centre = r.boolean('centre', false);
  return dilations.flatMap((d) =>
    RING.filter(([down, right]) => centre || down !== 0 || right !== 0).map(([down, right]): Move => [down * d, right * d]),
  );
}

export const neighbours: Primitive = {
  params: ['x: Tensor', 'dilations: list[count] = [1]', 'pad: word = replicate', 'centre: bool = false', 'offsets: list = none'],
  returns: 'Tensor',
  doc: 'What stands around each pixel of a map: [N, h, w, P, C]. With dilations the eight neighbours at each distance in turn, row by row (nine with `centre`); with offsets the pixels at those places (down, right). Beyond the border stand the nearest pixels (replicate), the mirror image (reflect) or zeros (zero); with pad: none only places are kept whose neighbours all exist.',
  run: (r) => {
    const x = r.tensor('x');
    if (x.type.shape.length !== 4) throw r.wrong('x', 'a map [N, H, W, C]');
    const all = moves(r);
    const mode = r.word('pad', [...BORDERS, 'none'], 'replicate');
    const padded = mode !== 'none';
    // Without a border, offsets count from the first place that has all its neighbours.
    const bounds = (side: 0 | 1): readonly [number, number] => {
      const along = all.map((move) => move[side]);
      return padded ? [Math.min(0, ...along), Math.max(0, ...along)] : [Math.min(...along), Math.max(...along)];
    };
    const [rows, columns] = [bounds(0), bounds(1)];
    const border = ([low, high]: readonly [number, number]): readonly [Dim, Dim] => [constant(-low), constant(high)];
    const map = padded
      ? bordered(
          r,
          x,
          new Map([
            [1, border(rows)],
            [2, border(columns)],
          ]),
          mode,
        )
      : x;
    return op(r, 'neighbours', [map], { offsets: all.flatMap(([down, right]) => [down - rows[0], right - columns[0]]) });
  },
};
