/** The stages ir_label and random_walk: from their words in a spec to the masks they leave. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMask } from '../../../runtime/data/mask.ts';
import { npyBytes } from '../../../runtime/data/npy.ts';
import { type CamMaps, writeCams } from '../../../runtime/pipeline/cam-files.ts';
import type { GivenStage, IrLabelStage, RandomWalkStage, SplitPlan, StagePlan } from '../../../runtime/pipeline/plan.ts';
import { crfLabels, irLabel } from '../../../runtime/pipeline/refine-image.ts';
import { runPipeline } from '../../../runtime/pipeline/run.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { compileToy } from './toy-run.ts';

const width = 40;
const height = 36;
const stride = 4;
const on: SplitPlan = { dataset: 'toy', split: 'train' };

let folder: string;
let voc: ToyVoc;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsss-refine-'));
  voc = await makeToyVoc(join(folder, 'voc'), { train: 2, val: 1 }, width, height);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A map of one value for every column. */
function columns(value: (x: number) => number): Float32Array {
  return Float32Array.from({ length: width * height }, (_, p) => value(p % width));
}

async function given(name: string, kind: 'cams' | 'maps', write: (path: string) => Promise<void>): Promise<GivenStage> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  for (const id of voc.ids.train) await write(join(path, `${id}.npy`));
  return { name, op: 'given', inputs: {}, args: { path, kind, on } };
}

/** Runs the stages and reads the mask that the last one leaves of the first image. */
async function maskOf(out: string, stages: readonly StagePlan[]): Promise<readonly number[]> {
  const plan = { format: 1 as const, name: 'toy', datasets: { toy: { kind: 'voc' as const } }, stages };
  const target = join(folder, out);
  await runPipeline({ plan, programs: {}, out: target, data: { toy: voc.root }, backend: 'cpu', workers: 1 });
  const mask = await readMask(join(target, stages[stages.length - 1].name, `${voc.ids.train[0]}.png`));
  expect([mask.width, mask.height]).toEqual([width, height]);
  return [...mask.data];
}

const irArgs: IrLabelStage['args'] = {
  foreground: 0.5,
  background: 0.25,
  background_factor: 0.5,
  kernels: [],
  iterations: 2,
  confidence: 0.7,
  unsure: 255,
};
const walkArgs: RandomWalkStage['args'] = { radius: 3, beta: 4, log2_steps: 6, power: 1, stride, threshold: 0.25 };

describe('ir_label', () => {
  test('constants in the place of a background: sure of the class, sure of none, unsure between', async () => {
    const score = (x: number): number => x / width;
    const cams = await given('ramp', 'cams', (path) => writeCams(path, { width, height, labels: [2], data: columns(score) }));
    const labels = await maskOf('ramp-run', [cams, { name: 'ir', op: 'ir_label', inputs: { cams: 'ramp' }, args: irArgs }]);
    expect(labels).toEqual([...columns((x) => (score(x) > 0.5 ? 2 : score(x) > 0.25 ? 255 : 0))]);
  });

  test("the maps' own background, whole and scaled", async () => {
    const score = (x: number): number => x / width;
    const data = Float32Array.from([...columns(() => 0.5), ...columns(score)]);
    const cams = await given('own', 'cams', (path) => writeCams(path, { width, height, labels: [0, 1], data }));
    const labels = await maskOf('own-run', [cams, { name: 'ir', op: 'ir_label', inputs: { cams: 'own' }, args: irArgs }]);
    expect(labels).toEqual([...columns((x) => (score(x) > 0.5 ? 1 : score(x) > 0.25 ? 255 : 0))]);
  });

  test('with kernels each pass is a CRF on its labels', () => {
    const maps: CamMaps = {
      width,
      height,
      labels: [0, 2],
      data: Float32Array.from([...columns(() => 0.5), ...columns((x) => ((x * 7) % 11) / 11)]),
    };
    const picture = { width, height, image: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i % (3 * width) < 60 ? 20 : 200)) };
    const kernels = [{ kind: 'gaussian', weight: 30, sxy: 4 } as const];
    const { foreground, labels } = irLabel(maps, picture, { ...irArgs, background_factor: 1, kernels });
    const crf = crfLabels(maps, picture, { unary: { kind: 'labels', confidence: 0.7 }, kernels, iterations: 2 }, undefined);
    expect(foreground.argmax).not.toEqual(foreground.refined);
    // Both passes are the same here, so nothing is unsure.
    expect([...labels]).toEqual([...crf]);
  });

  test('an image without classes is background; a CRF without its image is refused', () => {
    const none: CamMaps = { width, height, labels: [], data: new Float32Array(0) };
    expect(new Set(irLabel(none, undefined, irArgs).labels)).toEqual(new Set([0]));
    const one: CamMaps = { width, height, labels: [1], data: columns(() => 1) };
    expect(() => irLabel(one, undefined, { ...irArgs, kernels: [{ kind: 'gaussian', weight: 1, sxy: 1 }] })).toThrow(/needs the image/);
  });
});

