/** The photo of an infer program, or a group of them: steps done while loading, until `normalize` makes a tensor of it. */
import type { ViewStep } from '../../ir/program.ts';
import { constant, constantOf, type Dim, roundScaled } from '../../shape/dim.ts';
import { NORMALIZE_PRESETS } from '../data/transforms.ts';
import { ANY } from '../elaboration.ts';
import { type GivenInputs, type Photo, tensor, type Value } from '../values.ts';
import { type Reader, Refused } from './arguments.ts';
import type { Primitive } from './primitive.ts';

function photoOf(r: Reader): Photo {
  const value = r.value('photo')!;
  if (value.kind !== 'photo') throw r.wrong('photo', 'the photo of this infer program');
  return value.photo;
}

/** The photo after a step that gives it another size. */
function resized(photo: Photo, height: Dim, width: Dim, step: ViewStep): Value {
  return { kind: 'photo', photo: { ...photo, height, width, steps: [...photo.steps, step] } };
}

const RESIZE = ['filter: word = bicubic', 'convention: word = pillow'];

/** Only what is said: a step without words is the same step as before. */
function resizeChoice(r: Reader): Record<string, string> {
  return {
    ...(r.has('filter') && { filter: r.word('filter', ['nearest', 'bilinear', 'bicubic'], 'bicubic') }),
    ...(r.has('convention') && { convention: r.word('convention', ['pillow', 'opencv', 'half_pixel'], 'pillow') }),
  };
}

function scaleStep(r: Reader): Value {
  const photo = photoOf(r);
  const factor = r.number('factor', 1);
  const step = { op: 'scale', args: { factor, ...resizeChoice(r) } };
  return resized(photo, roundScaled(factor, photo.height), roundScaled(factor, photo.width), step);
}

function pixels(r: Reader, name: string): number {
  const value = r.integer(name, 1);
  if (!(value >= 1)) throw r.wrong(name, 'a whole number of pixels');
  return value;
}

function squareStep(r: Reader): Value {
  const size = pixels(r, 'size');
  return resized(photoOf(r), constant(size), constant(size), { op: 'square', args: { size, ...resizeChoice(r) } });
}

function resizeStep(r: Reader): Value {
  const [height, width] = [pixels(r, 'height'), pixels(r, 'width')];
  return resized(photoOf(r), constant(height), constant(width), { op: 'resize', args: { height, width, ...resizeChoice(r) } });
}

function normalizeStep(r: Reader): Value {
  const photo = photoOf(r);
  const args = normalization(r);
  const { count = constant(1), height, width } = photo;
  if (photo.count && (constantOf(height) === undefined || constantOf(width) === undefined)) {
    r.E.report(
      'type-mismatch',
      r.at,
      { where: `the images of ${photo.name}`, wanted: 'one size for all of them', found: 'the size of each' },
      { hint: `${photo.name} |> square(256) |> normalize(${typeof args.preset === 'string' ? args.preset : '…'})` },
    );
    throw new Refused();
  }
  const steps = [...photo.steps, { op: 'normalize', args }];
  const written = `${photo.name}${steps.map((s) => `|${s.op}(${Object.values(s.args).join(',')})`).join('')}`;
  const name = photo.given ? nextGiven(r, photo.given, written) : written;
  const node = r.E.input('batch', name, { dtype: 'f32', shape: [count, height, width, constant(3)] }, 'image', ANY, r.at);
  r.E.inferInputs.set(name, { part: 'image', ...(photo.count && { group: photo.name }), steps });
  return tensor(node);
}

/** By name, or as mean and standard deviation of red, green and blue in 0..1. */
function normalization(r: Reader): Readonly<Record<string, string | readonly number[]>> {
  if (!r.has('mean') && !r.has('std')) return { preset: r.word('preset', NORMALIZE_PRESETS, 'imagenet') };
  const three = (name: string): readonly number[] => {
    const value = r.value(name);
    const numbers = value?.kind === 'list' ? value.items.flatMap((item) => (item.kind === 'number' ? [item.value] : [])) : [];
    if (numbers.length !== 3 || (name === 'std' && numbers.includes(0))) throw r.wrong(name, 'three numbers, for red, green and blue');
    return numbers;
  };
  if (r.has('preset')) throw r.wrong('mean', 'either a preset, or mean and std');
  return { mean: three('mean'), std: three('std') };
}

/** A case gives tensors in the place of what loading would make of the photo; the same steps twice are one input. */
function nextGiven(r: Reader, given: GivenInputs, written: string): string {
  const known = given.taken.get(written);
  if (known !== undefined) return known;
  const reference = given.references[given.taken.size];
  if (!reference) {
    r.E.report('missing-argument', r.at, { callee: 'the infer program', name: `a tensor for ${written}` });
    throw new Refused();
  }
  given.taken.set(written, reference.key);
  return reference.key;
}

export const PHOTO: Readonly<Record<string, Primitive>> = {
  scale: {
    params: ['photo: Image', 'factor: positive', ...RESIZE],
    returns: 'Image',
    doc: 'The photo resized by a factor (Pillow bicubic, sizes rounded half to even). `square(256)` and `resize(128, 256)` make its size fixed, as in a data block.',
    run: scaleStep,
  },
  normalize: {
    params: ['photo: Image', 'preset: word = none', 'mean: list = none', 'std: list = none'],
    returns: 'Image',
    doc: 'The photo as a tensor [1, H, W, 3], normalised: imagenet, signed (x / 127.5 - 1), unit (x / 255), caffe (blue, green, red less their means), or by mean and std in 0..1; of a group of photos [M, H, W, 3], which need one size.',
    run: normalizeStep,
  },
};

/** What these names mean where the first argument is a photo; `square` and `resize` are operators on tensors too. */
export const PHOTO_STEPS: Readonly<Record<string, Primitive>> = {
  ...PHOTO,
  square: { params: ['photo: Image', 'size: int', ...RESIZE], returns: 'Image', doc: 'Resized to size × size.', run: squareStep },
  resize: {
    params: ['photo: Image', 'height: int', 'width: int', ...RESIZE],
    returns: 'Image',
    doc: 'Resized to height × width.',
    run: resizeStep,
  },
};
