import { DataError } from '../errors.ts';
import type { ResizeFilter } from '../pillow.ts';

/** How pixels are filled that lie outside the image: zero after normalisation (then `inside` is 0), or the image mirrored at its border. */
export type Padding = 'zero' | 'reflect';
export type Placement = 'random' | 'top_left' | 'centre';

/** One step of a view; sizes in pixels. Random steps draw anew for each image and epoch. */
export type ViewStep =
  /** The longer side becomes a uniform integer in [from, to]; the other follows, rounded half to even. */
  | { readonly op: 'long_side'; readonly from: number; readonly to: number; readonly filter?: ResizeFilter }
  /** size x size, whatever the proportions. */
  | { readonly op: 'square'; readonly size: number; readonly filter?: ResizeFilter }
  | { readonly op: 'resize'; readonly height: number; readonly width: number; readonly filter?: ResizeFilter }
  /** Both sides times a factor, given or uniform in [from, to). */
  | { readonly op: 'scale'; readonly factor?: number; readonly from?: number; readonly to?: number; readonly filter?: ResizeFilter }
  /** Mirrored left to right with probability p. */
  | { readonly op: 'flip'; readonly p: number }
  /** A window; where the image is smaller it lies at a place chosen in the same way on the padding (SIPE and IRN: random, zero). */
  | {
      readonly op: 'crop';
      readonly size?: number;
      readonly height?: number;
      readonly width?: number;
      readonly pad?: Padding;
      readonly place?: Placement;
    }
  /** Moved by a uniform integer in [-pixels, pixels] on each axis. */
  | { readonly op: 'shift'; readonly pixels: number; readonly pad?: Padding }
  /** Times U(1 - contrast, 1 + contrast), plus U(-channel, channel) * 255 for each channel; not clipped. Before `normalize`. */
  | { readonly op: 'jitter'; readonly contrast: number; readonly channel: number }
  /** (x / 255 - mean) / std by channel; `imagenet` has torchvision's constants, `signed` is x / 127.5 - 1. */
  | {
      readonly op: 'normalize';
      readonly preset?: 'imagenet' | 'signed';
      readonly mean?: readonly number[];
      readonly std?: readonly number[];
    };

export interface View {
  readonly name: string;
  /** `source`, or the name of an earlier view, whose draws it then shares. */
  readonly from: string;
  readonly steps: readonly ViewStep[];
}

export interface ViewProgram {
  readonly views: readonly View[];
}

type Check = (value: unknown) => boolean;
const positive: Check = (v) => typeof v === 'number' && Number.isFinite(v) && v > 0;
const whole: Check = (v) => typeof v === 'number' && Number.isSafeInteger(v) && v >= 1 && v <= 65536;
const count: Check = (v) => typeof v === 'number' && Number.isSafeInteger(v) && v >= 0;
const share: Check = (v) => typeof v === 'number' && v >= 0 && v <= 1;
const optional =
  (check: Check): Check =>
  (v) =>
    v === undefined || check(v);
const oneOf =
  (...words: readonly string[]): Check =>
  (v) =>
    v === undefined || (typeof v === 'string' && words.includes(v));
const triple: Check = (v) =>
  v === undefined || (Array.isArray(v) && v.length === 3 && v.every((item) => typeof item === 'number' && Number.isFinite(item)));

const filter = oneOf('nearest', 'bilinear', 'bicubic');
const pad = oneOf('zero', 'reflect');
const ARGUMENTS: Readonly<Record<ViewStep['op'], Readonly<Record<string, Check>>>> = {
  long_side: { from: whole, to: whole, filter },
  square: { size: whole, filter },
  resize: { height: whole, width: whole, filter },
  scale: { factor: optional(positive), from: optional(positive), to: optional(positive), filter },
  flip: { p: share },
  crop: { size: optional(whole), height: optional(whole), width: optional(whole), pad, place: oneOf('random', 'top_left', 'centre') },
  shift: { pixels: count, pad },
  jitter: { contrast: share, channel: share },
  normalize: { preset: oneOf('imagenet', 'signed'), mean: triple, std: triple },
};

/** Checks a view program that came as JSON. Throws DataError `data-bad-view` naming view and step. */
export function parseViewProgram(value: unknown, origin = 'view program'): ViewProgram {
  const fail = (what: string, found: string): DataError =>
    new DataError('data-bad-view', { what, file: origin, found, hint: 'Correct the data block of the spec.' });
  if (!isRecord(value) || !Array.isArray(value.views))
    throw fail('A view program is an object with a list of views', JSON.stringify(value) ?? 'nothing');
  const names = new Set(['source']);
  for (const view of value.views as readonly unknown[]) {
    if (!isRecord(view) || typeof view.name !== 'string' || typeof view.from !== 'string' || !Array.isArray(view.steps)) {
      throw fail('A view has a name, the name of the view it comes from, and steps', JSON.stringify(view) ?? 'nothing');
    }
    if (names.has(view.name)) throw fail(`Two views have the name '${view.name}'`, view.name);
    if (!names.has(view.from)) throw fail(`The view '${view.name}' comes from a view that is not there before it`, `'${view.from}'`);
    names.add(view.name);
    for (const step of view.steps as readonly unknown[]) {
      const problem = stepProblem(step);
      if (problem !== undefined)
        throw fail(`A step of the view '${view.name}' is not right: ${problem}`, JSON.stringify(step) ?? 'nothing');
    }
  }
  // Every field was checked above; the JSON is the program.
  return { views: value.views as readonly View[] };
}

function stepProblem(step: unknown): string | undefined {
  if (!isRecord(step) || typeof step.op !== 'string' || !isOp(step.op))
    return `the operation is not one of ${Object.keys(ARGUMENTS).join(', ')}`;
  const checks = ARGUMENTS[step.op];
  for (const key of Object.keys(step)) if (key !== 'op' && !(key in checks)) return `'${step.op}' has no argument '${key}'`;
  for (const [key, check] of Object.entries(checks)) if (!check(step[key])) return `the argument '${key}' of '${step.op}'`;
  const has = (key: string): boolean => step[key] !== undefined;
  if (step.op === 'long_side' && Number(step.from) > Number(step.to)) return 'from is larger than to';
  if (
    step.op === 'scale' &&
    (has('factor') ? has('from') || has('to') : !(has('from') && has('to') && Number(step.from) <= Number(step.to)))
  ) {
    return 'either factor, or from and to';
  }
  if (step.op === 'crop' && (has('size') ? has('height') || has('width') : !(has('height') && has('width'))))
    return 'either size, or height and width';
  if (step.op === 'normalize') {
    if (has('preset') ? has('mean') || has('std') : !(has('mean') && has('std'))) return 'either preset, or mean and std';
    if (Array.isArray(step.std) && step.std.includes(0)) return 'std is zero';
  }
  return undefined;
}

function isOp(op: string): op is ViewStep['op'] {
  return Object.hasOwn(ARGUMENTS, op);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
