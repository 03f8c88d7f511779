/** The stage threshold: the background score with the best mean IoU on the images it may look at, fixed for whatever reads it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMask } from '../../../runtime/data/mask.ts';
import { writeCams } from '../../../runtime/pipeline/cam-files.ts';
import type { GivenStage, SplitPlan, StagePlan, ThresholdStage } from '../../../runtime/pipeline/plan.ts';
import { runPipeline } from '../../../runtime/pipeline/run.ts';
import { type ThresholdFile, thresholdGrid } from '../../../runtime/pipeline/stages/threshold.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';

const on: SplitPlan = { dataset: 'toy', split: 'train' };
const grid = { from: 0.1, to: 0.9, step: 0.1 };

let folder: string;
let voc: ToyVoc;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsss-threshold-'));
  voc = await makeToyVoc(join(folder, 'voc'), { train: 4, val: 1 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Maps that say `inside` on the object of an image and `outside` elsewhere. */
async function givenMaps(name: string, inside: number, outside: number): Promise<GivenStage> {
  const path = join(folder, name);
  for (const id of voc.ids.train) {
    const { width, height, data } = await readMask(join(voc.root, 'SegmentationClass', `${id}.png`));
    const label = Math.max(...data);
    const maps = { width, height, labels: [label], data: Float32Array.from(data, (value) => (value === label ? inside : outside)) };
    await writeCams(join(path, `${id}.npy`), maps);
  }
  return { name, op: 'given', inputs: {}, args: { path, kind: 'cams', on } };
}

async function chosen(maps: GivenStage): Promise<ThresholdFile> {
  const threshold: ThresholdStage = { name: 'cut', op: 'threshold', inputs: { cams: maps.name }, args: { on, ...grid } };
  const stages: readonly StagePlan[] = [maps, threshold];
  const plan = { format: 1 as const, name: 'toy', datasets: { toy: { kind: 'voc' as const } }, stages };
  const out = join(folder, `${maps.name}_run`);
  await runPipeline({ plan, programs: {}, out, data: { toy: voc.root }, backend: 'cpu', workers: 1 });
  return JSON.parse(await readFile(join(out, 'cut', 'threshold.json'), 'utf8'));
}

describe('threshold', () => {
  // Only thresholds from `outside` up to below `inside` give every pixel its class; of equals the lowest is taken.
  test.each([
    [0.45, 0.35, 0.4],
    [0.85, 0.75, 0.8],
    [0.95, 0.35, 0.4],
    [0.3, 0.05, 0.1],
  ])('of maps with %f on the object and %f beside it is %f', async (inside, outside, best) => {
    const file = await chosen(await givenMaps(`maps_${100 * inside}_${100 * outside}`, inside, outside));
    expect(file.threshold).toBe(best);
    expect(file.sweep.thresholds).toEqual(thresholdGrid(grid));
    const perfect = file.sweep.thresholds.filter((_, i) => file.sweep.meanIou[i] === 1);
    expect(perfect).toEqual(thresholdGrid(grid).filter((t) => outside <= t && t < inside));
    expect(file).toMatchObject({ chosenOn: 'ground truth of toy.train', images: voc.ids.train.length });
    expect(file.supervision).toContain('masks of 4 images');
  });
});

describe('thresholdGrid', () => {
  test('counts up without the error of adding', () => {
    expect(thresholdGrid(grid)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    expect(thresholdGrid({ from: 0.3, to: 0.3, step: 0.1 })).toEqual([0.3]);
  });

  test.each([[{ from: 0.5, to: 0.4, step: 0.1 }], [{ from: 0.1, to: 0.4, step: 0 }]])('%o has none', (bad) => {
    expect(() => thresholdGrid(bad)).toThrow(/no thresholds/);
  });
});
