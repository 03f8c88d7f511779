/**
 * Confusion counts over a whole data set. Counts are float64, exact to 2^53 pixels: evaluators that hold them in 32 bits wrap
 * silently on data sets of the size of COCO.
 */

/** The value of unlabelled pixels in ground truth and of undecided ones in pseudo masks, unless a data set has another (PASCAL VOC). */
export const IGNORE = 255;

/**
 * What a predicted 255 counts as. Masks of RTC, MCIS, I2CRC and SIPE on COCO contain it; IRN's evaluator turns it into background
 * (`background`), others leave the pixel out (`exclude`, to be reported with `coverage`). The two are different numbers.
 */
export type PredictedIgnore = 'background' | 'exclude';

export interface Confusion {
  /** Number of classes, background included as class 0. */
  readonly classes: number;
  /** [ground-truth class, predicted class], row-major pixel counts. */
  readonly counts: Float64Array;
  /** [ground-truth class] pixels left out because the prediction was 255; all zero under `background`. */
  readonly excluded: Float64Array;
  readonly predictedIgnore: PredictedIgnore;
  /** Label of unlabelled pixels. */
  readonly ignore: number;
}

/** Empty counts for `classes` classes (21 for PASCAL VOC); `ignore` is the label of unlabelled pixels, no class. */
export function createConfusion(classes: number, predictedIgnore: PredictedIgnore = 'background', ignore: number = IGNORE): Confusion {
  if (!Number.isInteger(classes) || classes < 1 || classes > IGNORE) {
    throw new RangeError(`createConfusion: ${classes} classes, expected 1 to ${IGNORE}`);
  }
  if (!Number.isInteger(ignore) || (ignore >= 0 && ignore < classes)) {
    throw new RangeError(`createConfusion: ignored label ${ignore}, expected a whole number outside 0 to ${classes - 1}`);
  }
  return { classes, counts: new Float64Array(classes * classes), excluded: new Float64Array(classes), predictedIgnore, ignore };
}

/**
 * Adds one image: label maps of equal length, ground truth 0..classes-1 or the ignored label, prediction 0..classes-1 or
 * the ignored label.
 * Throws RangeError for another length or label; nothing is added then.
 */
export function addToConfusion(confusion: Confusion, groundTruth: ArrayLike<number>, prediction: ArrayLike<number>): void {
  const { classes, counts, excluded, ignore } = confusion;
  checkLabels('ground truth', groundTruth, classes, ignore);
  checkLabels('prediction', prediction, classes, ignore);
  if (groundTruth.length !== prediction.length) {
    throw new RangeError(
      `confusion: prediction of ${prediction.length} pixels, ground truth of ${groundTruth.length}; sizes must be equal`,
    );
  }
  const asBackground = confusion.predictedIgnore === 'background';
  for (let p = 0; p < groundTruth.length; p++) {
    const g = groundTruth[p];
    if (g === ignore) continue;
    const predicted = prediction[p];
    if (predicted !== ignore) counts[g * classes + predicted]++;
    else if (asBackground) counts[g * classes]++;
    else excluded[g]++;
  }
}

function checkLabels(what: string, labels: ArrayLike<number>, classes: number, ignore: number): void {
  for (let p = 0; p < labels.length; p++) {
    const v = labels[p];
    if (!(v === ignore || (Number.isInteger(v) && v >= 0 && v < classes))) {
      throw new RangeError(`confusion: ${what} holds ${v} at pixel ${p}; expected a class from 0 to ${classes - 1}, or ${ignore}`);
    }
  }
}

/** Adds the counts of `part` (another worker's share of the images) to `total`. Both must ignore the same label and follow the same rule where it is predicted. */
export function mergeConfusion(total: Confusion, part: Confusion): void {
  if (total.classes !== part.classes || total.predictedIgnore !== part.predictedIgnore || total.ignore !== part.ignore) {
    throw new RangeError(
      `mergeConfusion: ${total.classes} classes with predicted ${total.ignore} as '${total.predictedIgnore}' against ${part.classes} with ${part.ignore} as '${part.predictedIgnore}'`,
    );
  }
  for (let i = 0; i < total.counts.length; i++) total.counts[i] += part.counts[i];
  for (let i = 0; i < total.excluded.length; i++) total.excluded[i] += part.excluded[i];
}

/** Share of the labelled pixels that were scored: 1 unless predicted 255 is excluded; NaN without any labelled pixel. */
export function coverage(confusion: Confusion): number {
  const counted = confusion.counts.reduce((a, b) => a + b, 0);
  return counted / (counted + confusion.excluded.reduce((a, b) => a + b, 0));
}
