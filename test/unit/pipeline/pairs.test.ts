/** A run with all that a train block can read: a union, partners, views of two sizes, saliency, and validation that keeps the best weights. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import { type Progress, silent } from '../../../runtime/host/progress.ts';
import { constantCache } from '../../../runtime/ops/cache.ts';
import { type PipelineOptions, runPipeline } from '../../../runtime/pipeline/run.ts';
import { parseScores } from '../../../runtime/report/scores.ts';
import { readValidations } from '../../../runtime/train/validation.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { compileSpec, type Toy } from './toy-run.ts';

let folder: string;
let toy: Toy;
let voc: ToyVoc;
let extra: ToyVoc;

beforeAll(async () => {
  await choose('wasm');
  folder = await mkdtemp(join(tmpdir(), 'wsss-pairs-'));
  toy = await compileSpec('toy-pairs.wsss', 'toy_pairs');
  voc = await makeToyVoc(join(folder, 'voc'), { train: 12, val: 4 });
  extra = await makeToyVoc(join(folder, 'extra'), { train: 8, val: 0 });
  for (const { root, ids } of [voc, extra]) {
    await mkdir(join(root, 'saliency'));
    for (const id of ids.train)
      await sharp(new Uint8Array(12 * 10).fill(200), { raw: { width: 12, height: 10, channels: 1 } })
        .png()
        .toFile(join(root, 'saliency', `${id}.png`));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function options(out: string, more: Partial<PipelineOptions> = {}): PipelineOptions {
  const { plan, programs } = toy;
  const data = { toy: voc.root, extra: extra.root };
  return { plan, programs, out: join(folder, out), data, seed: 2, backend: 'wasm', workers: 1, checkpointEvery: 2, ...more };
}

/** Throws once training has come to step `at`. */
function crash(at: number): Progress {
  return {
    ...silent,
    begin: (name) => ({
      update(done) {
        if (name === 'net' && done === at) throw new Error('pulled the plug');
      },
      finish() {},
    }),
  };
}

async function weights(out: string, file: string): Promise<string> {
  return (await readFile(join(folder, out, 'net', file))).toString('hex');
}

test('trains on a union with partners, scores itself on the way, and keeps the best weights; every byte is released', async () => {
  const before = memory().numBytes - constantCache.bytes;
  await runPipeline(options('whole'));
  expect(memory().numBytes - constantCache.bytes).toBe(before);
  const records = await readValidations(join(folder, 'whole', 'net', 'validation.jsonl'));
  // 20 images in batches of 4 for two epochs: ten steps, scored every third and at the end.
  expect(records.map(({ step }) => step)).toEqual([3, 6, 9, 10]);
  const best = Math.max(...records.map(({ miou }) => miou));
  const chosen = records.filter((record) => record.best).at(-1);
  expect(chosen?.miou).toBe(best);
  // Scored again by the stages: the best weights are those, and the last are the others.
  const score = async (stage: string) => parseScores(await readFile(join(folder, 'whole', stage, 'scores.json'), 'utf8'), stage)[0];
  const [final, last] = [await score('final_scores'), await score('last_scores')];
  expect(final.value).toBeCloseTo(best, 9);
  expect(last.value).toBeCloseTo(records[3].miou, 9);
  expect(final.protocol.checkpoint).toContain('best(miou on toy.val');
  expect(final.protocol.checkpoint).toContain('ground truth');
  expect(last.protocol.checkpoint).toContain('last');
}, 60_000);

test.each([1, 5, 9])(
  'stopped after step %i, it goes on to the same weights and the same choice',
  async (at) => {
    const out = `stopped-${at}`;
    await expect(runPipeline(options(out, { progress: crash(at) }))).rejects.toThrow('pulled the plug');
    await runPipeline(options(out));
    for (const file of ['checkpoint.safetensors', 'best.safetensors', 'validation.jsonl', 'log.jsonl'])
      expect(await weights(out, file), file).toBe(await weights('whole', file));
  },
  60_000,
);

test('more threads read the same partners', async () => {
  await runPipeline(options('threads', { workers: 2, stages: ['net'] }));
  const losses = async (out: string) =>
    (await readFile(join(folder, out, 'net', 'log.jsonl'), 'utf8'))
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).losses.shared);
  const [one, two] = [await losses('whole'), await losses('threads')];
  expect(two).toHaveLength(one.length);
  one.forEach((loss: number, i: number) => {
    expect(two[i]).toBeCloseTo(loss, 4);
  });
}, 60_000);

test('a missing saliency map stops the run before its first step, and says where it should be', async () => {
  const file = join(voc.root, 'saliency', `${voc.ids.train[3]}.png`);
  const bytes = await readFile(file);
  await rm(file);
  const failed = await runPipeline(options('missing')).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 'data-missing-saliency', file });
  await sharp(bytes).toFile(file);
});

test('another split to choose on, or another program that is scored, is another training', async () => {
  const hash = (edited: Toy): string => edited.programs.toy_pairs.program.meta.train?.hash ?? '';
  const edit = (from: string, to: string): Promise<Toy> =>
    compileSpec('toy-pairs.wsss', 'toy_pairs', (spec) => {
      expect(spec).toContain(from);
      return spec.replace(from, to);
    });
  const edits = await Promise.all([
    edit('on toy.val with predict keep', 'on extra.val with predict keep'),
    edit('every 3 steps', 'every 4 steps'),
    edit('self: forbidden', 'self: allowed'),
    edit('self: forbidden)', 'self: forbidden, from: toy.train)'),
    edit('union(toy.train, extra.train)', 'toy.train'),
    edit('jitter(0.1,', 'jitter(0.2,'),
    edit('convention: half_pixel', 'convention: opencv'),
    edit('maps_of(photo |> normalize(signed)', 'maps_of(photo |> scale(1.5) |> normalize(signed)'),
  ]);
  const hashes = [toy, ...edits].map(hash);
  expect(new Set(hashes).size).toBe(hashes.length);
});