describe('crf', () => {
  test('on the probabilities of a segmenter', async () => {
    const share = columns((x) => (x % 2 === 0 ? 0.9 : 0));
    const data = Float32Array.from([...share.map((v) => 1 - v), ...share]);
    const maps = await given('softmax', 'maps', (path) => writeFile(path, npyBytes(data, [2, height, width])));
    const kernels = [{ kind: 'gaussian', weight: 1e-6, sxy: 1 } as const];
    const run = (name: string, clip: number) =>
      maskOf(name, [
        maps,
        { name: 'crf', op: 'crf', inputs: { cams: 'softmax' }, args: { unary: { kind: 'probabilities', clip }, kernels, iterations: 1 } },
      ]);
    expect(await run('clip-small', 1e-5)).toEqual([...columns((x) => (x % 2 === 0 ? 1 : 0))]);
    // Everything is at the floor, so all labels are as likely and the first wins.
    expect(new Set(await run('clip-large', 1))).toEqual(new Set([0]));
  });
});

describe('random_walk', () => {
  const wall = 5;
  const coarse = { width: width / stride, height: height / stride };

  test('a class spreads up to a boundary and not over it', async () => {
    const cams = await given('seed', 'cams', (path) =>
      writeCams(path, { width, height, labels: [2], data: columns((x) => (x < 2 * stride ? 1 : 0)) }),
    );
    const edges = Float32Array.from({ length: coarse.width * coarse.height }, (_, p) => (p % coarse.width === wall ? 1 : 0));
    const boundary = await given('edges', 'maps', (path) => writeFile(path, npyBytes(edges, [1, coarse.height, coarse.width])));
    const labels = await maskOf('walk-run', [
      cams,
      boundary,
      { name: 'walk', op: 'random_walk', inputs: { cams: 'seed', boundary: 'edges' }, args: walkArgs },
    ]);
    const at = (x: number): ReadonlySet<number> => new Set(labels.filter((_, p) => p % width === x));
    // Columns that the maps alone would leave to the background, on this side of the wall and beyond it.
    expect(at((wall - 2) * stride)).toEqual(new Set([2]));
    expect(at((wall + 2) * stride)).toEqual(new Set([0]));
  });

  test('maps without a background need a threshold', async () => {
    const cams = await given('bare', 'cams', (path) => writeCams(path, { width, height, labels: [2], data: columns(() => 1) }));
    const edges = new Float32Array(coarse.width * coarse.height);
    const boundary = await given('open', 'maps', (path) => writeFile(path, npyBytes(edges, [1, coarse.height, coarse.width])));
    const { threshold: _, ...args } = walkArgs;
    const walk: RandomWalkStage = { name: 'walk', op: 'random_walk', inputs: { cams: 'bare', boundary: 'open' }, args };
    await expect(maskOf('bare-run', [cams, boundary, walk])).rejects.toThrow(/need a threshold/);
  });
});

describe('in a spec', () => {
  const before = 'stage plain = masks(';
  const withStage = (line: string) => compileToy((spec) => spec.replace(before, `${line}\n    ${before}`));

  test('what is left out is written into the plan', async () => {
    const { plan } = await withStage('stage ir = ir_label(val_cams, foreground: 0.4)');
    const stage = plan.stages.find((s) => s.name === 'ir');
    expect(stage).toMatchObject({ op: 'ir_label', inputs: { cams: 'val_cams' }, args: { foreground: 0.4, unsure: 255 } });
    const args: object = stage?.args ?? {};
    expect(Object.keys(args).sort()).toEqual(Object.keys(irArgs).sort());
  });

  test('the pipeline runs it', async () => {
    const toy = await withStage('stage ir = ir_label(val_cams, kernels: [])');
    const small = await makeToyVoc(join(folder, 'small'), { train: 4, val: 2 });
    const out = join(folder, 'spec-run');
    await runPipeline({ ...toy, out, data: { toy: small.root }, backend: 'cpu', workers: 1, stages: ['ir'] });
    const { data } = await readMask(join(out, 'ir', `${small.ids.val[0]}.png`));
    for (const label of data) expect([0, 1, 2, 255]).toContain(label);
  });

  test.each([
    ['stage ir = ir_label(val_cams, front: 0.4)', /ir_label.*front|front.*ir_label/],
    ['stage walk = random_walk(val_cams, threshold: 0.2)', /boundary/],
    ['stage walk = random_walk(val_cams, val_cams, threshold: 0.2)', /boundary needs boundary or maps/],
    ['stage ir = ir_label(val_cams, kernels: [blur(1)])', /kernel is gaussian/],
  ])('%s is refused', async (line, message) => {
    await expect(withStage(line)).rejects.toThrow(message);
  });
});
