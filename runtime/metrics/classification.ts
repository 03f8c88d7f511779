/** Scores of a multi-label image classifier. Scores and tags are [images, classes], row-major; tags are 0 or 1. */
import { nanMean } from './iou.ts';

/**
 * Average precision of one class over all points, as in the VOC development kit since 2010: precision is made non-increasing from the
 * right, then integrated over recall. Images with equal scores enter together, so the order of the list does not matter.
 * NaN without a positive.
 */
export function averagePrecision(scores: ArrayLike<number>, positives: ArrayLike<number>): number {
  if (scores.length !== positives.length) throw new RangeError(`averagePrecision: ${scores.length} scores and ${positives.length} tags`);
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  const recall: number[] = [];
  const precision: number[] = [];
  let hits = 0;
  for (let k = 0; k < order.length; k++) {
    if (positives[order[k]] > 0) hits++;
    if (k + 1 < order.length && scores[order[k + 1]] === scores[order[k]]) continue;
    recall.push(hits);
    precision.push(hits / (k + 1));
  }
  if (hits === 0) return Number.NaN;
  let area = 0;
  let highest = 0;
  for (let k = recall.length - 1; k >= 0; k--) {
    highest = Math.max(highest, precision[k]);
    area += (recall[k] - (k > 0 ? recall[k - 1] : 0)) * highest;
  }
  return area / hits;
}

export interface ClassificationScores {
  /** [classes]; NaN for a class without a positive image. */
  readonly averagePrecision: readonly number[];
  /** Mean over the classes that have a positive. */
  readonly meanAveragePrecision: number;
  /** Share of the images x classes decided rightly at the threshold. */
  readonly labelAccuracy: number;
  /** Share of the images all of whose classes are decided rightly. */
  readonly exactMatch: number;
  /** F1 over all images x classes together (micro average); NaN when nothing is positive or predicted. */
  readonly f1: number;
}

/** Scores of `classes` columns; a class is predicted where its score exceeds `threshold` (0 for logits, .5 for probabilities). */
export function classificationScores(
  scores: ArrayLike<number>,
  tags: ArrayLike<number>,
  classes: number,
  threshold: number,
): ClassificationScores {
  const images = scores.length / classes;
  if (!Number.isInteger(images) || scores.length !== tags.length) {
    throw new RangeError(`classificationScores: ${scores.length} scores and ${tags.length} tags for ${classes} classes`);
  }
  const column = (values: ArrayLike<number>, c: number) => Float64Array.from({ length: images }, (_, i) => values[i * classes + c]);
  const ap = Array.from({ length: classes }, (_, c) => averagePrecision(column(scores, c), column(tags, c)));
  let right = 0;
  let exact = 0;
  let hits = 0;
  let predicted = 0;
  let positive = 0;
  for (let i = 0; i < images; i++) {
    let here = 0;
    for (let at = i * classes; at < (i + 1) * classes; at++) {
      const says = scores[at] > threshold;
      const is = tags[at] > 0;
      if (says === is) here++;
      if (says) predicted++;
      if (is) positive++;
      if (says && is) hits++;
    }
    right += here;
    if (here === classes) exact++;
  }
  return {
    averagePrecision: ap,
    meanAveragePrecision: nanMean(ap),
    labelAccuracy: right / scores.length,
    exactMatch: exact / images,
    f1: (2 * hits) / (predicted + positive),
  };
}
