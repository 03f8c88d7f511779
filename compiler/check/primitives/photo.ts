/** The photo of an infer program: steps done while loading, until `normalize` makes a tensor of it. */
import { constant, roundScaled } from '../../shape/dim.ts';
import { NORMALIZE_PRESETS } from '../data/transforms.ts';
import { ANY } from '../elaboration.ts';
import { type GivenInputs, tensor, type Value } from '../values.ts';
import { type Reader, Refused } from './arguments.ts';
import type { Primitive } from './primitive.ts';

function photoOf(r: Reader): Extract<Value, { kind: 'photo' }> {
  const value = r.value('photo')!;
  if (value.kind !== 'photo') throw r.wrong('photo', 'the photo of this infer program');
  return value;
}

function scaleStep(r: Reader): Value {
  const { photo } = photoOf(r);
  const factor = r.number('factor', 1);
  const step = { op: 'scale', args: { factor } };
  return {
    kind: 'photo',
    photo: { ...photo, height: roundScaled(factor, photo.height), width: roundScaled(factor, photo.width), steps: [...photo.steps, step] },
  };
}

function normalizeStep(r: Reader): Value {
  const { photo } = photoOf(r);
  const preset = r.word('preset', NORMALIZE_PRESETS, 'imagenet');
  const steps = [...photo.steps, { op: 'normalize', args: { preset } }];
  const written = `${photo.name}${steps.map((s) => `|${s.op}(${Object.values(s.args).join(',')})`).join('')}`;
  const name = photo.given ? nextGiven(r, photo.given, written) : written;
  const node = r.E.input('batch', name, { dtype: 'f32', shape: [constant(1), photo.height, photo.width, constant(3)] }, 'image', ANY, r.at);
  r.E.photoInputs.set(name, steps);
  return tensor(node);
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
    params: ['photo: Image', 'factor: positive'],
    returns: 'Image',
    doc: 'The photo resized by a factor (Pillow bicubic, sizes rounded half to even).',
    run: scaleStep,
  },
  normalize: {
    params: ['photo: Image', 'preset: word'],
    returns: 'Image',
    doc: 'The photo as a tensor [1, H, W, 3], normalised: imagenet, signed (x / 127.5 - 1), unit (x / 255), or caffe (blue, green, red less their means).',
    run: normalizeStep,
  },
};
