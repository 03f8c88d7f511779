import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import { readSafetensors, safetensorsBytes, type WritableTensor } from '../../../runtime/data/safetensors.ts';
import { silent } from '../../../runtime/host/progress.ts';
import { type PipelineOptions, runPipeline } from '../../../runtime/pipeline/run.ts';
import { parseScores } from '../../../runtime/report/scores.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { compileToy, type Toy } from './toy-run.ts';

let folder: string;
let toy: Toy;
let voc: ToyVoc;
let weights: string;
let shapes: ReadonlyMap<string, readonly number[]>;

/** Tensors of the toy's backbone as torchvision would name and lay them out, each with one value. */
function tensorsOf(value: number): Map<string, WritableTensor> {
  return new Map(
    [...shapes].map(([key, shape]) => {
      const stored = shape.length === 4 ? [shape[3], shape[2], shape[0], shape[1]] : shape;
      const count = shape.reduce((product, side) => product * side, 1);
      return [key.replace('net.', '').replace('stem.', ''), { shape: stored, data: new Float32Array(count).fill(value) }];
    }),
  );
}

beforeAll(async () => {
  await choose('wasm');
  folder = await mkdtemp(join(tmpdir(), 'wsss-pretraining-'));
  voc = await makeToyVoc(join(folder, 'voc'), { train: 8, val: 2 });
  toy = await compileToy((spec) =>
    spec
      .replace('import "std/cam"', 'import "std/cam"\nimport { resnet_stem } from "std/backbones/resnet"')
      .replace('layer stem = conv(8, kernel: 3, pad: 1)', 'backbone net = resnet_stem(width: 4) init imagenet')
      .replaceAll('relu(stem(image))', 'net(image).out')
      .replaceAll('relu(stem(photo |> normalize(signed)))', 'net(photo |> normalize(signed)).out')
      .replace(
        'let raw = relu(classify(net(photo |> normalize(signed)).out)) as cam',
        'let raw = resize(relu(classify(net(photo |> normalize(signed)).out)), size: [h0, w0], mode: bilinear, convention: half_pixel) as cam',
      )
      .replace('schedule poly(0.9)', 'schedule poly(0.9)\n    freeze net'),
  );
  const { state } = toy.programs.toy_cam.program.meta;
  shapes = new Map(state.filter((s) => s.key.startsWith('net.')).map(({ key, shape }) => [key, shape.map(Number)]));
  weights = join(folder, 'backbone.safetensors');
  await writeFile(weights, safetensorsBytes(new Map([...tensorsOf(0.25), ['fc.bias', { shape: [1], data: new Float32Array(1) }]])));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const notes: string[] = [];
function options(out: string, more: Partial<PipelineOptions> = {}): PipelineOptions {
  const { plan, programs } = toy;
  const progress = { ...silent, note: (text: string) => void notes.push(text) };
  return { plan, programs, out: join(folder, out), data: { toy: voc.root }, seed: 2, backend: 'wasm', workers: 1, progress, ...more };
}
const given = (file: string, name = 'net') => ({ pretraining: { files: { [name]: file }, fromScratch: false } });

async function protocols(out: string): Promise<readonly (string | undefined)[]> {
  const scores = parseScores(await readFile(join(folder, out, 'scores.json'), 'utf8'), 'scores.json');
  return scores.filter((score) => score.role !== 'baseline').map(({ protocol }) => protocol.initialWeights);
}

async function trained(out: string) {
  return (await readSafetensors(join(folder, out, 'classifier', 'checkpoint.safetensors'))).tensors;
}

describe('a backbone that asks for weights', () => {
  test('is refused without them before anything runs, with what to give and where people get it', async () => {
    const error = await runPipeline(options('refused')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'run-no-weights',
      what: "the backbone 'net' of toy_cam starts from weights trained on imagenet, and stage 'classifier' is given none",
      hint: expect.stringMatching(/--weights net=.*conv1\.weight.*save_file\(torchvision\.models.*--from-scratch/),
    });
    await expect(readFile(join(folder, 'refused', 'classifier', 'stage.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('starts from the file; every score says which, and where the rest was left', async () => {
    notes.length = 0;
    await runPipeline(options('given', given(weights)));
    const found = await protocols('given');
    expect(found).toHaveLength(3);
    for (const text of found) expect(text).toMatch(/^net: backbone\.safetensors \(imagenet, sha256 [0-9a-f]{16}\)$/);
    for (const [key] of shapes) expect((await trained('given')).get(key)?.data[0]).toBe(0.25);
    expect(notes.find((note) => note.includes('starts from'))).toContain(
      `${shapes.size} tensors, named as torchvision_stem does; left out: fc.bias`,
    );
    expect(await readFile(join(folder, 'given', 'report.html'), 'utf8')).toContain('initial weights net: backbone.safetensors (imagenet');
  });

  test('the same file is found done under any name of it; other bytes train again', async () => {
    expect((await runPipeline(options('given', given(weights, '')))).reused).toContain('classifier');
    const other = join(folder, 'other.safetensors');
    await writeFile(other, safetensorsBytes(tensorsOf(0.5)));
    expect((await runPipeline(options('given', given(other)))).reused).not.toContain('classifier');
    for (const [key] of shapes) expect((await trained('given')).get(key)?.data[0]).toBe(0.5);
    expect((await protocols('given'))[0]).toContain('other.safetensors');
  });

  test('from scratch it warns, and every score says none', async () => {
    notes.length = 0;
    await runPipeline(options('scratch', { pretraining: { files: {}, fromScratch: true } }));
    expect(await protocols('scratch')).toEqual(['none', 'none', 'none']);
    expect(notes.find((note) => note.startsWith('warning:'))).toMatch(/net starts from random values.*trained on imagenet/);
    expect(await readFile(join(folder, 'scratch', 'report.html'), 'utf8')).toContain('no initial weights');
  });

  test('a file without its tensors, and a file for a backbone that is not there', async () => {
    const empty = join(folder, 'empty.safetensors');
    await writeFile(empty, safetensorsBytes(new Map()));
    await expect(runPipeline(options('empty', given(empty)))).rejects.toMatchObject({
      code: 'data-bad-weights',
      file: empty,
      found: expect.stringContaining(`${shapes.size} of ${shapes.size} tensors are missing`),
    });
    await expect(runPipeline(options('stray', given(weights, 'nett')))).rejects.toMatchObject({
      code: 'run-usage',
      what: expect.stringContaining("no backbone 'nett'"),
      hint: 'Those that do: net.',
    });
  });
});

test('a method without such a backbone needs nothing, refuses a file, and its scores say none', async () => {
  const plain = await compileToy();
  await expect(runPipeline(options('plain', { ...plain, ...given(weights, '') }))).rejects.toMatchObject({ code: 'run-usage' });
  await runPipeline(options('plain', { ...plain }));
  expect(new Set(await protocols('plain'))).toEqual(new Set(['none']));
});
