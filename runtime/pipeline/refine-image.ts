/** The stages that turn the maps of one image into labels, by themselves: what `runPipeline` does to every image and `compare` to one. */
import { denseAffinity, pairAffinity } from '../refine/affinity.ts';
import { resizeBilinear } from '../refine/bilinear.ts';
import { argmaxLabels, type CrfKernel, denseCrf } from '../refine/dense-crf.ts';
import { argmaxWithBackground, argmaxWithScaledBackground, combineIrLabels } from '../refine/ir-label.ts';
import { denseTransition, enlargeAndNormalise, labelsFromMaps, propagate } from '../refine/random-walk.ts';
import { unaryFromLabels, unaryFromProbabilities } from '../refine/unary.ts';
import { RunError } from '../train/errors.ts';
import { type CamMaps, hasBackground } from './cam-files.ts';
import type { CrfKernelPlan, CrfStage, IrLabelStage, RandomWalkStage } from './plan.ts';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3]. */
  readonly image: Uint8Array;
}

/** Boundary probabilities of an image, on a coarser grid. */
export interface BoundaryMap {
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** The CRF on compact labels: background first, then the classes that have a map. Palette labels, [pixels]. */
export function crfLabels(maps: CamMaps, picture: Picture, args: CrfStage['args'], background: number | undefined): Uint8Array {
  const pixels = picture.width * picture.height;
  const labels = hasBackground(maps) ? maps.labels : [0, ...maps.labels];
  if (labels.length < 2) return new Uint8Array(pixels);
  const scores = new Float32Array(labels.length * pixels);
  if (hasBackground(maps)) scores.set(maps.data);
  else scores.fill(needed(background, 'crf'), 0, pixels).set(maps.data, pixels);
  const unary = energies(scores, labels.length, args.unary);
  const q = denseCrf({ ...picture, unary, kernels: args.kernels.map(kernelOf), iterations: args.iterations });
  return argmaxLabels(q, labels.length).map((label) => labels[label]);
}

function energies(scores: Float32Array, labels: number, unary: CrfStage['args']['unary']): Float32Array {
  switch (unary.kind) {
    case 'labels':
      return unaryFromLabels(argmaxLabels(scores, labels), labels, unary.confidence);
    case 'probabilities':
      return unaryFromProbabilities(scores, unary.clip);
    case 'scores':
      return unaryFromProbabilities(normalisedPower(scores, labels, unary.power, unary.epsilon));
  }
}

/** (scores + epsilon)^power divided by its sum over the labels; [labels, pixels]. */
export function normalisedPower(scores: Float32Array, labels: number, power: number, epsilon: number): Float32Array {
  const pixels = scores.length / labels;
  const out = scores.map((score) => (Math.max(0, score) + epsilon) ** power);
  for (let p = 0; p < pixels; p++) {
    let sum = 0;
    for (let at = p; at < out.length; at += pixels) sum += out[at];
    for (let at = p; at < out.length; at += pixels) out[at] /= sum;
  }
  return out;
}

/** One of the two label maps of `irLabel`. */
export interface IrPass {
  /** Compact labels (0 background, k channel k) before the CRF. */
  readonly argmax: Uint8Array;
  /** [labels, pixels] after the CRF; undefined where there is none, or only one label. */
  readonly probabilities: Float32Array | undefined;
  /** Compact labels after it. */
  readonly refined: Uint8Array;
}

export interface IrLabels {
  readonly foreground: IrPass;
  readonly background: IrPass;
  /** Palette label of each compact label. */
  readonly ids: readonly number[];
  /** The class where the foreground pass is sure of it, 0 where both passes say background, `unsure` elsewhere. */
  readonly labels: Uint8Array;
}

/**
 * Inter-pixel labels (IRN: two constants in the place of a background map; SIPE: the maps' own background, whole and scaled), each pass
 * with a CRF on labels where there are kernels. `picture` is needed for those alone.
 */
export function irLabel(maps: CamMaps, picture: Picture | undefined, args: IrLabelStage['args']): IrLabels {
  const own = hasBackground(maps);
  const ids = own ? maps.labels : [0, ...maps.labels];
  const channels = maps.labels.length;
  const pass = (constant: number, factor: number): IrPass => {
    const argmax = own
      ? argmaxWithScaledBackground(maps.data, channels, factor)
      : channels === 0
        ? new Uint8Array(maps.height * maps.width)
        : argmaxWithBackground(maps.data, channels, constant);
    if (args.kernels.length === 0 || ids.length < 2) return { argmax, probabilities: undefined, refined: argmax };
    if (!picture) throw new RunError('run-plan', 'a CRF needs the image', 'Give the stage an image, or kernels: [].');
    const unary = unaryFromLabels(argmax, ids.length, args.confidence);
    const q = denseCrf({ ...picture, unary, kernels: args.kernels.map(kernelOf), iterations: args.iterations });
    return { argmax, probabilities: q, refined: argmaxLabels(q, ids.length) };
  };
  const foreground = pass(args.foreground, 1);
  const background = pass(args.background, args.background_factor);
  return { foreground, background, ids, labels: combineIrLabels(foreground.refined, background.refined, ids, args.unsure) };
}

export interface WalkedMaps {
  /** [channels, height, width] on the grid of the boundary, before the walk. */
  readonly small: Float32Array;
  readonly walked: Float32Array;
  /** At image size, divided by the one maximum. */
  readonly enlarged: Float32Array;
  readonly labels: Uint8Array;
}

/**
 * Pseudo labels by a random walk that boundaries stop (IRN, CVPR 2019; SIPE raises the maps to a power first). `background` is the score of
 * label 0 where the maps have no channel of it.
 */
export function walkLabels(
  maps: CamMaps,
  boundary: BoundaryMap,
  image: { readonly height: number; readonly width: number },
  args: RandomWalkStage['args'],
  background: number | undefined,
): WalkedMaps {
  const { height, width } = boundary;
  const channels = maps.labels.length;
  if (channels === 0) {
    const none = new Float32Array(0);
    return { small: none, walked: none, enlarged: none, labels: new Uint8Array(image.height * image.width) };
  }
  const fitted = resizeBilinear(maps.data, channels, maps.height, maps.width, height, width);
  const small = args.power === 1 ? fitted : fitted.map((v) => v ** args.power);
  const walk = { beta: args.beta, log2Steps: args.log2_steps };
  const walked = propagate({ maps: small, boundary: boundary.data, height, width, radius: args.radius, walk });
  const enlarged = enlargeAndNormalise(walked, { channels, height, width }, image, args.stride);
  const labels = labelsFromMaps(enlarged, maps.labels, hasBackground(maps) ? undefined : needed(background, 'random_walk'));
  return { small, walked, enlarged, labels };
}

/** The dense matrices of a walk, [pixels, pixels]: what the authors compute, for comparison on small maps. */
export function walkMatrices(boundary: BoundaryMap, args: RandomWalkStage['args']) {
  const pairs = pairAffinity(boundary.data, boundary.height, boundary.width, args.radius);
  return {
    affinity: (): Float32Array => denseAffinity(pairs),
    transition: (): Float32Array => denseTransition(pairs, { beta: args.beta, log2Steps: args.log2_steps }),
  };
}

function needed(background: number | undefined, stage: string): number {
  if (background !== undefined) return background;
  throw new RunError('run-plan', 'maps without a background channel need a threshold', `Give the ${stage} stage threshold: …`);
}

function kernelOf({ kind, weight, sxy, srgb }: CrfKernelPlan): CrfKernel {
  return kind === 'gaussian' ? { kind, weight, sxy } : { kind, weight, sxy, srgb: srgb ?? 1 };
}
