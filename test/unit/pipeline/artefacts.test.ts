/** Records of maps, artefacts that are given, and rounds, through whole runs. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import { type PipelineOptions, type PipelineResult, runPipeline } from '../../../runtime/pipeline/run.ts';
import { parseScores } from '../../../runtime/report/scores.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { compileToy } from './toy-run.ts';

let folder: string;
let voc: ToyVoc;

beforeAll(async () => {
  await choose('wasm');
  folder = await mkdtemp(join(tmpdir(), 'wsss-artefacts-'));
  voc = await makeToyVoc(join(folder, 'voc'), { train: 12, val: 4 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const BOTH = `
  infer both(photo: Image[1, h0, w0, 3], tags: Tags[1, K]) -> { cam: Cam[1, h0, w0, K], boundary: Boundary[1, h0, w0, 1] } {
    let raw = relu(classify(relu(stem(photo |> normalize(signed))))) as cam
    let cam = max_normalize(raw * rearrange(tags, "n k -> n 1 1 k"))
    return { cam: cam, boundary: sigmoid(mean(raw, over: channel, keep: true)) as boundary }
  }
`;

/** The toy with other stages in its pipeline. */
async function run(out: string, stages: string, more: Partial<PipelineOptions> = {}): Promise<PipelineResult> {
  const { plan, programs } = await compileToy(
    (spec) => `${spec.slice(0, spec.indexOf('  pipeline {'))}${BOTH}  pipeline {\n${stages}\n  }\n}\n`,
  );
  return runPipeline({ plan, programs, out: join(folder, out), data: { toy: voc.root }, seed: 2, backend: 'wasm', workers: 1, ...more });
}

const SEEDS = `stage classifier = train(this, on: toy.train)
    stage maps = infer(classifier, both, on: toy.val, tags: given)`;

test('a record of maps is one folder for each, and stages read the part that they name', async () => {
  const { artefacts } = await run(
    'record',
    `${SEEDS}
    stage plain = masks(maps.cam, threshold: 0.3)
    stage walked = random_walk(maps.cam, maps.boundary, threshold: 0.3, radius: 2, stride: 1)
    stage scores = evaluate(walked, on: toy.val, label: "walked")`,
  );
  expect(artefacts.get('maps')!.record).toMatchObject({ kind: 'record', parts: { cam: 'cams', boundary: 'maps' } });
  for (const part of ['cam', 'boundary'])
    expect((await readdir(join(folder, 'record', 'maps', part))).sort()).toEqual(voc.ids.val.map((id) => `${id}.npy`).sort());
  expect((await readdir(join(folder, 'record', 'walked'))).filter((name) => name.endsWith('.png'))).toHaveLength(voc.ids.val.length);
});

test('maps that are given stand for the stage that would make them, with what is known of them', async () => {
  const given = join(folder, 'record', 'maps', 'cam');
  const stages = (path: string): string => `stage maps = given("${path}", cams(without_background), on: toy.val)
    stage plain = masks(maps, threshold: 0.3)
    stage scores = evaluate(plain, on: toy.val, label: "given")`;
  await run('given', stages(given));
  for (const id of voc.ids.val)
    expect(await readFile(join(folder, 'given', 'plain', `${id}.png`))).toEqual(
      await readFile(join(folder, 'record', 'plain', `${id}.png`)),
    );
  const [score] = parseScores(await readFile(join(folder, 'given', 'scores', 'scores.json'), 'utf8'), 'scores.json');
  expect(score.protocol.other).toMatchObject({ tags: 'unknown' });
  const again = await run('given', stages(given));
  expect(again.reused).toEqual(['maps', 'plain', 'scores']);
});

test('what is given is looked for before anything runs, and all that is missing is named at once', async () => {
  const stages = `stage classifier = train(this, on: toy.train, steps: 1)
    stage maps = given("${join(folder, 'nowhere')}", cams(without_background), on: toy.val)
    stage labels = given("${join(folder, 'nothing')}", masks, on: toy.val)
    stage plain = masks(maps, threshold: 0.3)
    stage scores = evaluate(plain, on: toy.val)
    stage others = evaluate(labels, on: toy.val)`;
  await expect(run('missing', stages)).rejects.toMatchObject({
    code: 'run-plan',
    message: expect.stringMatching(/maps: .*nowhere.*\n.*labels: .*nothing/s),
  });
  await expect(readdir(join(folder, 'missing', 'classifier'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('rounds are stages of their own, resumed one by one, and the last one is what follows reads', async () => {
  const rounds = (times: number): string => `stage first = train(this, on: toy.train, steps: 2)
    iterate net = first times ${times} {
      stage next = train(this, on: toy.train, init: net, steps: 2)
      net = next
    }
    stage maps = infer(net, seeds, on: toy.val, tags: given)
    stage early = infer(next[1], seeds, on: toy.val, tags: given)`;
  const two = await run('rounds', rounds(2));
  expect([...two.artefacts.keys()]).toEqual(['first', 'next-1', 'next-2', 'maps', 'early']);
  expect(two.artefacts.get('next-2')!.record.inputs).toEqual({ 'next-1': two.artefacts.get('next-1')!.record.key });
  expect(Object.keys(two.artefacts.get('maps')!.record.inputs)).toEqual(['next-2']);
  expect(Object.keys(two.artefacts.get('early')!.record.inputs)).toEqual(['next-1']);
  const three = await run('rounds', rounds(3));
  expect(three.reused).toEqual(['first', 'next-1', 'next-2', 'early']);
  const weights = (round: number) => readFile(join(folder, 'rounds', `next-${round}`, 'checkpoint.safetensors'));
  expect(await weights(1)).not.toEqual(await weights(2));
});

test('a score says at which scales inference looked', async () => {
  const at = (...scales: readonly number[]): string =>
    scales.map((scale) => `stem(photo |> scale(${scale}) |> normalize(signed))`).join(', ');
  const { plan, programs } = await compileToy(
    (spec) =>
      `${spec.slice(0, spec.indexOf('  pipeline {'))}
  infer wide(photo: Image[1, h0, w0, 3]) -> Cam[1, h0, w0, K] {
    let views = [${at(1, 0.5, 2)}]
    let maps = [resize(relu(classify(relu(v))), size: [h0, w0], mode: bilinear, convention: half_pixel) for v in views]
    return max_normalize(relu(sum(maps)) as cam)
  }
  pipeline {
    stage classifier = train(this, on: toy.train, steps: 1)
    stage maps = infer(classifier, wide, on: toy.val)
    stage scores = evaluate(maps, threshold: 0.3, on: toy.val)
  }
}
`,
  );
  await runPipeline({ plan, programs, out: join(folder, 'scales'), data: { toy: voc.root }, seed: 2, backend: 'wasm', workers: 1 });
  const [score] = parseScores(await readFile(join(folder, 'scales', 'scores', 'scores.json'), 'utf8'), 'scores.json');
  expect(score.protocol).toMatchObject({ scales: [1, 0.5, 2], threshold: 0.3, thresholdSource: 'the spec' });
});
