import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import { type Progress, silent } from '../../../runtime/host/progress.ts';
import type { StageRecord } from '../../../runtime/pipeline/artefact.ts';
import type { PipelinePlan, StagePlan } from '../../../runtime/pipeline/plan.ts';
import { type PipelineOptions, runPipeline } from '../../../runtime/pipeline/run.ts';
import { readCheckpoint } from '../../../runtime/train/checkpoint.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { type Edit, edited } from './edits.ts';
import type { Toy } from './toy-run.ts';

let folder: string;
let voc: ToyVoc;
let toy: Toy;

beforeAll(async () => {
  await choose('cpu');
  folder = await mkdtemp(join(tmpdir(), 'wsss-edits-'));
  voc = await makeToyVoc(join(folder, 'voc'), { train: 8, val: 4 });
  toy = await edited();
  await run(toy, 'out');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  /** Stages that were made, in their order. */
  readonly made: readonly string[];
  readonly notes: readonly string[];
}

/** Runs a spec into `out`, wherever the run before left off. */
async function run({ plan, programs }: Toy, out: string, more: Partial<PipelineOptions> = {}): Promise<Ran> {
  const notes: string[] = [];
  const progress: Progress = { ...(more.progress ?? silent), note: (text) => notes.push(text) };
  const result = await runPipeline({
    plan,
    programs,
    out: join(folder, out),
    data: { toy: voc.root },
    backend: 'cpu',
    workers: 1,
    ...more,
    progress,
  });
  return { made: plan.stages.map(({ name }) => name).filter((name) => !result.reused.includes(name)), notes };
}

/** Every stage but the baseline, which depends on data alone. */
const ALL = ['classifier', 'cams', 'cut', 'val_cams', 'refined', 'plain', 'cam_scores', 'mask_scores', 'crf_scores', 'page'];

async function recordOf(out: string, stage: string): Promise<StageRecord> {
  return JSON.parse(await readFile(join(folder, out, stage, 'stage.json'), 'utf8'));
}

describe('the same command after an edit of the spec', () => {
  test('nothing changed: all is done before', async () => {
    expect((await run(await edited(), 'out')).made).toEqual([]);
    expect((await run(await edited(['  train {', '  // Said again.\n  train {']), 'out')).made).toEqual([]);
  });

  test.each<readonly [string, Edit]>([
    ['rate', ['lr: 0.5', 'lr: 0.25']],
    ['epochs', ['epochs 4', 'epochs 2']],
    ['view', ['flip(0.5)', 'flip(0.5) |> shift(2)']],
    ['first values', ['kernel: 1, bias: false)', 'kernel: 1, bias: false, init: normal(0.01))']],
    ['frozen group', ['schedule poly(0.9)', 'schedule poly(0.9)\n    freeze stem']],
  ])('training and all that follows are made again: %s', async (_, edit) => {
    await run(toy, 'out');
    const before = await readFile(join(folder, 'out', 'classifier', 'checkpoint.safetensors'));
    const { made, notes } = await run(await edited(edit), 'out');
    expect(made).toEqual(ALL);
    expect(notes).toContain('classifier: is made again, because of other program');
    expect(await readFile(join(folder, 'out', 'classifier', 'checkpoint.safetensors'))).not.toEqual(before);
  });

  test.each<readonly [string, Edit]>([
    ['scales', ['[1.0, 0.5]', '[1.0, 2.0]']],
    ['what is returned', ['max_normalize(raw *', 'max_normalize(raw * raw *']],
  ])('training is kept, inference and all that follows are made again: %s', async (_, edit) => {
    await run(toy, 'out');
    const before = await readFile(join(folder, 'out', 'classifier', 'checkpoint.safetensors'));
    const { made } = await run(await edited(edit), 'out');
    expect(made).toEqual(ALL.filter((name) => name !== 'classifier'));
    expect(await readFile(join(folder, 'out', 'classifier', 'checkpoint.safetensors'))).toEqual(before);
  });

  test('an inference program that no stage runs: only the page, which shows the hash of the whole, is made again', async () => {
    await run(toy, 'out');
    const other =
      '  infer other(photo: Image[1, h0, w0, 3]) -> Cam[1, h0, w0, K] {\n    return relu(classify(relu(stem(photo |> normalize(signed))))) as cam\n  }\n\n  pipeline {';
    expect((await run(await edited(['  pipeline {', other]), 'out')).made).toEqual(['page']);
  });

  test.each<readonly [string, Edit, readonly string[]]>([
    ['iterations of the CRF', ['iterations: 3', 'iterations: 2'], ['refined', 'crf_scores', 'page']],
    ['kernels of the CRF', ['sxy: 5', 'sxy: 4'], ['refined', 'crf_scores', 'page']],
    ['unary of the CRF', ['power: 2', 'power: 1'], ['refined', 'crf_scores', 'page']],
    ['thresholds to choose from', ['from: 0.1', 'from: 0.2'], ALL.slice(ALL.indexOf('cut')).filter((name) => name !== 'val_cams')],
  ])('arguments of stages: %s', async (_, edit, expected) => {
    await run(toy, 'out');
    expect((await run(await edited(edit), 'out')).made).toEqual(expected);
  });

  test('records and checkpoints carry the hash of the slice that decided them', async () => {
    await run(toy, 'out');
    const { hash, train, infer } = toy.programs.toy_cam.program.meta;
    expect((await recordOf('out', 'classifier')).program?.hash).toBe(train?.hash);
    expect((await recordOf('out', 'cams')).program?.hash).toBe(infer.seeds.hash);
    const { position } = await readCheckpoint(join(folder, 'out', 'classifier', 'checkpoint.safetensors'));
    expect(position.hash).toBe(train?.hash);
    expect(await readFile(join(folder, 'out', 'report.html'), 'utf8')).toContain(hash.slice(0, 12));
  });
});

describe('a run that was killed in training', () => {
  /** Throws once the stage has made this many steps. */
  function killedAt(steps: number): Progress {
    return {
      ...silent,
      begin: (name) => ({
        update(done) {
          if (name === 'classifier' && done === steps) throw new Error('pulled the plug');
        },
        finish() {},
      }),
    };
  }
  const training = { stages: ['classifier'], checkpointEvery: 1 } as const;
  const continued = (notes: readonly string[]): readonly string[] => notes.filter((note) => note.includes('continues from step'));

  test.each<readonly [string, Edit]>([
    ['rate', ['lr: 0.5', 'lr: 0.25']],
    ['view', ['flip(0.5)', 'flip(0.25)']],
    ['schedule', ['poly(0.9)', 'poly(0.5)']],
  ])('starts afresh under another %s, and says so', async (name, edit) => {
    const out = `killed-${name}`;
    await expect(run(toy, out, { ...training, progress: killedAt(5) })).rejects.toThrow('pulled the plug');
    const after = await edited(edit);
    const { notes } = await run(after, out, training);
    expect(continued(notes)).toEqual([]);
    expect(notes.filter((note) => note.startsWith('classifier: starts afresh'))).toHaveLength(1);
    await run(after, `fresh-${name}`, training);
    const checkpoint = (place: string): Promise<Buffer> => readFile(join(folder, place, 'classifier', 'checkpoint.safetensors'));
    expect(await checkpoint(out)).toEqual(await checkpoint(`fresh-${name}`));
    expect((await readdir(join(folder, out))).filter((file) => file.includes('partial'))).toEqual([]);
  });

  test('goes on after an edit of inference', async () => {
    await expect(run(toy, 'inference', { ...training, progress: killedAt(5) })).rejects.toThrow('pulled the plug');
    const { notes } = await run(await edited(['[1.0, 0.5]', '[1.0, 2.0]']), 'inference', training);
    expect(continued(notes)).toHaveLength(1);
  });
});

test('a generated data set counts with what it is drawn from', async () => {
  const plan = (seed: number): PipelinePlan => {
    const trivial: StagePlan = { op: 'baseline', name: 'trivial', inputs: {}, args: { on: { dataset: 'drawn', split: 'val' } } };
    return { format: 1, name: 'drawn', datasets: { drawn: { kind: 'emojivoc', seed, train: 2, val: 2 } }, stages: [trivial] };
  };
  const made = (seed: number): Promise<Ran> => run({ ...toy, plan: plan(seed) }, 'drawn', { data: {} });
  expect((await made(1)).made).toEqual(['trivial']);
  expect((await made(1)).made).toEqual([]);
  expect((await made(2)).made).toEqual(['trivial']);
});
