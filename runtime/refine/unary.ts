/** Unary energies of a dense CRF. Scores and energies are [labels, pixels], row-major. */

/**
 * -log(clip(p, clip, 1)): pydensecrf's `unary_from_softmax` (utils.py:55-79). `p` need not sum to one.
 * With `mix`, p is first replaced by s * clip(p, 0, 1) + (1 - s) / labels (that function's `scale`).
 */
export function unaryFromProbabilities(
  p: Float32Array,
  clip = 1e-5,
  mix?: { readonly scale: number; readonly labels: number },
): Float32Array {
  const energy = new Float32Array(p.length);
  const scale = mix ? mix.scale : 1;
  const uniform = mix ? (1 - mix.scale) / mix.labels : 0;
  for (let i = 0; i < p.length; i++) {
    const v = mix ? scale * Math.min(1, Math.max(0, p[i])) + uniform : p[i];
    energy[i] = -Math.log(Math.min(1, Math.max(clip, v)));
  }
  return energy;
}

/** -log(max(score, floor)), without the upper bound of one: scores above one get negative energies. */
export function unaryFromScores(scores: Float32Array, floor = 1e-12): Float32Array {
  return scores.map((s) => -Math.log(Math.max(s, floor)));
}

/**
 * From a map of compact labels: -log(confidence) at the given label, -log((1 - confidence) / (M - 1)) elsewhere (pydensecrf's
 * `unary_from_labels`, utils.py:6-46; IRN and SIPE use confidence .7).
 *
 * Without `zeroUnsure`, `labels` holds 0..M-1 and the result has M rows. With it, label 0 means "unknown" (uniform energies) and
 * labels 1..M become rows 0..M-1, so the result again has M = `count` rows.
 * Throws RangeError for M < 2, a confidence outside (0, 1) and a label out of range.
 */
export function unaryFromLabels(
  labels: ArrayLike<number>,
  count: number,
  confidence: number,
  options: { readonly zeroUnsure?: boolean } = {},
): Float32Array {
  if (!(count >= 2)) throw new RangeError(`unaryFromLabels: ${count} label(s); a label unary needs at least 2`);
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`unaryFromLabels: confidence ${confidence}, expected a number between 0 and 1`);
  const pixels = labels.length;
  const shift = options.zeroUnsure ? 1 : 0;
  const energy = new Float32Array(count * pixels).fill(-Math.log((1 - confidence) / (count - 1)));
  const sure = -Math.log(confidence);
  const unknown = -Math.log(1 / count);
  for (let p = 0; p < pixels; p++) {
    const label = labels[p];
    if (!Number.isInteger(label) || label < 0 || label >= count + shift) {
      throw new RangeError(`unaryFromLabels: label ${label} at pixel ${p}, expected 0 to ${count + shift - 1}`);
    }
    if (shift === 1 && label === 0) for (let c = 0; c < count; c++) energy[c * pixels + p] = unknown;
    else energy[(label - shift) * pixels + p] = sure;
  }
  return energy;
}

/**
 * Two-label energies of a saliency map s in [0, 1]: -log(q + 1e-8) / (1.05 * sigmoid(q)) with q = 1 - s for "background" and q = s
 * for "salient" (xulianuwa/AuxSegNet@9f40a5d, tool/imutils.py:84-101). Result [2, pixels].
 */
export function unaryFromSaliency(saliency: Float32Array): Float32Array {
  const pixels = saliency.length;
  const energy = new Float32Array(2 * pixels);
  for (let p = 0; p < pixels; p++) {
    energy[p] = saliencyEnergy(1 - saliency[p]);
    energy[pixels + p] = saliencyEnergy(saliency[p]);
  }
  return energy;
}

function saliencyEnergy(q: number): number {
  return -Math.log(q + 1e-8) / (1.05 / (1 + Math.exp(-q)));
}

/**
 * Prepends a background row (1 - max over classes)^power to `cams` [classes, pixels]: the rule of the PSA family
 * (alpha 4, 16 and 24; ws-fcn uses 5). Result [classes + 1, pixels], not renormalised.
 */
export function prependBackgroundPower(cams: Float32Array, classes: number, power: number): Float32Array {
  const pixels = cams.length / classes;
  const scores = new Float32Array((classes + 1) * pixels);
  scores.set(cams, pixels);
  for (let p = 0; p < pixels; p++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, cams[c * pixels + p]);
    scores[p] = (1 - largest) ** power;
  }
  return scores;
}

/**
 * Energies of scores sharpened and normalised over the labels: p = (s + epsilon)^power / sum over labels, U = -log p. `scores`
 * [labels, pixels] are at least 0 (a background constant and CAMs); epsilon keeps a zero score possible.
 */
export function unaryFromScorePowers(
  scores: Float32Array,
  labels: number,
  options: { readonly power: number; readonly epsilon: number },
): Float32Array {
  const pixels = scores.length / labels;
  if (!Number.isInteger(pixels)) throw new RangeError(`unaryFromScorePowers: ${scores.length} scores do not divide into ${labels} labels`);
  const energy = scores.map((s) => -options.power * Math.log(Math.max(0, s) + options.epsilon));
  for (let p = 0; p < pixels; p++) {
    let lowest = Number.POSITIVE_INFINITY;
    for (let at = p; at < energy.length; at += pixels) lowest = Math.min(lowest, energy[at]);
    let sum = 0;
    for (let at = p; at < energy.length; at += pixels) sum += Math.exp(lowest - energy[at]);
    // -log p = U + log sum exp(-U), computed from the lowest energy so that nothing overflows.
    const shift = Math.log(sum) - lowest;
    for (let at = p; at < energy.length; at += pixels) energy[at] += shift;
  }
  return energy;
}
