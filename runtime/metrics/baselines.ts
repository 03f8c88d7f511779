/** Trivial baselines that every segmentation score should stand beside: what no learning at all would get. */
import { type Confusion, createConfusion } from './confusion.ts';
import { meanIou } from './iou.ts';

/** Counts of predicting class `label` everywhere, from the [classes] pixel counts of the ground truth (255 left out). */
export function constantPrediction(pixelsPerClass: ArrayLike<number>, label: number): Confusion {
  const classes = pixelsPerClass.length;
  if (!(Number.isInteger(label) && label >= 0 && label < classes)) throw new RangeError(`constantPrediction: class ${label} of ${classes}`);
  const confusion = createConfusion(classes);
  for (let g = 0; g < classes; g++) confusion.counts[g * classes + label] = pixelsPerClass[g];
  return confusion;
}

/** mIoU of predicting background everywhere. */
export function allBackground(pixelsPerClass: ArrayLike<number>): number {
  return meanIou(constantPrediction(pixelsPerClass, 0));
}

/** The foreground class that scores best when predicted everywhere, and its mIoU (the first among equals). */
export function bestConstantClass(pixelsPerClass: ArrayLike<number>): { readonly label: number; readonly meanIou: number } {
  let best = { label: 0, meanIou: Number.NEGATIVE_INFINITY };
  for (let label = 1; label < pixelsPerClass.length; label++) {
    const score = meanIou(constantPrediction(pixelsPerClass, label));
    if (score > best.meanIou) best = { label, meanIou: score };
  }
  return best;
}

/**
 * A mask from the image tags alone, without looking at the image: a centred rectangle of the image's proportions that covers `share`
 * of its area, cut into equal upright strips, one for each class of `tags` in order; background elsewhere. Choose `share` on training
 * images. Result [height * width].
 */
export function tagsOnlyMask(tags: readonly number[], height: number, width: number, share: number): Uint8Array {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`tagsOnlyMask: share ${share}, expected 0 to 1`);
  const mask = new Uint8Array(height * width);
  if (tags.length === 0) return mask;
  const side = Math.sqrt(share);
  const tall = Math.round(height * side);
  const wide = Math.round(width * side);
  const top = Math.floor((height - tall) / 2);
  const left = Math.floor((width - wide) / 2);
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) mask[(top + y) * width + left + x] = tags[Math.floor((x * tags.length) / wide)];
  }
  return mask;
}
