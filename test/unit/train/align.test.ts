/** Maps of one view in the frame of another: through the data pipeline and the emitted program, against pixels that say where they come from. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import type { Dataset } from '../../../runtime/data/dataset.ts';
import type { Program } from '../../../runtime/program.ts';
import { datasetBatches } from '../../../runtime/train/source.ts';
import { disposeAll } from '../emit/running.ts';
import { compileText } from './compiled.ts';

const WIDTH = 40;
const HEIGHT = 30;

/** Red holds the column, green the row (times 3), blue is constant; three images of one size. */
const data = Uint8Array.from(
  { length: WIDTH * HEIGHT * 3 },
  (_, i) => [3 * (Math.floor(i / 3) % WIDTH), 3 * Math.floor(Math.floor(i / 3) / WIDTH), 200][i % 3],
);
const IDS = ['a', 'b', 'c'];
const dataset: Dataset = {
  name: 'places',
  root: '/places',
  classes: ['background', 'a', 'b'],
  classCount: 2,
  hasMasks: false,
  splits: () => ['train'],
  ids: () => IDS,
  image: async () => ({ width: WIDTH, height: HEIGHT, data }),
  tags: async () => Float32Array.of(1, 0),
  mask: async () => ({ width: WIDTH, height: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT) }),
  fingerprint: async () => 'places',
};

function text(small: string, view: string, members: string): string {
  return `language 1
import "std/layers"
import "std/losses"
dataset places { format voc }
method aligned {
  supervision none
  input image: Image[N, H, W, 3]
  input inside: Region[N, H, W]
  input small: Image[N, h2, w2, 3]
  input shown: Region[N, h2, w2]
  layer mix = conv(3, kernel: 1)
${members}
  train {
    data places.train {
      small, shown = source |> ${small}
      image, inside = source |> ${view}
    }
    epochs 1, batch 3
    optimizer sgd(lr: 0.1)
  }
}
`;
}

interface Step {
  readonly batch: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>;
  readonly outputs: Readonly<Record<string, Float32Array>>;
  readonly loss: number;
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** One step of the emitted program on the batch of an epoch. */
async function step(program: Program, epoch: number, weights: ArrayLike<number> = [], bias: ArrayLike<number> = [0, 0, 0]): Promise<Step> {
  await choose('cpu');
  const batch = await datasetBatches({ dataset, pairs: {} }, program, 7).prepare(IDS, epoch);
  const [n, h, w] = batch.image.shape;
  const [, h2, w2] = batch.small.shape;
  const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const result = program.graphs[program.meta.train!.phases[0].graph]({
    state: {
      'mix.weight': tf.tensor(Array.from(weights.length > 0 ? weights : identity), [1, 1, 3, 3], 'float32'),
      'mix.bias': tf.tensor1d(Array.from(bias), 'float32'),
    },
    batch: Object.fromEntries(
      Object.entries(batch).map(([name, { shape, data: values }]) => [name, tf.tensor(Float32Array.from(values), [...shape], 'float32')]),
    ),
    draws: {},
    scalars: {},
    gradients: {},
    dims: { N: n, H: h, W: w, h2, w2, K: 2 },
  });
  const read = (tensors: Readonly<Record<string, tf.Tensor>>): Record<string, Float32Array> =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, Float32Array.from(tensor.dataSync())]));
  const step = { batch, outputs: read(result.outputs), loss: read(result.losses).agree[0], gradients: read(result.gradients) };
  disposeAll(result);
  return step;
}

const MEMBERS = `
  watch moved = align(small, from: small, to: image)
  watch seen = overlap(from: small, to: image)
  watch covered = align(rearrange(shown, "n h w -> n h w 1"), from: small, to: image)
  loss agree = mean(square(align(mix(small), from: small, to: image) - mix(image)))`;

