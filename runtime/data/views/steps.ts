/** The steps of a view, and what a step that came as JSON may hold. */
import type { ResizeFilter } from '../pillow.ts';

/** How pixels are filled that lie outside the image: zero after normalisation (then `inside` is 0), or the image mirrored at its border. */
export type Padding = 'zero' | 'reflect';
export type Placement = 'random' | 'top_left' | 'centre';

/**
 * Arithmetic of a resize. `pillow` widens its filter when shrinking and rounds 8-bit pixels after each pass, bicubic a = -0.5; `opencv` and
 * `half_pixel` (PyTorch without aligned corners) sample at half-pixel centres without antialiasing, bicubic a = -0.75, edges repeated; `opencv`
 * rounds 8-bit pixels once (within one grey level of OpenCV's fixed point), `half_pixel` never.
 */
export type ResizeConvention = 'pillow' | 'opencv' | 'half_pixel';

/** Bicubic with the arithmetic of Pillow where nothing is said. Masks and saliency always follow with the nearest cell centre. */
export interface ResizeChoice {
  readonly filter?: ResizeFilter;
  readonly convention?: ResizeConvention;
}

export type NormalizePreset = 'imagenet' | 'signed' | 'unit' | 'caffe';

/** One step of a view; sizes in pixels. Random steps draw anew for each image and epoch. */
export type ViewStep =
  /** The longer side becomes a uniform integer in [from, to]; the other follows, rounded half to even. */
  | ({ readonly op: 'long_side' | 'short_side'; readonly from: number; readonly to: number } & ResizeChoice)
  /** size x size, whatever the proportions. */
  | ({ readonly op: 'square'; readonly size: number } & ResizeChoice)
  | ({ readonly op: 'resize'; readonly height: number; readonly width: number } & ResizeChoice)
  /** Both sides times a factor: given, uniform in [from, to), or one of `among`, each as likely. */
  | ({
      readonly op: 'scale';
      readonly factor?: number;
      readonly from?: number;
      readonly to?: number;
      readonly among?: readonly number[];
    } & ResizeChoice)
  /**
   * torchvision's RandomResizedCrop: a window with a share of the area in [area_from, area_to) and a ratio of width to height log-uniform in
   * [aspect_from, aspect_to), ten tries, then the largest central window with an allowed ratio; resized to size x size.
   */
  | ({
      readonly op: 'random_resized_crop';
      readonly size: number;
      readonly area_from: number;
      readonly area_to: number;
      readonly aspect_from: number;
      readonly aspect_to: number;
    } & ResizeChoice)
  /** Mirrored left to right with probability p. */
  | { readonly op: 'flip'; readonly p: number }
  /**
   * A window. Where the image is smaller it lies on the padding at a place chosen by `small`, or in the same way (SIPE and IRN: random, zero;
   * AuxSegNet: a random window, small images at the top left).
   */
  | {
      readonly op: 'crop';
      readonly size?: number;
      readonly height?: number;
      readonly width?: number;
      readonly pad?: Padding;
      readonly place?: Placement;
      readonly small?: Placement;
    }
  /** Moved by a uniform integer in [-pixels, pixels] on each axis. */
  | { readonly op: 'shift'; readonly pixels: number; readonly pad?: Padding }
  /**
   * torchvision's ColorJitter: factors of brightness, contrast and saturation uniform in [max(0, 1 - x), 1 + x), a hue turned by a share of the
   * circle uniform in [-hue, hue), in a random order; 8-bit pixels are rounded as Pillow does. Before `normalize`.
   */
  | { readonly op: 'jitter'; readonly brightness: number; readonly contrast: number; readonly saturation: number; readonly hue: number }
  /** Times U(1 - contrast, 1 + contrast), plus U(-channel, channel) * 255 for each channel; not clipped. Before `normalize`. */
  | { readonly op: 'channel_jitter'; readonly contrast: number; readonly channel: number }
  /** Luminance in all channels, with probability p. Before `normalize`. */
  | { readonly op: 'grey'; readonly p: number }
  /** Gaussian blur, sigma uniform in [from, to) pixels, cut off at three sigma, mirrored at the border; with probability p (1). */
  | { readonly op: 'blur'; readonly from: number; readonly to: number; readonly p?: number }
  /**
   * (x / 255 - mean) / std by channel; `imagenet` has torchvision's constants, `signed` is x / 127.5 - 1, `unit` x / 255, `caffe` blue, green, red
   * in 0..255 less (104.008, 116.669, 122.675).
   */
  | { readonly op: 'normalize'; readonly preset?: NormalizePreset; readonly mean?: readonly number[]; readonly std?: readonly number[] };

