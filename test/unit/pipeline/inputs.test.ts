/** Inference programs that read maps, masks and saliency of earlier stages, and partners that a stage draws. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import { readMask } from '../../../runtime/data/mask.ts';
import { readNpy } from '../../../runtime/data/npy.ts';
import { GroupIndex } from '../../../runtime/data/pairs.ts';
import { readSaliency } from '../../../runtime/data/saliency.ts';
import { openVoc } from '../../../runtime/data/voc.ts';
import { constantCache } from '../../../runtime/ops/cache.ts';
import { type PipelineOptions, runPipeline } from '../../../runtime/pipeline/run.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { compileSpec, type Toy } from './toy-run.ts';

let folder: string;
let toy: Toy;
let voc: ToyVoc;
let extra: ToyVoc;

beforeAll(async () => {
  await choose('wasm');
  folder = await mkdtemp(join(tmpdir(), 'wsss-inputs-'));
  toy = await compileSpec('toy-inputs.wsss', 'toy_inputs');
  voc = await makeToyVoc(join(folder, 'voc'), { train: 12, val: 2 });
  extra = await makeToyVoc(join(folder, 'extra'), { train: 8, val: 0 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function options(out: string, more: Partial<PipelineOptions> = {}): PipelineOptions {
  const { plan, programs } = toy;
  const data = { toy: voc.root, extra: extra.root };
  return { plan, programs, out: join(folder, out), data, seed: 2, backend: 'wasm', workers: 1, ...more };
}

async function numbers(out: string, path: string): Promise<readonly number[]> {
  const array = await readNpy(join(folder, out, path));
  if (array.kind !== 'array') throw new Error('no array');
  return Array.from(array.data as Float32Array);
}

test('stages feed programs, with and without weights; every byte is released; workers make the same', async () => {
  const before = memory().numBytes - constantCache.bytes;
  await runPipeline(options('whole'));
  expect(memory().numBytes - constantCache.bytes).toBe(before);
  const dataset = await openVoc(voc.root);
  let unsure = 0;
  for (const id of voc.ids.train) {
    const image = await dataset.image(id);
    const tags = Array.from(await dataset.tags(id));
    // Three partners of each class of the photo, and each partner has the class it was drawn for.
    expect(await numbers('whole', `maps/drawn/${id}.npy`)).toEqual(tags.map((tag) => 3 * tag));
    const theirs = await numbers('whole', `maps/theirs/${id}.npy`);
    for (const [k, tag] of tags.entries()) if (tag > 0) expect(theirs[k]).toBeGreaterThanOrEqual(3);
    const saliency = await readSaliency(join(folder, 'whole', 'sal', `${id}.png`), image);
    const first = await readMask(join(folder, 'whole', 'first', `${id}.png`));
    const pseudo = await readMask(join(folder, 'whole', 'pseudo', `${id}.png`));
    pseudo.data.forEach((label, p) => {
      // 25.5 is a tenth of 255.
      if (saliency.data[p] > 25) expect(label).toBe(255);
      else if (label > 0) expect(tags[label - 1]).toBe(1);
      if (label === 255) unsure++;
    });
    expect(first.data).toHaveLength(pseudo.data.length);
    // What was unsure stays so.
    const again = await readMask(join(folder, 'whole', 'again', `${id}.png`));
    expect(again.data).toEqual(pseudo.data);
  }
  expect(unsure).toBeGreaterThan(0);
  await runPipeline(options('threads', { workers: 2 }));
  for (const id of voc.ids.train)
    expect(await readFile(join(folder, 'threads', 'pseudo', `${id}.png`))).toEqual(
      await readFile(join(folder, 'whole', 'pseudo', `${id}.png`)),
    );
}, 120_000);

test('partners are the same whatever stood before, and differ with the seed', async () => {
  const dataset = await openVoc(voc.root);
  const index = () => new GroupIndex({ dataset, ids: dataset.ids('train') }, { name: 'g', every: false, images: 5, self: false });
  const [a, b] = dataset.ids('train');
  const drawn = async (i: GroupIndex, id: string, seed: number) => (await i.partners({ seed, id, dataset })).map((p) => p.id);
  const one = index();
  const first = await drawn(one, a, 1);
  expect(first).toHaveLength(5);
  expect(first).not.toContain(a);
  await drawn(one, b, 1);
  expect(await drawn(one, a, 1)).toEqual(first);
  expect(await drawn(index(), a, 1)).toEqual(first);
  expect(await drawn(index(), a, 2)).not.toEqual(first);
});
