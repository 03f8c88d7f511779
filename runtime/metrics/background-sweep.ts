/**
 * Scores of class activation maps over many background constants at once. For a threshold t the prediction of a pixel is the argmax
 * of [t; cams] (jiwoon-ahn/irn@a2ece00, step/eval_cam.py; CVI-SZU/CCAM@e6a46c9, evaluate_using_background_cues.py); ties go to the
 * lowest channel, as in numpy, so background wins where t equals the largest cam.
 *
 * Every pixel is visited once: its largest cam decides at how many thresholds it is foreground, and prefix sums give the confusion
 * counts of each threshold. Comparisons are float32, as in the sources.
 */
import { type Confusion, createConfusion, IGNORE } from './confusion.ts';
import { allClassScores, meanIou } from './iou.ts';

export interface BackgroundSweep {
  readonly classes: number;
  /** Ascending, rounded to float32. */
  readonly thresholds: Float32Array;
  /** [thresholds + 1, ground truth, class]: pixels whose winning cam exceeds exactly the first k thresholds. */
  readonly counts: Float64Array;
}

/** Empty counts. `thresholds` must ascend; `classes` includes background. */
export function createSweep(thresholds: readonly number[], classes: number): BackgroundSweep {
  for (let k = 1; k < thresholds.length; k++) {
    if (!(thresholds[k] > thresholds[k - 1]))
      throw new RangeError(`createSweep: threshold ${thresholds[k]} after ${thresholds[k - 1]}; they must ascend`);
  }
  if (thresholds.length === 0) throw new RangeError('createSweep: no thresholds');
  return { classes, thresholds: Float32Array.from(thresholds), counts: new Float64Array((thresholds.length + 1) * classes * classes) };
}

/**
 * Adds one image: `cams` [channels, pixels], `ids[channel]` its class (1..classes-1), `groundTruth` [pixels] with 255 ignored.
 * An image without channels is all background. Throws RangeError when something does not fit.
 */
export function addToSweep(sweep: BackgroundSweep, cams: Float32Array, ids: ArrayLike<number>, groundTruth: ArrayLike<number>): void {
  const { classes, thresholds, counts } = sweep;
  const pixels = groundTruth.length;
  const channels = ids.length;
  if (cams.length !== channels * pixels) {
    throw new RangeError(`addToSweep: ${cams.length} cam values, expected ${channels} channels x ${pixels} pixels`);
  }
  for (let c = 0; c < channels; c++) {
    if (!(Number.isInteger(ids[c]) && ids[c] > 0 && ids[c] < classes)) {
      throw new RangeError(`addToSweep: channel ${c} has class ${ids[c]}, expected 1 to ${classes - 1}`);
    }
  }
  for (let p = 0; p < pixels; p++) {
    const g = groundTruth[p];
    if (g === IGNORE) continue;
    if (!(Number.isInteger(g) && g >= 0 && g < classes)) {
      throw new RangeError(`addToSweep: ground truth holds ${g} at pixel ${p}; expected 0 to ${classes - 1}, or ${IGNORE}`);
    }
    let largest = Number.NEGATIVE_INFINITY;
    let winner = 0;
    for (let c = 0, at = p; c < channels; c++, at += pixels) {
      if (cams[at] > largest) {
        largest = cams[at];
        winner = ids[c];
      }
    }
    counts[(exceeded(thresholds, largest) * classes + g) * classes + winner]++;
  }
}

/** How many of the ascending thresholds lie below `value`. */
function exceeded(thresholds: Float32Array, value: number): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (thresholds[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds the counts of another worker's images. */
export function mergeSweep(total: BackgroundSweep, part: BackgroundSweep): void {
  const same = total.classes === part.classes && total.thresholds.every((t, k) => t === part.thresholds[k]);
  if (!same || total.counts.length !== part.counts.length) throw new RangeError('mergeSweep: sweeps over other thresholds or classes');
  for (let i = 0; i < total.counts.length; i++) total.counts[i] += part.counts[i];
}

/** The confusion counts at every threshold, in order. */
export function sweepConfusions(sweep: BackgroundSweep): readonly Confusion[] {
  const { classes, thresholds, counts } = sweep;
  const square = classes * classes;
  const result = Array.from(thresholds, () => createConfusion(classes));
  // From the highest threshold down: pixels of bin k + 1 and above are foreground at threshold k.
  const foreground = new Float64Array(square);
  const total = new Float64Array(classes);
  for (let i = 0; i < counts.length; i++) total[Math.floor(i / classes) % classes] += counts[i];
  for (let k = thresholds.length - 1; k >= 0; k--) {
    for (let i = 0; i < square; i++) foreground[i] += counts[(k + 1) * square + i];
    const matrix = result[k].counts;
    matrix.set(foreground);
    for (let g = 0; g < classes; g++) {
      let taken = 0;
      for (let c = 0; c < classes; c++) taken += foreground[g * classes + c];
      matrix[g * classes] += total[g] - taken;
    }
  }
  return result;
}

export interface SweepScores {
  readonly thresholds: readonly number[];
  readonly confusions: readonly Confusion[];
  /** Mean IoU over classes that occur (`meanIou`). */
  readonly meanIou: readonly number[];
  /** Mean IoU over all classes, absent ones counting 0 (CCAM's). */
  readonly meanIouAllClasses: readonly number[];
  /** Over- and under-activation (`allClassScores`). */
  readonly overActivation: readonly number[];
  readonly underActivation: readonly number[];
  /** Index of the highest `meanIouAllClasses`, the first among equals: the threshold to choose (on training images). */
  readonly best: number;
}

/** Scores at every threshold and the best one. */
export function sweepScores(sweep: BackgroundSweep): SweepScores {
  const confusions = sweepConfusions(sweep);
  const all = confusions.map(allClassScores);
  const meanIouAllClasses = all.map((s) => s.meanIou);
  return {
    thresholds: [...sweep.thresholds],
    confusions,
    meanIou: confusions.map(meanIou),
    meanIouAllClasses,
    overActivation: all.map((s) => s.overActivation),
    underActivation: all.map((s) => s.underActivation),
    best: meanIouAllClasses.indexOf(Math.max(...meanIouAllClasses)),
  };
}

/**
 * Index of the threshold whose over-activation is nearest to `factor` times that of the best threshold, the first among equals:
 * CCAM's choice of an over-activated (1.6) and an under-activated (.6) map.
 */
export function thresholdByActivation(scores: SweepScores, factor: number): number {
  const target = scores.overActivation[scores.best] * factor;
  let nearest = 0;
  scores.overActivation.forEach((value, k) => {
    if (Math.abs(value - target) < Math.abs(scores.overActivation[nearest] - target)) nearest = k;
  });
  return nearest;
}
