/** What is marked `@inferred` makes every number that rests on it our reading, and no other. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPipeline } from '../../../runtime/pipeline/run.ts';
import { parseScores } from '../../../runtime/report/scores.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { compileToy } from './toy-run.ts';

let folder: string;
let voc: ToyVoc;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsss-readings-'));
  voc = await makeToyVoc(join(folder, 'voc'), { train: 8, val: 2 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function readings(out: string, change: (spec: string) => string) {
  const { plan, programs } = await compileToy(change);
  const notes: string[] = [];
  const progress = { begin: () => ({ update() {}, finish() {} }), note: (text: string) => void notes.push(text), interrupt() {} };
  const shared = { plan, programs, data: { toy: voc.root }, seed: 2, backend: 'wasm', workers: 1, progress };
  const result = await runPipeline({ ...shared, out: join(folder, out) });
  const scores = await Promise.all(
    ['cam_scores', 'mask_scores', 'crf_scores', 'trivial'].map(async (name) => {
      const path = join(result.artefacts.get(name)?.folder ?? '', 'scores.json');
      return [name, parseScores(await readFile(path, 'utf8'), path)[0].readings] as const;
    }),
  );
  const page = await readFile(join(folder, out, 'report.html'), 'utf8');
  return { scores: Object.fromEntries(scores), page, notes: notes.filter((note) => note.includes('our reading')), reused: result.reused };
}

test('an inferred setting of training: every score of what was trained', async () => {
  const { scores, page, notes } = await readings('layer', (spec) =>
    spec.replace('  layer stem', '  /// Eight channels are a guess.\n  @inferred layer stem'),
  );
  const ours = ['layer stem: Eight channels are a guess.'];
  expect(scores).toEqual({ cam_scores: ours, mask_scores: ours, crf_scores: ours, trivial: undefined });
  expect(page).toContain('our reading</span> layer stem: Eight channels are a guess.');
  expect(notes).toHaveLength(3);
});

test('an inferred stage: the scores behind it alone; and nothing that was made is made again for it', async () => {
  const none = await readings('stage', (spec) => spec);
  expect(Object.values(none.scores)).toEqual([undefined, undefined, undefined, undefined]);
  expect(none.page).not.toContain('our reading');
  const { scores, reused } = await readings('stage', (spec) => spec.replace('stage refined', '@inferred stage refined'));
  expect(scores).toEqual({ cam_scores: undefined, mask_scores: undefined, crf_scores: ['stage refined'], trivial: undefined });
  expect(reused).toEqual(expect.arrayContaining(['classifier', 'val_cams', 'refined', 'mask_scores']));
  expect(reused).not.toContain('crf_scores');
});

test('an inferred method: everything', async () => {
  const { scores } = await readings('method', (spec) => spec.replace('method toy_cam', '@inferred method toy_cam'));
  expect(scores.cam_scores?.[0]).toMatch(/^method toy_cam: The smallest method/);
});
