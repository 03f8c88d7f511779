/** Scores from confusion counts. Conventions of several papers' evaluators differ; each function names its source. Results are shares, not percent. */
import type { Confusion } from './confusion.ts';

/** Pixel counts per class: all [classes]. */
export interface ClassCounts {
  /** Row sums: pixels of the class in the ground truth. */
  readonly groundTruth: Float64Array;
  /** Column sums: pixels predicted as the class. */
  readonly predicted: Float64Array;
  /** Diagonal: true positives. */
  readonly hits: Float64Array;
  /** groundTruth + predicted - hits. */
  readonly union: Float64Array;
}

/** Row sums, column sums, diagonal and unions of the counts. */
export function classCounts({ classes, counts }: Confusion): ClassCounts {
  const groundTruth = new Float64Array(classes);
  const predicted = new Float64Array(classes);
  const hits = new Float64Array(classes);
  const union = new Float64Array(classes);
  for (let g = 0; g < classes; g++) {
    for (let p = 0; p < classes; p++) {
      groundTruth[g] += counts[g * classes + p];
      predicted[p] += counts[g * classes + p];
    }
    hits[g] = counts[g * classes + g];
  }
  for (let c = 0; c < classes; c++) union[c] = groundTruth[c] + predicted[c] - hits[c];
  return { groundTruth, predicted, hits, union };
}

/** Mean of the values that are not NaN; NaN when there is none (numpy's nanmean). */
export function nanMean(values: ArrayLike<number>): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sum += values[i];
    count++;
  }
  return sum / count;
}

/** Intersection over union per class; NaN for a class in neither ground truth nor prediction (irn step/eval_sem_seg.py, chainercv). */
export function iouPerClass(confusion: Confusion): Float64Array {
  const { hits, union } = classCounts(confusion);
  return hits.map((tp, c) => tp / union[c]);
}

/**
 * mIoU over the classes that occur in ground truth or prediction, background included: the project's headline number
 * (irn step/eval_sem_seg.py: nanmean of the IoUs).
 */
export function meanIou(confusion: Confusion): number {
  return nanMean(iouPerClass(confusion));
}

/** IRN's error rates per class and their means over the foreground classes; NaN for a class in neither map. */
export interface ErrorRates {
  /** 1 - groundTruth / union: the share of the union that is falsely predicted. */
  readonly falsePositive: Float64Array;
  /** 1 - predicted / union: the share of the union that is missed. */
  readonly falseNegative: Float64Array;
  readonly falsePositiveMean: number;
  readonly falseNegativeMean: number;
}

/** False-positive and false-negative rates as printed by jiwoon-ahn/irn@a2ece00, step/eval_sem_seg.py. */
export function errorRates(confusion: Confusion): ErrorRates {
  const { groundTruth, predicted, union } = classCounts(confusion);
  const falsePositive = union.map((u, c) => 1 - groundTruth[c] / u);
  const falseNegative = union.map((u, c) => 1 - predicted[c] / u);
  return {
    falsePositive,
    falseNegative,
    falsePositiveMean: nanMean(falsePositive.subarray(1)),
    falseNegativeMean: nanMean(falseNegative.subarray(1)),
  };
}

/** Scores of kazuto1011/deeplab-pytorch, libs/utils/metric.py: means over classes that occur in the ground truth. */
export interface SegmentationScores {
  readonly pixelAccuracy: number;
  readonly meanAccuracy: number;
  readonly frequencyWeightedIou: number;
  readonly meanIou: number;
}

/** Pixel accuracy, mean class accuracy, frequency-weighted IoU and mean IoU over classes that occur in the ground truth. */
export function segmentationScores(confusion: Confusion): SegmentationScores {
  const { groundTruth, hits, union } = classCounts(confusion);
  const total = groundTruth.reduce((a, b) => a + b, 0);
  const present = Array.from(groundTruth.keys()).filter((c) => groundTruth[c] > 0);
  const mean = (value: (c: number) => number) => present.reduce((sum, c) => sum + value(c), 0) / present.length;
  return {
    pixelAccuracy: hits.reduce((a, b) => a + b, 0) / total,
    meanAccuracy: mean((c) => hits[c] / groundTruth[c]),
    frequencyWeightedIou: present.reduce((sum, c) => sum + (groundTruth[c] / total) * (hits[c] / union[c]), 0),
    meanIou: mean((c) => hits[c] / union[c]),
  };
}

/** Scores of CVI-SZU/CCAM: every class counts in the means, one that never occurs as 0. */
export interface AllClassScores {
  /** hits / (union + 1e-10). */
  readonly iou: Float64Array;
  readonly meanIou: number;
  /** Mean IoU over the foreground classes. */
  readonly meanIouForeground: number;
  /** Mean over the foreground classes of (predicted - hits) / (union + 1e-10): over-activation. */
  readonly overActivation: number;
  /** Mean over the foreground classes of (groundTruth - hits) / (union + 1e-10): under-activation. */
  readonly underActivation: number;
  /** groundTruth / hits, 0 where nothing was hit. */
  readonly truthOverHits: Float64Array;
}

/** Scores as in CVI-SZU/CCAM@e6a46c9, WSSS/evaluate_using_background_cues.py. */
export function allClassScores(confusion: Confusion): AllClassScores {
  const { groundTruth, predicted, hits, union } = classCounts(confusion);
  const iou = hits.map((tp, c) => tp / (union[c] + 1e-10));
  return {
    iou,
    meanIou: nanMean(iou),
    meanIouForeground: nanMean(iou.subarray(1)),
    overActivation: nanMean(hits.map((tp, c) => (predicted[c] - tp) / (union[c] + 1e-10)).subarray(1)),
    underActivation: nanMean(hits.map((tp, c) => (groundTruth[c] - tp) / (union[c] + 1e-10)).subarray(1)),
    truthOverHits: hits.map((tp, c) => (tp === 0 ? 0 : groundTruth[c] / tp)),
  };
}

/** Precision and recall per class ([classes], 0 where undefined) and pixel accuracy: ChunyanWang1/ws-fcn@73927f5, eval_seg.py (there in percent). */
export function precisionAndRecall(confusion: Confusion): {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly pixelAccuracy: number;
} {
  const { groundTruth, predicted, hits } = classCounts(confusion);
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  return {
    precision: hits.map((tp, c) => tp / (predicted[c] + 1e-20)),
    recall: hits.map((tp, c) => tp / (groundTruth[c] + 1e-20)),
    pixelAccuracy: sum(hits) / sum(groundTruth),
  };
}
