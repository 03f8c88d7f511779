/** The parts of a batch, weighted, are the batch: by the definition of each kind of loss, with parts of unlike sizes. */
import { describe, expect, test } from 'vitest';
import type { Separability } from '../../../runtime/program.ts';
import { shares } from '../../../runtime/train/gradient-sum.ts';
import { contiguousParts } from '../../../runtime/train/order.ts';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Five images over two workers: three and two. */
const images = [
  { loss: 3, labelled: 0 },
  { loss: 0.5, labelled: 0 },
  { loss: 7, labelled: 0 },
  { loss: -2, labelled: 4 },
  { loss: 11, labelled: 9 },
];
const parts = contiguousParts(images, 2);

/** The loss of a batch from the sums over its images, and what the weighted parts give. */
function bothWays(separable: Separability, loss: (batch: readonly (typeof images)[number][]) => number): readonly [number, number] {
  const { factors, total } = shares(
    separable,
    parts.map((part) => ({ images: part.length, count: sum(part.map((image) => image.labelled)) })),
  );
  return [sum(parts.map((part, i) => (factors[i] / total) * loss(part))), loss(images)];
}

describe('weights of the parts of a batch', () => {
  test('a mean over images weighs a part by its images', () => {
    expect(parts.map((part) => part.length)).toEqual([3, 2]);
    const [joined, whole] = bothWays({ kind: 'mean' }, (batch) => sum(batch.map((image) => image.loss)) / batch.length);
    expect(joined).toBeCloseTo(whole, 12);
  });

  test('a sum over images adds', () => {
    const [joined, whole] = bothWays({ kind: 'sum' }, (batch) => sum(batch.map((image) => image.loss)));
    expect(joined).toBeCloseTo(whole, 12);
  });

  test.each([
    ['bounded from below, where one part counts nothing', 2, 0],
    ['bounded from below, where the whole batch stays below', 50, 0],
    ['with something added', undefined, 1e-2],
    ['with both', 1, 0.5],
  ])('a ratio by a count %s', (_, floor, plus) => {
    const [joined, whole] = bothWays({ kind: 'ratio', floor, plus }, (batch) => {
      const count = sum(batch.map((image) => image.labelled));
      return sum(batch.map((image) => image.loss)) / (Math.max(count, floor ?? count) + plus);
    });
    expect(joined).toBeCloseTo(whole, 12);
  });
});
