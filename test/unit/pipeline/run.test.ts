import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import { openVoc } from '../../../runtime/data/voc.ts';
import { type Progress, silent } from '../../../runtime/host/progress.ts';
import { constantCache } from '../../../runtime/ops/cache.ts';
import { readCams } from '../../../runtime/pipeline/cam-files.ts';
import type { StagePlan } from '../../../runtime/pipeline/plan.ts';
import { type PipelineOptions, runPipeline } from '../../../runtime/pipeline/run.ts';
import { parseScores, type Score } from '../../../runtime/report/scores.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { compileToy, type Toy } from './toy-run.ts';

let folder: string;
let toy: Toy;
let voc: ToyVoc;

beforeAll(async () => {
  await choose('wasm');
  folder = await mkdtemp(join(tmpdir(), 'wsss-pipeline-'));
  toy = await compileToy();
  voc = await makeToyVoc(join(folder, 'voc'), { train: 24, val: 6 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function options(out: string, more: Partial<PipelineOptions> = {}): PipelineOptions {
  const { plan, programs } = toy;
  return { plan, programs, out: join(folder, out), data: { toy: voc.root }, seed: 2, backend: 'wasm', workers: 1, ...more };
}

async function scoresOf(out: string): Promise<readonly Score[]> {
  return parseScores(await readFile(join(folder, out, 'page', 'scores.json'), 'utf8'), 'scores.json');
}

/** Every file below a folder with its bytes, in hexadecimal; logs with times left out. */
async function contents(root: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && entry.name !== 'times.log') files.set(path.slice(root.length), (await readFile(path)).toString('hex'));
  }
  return files;
}

/** Throws once `stage` has come to unit `at`. */
function crash(stage: string, at: number): Progress {
  return {
    ...silent,
    begin: (name) => ({
      update(done) {
        if (name === stage && done === at) throw new Error('pulled the plug');
      },
      finish() {},
    }),
  };
}

describe('runPipeline', () => {
  test('trains, chooses the threshold, refines, scores and reports; every byte is released', async () => {
    const start = memory().numBytes - constantCache.bytes;
    await runPipeline(options('whole'));
    expect(memory().numBytes - constantCache.bytes).toBe(start);
    const scores = await scoresOf('whole');
    const value = (stage: string): number => scores.find((score) => score.stage === stage)?.value ?? Number.NaN;
    expect(scores.filter((score) => score.role === 'baseline')).toHaveLength(3);
    // Two flat colours are learnt in a moment; the tags alone place the class anywhere.
    expect(value('seeds')).toBeGreaterThan(value('all background') + 20);
    expect(value('masks')).toBe(value('seeds'));
    expect(scores.find((score) => score.stage === 'refined')?.protocol).toMatchObject({
      images: voc.ids.val.length,
      threshold: expect.any(Number),
      thresholdSource: 'ground truth of toy.train',
      other: { tags: 'read' },
    });
    const report = await readFile(join(folder, 'whole', 'report.html'), 'utf8');
    for (const file of ['report.html', 'scores.json'])
      expect(await readFile(join(folder, 'whole', file))).toEqual(await readFile(join(folder, 'whole', 'page', file)));
    for (const text of ['Toy', 'was chosen on the ground truth of toy.train', 'all background', 'val_0']) expect(report).toContain(text);
  });

  test('keeps the maps of the present classes only', async () => {
    const dataset = await openVoc(voc.root);
    for (const id of voc.ids.val) {
      const maps = await readCams(join(folder, 'whole', 'val_cams', `${id}.npy`));
      const tags = await dataset.tags(id);
      const image = await dataset.image(id);
      expect(maps.labels).toEqual(Array.from(tags).flatMap((tag, c) => (tag > 0 ? [c + 1] : [])));
      expect([maps.height, maps.width]).toEqual([image.height, image.width]);
      expect(Math.max(...maps.data)).toBeCloseTo(1, 3);
    }
  });

  test('a second run finds everything done; another folder gets the same bytes', async () => {
    const again = await runPipeline(options('whole'));
    expect(again.reused).toEqual(toy.plan.stages.map((stage) => stage.name));
    await runPipeline(options('twin'));
    expect(await contents(join(folder, 'twin'))).toEqual(await contents(join(folder, 'whole')));
  });

  test('a changed argument runs its stage and what reads it, and nothing else', async () => {
    const stages = toy.plan.stages.map(
      (stage): StagePlan => (stage.op === 'crf' ? { ...stage, args: { ...stage.args, iterations: 1 } } : stage),
    );
    const changed = await runPipeline(options('twin', { plan: { ...toy.plan, stages } }));
    const ran = toy.plan.stages.map((stage) => stage.name).filter((name) => !changed.reused.includes(name));
    expect(ran).toEqual(['refined', 'crf_scores', 'page']);
  });

  test.each([
    ['classifier', 7],
    ['val_cams', 3],
    ['cam_scores', 2],
  ])('stopped inside %s, it leaves no artefact of that name and goes on to the same bytes', async (stage, at) => {
    const out = `stopped-${stage}`;
    await expect(runPipeline(options(out, { progress: crash(stage, at), checkpointEvery: 2 }))).rejects.toThrow('pulled the plug');
    expect(await readdir(join(folder, out))).not.toContain(stage);
    await runPipeline(options(out, { checkpointEvery: 2 }));
    expect((await readdir(join(folder, out))).filter((name) => name.includes('partial'))).toEqual([]);
    expect(await contents(join(folder, out))).toEqual(await contents(join(folder, 'whole')));
  });

  test('only the stages asked for, and what they need', async () => {
    await runPipeline(options('some', { stages: ['cut'] }));
    expect((await readdir(join(folder, 'some'))).sort()).toEqual(['cams', 'classifier', 'cut', 'times.log']);
  });

  test('a given checkpoint serves like a trained one, and given maps are scored where they lie', async () => {
    const folderOf = (stage: string): string => join(folder, 'whole', stage);
    const stages: readonly StagePlan[] = [
      {
        op: 'given',
        name: 'weights',
        inputs: {},
        args: { path: join(folderOf('classifier'), 'checkpoint.safetensors'), kind: 'checkpoint' },
      },
      { op: 'given', name: 'old', inputs: {}, args: { path: folderOf('refined'), kind: 'masks', on: { dataset: 'toy', split: 'val' } } },
      {
        op: 'infer',
        name: 'fresh',
        program: 'toy_cam',
        inputs: { checkpoint: 'weights' },
        args: { entry: 'seeds', on: { dataset: 'toy', split: 'val' }, save: 'maps' },
      },
      { op: 'evaluate', name: 'scores', inputs: { predictions: 'old' }, args: { on: { dataset: 'toy', split: 'val' }, label: 'refined' } },
    ];
    const given = options('given', { plan: { ...toy.plan, stages } });
    await runPipeline(given);
    for (const id of voc.ids.val) {
      expect(await readFile(join(folder, 'given', 'fresh', `${id}.npy`))).toEqual(await readFile(join(folderOf('val_cams'), `${id}.npy`)));
    }
    const [score] = parseScores(await readFile(join(folder, 'given', 'scores', 'scores.json'), 'utf8'), 'scores.json');
    expect(score.value).toBe((await scoresOf('whole')).find((other) => other.stage === 'refined')?.value);
    expect((await runPipeline(given)).reused).toEqual(['weights', 'old', 'fresh', 'scores']);
    const missing: StagePlan = { op: 'given', name: 'weights', inputs: {}, args: { path: join(folder, 'nothing'), kind: 'checkpoint' } };
    await expect(runPipeline({ ...given, plan: { ...toy.plan, stages: [missing] } })).rejects.toMatchObject({ code: 'run-plan' });
  });

  test('another seed is another key', async () => {
    const other = await runPipeline(options('some', { seed: 3, stages: ['cut'] }));
    expect(other.reused).toEqual([]);
  });

  test('a data set that nothing names, and a folder that is none', async () => {
    const { toy: _, ...datasets } = toy.plan.datasets;
    await expect(runPipeline(options('x', { plan: { ...toy.plan, datasets }, data: {} }))).rejects.toMatchObject({
      code: 'run-unknown-data',
    });
    await expect(runPipeline(options('x', { data: {} }))).rejects.toMatchObject({ code: 'run-unknown-data' });
    await expect(runPipeline(options('x', { data: { '': join(folder, 'nowhere') } }))).rejects.toMatchObject({ code: 'data-missing-root' });
  });

  test('an output folder that cannot be written', async () => {
    await expect(runPipeline({ ...options('x'), out: join(voc.root, 'classes.txt', 'inside') })).rejects.toMatchObject({
      code: 'output-unwritable',
    });
  });

  test('a stage that reads what comes later, or what is of no use to it', async () => {
    const [train, ...rest] = toy.plan.stages;
    await expect(runPipeline(options('x', { plan: { ...toy.plan, stages: rest } }))).rejects.toMatchObject({ code: 'run-plan' });
    const crf = toy.plan.stages.find((stage) => stage.op === 'crf');
    if (crf?.op !== 'crf') throw new Error('the toy has a crf stage');
    const wrong: StagePlan = { ...crf, inputs: { cams: train.name } };
    await expect(runPipeline(options('y', { plan: { ...toy.plan, stages: [train, wrong] } }))).rejects.toThrow(
      /reads cams or maps, but 'classifier' makes checkpoint/,
    );
  });
});
