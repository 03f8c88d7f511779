/** References of pooling. */
import type { Attributes, Reference } from './attributes.ts';
import { build, read, zeros } from './ndarray.ts';

/** Number of windows along one side: counted by trying them one after the other. */
function count(n: number, attrs: Attributes, side: 0 | 1, ceil: boolean): number {
  const [window, stride] = [attrs.numbers('window')[side], attrs.numbers('stride')[side]];
  const pad = attrs.numbers('pad');
  const [before, after] = [pad[2 * side], pad[2 * side + 1]];
  for (let k = 0; ; k++) {
    const start = k * stride - before;
    // Rounded up: the previous window left cells over, and this one starts inside the input or the padding before it.
    const previousEnd = start - stride + window;
    const fits = ceil ? start < n && (k === 0 || previousEnd < n + after) : start + window <= n + after;
    if (!fits) return k;
  }
}

/** Places in x of the cells of each window, in row-major order. */
function windows(
  shape: readonly number[],
  attrs: Attributes,
  ceil: boolean,
): { readonly shape: readonly number[]; readonly cells: readonly (readonly number[])[] } {
  const [images, h, w, channels] = shape;
  const [stride, pad, window] = [attrs.numbers('stride'), attrs.numbers('pad'), attrs.numbers('window')];
  const out = [images, count(h, attrs, 0, ceil), count(w, attrs, 1, ceil), channels];
  const cells: number[][] = [];
  build(out, ([n, i, j, c]) => {
    const own: number[] = [];
    for (let p = 0; p < window[0]; p++)
      for (let q = 0; q < window[1]; q++) {
        const [row, column] = [i * stride[0] - pad[0] + p, j * stride[1] - pad[2] + q];
        if (row >= 0 && row < h && column >= 0 && column < w) own.push(((n * h + row) * w + column) * channels + c);
      }
    cells.push(own);
    return 0;
  });
  return { shape: out, cells };
}

function divisor(own: readonly number[], attrs: Attributes): number {
  const [h, w] = attrs.numbers('window');
  return attrs.flag('count_pad') ? h * w : own.length;
}

export const POOLING: Readonly<Record<string, Reference>> = {
  max_pool: ([x], attrs) => {
    const { shape, cells } = windows(x.shape, attrs, attrs.flag('ceil'));
    return { shape, data: Float64Array.from(cells, (own) => Math.max(...own.map((at) => x.data[at]))) };
  },
  max_pool_grad: ([x, y, dy], attrs) => {
    const result = zeros(x.shape);
    windows(x.shape, attrs, attrs.flag('ceil')).cells.forEach((own, k) => {
      const first = own.find((at) => x.data[at] === y.data[k]);
      if (first !== undefined) result.data[first] += dy.data[k];
    });
    return result;
  },
  avg_pool: ([x], attrs) => {
    const { shape, cells } = windows(x.shape, attrs, false);
    return { shape, data: Float64Array.from(cells, (own) => own.reduce((sum, at) => sum + x.data[at], 0) / divisor(own, attrs)) };
  },
  avg_pool_grad: ([dy], attrs) => {
    const result = zeros([dy.shape[0], ...attrs.numbers('size'), dy.shape[3]]);
    windows(result.shape, attrs, false).cells.forEach((own, k) => {
      for (const at of own) result.data[at] += dy.data[k] / divisor(own, attrs);
    });
    return result;
  },
};

/** Where samples of a resized axis come from: places in the source with their weights. */
function samples(from: number, to: number, attrs: Attributes, factor: number): readonly (readonly (readonly [number, number])[])[] {
  const convention = attrs.word('convention');
  return Array.from({ length: to }, (_, at) => {
    const step = convention === 'factor' ? 1 / factor : from / to;
    if (attrs.word('mode') === 'nearest') {
      // Whole numbers are divided last, so that no rounding moves a boundary.
      const pillow = Math.floor(((2 * at + 1) * from) / (2 * to));
      const place =
        convention === 'factor' ? Math.floor(at / factor) : convention === 'pillow_nearest' ? pillow : Math.floor((at * from) / to);
      return [[Math.min(place, from - 1), 1]] as const;
    }
    const place = convention === 'corners' ? (to === 1 ? 0 : (at * (from - 1)) / (to - 1)) : Math.max(0, (at + 0.5) * step - 0.5);
    const left = Math.min(Math.floor(place), from - 1);
    return [
      [left, 1 - (place - left)],
      [Math.min(left + 1, from - 1), place - left],
    ] as const;
  });
}

export const RESIZE: Readonly<Record<string, Reference>> = {
  resize: ([x], attrs) => {
    const [height, width] = attrs.numbers('size');
    const rows = samples(x.shape[1], height, attrs, attrs.number('factor_h'));
    const columns = samples(x.shape[2], width, attrs, attrs.number('factor_w'));
    return build([x.shape[0], height, width, x.shape[3]], ([n, i, j, c]) =>
      rows[i].reduce(
        (sum, [row, a]) => sum + columns[j].reduce((inner, [column, b]) => inner + a * b * read(x, [n, row, column, c]), 0),
        0,
      ),
    );
  },
  resize_grad: ([dy], attrs) => {
    const [h, w] = attrs.numbers('size');
    const [, height, width, channels] = dy.shape;
    const rows = samples(h, height, attrs, attrs.number('factor_h'));
    const columns = samples(w, width, attrs, attrs.number('factor_w'));
    const result = zeros([dy.shape[0], h, w, channels]);
    build(dy.shape, ([n, i, j, c]) => {
      for (const [row, a] of rows[i])
        for (const [column, b] of columns[j]) result.data[((n * h + row) * w + column) * channels + c] += a * b * read(dy, [n, i, j, c]);
      return 0;
    });
    return result;
  },
};
