/** Steps of data views: names, arguments and their forms. The runtime's views do the work; this table is what a spec is checked against. */

export type StepForm = 'number' | 'integer' | 'range' | 'integer_range' | 'word' | 'boolean' | 'size';

export interface StepSignature {
  readonly params: readonly {
    readonly name: string;
    readonly form: StepForm;
    readonly words?: readonly string[];
    readonly optional?: boolean;
  }[];
  readonly doc: string;
}

export const VIEW_STEPS: Readonly<Record<string, StepSignature>> = {
  long_side: {
    params: [{ name: 'to', form: 'integer_range' }],
    doc: 'Longer side resized to a whole number drawn uniformly from the range (Pillow bicubic).',
  },
  square: { params: [{ name: 'size', form: 'integer' }], doc: 'Resized to size × size.' },
  resize: {
    params: [
      { name: 'height', form: 'integer' },
      { name: 'width', form: 'integer' },
    ],
    doc: 'Resized to height × width.',
  },
  scale: {
    params: [{ name: 'factor', form: 'range' }],
    doc: 'Resized by a factor, drawn uniformly where a range is given; sizes rounded half to even.',
  },
  flip: { params: [{ name: 'p', form: 'number' }], doc: 'Mirrored with probability p.' },
  crop: {
    params: [
      { name: 'size', form: 'size' },
      { name: 'pad', form: 'word', words: ['zero', 'reflect'], optional: true },
      { name: 'place', form: 'word', words: ['random', 'top_left', 'centre'], optional: true },
    ],
    doc: 'A window of size × size; a smaller image is placed at a random offset on zeros.',
  },
  shift: {
    params: [
      { name: 'pixels', form: 'integer' },
      { name: 'pad', form: 'word', words: ['zero', 'reflect'], optional: true },
    ],
    doc: 'Moved by up to so many pixels along each axis.',
  },
  jitter: {
    params: [
      { name: 'contrast', form: 'number' },
      { name: 'channel', form: 'number' },
    ],
    doc: 'Contrast multiplied by 1 ± contrast, each channel shifted by ± channel of the full range.',
  },
  normalize: {
    params: [{ name: 'preset', form: 'word', words: ['imagenet', 'signed'] }],
    doc: 'Subtracts the mean and divides by the deviation of ImageNet, or x / 127.5 - 1 (signed).',
  },
};
