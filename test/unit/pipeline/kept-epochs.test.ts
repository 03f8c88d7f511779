/** `checkpoint: epoch(n)`: the weights after n epochs, kept by the training because a later stage asks for them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import { type Progress, silent } from '../../../runtime/host/progress.ts';
import { type PipelineOptions, runPipeline } from '../../../runtime/pipeline/run.ts';
import { parseScores } from '../../../runtime/report/scores.ts';
import { readCheckpoint } from '../../../runtime/train/checkpoint.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { compileToy, type Toy } from './toy-run.ts';

let folder: string;
let voc: ToyVoc;
let toy: Toy;

beforeAll(async () => {
  await choose('cpu');
  folder = await mkdtemp(join(tmpdir(), 'wsss-epochs-'));
  voc = await makeToyVoc(join(folder, 'voc'), { train: 8, val: 4 });
  toy = await compileToy((spec) => spec.replace('on: toy.val, tags: given)', 'on: toy.val, tags: given, checkpoint: epoch(2))'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const STAGES = ['classifier', 'cams', 'cut', 'val_cams', 'cam_scores'];
const options = (out: string, more: Partial<PipelineOptions> = {}): PipelineOptions => ({
  plan: toy.plan,
  programs: toy.programs,
  out: join(folder, out),
  data: { toy: voc.root },
  seed: 2,
  backend: 'cpu',
  workers: 1,
  stages: STAGES,
  ...more,
});

/** Throws once training has come to step `at`. */
function crash(at: number): Progress {
  const update = (name: string) => (done: number) => {
    if (name === 'classifier' && done === at) throw new Error('pulled the plug');
  };
  return { ...silent, begin: (name) => ({ update: update(name), finish() {} }) };
}

test('the training keeps them, the stage reads them, and its scores say so', async () => {
  const stages = new Map(toy.plan.stages.map((stage) => [stage.name, stage.args]));
  expect(stages.get('classifier')).toMatchObject({ keep: [2] });
  await runPipeline(options('whole'));
  const train = join(folder, 'whole', 'classifier');
  const [kept, last] = [
    await readCheckpoint(join(train, 'epoch-2.safetensors')),
    await readCheckpoint(join(train, 'checkpoint.safetensors')),
  ];
  // Eight images in batches of four: two steps an epoch, four epochs.
  expect([kept.position.step, last.position.step]).toEqual([4, 8]);
  const [score] = parseScores(await readFile(join(folder, 'whole', 'cam_scores', 'scores.json'), 'utf8'), 'cam_scores');
  expect(score.protocol.checkpoint).toBe('epoch 2');
  // What is neither hit nor falsely predicted is missed.
  const { perClass, errors } = JSON.parse(await readFile(join(folder, 'whole', 'cam_scores', 'details.json'), 'utf8'));
  const found = perClass.slice(1).filter((iou: number | null) => iou !== null);
  const mean = found.reduce((sum: number, iou: number) => sum + iou, 0) / found.length;
  expect(errors.falsePositive + errors.falseNegative).toBeCloseTo(100 - mean, 9);
}, 60_000);

test('a run that was stopped behind that epoch has the same file', async () => {
  await expect(runPipeline(options('stopped', { progress: crash(5), checkpointEvery: 3 }))).rejects.toThrow('pulled the plug');
  await runPipeline(options('stopped', { checkpointEvery: 3 }));
  const bytes = async (out: string): Promise<string> =>
    (await readFile(join(folder, out, 'classifier', 'epoch-2.safetensors'))).toString('hex');
  expect(await bytes('stopped')).toBe(await bytes('whole'));
}, 60_000);

test('asked of a training that ends before, it is told before the first step', async () => {
  const change = (spec: string): string => spec.replace('tags: given)', 'tags: given, checkpoint: epoch(5))');
  await expect(compileToy(change)).rejects.toThrow(/n a whole number from 1 to 4/);
  // A training that is counted in steps: what an epoch is, only the data says.
  const counted = await compileToy((spec) => change(spec).replace('epochs 4,', 'steps 8,'));
  await expect(runPipeline(options('short', { plan: counted.plan, programs: counted.programs }))).rejects.toThrow(
    'training ends after 8 steps',
  );
});