describe('align', () => {
  test('the pixels of the other view, mirrored and moved as both were drawn', async () => {
    const { program } = await compileText(
      text('flip(0.5) |> shift(4) |> crop(24, pad: zero)', 'flip(0.5) |> crop((26, 34)) |> flip(0.5)', MEMBERS),
      'aligned',
    );
    let [shared, outside, mirrored] = [0, 0, 0];
    for (let epoch = 0; epoch < 8; epoch++) {
      const { batch, outputs } = await step(program, epoch);
      const { data: image } = batch.image;
      const scales = batch['geometry:small'].data;
      for (let n = 0; n < 3; n++) if (scales[4 * n] * batch['geometry:image'].data[4 * n] < 0) mirrored++;
      for (let i = 0; i < outputs.seen.length; i++) {
        // Every pixel of the picture says where it is, so the other view tells what had to come.
        if (outputs.seen[i] === 0) {
          outside++;
          expect(Array.from(outputs.moved.subarray(3 * i, 3 * i + 3))).toEqual([0, 0, 0]);
        } else if (outputs.covered[i] > 0.999) {
          shared++;
          for (const c of [0, 1, 2]) expect(outputs.moved[3 * i + c]).toBeCloseTo(image[3 * i + c], 2);
        }
      }
    }
    expect(Math.min(shared, outside), 'both are seen').toBeGreaterThan(1000);
    expect(mirrored, 'one view mirrored and the other not').toBeGreaterThan(3);
  });

  test('scales: a linear picture is the same between its pixels', async () => {
    const scaled = 'scale(0.7..1.4, filter: bilinear, convention: half_pixel)';
    const { program } = await compileText(
      text(`${scaled} |> flip(0.5) |> crop(20, pad: zero)`, `${scaled} |> crop((26, 22)) |> flip(0.5)`, MEMBERS),
      'aligned',
    );
    let shared = 0;
    for (let epoch = 0; epoch < 8; epoch++) {
      const { batch, outputs } = await step(program, epoch);
      const { data: image } = batch.image;
      for (let i = 0; i < outputs.seen.length; i++) {
        const [x, y] = [image[3 * i] / 3, image[3 * i + 1] / 3];
        // Near its border a picture that is resized is flat, and near that of a crop the last pixel goes on.
        const inner = x > 2 && x < WIDTH - 3 && y > 2 && y < HEIGHT - 3 && outputs.covered[i] > 0.999;
        if (!inner || batch.inside.data[i] === 0) continue;
        const row = Math.floor(i / 22) % 26;
        const edge = [-1, 1, -22, 22].some((by) => outputs.seen[i + by] === 0) || row === 0 || row === 25;
        if (edge) continue;
        shared++;
        for (const c of [0, 1]) expect(outputs.moved[3 * i + c]).toBeCloseTo(image[3 * i + c], 2);
      }
    }
    expect(shared).toBeGreaterThan(1000);
  });

  test('onto itself it is a resize at half-pixel centres', async () => {
    const { program } = await compileText(
      text(
        'flip(0.5) |> crop(24)',
        'crop(24)',
        `
  watch moved = align(small, from: small, to: small, size: [37, 11])
  watch resized = resize(small, size: [37, 11], mode: bilinear, convention: half_pixel)
  watch dark = mean(inside) + mean(shown)
  loss agree = mean(square(align(mix(small), from: small, to: image, like: mix(image)) - mix(image)))`,
      ),
      'aligned',
    );
    const { outputs } = await step(program, 1);
    outputs.moved.forEach((value, i) => {
      expect(value).toBeCloseTo(outputs.resized[i], 2);
    });
  });

  test('sends gradients back to the map: as differences of the loss', async () => {
    const { program } = await compileText(
      text('flip(0.5) |> scale(0.8..1.2) |> crop(24) |> normalize(unit)', 'flip(0.5) |> crop(20) |> normalize(unit)', MEMBERS),
      'aligned',
    );
    const weights = [0.4, -0.3, 0.1, 0.7, 0.2, -0.5, 0.3, 0.6, -0.2];
    const bias = [0.1, -0.4, 0.3];
    const { gradients } = await step(program, 2, weights, bias);
    const eps = 1e-2;
    const slope = async (change: (by: number) => readonly [readonly number[], readonly number[]]): Promise<number> => {
      const [above, below] = [await step(program, 2, ...change(eps)), await step(program, 2, ...change(-eps))];
      return (above.loss - below.loss) / (2 * eps);
    };
    // The loss is quadratic in both, so that central differences are exact but for rounding.
    for (let i = 0; i < weights.length; i++) {
      const found = await slope((by) => [weights.with(i, weights[i] + by), bias]);
      expect(gradients['mix.weight'][i]).toBeCloseTo(found, 4);
    }
    for (let i = 0; i < bias.length; i++)
      expect(gradients['mix.bias'][i]).toBeCloseTo(await slope((by) => [weights, bias.with(i, bias[i] + by)]), 4);
    expect(Math.max(...gradients['mix.weight'].map(Math.abs))).toBeGreaterThan(0.01);
  });
});
