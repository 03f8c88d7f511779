import { type DrawStream, draws } from '../../random/counter.ts';
import { roundHalfEven } from '../pillow.ts';
import { blurred, colourJittered, greyed } from './colour.ts';
import type { ViewProgram } from './program.ts';
import { mirrored, resized, type SourceImage, scaledChannels, sourceState, type ViewGeometry, type ViewState, windowOf } from './state.ts';
import type { Placement, ViewStep } from './steps.ts';

/** A finished view of one image. */
export interface RenderedView {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3], normalised; 0 where `inside` is 0. */
  readonly image: Float32Array;
  /** [height, width] of 0 and 1. */
  readonly inside: Float32Array;
  /** [height, width] class indices, 255 in padding; where the source has a mask. */
  readonly mask?: Int32Array;
  /** [height, width] in [0, 1], 0 in padding; where the source has saliency. */
  readonly saliency?: Float32Array;
  readonly geometry: ViewGeometry;
}

/** What the random steps of an image depend on. */
export interface ViewDraws {
  readonly seed: number;
  /** Epoch (or step): another number gives other draws. */
  readonly epoch: number;
  readonly id: string;
}

/**
 * Runs a view program on an image and, where it has pairs, on their partners: `sources` by the names that views start from. The draws of step i of
 * view v are those of (seed, epoch, id, `v.i.op`) with the id of the image itself, so a view made from another shares its draws, partners have
 * their own, and neither batches nor workers matter. `wanted` names the views to return (all without it).
 */
export function renderViews(
  program: ViewProgram,
  sources: Readonly<Record<string, SourceImage>>,
  key: ViewDraws,
  wanted?: readonly string[],
): ReadonlyMap<string, RenderedView> {
  const states = new Map(Object.entries(sources).map(([name, source]) => [name, sourceState(source)]));
  const out = new Map<string, RenderedView>();
  for (const view of program.views) {
    const start = states.get(view.from);
    if (!start) throw new RangeError(`the view '${view.name}' comes from the unknown view '${view.from}'`);
    let state = start;
    view.steps.forEach((step, i) => {
      state = applyStep(state, step, key, `${view.name}.${i}.${step.op}`);
    });
    states.set(view.name, state);
    if (!wanted || wanted.includes(view.name)) out.set(view.name, finished(state));
  }
  return out;
}

function applyStep(state: ViewState, step: ViewStep, key: ViewDraws, name: string): ViewState {
  const random = () => draws({ seed: key.seed, step: key.epoch, image: key.id, name });
  const { height, width } = state;
  switch (step.op) {
    case 'long_side':
    case 'short_side': {
      const target = random().integer(0, step.from, step.to);
      const [short, long] = height < width ? [height, width] : [width, height];
      const other =
        step.op === 'long_side' ? Math.max(1, roundHalfEven((short * target) / long)) : Math.max(1, roundHalfEven((long * target) / short));
      const isHigh = width < height;
      const sets = step.op === 'long_side' ? isHigh : !isHigh;
      return sets ? resized(state, target, other, step) : resized(state, other, target, step);
    }
    case 'square':
      return resized(state, step.size, step.size, step);
    case 'resize':
      return resized(state, step.height, step.width, step);
    case 'scale': {
      const factor =
        step.factor ??
        (step.among ? step.among[random().integer(0, 0, step.among.length - 1)] : random().uniformBetween(0, step.from ?? 1, step.to ?? 1));
      return resized(state, Math.max(1, roundHalfEven(height * factor)), Math.max(1, roundHalfEven(width * factor)), step);
    }
    case 'random_resized_crop': {
      const window = drawnWindow(height, width, step, random());
      const cut = windowOf(state, window.top, window.left, window.height, window.width, 'zero');
      return resized(cut, step.size, step.size, step);
    }
    case 'flip':
      return random().bernoulli(0, step.p) ? mirrored(state) : state;
    case 'crop': {
      const toHeight = step.height ?? step.size ?? height;
      const toWidth = step.width ?? step.size ?? width;
      const start = (index: number, size: number, toSize: number): number => {
        const space = size - toSize;
        const place: Placement = (space < 0 ? step.small : undefined) ?? step.place ?? 'random';
        if (place === 'top_left') return 0;
        if (place === 'centre') return Math.floor(space / 2);
        return space >= 0 ? random().integer(index, 0, space) : -random().integer(index, 0, -space);
      };
      return windowOf(state, start(0, height, toHeight), start(1, width, toWidth), toHeight, toWidth, step.pad ?? 'zero');
    }
    case 'shift': {
      const stream = random();
      const top = stream.integer(0, -step.pixels, step.pixels);
      const left = stream.integer(1, -step.pixels, step.pixels);
      return windowOf(state, top, left, height, width, step.pad ?? 'zero');
    }
    case 'jitter':
      return { ...state, pixels: colourJittered(unnormalized(state, name), step, random()) };
    case 'channel_jitter': {
      unnormalized(state, name);
      const stream = random();
      const gain = stream.uniformBetween(0, 1 - step.contrast, 1 + step.contrast);
      const offset = [1, 2, 3].map((index) => stream.uniformBetween(index, -step.channel, step.channel) * 255);
      return { ...state, pixels: scaledChannels(state, [gain, gain, gain], offset) };
    }
    case 'grey': {
      const pixels = unnormalized(state, name);
      return random().bernoulli(0, step.p) ? { ...state, pixels: greyed(pixels) } : state;
    }
    case 'blur': {
      const stream = random();
      const pixels = unnormalized(state, name);
      if (!stream.bernoulli(0, step.p ?? 1)) return state;
      return { ...state, pixels: blurred(pixels, height, width, stream.uniformBetween(1, step.from, step.to)) };
    }
    case 'normalize':
      return { ...state, pixels: normalized(state, step, name), normalized: true };
  }
}

