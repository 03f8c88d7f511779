/** How the results of the parts of one batch make up the result of the whole. */
import type { Separability } from '../program.ts';

/**
 * What losses and gradients of the parts are multiplied by before they are added up (`Separability` has the formulas). `images` and `counts` have one
 * number for each part: its images, and what its graph counted. Graphs of which nothing is known count as sums; coupled ones are never split.
 */
export function partWeights(separable: Separability | undefined, images: readonly number[], counts: readonly number[]): readonly number[] {
  const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  if (separable?.kind === 'mean') return images.map((n) => n / total(images));
  if (separable?.kind !== 'ratio') return images.map(() => 1);
  const { floor = Number.NEGATIVE_INFINITY, plus } = separable;
  const bounded = (count: number): number => Math.max(count, floor) + plus;
  return counts.map((count) => bounded(count) / bounded(total(counts)));
}
