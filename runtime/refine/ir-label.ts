/** Inter-pixel training labels: which pixels are surely a class, surely background, or unsure (255). */
import { argmaxLabels } from './dense-crf.ts';

/** The value of pixels without a label, as in PASCAL VOC masks. */
export const UNSURE = 255;

/**
 * Combines two compact label maps (0 = background, k = channel k): the class of the `foreground` pass where it is not background,
 * 0 where both passes say background, `unsure` elsewhere. `ids[k]` is the class id of label k, `ids[0]` = 0
 * (jiwoon-ahn/irn@a2ece00, step/cam_to_ir_label.py:23-43; chenqi1126/SIPE@e0c6a3b, cam2ir.py:22-42).
 */
export function combineIrLabels(
  foreground: ArrayLike<number>,
  background: ArrayLike<number>,
  ids: readonly number[],
  unsure = UNSURE,
): Uint8Array {
  if (foreground.length !== background.length) {
    throw new RangeError(`combineIrLabels: label maps of ${foreground.length} and ${background.length} pixels; they must be the same size`);
  }
  const labels = new Uint8Array(foreground.length);
  for (let p = 0; p < labels.length; p++) {
    const id = ids[foreground[p]];
    if (id === undefined || ids[background[p]] === undefined) {
      throw new RangeError(`combineIrLabels: label ${foreground[p]} or ${background[p]} at pixel ${p} has no class id (${ids.length} ids)`);
    }
    labels[p] = id !== 0 ? id : ids[background[p]] === 0 ? 0 : unsure;
  }
  return labels;
}

/** Argmax over [constant background; cams] as compact labels 0..classes; `cams` [classes, pixels], ties to the lowest channel. */
export function argmaxWithBackground(cams: Float32Array, classes: number, background: number): Uint8Array {
  const pixels = cams.length / classes;
  const scores = new Float32Array((classes + 1) * pixels);
  scores.fill(background, 0, pixels);
  scores.set(cams, pixels);
  return argmaxLabels(scores, classes + 1);
}

/** Argmax over maps [channels, pixels] whose channel 0, a background of its own, is first multiplied by `factor` (SIPE: 1 and .5). */
export function argmaxWithScaledBackground(maps: Float32Array, channels: number, factor: number): Uint8Array {
  const pixels = maps.length / channels;
  const scores = maps.slice();
  for (let p = 0; p < pixels; p++) scores[p] *= factor;
  return argmaxLabels(scores, channels);
}