/** The pixels of a view for a step that works on 0..255. */
function unnormalized(state: ViewState, name: string): ViewState['pixels'] {
  if (state.normalized) throw new RangeError(`${name}: it works on 0..255 and belongs before normalize`);
  return state.pixels;
}

type Window = { readonly top: number; readonly left: number; readonly height: number; readonly width: number };

/** torchvision's RandomResizedCrop.get_params; try t takes the draws 4t to 4t + 3. */
function drawnWindow(height: number, width: number, step: Extract<ViewStep, { op: 'random_resized_crop' }>, stream: DrawStream): Window {
  for (let t = 0; t < 10; t++) {
    const area = height * width * stream.uniformBetween(4 * t, step.area_from, step.area_to);
    const aspect = Math.exp(stream.uniformBetween(4 * t + 1, Math.log(step.aspect_from), Math.log(step.aspect_to)));
    const w = roundHalfEven(Math.sqrt(area * aspect));
    const h = roundHalfEven(Math.sqrt(area / aspect));
    if (w > 0 && w <= width && h > 0 && h <= height)
      return { top: stream.integer(4 * t + 2, 0, height - h), left: stream.integer(4 * t + 3, 0, width - w), height: h, width: w };
  }
  const ratio = width / height;
  const w = ratio > step.aspect_to ? roundHalfEven(height * step.aspect_to) : width;
  const h = ratio < step.aspect_from ? roundHalfEven(width / step.aspect_from) : height;
  const [toHeight, toWidth] = [Math.min(height, h), Math.min(width, w)];
  return { top: Math.floor((height - toHeight) / 2), left: Math.floor((width - toWidth) / 2), height: toHeight, width: toWidth };
}

const PRESETS = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  signed: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  unit: { mean: [0, 0, 0], std: [1, 1, 1] },
  /** Means of Caffe's models by channel in the order red, green, blue, in 0..255. */
  caffe: { mean: [122.675 / 255, 116.669 / 255, 104.008 / 255], std: [1 / 255, 1 / 255, 1 / 255] },
} as const;

function normalized(state: ViewState, step: Extract<ViewStep, { op: 'normalize' }>, name: string): Float32Array {
  if (state.normalized) throw new RangeError(`${name}: the view is normalised already`);
  const { mean, std } = step.preset === undefined ? { mean: step.mean ?? [0, 0, 0], std: step.std ?? [1, 1, 1] } : PRESETS[step.preset];
  const pixels = scaledChannels(
    state,
    std.map((s) => 1 / (255 * s)),
    mean.map((m, c) => -m / std[c]),
  );
  if (step.preset === 'caffe') for (let i = 0; i < pixels.length; i += 3) [pixels[i], pixels[i + 2]] = [pixels[i + 2], pixels[i]];
  return pixels;
}

function finished(state: ViewState): RenderedView {
  const { height, width, planes, geometry } = state;
  const image = Float32Array.from(state.pixels);
  for (let i = 0; i < planes.inside.length; i++) if (planes.inside[i] === 0) image.fill(0, i * 3, i * 3 + 3);
  return {
    height,
    width,
    image,
    inside: Float32Array.from(planes.inside),
    mask: planes.mask && Int32Array.from(planes.mask),
    saliency: planes.saliency && Float32Array.from(planes.saliency, (value) => value / 255),
    geometry,
  };
}
