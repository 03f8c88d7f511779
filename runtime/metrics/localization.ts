/**
 * Scores of boxes that heatmaps of one class give (weakly supervised object localization): MaxBoxAcc and its second version, GT-known, Top-1 and
 * Top-5 localization, as clovaai/wsolevaluation (evaluation.py, commit 96f4b88) computes them.
 */
import { type Box, contoursOf } from './contours.ts';

export interface LocalizationProtocol {
  /** Thresholds, as shares of a heatmap's maximum. */
  readonly thresholds: readonly number[];
  /** IoU from which a box is right, in MaxBoxAcc, GT-known and Top-k. */
  readonly iou: number;
  /** Those over which the second version is the mean. */
  readonly ious: readonly number[];
}

/** 1,000 thresholds; IoU 0.5; the mean over 0.3, 0.5 and 0.7. */
export const LOCALIZATION: LocalizationProtocol = {
  thresholds: Array.from({ length: 1000 }, (_, i) => i * 0.001),
  iou: 0.5,
  ious: [0.3, 0.5, 0.7],
};

export interface LocalizationScores {
  readonly images: number;
  /** Best share of images whose largest region's box is right, and the threshold where that is. */
  readonly maxBoxAcc: number;
  readonly threshold: number;
  /** Mean over `ious` of the best share where any box of any region may be right. */
  readonly maxBoxAccV2: number;
  /** At `threshold`: all images (GT-known), and those whose class is the first, or among the first five, of the classifier. */
  readonly gtKnown: number;
  readonly top1: number;
  readonly top5: number;
}

/** Collects images; each is its true class's heatmap, its boxes in the frame of the heatmap, and the rank of that class among the scores (from 0). */
export class Localization {
  readonly #protocol: LocalizationProtocol;
  #images = 0;
  /** Images whose box is right, by threshold: all of them, the class first, the class among five. */
  readonly #right: { readonly all: Float64Array; readonly first: Float64Array; readonly five: Float64Array };
  readonly #any: readonly Float64Array[];

  constructor(protocol: LocalizationProtocol = LOCALIZATION) {
    this.#protocol = protocol;
    const counts = (): Float64Array => new Float64Array(protocol.thresholds.length);
    this.#right = { all: counts(), first: counts(), five: counts() };
    this.#any = protocol.ious.map(counts);
  }

  /** `map` [height, width], any range: it is stretched to 0 … 1 here. Throws RangeError where sizes do not fit or there is no box. */
  add(map: ArrayLike<number>, height: number, width: number, boxes: readonly Box[], rank: number): void {
    if (map.length !== height * width) throw new RangeError(`localization: ${map.length} values for ${height} x ${width}`);
    if (boxes.length === 0) throw new RangeError('localization: an image without a box');
    this.#images++;
    const levels = quantized(map);
    const top = levels.reduce((a, b) => Math.max(a, b), 0);
    const found = new Map<number, readonly { readonly largest: boolean; readonly iou: number }[]>();
    this.#protocol.thresholds.forEach((share, i) => {
      const level = Math.trunc(share * top);
      const rated = found.get(level) ?? rate(levels, level, height, width, boxes);
      found.set(level, rated);
      if (rated.some(({ largest, iou }) => largest && iou >= this.#protocol.iou)) {
        this.#right.all[i]++;
        if (rank < 1) this.#right.first[i]++;
        if (rank < 5) this.#right.five[i]++;
      }
      this.#protocol.ious.forEach((bound, b) => {
        if (rated.some(({ iou }) => iou >= bound)) this.#any[b][i]++;
      });
    });
  }

  /** Shares in 0 … 1; NaN without an image. `at` is a threshold of the protocol to use in place of the best one, as chosen on other images. */
  scores(at?: number): LocalizationScores {
    const { thresholds } = this.#protocol;
    const best = this.#right.all.indexOf(Math.max(...this.#right.all));
    const place = at === undefined ? best : thresholds.indexOf(at);
    if (place < 0) throw new RangeError(`localization: ${at} is not among the thresholds`);
    const share = (count: number): number => count / this.#images;
    return {
      images: this.#images,
      maxBoxAcc: share(this.#right.all[best]),
      threshold: thresholds[place],
      maxBoxAccV2: this.#any.reduce((sum, counts) => sum + share(Math.max(...counts)), 0) / this.#any.length,
      gtKnown: share(this.#right.all[place]),
      top1: share(this.#right.first[place]),
      top5: share(this.#right.five[place]),
    };
  }
}

/** A heatmap stretched over its own range, in 256 steps (rounded down, as a cast to bytes is); a flat map is 0. */
function quantized(map: ArrayLike<number>): Uint8Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < map.length; i++) {
    low = Math.min(low, map[i]);
    high = Math.max(high, map[i]);
  }
  return Uint8Array.from({ length: map.length }, (_, i) => (high > low ? Math.trunc(((map[i] - low) / (high - low)) * 255) : 0));
}

/** The boxes of a map cut at a level, each with its best IoU over the true boxes; a map with nothing above it has the box of its first pixel. */
function rate(
  levels: Uint8Array,
  level: number,
  height: number,
  width: number,
  boxes: readonly Box[],
): readonly { readonly largest: boolean; readonly iou: number }[] {
  const contours = contoursOf(
    levels.map((v) => (v > level ? 1 : 0)),
    height,
    width,
  );
  const best = (box: Box): number => Math.max(...boxes.map((truth) => iouOf(box, truth)));
  if (contours.length === 0) return [{ largest: true, iou: best({ left: 0, top: 0, right: 0, bottom: 0 }) }];
  const largest = contours.reduce((a, b) => (b.area > a.area ? b : a));
  return contours.map((contour) => ({ largest: contour === largest, iou: best(reaching(contour.box, height, width)) }));
}

/** The evaluator's corners: one pixel beyond the region to the right and below, but not beyond the map. */
function reaching({ left, top, right, bottom }: Box, height: number, width: number): Box {
  return { left, top, right: Math.min(right + 1, width - 1), bottom: Math.min(bottom + 1, height - 1) };
}

/** Intersection over union of boxes whose corners count as pixels of them. */
export function iouOf(a: Box, b: Box): number {
  const area = ({ left, top, right, bottom }: Box): number => Math.max(0, right - left + 1) * Math.max(0, bottom - top + 1);
  const common = area({
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  });
  return common / (area(a) + area(b) - common);
}
