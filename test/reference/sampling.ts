/** References of grid sampling. */
import type { Attributes, Reference } from './attributes.ts';
import { build, type NdArray, offset, read, zeros } from './ndarray.ts';

interface Corner {
  readonly row: number;
  readonly column: number;
  readonly weight: number;
  /** Derivatives of the weight with respect to the place (x, y) of the grid. */
  readonly slope: readonly [number, number];
}

/** Along one side: the two elements around a place, their weights and the slopes of those, elements outside left out. */
function side(place: number, n: number, attrs: Attributes): readonly (readonly [index: number, weight: number, slope: number])[] {
  const scale = attrs.flag('corners') ? (n - 1) / 2 : n / 2;
  let at = attrs.flag('corners') ? (place + 1) * scale : (place + 1) * scale - 0.5;
  let moves = scale;
  if (attrs.word('border') === 'replicate') {
    if (at <= 0 || at >= n - 1) moves = 0;
    at = Math.min(Math.max(at, 0), n - 1);
  }
  const below = Math.floor(at);
  const all = [
    [below, 1 - (at - below), -moves],
    [below + 1, at - below, moves],
  ] as const;
  return all.filter(([index]) => index >= 0 && index < n);
}

function corners(grid: NdArray, at: readonly number[], h: number, w: number, attrs: Attributes): readonly Corner[] {
  const columns = side(read(grid, [...at, 0]), w, attrs);
  return side(read(grid, [...at, 1]), h, attrs).flatMap(([row, a, da]) =>
    columns.map(([column, b, db]): Corner => ({ row, column, weight: a * b, slope: [a * db, da * b] })),
  );
}

export const SAMPLING: Readonly<Record<string, Reference>> = {
  grid_sample: ([x, grid], attrs) => {
    const [n, h, w, c] = x.shape;
    return build([n, grid.shape[1], grid.shape[2], c], ([b, i, j, k]) =>
      corners(grid, [b, i, j], h, w, attrs).reduce((sum, { row, column, weight }) => sum + weight * read(x, [b, row, column, k]), 0),
    );
  },
  grid_sample_input_grad: ([grid, dy], attrs) => {
    const [h, w] = attrs.numbers('size');
    const result = zeros([dy.shape[0], h, w, dy.shape[3]]);
    build(dy.shape, ([b, i, j, k]) => {
      for (const { row, column, weight } of corners(grid, [b, i, j], h, w, attrs))
        result.data[offset(result.shape, [b, row, column, k])] += weight * read(dy, [b, i, j, k]);
      return 0;
    });
    return result;
  },
  grid_sample_grid_grad: ([x, grid, dy], attrs) => {
    const [, h, w, c] = x.shape;
    return build(grid.shape, ([b, i, j, which]) => {
      let sum = 0;
      for (const { row, column, slope } of corners(grid, [b, i, j], h, w, attrs))
        for (let k = 0; k < c; k++) sum += slope[which] * read(x, [b, row, column, k]) * read(dy, [b, i, j, k]);
      return sum;
    });
  },
};