type Check = (value: unknown) => boolean;
const finite: Check = (v) => typeof v === 'number' && Number.isFinite(v);
const positive: Check = (v) => typeof v === 'number' && Number.isFinite(v) && v > 0;
const atLeastZero: Check = (v) => typeof v === 'number' && Number.isFinite(v) && v >= 0;
const whole: Check = (v) => typeof v === 'number' && Number.isSafeInteger(v) && v >= 1 && v <= 65536;
const count: Check = (v) => typeof v === 'number' && Number.isSafeInteger(v) && v >= 0;
const share: Check = (v) => typeof v === 'number' && v >= 0 && v <= 1;
const half: Check = (v) => typeof v === 'number' && v >= 0 && v <= 0.5;
const optional =
  (check: Check): Check =>
  (v) =>
    v === undefined || check(v);
const oneOf =
  (...words: readonly string[]): Check =>
  (v) =>
    v === undefined || (typeof v === 'string' && words.includes(v));
const listOf =
  (check: Check, length?: number): Check =>
  (v) =>
    v === undefined || (Array.isArray(v) && v.length > 0 && (length === undefined || v.length === length) && v.every(check));

const pad = oneOf('zero', 'reflect');
const place = oneOf('random', 'top_left', 'centre');
const choice = { filter: oneOf('nearest', 'bilinear', 'bicubic'), convention: oneOf('pillow', 'opencv', 'half_pixel') };
const ARGUMENTS: Readonly<Record<ViewStep['op'], Readonly<Record<string, Check>>>> = {
  long_side: { from: whole, to: whole, ...choice },
  short_side: { from: whole, to: whole, ...choice },
  square: { size: whole, ...choice },
  resize: { height: whole, width: whole, ...choice },
  scale: { factor: optional(positive), from: optional(positive), to: optional(positive), among: listOf(positive), ...choice },
  random_resized_crop: { size: whole, area_from: positive, area_to: share, aspect_from: positive, aspect_to: positive, ...choice },
  flip: { p: share },
  crop: { size: optional(whole), height: optional(whole), width: optional(whole), pad, place, small: place },
  shift: { pixels: count, pad },
  jitter: { brightness: atLeastZero, contrast: atLeastZero, saturation: atLeastZero, hue: half },
  channel_jitter: { contrast: share, channel: share },
  grey: { p: share },
  blur: { from: positive, to: positive, p: optional(share) },
  normalize: { preset: oneOf('imagenet', 'signed', 'unit', 'caffe'), mean: listOf(finite, 3), std: listOf(finite, 3) },
};

/** What is wrong with a step that came as JSON; undefined where nothing is. */
export function stepProblem(step: unknown): string | undefined {
  if (!isRecord(step) || typeof step.op !== 'string' || !isOp(step.op))
    return `the operation is not one of ${Object.keys(ARGUMENTS).join(', ')}`;
  const checks = ARGUMENTS[step.op];
  for (const key of Object.keys(step)) if (key !== 'op' && !(key in checks)) return `'${step.op}' has no argument '${key}'`;
  for (const [key, check] of Object.entries(checks)) if (!check(step[key])) return `the argument '${key}' of '${step.op}'`;
  const has = (key: string): boolean => step[key] !== undefined;
  const backwards = (from: string, to: string): boolean => has(from) && has(to) && Number(step[from]) > Number(step[to]);
  if (backwards('from', 'to')) return 'from is larger than to';
  if (backwards('area_from', 'area_to') || backwards('aspect_from', 'aspect_to')) return 'a range that ends before it begins';
  switch (step.op) {
    case 'scale': {
      const ways = [has('factor'), has('from') && has('to'), has('among')].filter((given) => given).length;
      return ways === 1 && has('from') === has('to') ? undefined : 'either factor, or from and to, or among';
    }
    case 'crop':
      return (has('size') ? has('height') || has('width') : !(has('height') && has('width')))
        ? 'either size, or height and width'
        : undefined;
    case 'normalize':
      if (has('preset') ? has('mean') || has('std') : !(has('mean') && has('std'))) return 'either preset, or mean and std';
      return Array.isArray(step.std) && step.std.includes(0) ? 'std is zero' : undefined;
    default:
      return undefined;
  }
}

function isOp(op: string): op is ViewStep['op'] {
  return Object.hasOwn(ARGUMENTS, op);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
