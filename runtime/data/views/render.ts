import { draws } from '../../random/counter.ts';
import type { RgbImage } from '../image.ts';
import type { LabelMap } from '../mask.ts';
import { roundHalfEven } from '../pillow.ts';
import type { ViewProgram, ViewStep } from './program.ts';
import { mirrored, resized, scaledChannels, sourceState, type ViewGeometry, type ViewState, windowOf } from './state.ts';

/** A finished view of one image. */
export interface RenderedView {
  readonly height: number;
  readonly width: number;
  /** [height, width, 3], normalised; 0 where `inside` is 0. */
  readonly image: Float32Array;
  /** [height, width] of 0 and 1. */
  readonly inside: Float32Array;
  /** [height, width] class indices, 255 in padding; only when asked for. */
  readonly mask?: Int32Array;
  readonly geometry: ViewGeometry;
}

/** What the random steps of an image depend on. */
export interface ViewDraws {
  readonly seed: number;
  /** Epoch (or step): another number gives other draws. */
  readonly epoch: number;
  readonly id: string;
}

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const SIGNED = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/**
 * Runs a view program on one image. The draws of step i of view v are those of (seed, epoch, id, `v.i.op`), so a view made from another
 * shares its draws, and neither batches nor workers matter. `wanted` names the views to return (all without it).
 */
export function renderViews(
  program: ViewProgram,
  image: RgbImage,
  labels: LabelMap | undefined,
  key: ViewDraws,
  wanted?: readonly string[],
): ReadonlyMap<string, RenderedView> {
  const states = new Map<string, ViewState>([['source', sourceState(image, labels)]]);
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
    case 'long_side': {
      const target = random().integer(0, step.from, step.to);
      const short = Math.max(1, roundHalfEven((Math.min(height, width) * target) / Math.max(height, width)));
      return width < height
        ? resized(state, target, short, step.filter ?? 'bicubic')
        : resized(state, short, target, step.filter ?? 'bicubic');
    }
    case 'square':
      return resized(state, step.size, step.size, step.filter ?? 'bicubic');
    case 'resize':
      return resized(state, step.height, step.width, step.filter ?? 'bicubic');
    case 'scale': {
      const factor = step.factor ?? random().uniformBetween(0, step.from ?? 1, step.to ?? 1);
      return resized(
        state,
        Math.max(1, roundHalfEven(height * factor)),
        Math.max(1, roundHalfEven(width * factor)),
        step.filter ?? 'bicubic',
      );
    }
    case 'flip':
      return random().bernoulli(0, step.p) ? mirrored(state) : state;
    case 'crop': {
      const toHeight = step.height ?? step.size ?? height;
      const toWidth = step.width ?? step.size ?? width;
      const start = (index: number, size: number, toSize: number): number => {
        const space = size - toSize;
        if (step.place === 'top_left') return 0;
        if (step.place === 'centre') return Math.floor(space / 2);
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
    case 'jitter': {
      if (state.normalized) throw new RangeError(`${name}: jitter works on 0..255 and belongs before normalize`);
      const stream = random();
      const gain = stream.uniformBetween(0, 1 - step.contrast, 1 + step.contrast);
      const offset = [1, 2, 3].map((index) => stream.uniformBetween(index, -step.channel, step.channel) * 255);
      return { ...state, pixels: scaledChannels(state, [gain, gain, gain], offset) };
    }
    case 'normalize': {
      if (state.normalized) throw new RangeError(`${name}: the view is normalised already`);
      const { mean, std } = constants(step);
      const gain = std.map((s) => 1 / (255 * s));
      const offset = mean.map((m, c) => -m / std[c]);
      return { ...state, pixels: scaledChannels(state, gain, offset), normalized: true };
    }
  }
}

function constants(step: Extract<ViewStep, { op: 'normalize' }>): { readonly mean: readonly number[]; readonly std: readonly number[] } {
  if (step.preset === 'imagenet') return IMAGENET;
  if (step.preset === 'signed') return SIGNED;
  return { mean: step.mean ?? [0, 0, 0], std: step.std ?? [1, 1, 1] };
}

function finished(state: ViewState): RenderedView {
  const { height, width } = state;
  const image = Float32Array.from(state.pixels);
  for (let i = 0; i < state.inside.length; i++) if (state.inside[i] === 0) image.fill(0, i * 3, i * 3 + 3);
  const inside = Float32Array.from(state.inside);
  const mask = state.labels && Int32Array.from(state.labels);
  return { height, width, image, inside, mask, geometry: state.geometry };
}
