/** References of the reductions. */
import type { Reference } from './attributes.ts';
import { build, type NdArray, read } from './ndarray.ts';

/** For each place of the result the values that fall together there, in row-major order. */
function collect(x: NdArray, axes: readonly number[], keep: boolean, combine: (values: readonly number[]) => number): NdArray {
  const cell = axes.map((axis) => x.shape[axis]);
  const shape = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const result = build(shape, (index) => {
    const values: number[] = [];
    build(cell, (inner) => {
      const at = [...index];
      axes.forEach((axis, i) => {
        at[axis] = inner[i];
      });
      values.push(read(x, at));
      return 0;
    });
    return combine(values);
  });
  return keep ? result : { shape: x.shape.filter((_, axis) => !axes.includes(axis)), data: result.data };
}

const reduction =
  (combine: (values: readonly number[]) => number): Reference =>
  ([x], attrs) =>
    collect(
      x,
      [...attrs.numbers('axes')].sort((a, b) => a - b),
      attrs.flag('keep'),
      combine,
    );

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export const REDUCE: Readonly<Record<string, Reference>> = {
  sum: reduction(total),
  mean: reduction((values) => total(values) / values.length),
  max: reduction((values) => Math.max(...values)),
  min: reduction((values) => Math.min(...values)),
  argmax: ([x], attrs) => collect(x, [attrs.number('axis')], false, (values) => values.indexOf(Math.max(...values))),
};
