/** Boxes of heatmaps and their scores against OpenCV and the published evaluator's steps in NumPy (test/reference/localization.py). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { contoursOf } from '../../../runtime/metrics/contours.ts';
import { iouOf, LOCALIZATION, Localization } from '../../../runtime/metrics/localization.ts';

interface Reference {
  /** Contours as [x, y, width, height, area], sorted. */
  readonly binary: readonly {
    readonly height: number;
    readonly width: number;
    readonly map: string;
    readonly contours: readonly (readonly number[])[];
  }[];
  readonly images: readonly {
    readonly height: number;
    readonly width: number;
    readonly map: readonly number[];
    readonly boxes: readonly (readonly [number, number, number, number])[];
    readonly rank: number;
  }[];
  readonly right: readonly number[];
  readonly maxBoxAcc: number;
  readonly threshold: number;
  readonly maxBoxAccV2: number;
  readonly top1: number;
  readonly top5: number;
}

const reference: Reference = JSON.parse(readFileSync(fileURLToPath(new URL('../../reference/localization.json', import.meta.url)), 'utf8'));
const boxOf = ([left, top, right, bottom]: readonly [number, number, number, number]) => ({ left, top, right, bottom });

test('regions and holes of binary maps: boxes and areas of their borders', () => {
  for (const { height, width, map, contours } of reference.binary) {
    const found = contoursOf(Array.from(map, Number), height, width).map(({ box, area }) => [
      box.left,
      box.top,
      box.right - box.left + 1,
      box.bottom - box.top + 1,
      area,
    ]);
    const inOrder = (rows: readonly (readonly number[])[]) => [...rows].sort((a, b) => a.map((v, i) => v - b[i]).find((d) => d !== 0) ?? 0);
    expect(inOrder(found), map).toEqual(inOrder(contours));
  }
});

describe('scores of a set', () => {
  const all = new Localization();
  for (const { map, height, width, boxes, rank } of reference.images) all.add(map, height, width, boxes.map(boxOf), rank);

  test('MaxBoxAcc with its threshold, the second version, Top-1 and Top-5', () => {
    const { images, ...scores } = all.scores();
    expect(images).toBe(reference.images.length);
    expect(scores).toEqual({
      maxBoxAcc: reference.maxBoxAcc,
      threshold: reference.threshold,
      maxBoxAccV2: expect.closeTo(reference.maxBoxAccV2, 12),
      gtKnown: reference.maxBoxAcc,
      top1: reference.top1,
      top5: reference.top5,
    });
  });

  test('GT-known at every threshold', () => {
    const found = LOCALIZATION.thresholds.map((at) => Math.round(all.scores(at).gtKnown * reference.images.length));
    expect(found).toEqual(reference.right);
  });

  test('what cannot be scored is refused', () => {
    expect(() => all.add([0, 1], 1, 3, [boxOf([0, 0, 1, 0])], 0)).toThrow('2 values for 1 x 3');
    expect(() => all.add([0, 1], 1, 2, [], 0)).toThrow('without a box');
    expect(() => all.scores(0.12345)).toThrow('not among the thresholds');
    expect(new Localization().scores().maxBoxAcc).toBeNaN();
  });
});

test('corners count as pixels of a box; a flat map gives the box of its first pixel', () => {
  expect(iouOf(boxOf([0, 0, 1, 1]), boxOf([1, 1, 2, 2]))).toBeCloseTo(1 / 7, 12);
  expect(iouOf(boxOf([0, 0, 1, 1]), boxOf([2, 0, 3, 1]))).toBe(0);
  const flat = new Localization();
  flat.add([3, 3, 3, 3], 2, 2, [boxOf([0, 0, 0, 0])], 0);
  expect(flat.scores().maxBoxAcc).toBe(1);
});
