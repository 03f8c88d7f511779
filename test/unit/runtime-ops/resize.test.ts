import { describe, expect, it } from 'vitest';
import { cast } from '../../../runtime/ops/elementwise.ts';
import { type ResizeAttrs, resize, resizeGrad } from '../../../runtime/ops/resize.ts';
import { expectClose, normal, outcome, roads, whole } from './harness.ts';

/** Weights of one axis from the definition: out[i] = sum over s of weight(i, s) x[s]. */
function weights(input: number, output: number, attrs: ResizeAttrs, factor: number): number[][] {
  return Array.from({ length: output }, (_, i) => {
    const row = new Array<number>(input).fill(0);
    if (attrs.convention === 'pillow_nearest') row[Math.floor(((i + 0.5) * input) / output)] = 1;
    else if (attrs.mode === 'nearest')
      row[Math.min(input - 1, attrs.convention === 'factor' ? Math.floor(i / factor) : Math.floor((i * input) / output))] = 1;
    else {
      const ratio = attrs.convention === 'factor' ? 1 / factor : input / output;
      let source = Math.max(0, (i + 0.5) * ratio - 0.5);
      if (attrs.convention === 'corners') source = output === 1 ? 0 : (i * (input - 1)) / (output - 1);
      for (let s = 0; s < input; s++) row[s] = Math.max(0, 1 - Math.abs(Math.min(source, input - 1) - s));
    }
    return row;
  });
}

const sizes: readonly (readonly [number, number, number, number])[] = [
  [5, 7, 10, 14],
  [8, 6, 3, 5],
  [4, 4, 7, 9],
  [1, 3, 4, 1],
  [6, 5, 6, 5],
  [16, 16, 41, 33],
];
const cases = sizes.flatMap(([h, w, height, width]) => [
  ...(['bilinear', 'nearest'] as const).map((mode) => ({ h, w, height, width, mode, convention: 'half_pixel' as const })),
  { h, w, height, width, mode: 'bilinear' as const, convention: 'corners' as const },
  { h, w, height, width, mode: 'nearest' as const, convention: 'pillow_nearest' as const },
]);
const factors = (['bilinear', 'nearest'] as const).flatMap((mode) => [
  { h: 5, w: 7, height: 10, width: 21, factor_h: 2, factor_w: 3, mode, convention: 'factor' as const },
  { h: 9, w: 10, height: 4, width: 7, factor_h: 0.5, factor_w: 0.75, mode, convention: 'factor' as const },
  { h: 7, w: 5, height: 9, width: 7, factor_h: 1.4, factor_w: 1.5, mode, convention: 'factor' as const },
]);

describe.each([...cases.map((a) => ({ ...a, factor_h: 0, factor_w: 0 })), ...factors])(
  '$h×$w to $height×$width, $mode $convention',
  (a) => {
    const attrs: ResizeAttrs = {
      size: [a.height, a.width],
      mode: a.mode,
      convention: a.convention,
      factor_h: a.factor_h,
      factor_w: a.factor_w,
    };
    const rows = weights(a.h, a.height, attrs, a.factor_h);
    const columns = weights(a.w, a.width, attrs, a.factor_w);
    const [n, c] = [2, 3];
    const apply = (values: ArrayLike<number>, adjoint: boolean): Float64Array => {
      const out = new Float64Array(n * c * (adjoint ? a.h * a.w : a.height * a.width));
      for (let b = 0; b < n; b++)
        for (let i = 0; i < a.height; i++)
          for (let j = 0; j < a.width; j++)
            for (let p = 0; p < a.h; p++)
              for (let q = 0; q < a.w; q++)
                for (let k = 0; k < c; k++) {
                  const small = ((b * a.h + p) * a.w + q) * c + k;
                  const large = ((b * a.height + i) * a.width + j) * c + k;
                  const weight = rows[i][p] * columns[j][q];
                  if (adjoint) out[small] += weight * values[large];
                  else out[large] += weight * values[small];
                }
      return out;
    };
    it.each(roads)('forward on %s', async (road) => {
      const x = normal('x', n, a.h, a.w, c);
      expectClose(
        await outcome(road, [x], (t) => resize(t, attrs)),
        { shape: [n, a.height, a.width, c], values: apply(x.values, false) },
        road,
        3e-6,
      );
    });
    it.each(roads)('gradient on %s', async (road) => {
      const dy = normal('dy', n, a.height, a.width, c);
      const found = await outcome(road, [dy], (t) => resizeGrad(t, { ...attrs, size: [a.h, a.w] }));
      expectClose(found, { shape: [n, a.h, a.w, c], values: apply(dy.values, true) }, road, 3e-6);
    });
  },
);

// On `cpu` a cast keeps the array of integers under the new type.
it.each(roads)('labels cast to numbers, on %s', async (road) => {
  const labels = whole('labels', 0, 20, 1, 2, 3, 1);
  const attrs: ResizeAttrs = { size: [4, 3], mode: 'nearest', convention: 'half_pixel', factor_h: 0, factor_w: 0 };
  const found = await outcome(road, [labels], (t) => {
    const numbers = cast(t, { dtype: 'f32' });
    const result = resize(numbers, attrs);
    numbers.dispose();
    return result;
  });
  const [first, second] = [Array.from(labels.values.slice(0, 3)), Array.from(labels.values.slice(3))];
  expect(found).toEqual({ shape: [1, 4, 3, 1], dtype: 'float32', values: [first, first, second, second].flat() });
});
