/** Steps of data views: names, arguments and their forms. The runtime's views do the work; this table is what a spec is checked against. */

export type StepForm = 'number' | 'integer' | 'range' | 'integer_range' | 'factor' | 'word' | 'preset' | 'size' | 'triple';

export interface StepParameter {
  readonly name: string;
  readonly form: StepForm;
  readonly words?: readonly string[];
  readonly optional?: boolean;
  /** Bounds of the numbers, both included. */
  readonly within?: readonly [number, number];
  /** Head of the two names that a range is written under: `area_` for area_from and area_to. */
  readonly prefix?: string;
}

export interface StepSignature {
  readonly params: readonly StepParameter[];
  readonly doc: string;
  /** Works on 0..255, so it stands before `normalize`. */
  readonly colour?: true;
}

/** What `normalize` may be asked for by name. */
export const NORMALIZE_PRESETS: readonly string[] = ['imagenet', 'signed', 'unit', 'caffe'];

const PIXELS = [1, 65536] as const;
const SHARE = [0, 1] as const;
const FILTER: readonly StepParameter[] = [
  { name: 'filter', form: 'word', words: ['nearest', 'bilinear', 'bicubic'], optional: true },
  { name: 'convention', form: 'word', words: ['pillow', 'opencv', 'half_pixel'], optional: true },
];
const PAD: StepParameter = { name: 'pad', form: 'word', words: ['zero', 'reflect'], optional: true };
const PLACES = ['random', 'top_left', 'centre'] as const;

export const VIEW_STEPS: Readonly<Record<string, StepSignature>> = {
  long_side: {
    params: [{ name: 'to', form: 'integer_range', within: PIXELS }, ...FILTER],
    doc: 'Longer side resized to a whole number drawn uniformly from the range; Pillow bicubic where nothing else is said.',
  },
  short_side: {
    params: [{ name: 'to', form: 'integer_range', within: PIXELS }, ...FILTER],
    doc: 'Shorter side resized to a whole number drawn uniformly from the range.',
  },
  square: {
    params: [{ name: 'size', form: 'integer', within: PIXELS }, ...FILTER],
    doc: 'Resized to size × size, whatever the proportions.',
  },
  resize: {
    params: [{ name: 'height', form: 'integer', within: PIXELS }, { name: 'width', form: 'integer', within: PIXELS }, ...FILTER],
    doc: 'Resized to height × width.',
  },
  scale: {
    params: [{ name: 'factor', form: 'factor', within: [Number.MIN_VALUE, 65536] }, ...FILTER],
    doc: 'Resized by a factor: one number, drawn uniformly from a range, or one of a list, each as likely; sizes rounded half to even.',
  },
  random_resized_crop: {
    params: [
      { name: 'size', form: 'integer', within: PIXELS },
      { name: 'area', form: 'range', prefix: 'area_', within: [Number.MIN_VALUE, 1] },
      { name: 'aspect', form: 'range', prefix: 'aspect_', within: [Number.MIN_VALUE, 65536] },
      ...FILTER,
    ],
    doc: 'A window with a share of the area and a ratio of width to height (log-uniform), resized to size × size; as torchvision draws it.',
  },
  flip: { params: [{ name: 'p', form: 'number', within: SHARE }], doc: 'Mirrored left to right with probability p.' },
  crop: {
    params: [
      { name: 'size', form: 'size', within: PIXELS },
      PAD,
      { name: 'place', form: 'word', words: PLACES, optional: true },
      { name: 'small', form: 'word', words: PLACES, optional: true },
    ],
    doc: 'A window, at a random place where nothing else is said; a smaller image lies on the padding at a random place, or where `small` says.',
  },
  shift: {
    params: [{ name: 'pixels', form: 'integer', within: [0, 65536] }, PAD],
    doc: 'Moved by up to so many pixels along each axis.',
  },
  jitter: {
    params: [
      { name: 'brightness', form: 'number', within: [0, 65536] },
      { name: 'contrast', form: 'number', within: [0, 65536] },
      { name: 'saturation', form: 'number', within: [0, 65536] },
      { name: 'hue', form: 'number', within: [0, 0.5] },
    ],
    doc: "Brightness, contrast and saturation times 1 ± x, hue turned by up to ± a share of the circle, in a random order: torchvision's ColorJitter.",
    colour: true,
  },
  channel_jitter: {
    params: [
      { name: 'contrast', form: 'number', within: SHARE },
      { name: 'channel', form: 'number', within: SHARE },
    ],
    doc: 'Contrast multiplied by 1 ± contrast, each channel shifted by ± channel of the full range.',
    colour: true,
  },
  grey: { params: [{ name: 'p', form: 'number', within: SHARE }], doc: 'Luminance in all channels, with probability p.', colour: true },
  blur: {
    params: [
      { name: 'sigma', form: 'range', within: [Number.MIN_VALUE, 65536] },
      { name: 'p', form: 'number', within: SHARE, optional: true },
    ],
    doc: 'Gaussian blur with a sigma drawn uniformly from the range, in pixels; with probability p, always where nothing is said.',
    colour: true,
  },
  normalize: {
    params: [
      { name: 'preset', form: 'preset', words: NORMALIZE_PRESETS, optional: true },
      { name: 'mean', form: 'triple', optional: true },
      { name: 'std', form: 'triple', optional: true },
    ],
    doc: 'Subtracts the mean and divides by the deviation of x / 255: of ImageNet; x / 127.5 - 1 (signed); x / 255 (unit); blue, green, red less the means of Caffe (caffe); or mean: [r, g, b], std: [r, g, b].',
  },
};
