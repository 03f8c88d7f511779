/** Every command through the command line: help, JSON, exit codes, and what it leaves. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMask } from '../../../runtime/data/mask.ts';
import { readSafetensors } from '../../../runtime/data/safetensors.ts';
import { readCams } from '../../../runtime/pipeline/cam-files.ts';
import { readLog } from '../../../runtime/train/log.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { built, type Ended, filesIn, json, packageRoot, wsss } from './command.ts';

const tiny = fileURLToPath(new URL('./tiny.wsss', import.meta.url));
const divides = fileURLToPath(new URL('./divides.wsss', import.meta.url));
const masks = fileURLToPath(new URL('./masks.wsss', import.meta.url));
const two = fileURLToPath(new URL('./two.wsss', import.meta.url));

let folder: string;
let voc: ToyVoc;
let weights: string;
let trained: Ended;

/** Options that make a run small and the same everywhere. */
const small = ['--workers', '1', '--backend', 'wasm'];
const inside = (name: string): string => join(folder, name);
const train = (out: string, ...more: readonly string[]): Promise<Ended> =>
  wsss(['train', tiny, '--data', voc.root, '--out', inside(out), ...small, ...more]);
const infer = (entry: string, out: string, ...more: readonly string[]): Promise<Ended> =>
  wsss(['infer', tiny, entry, '--weights', weights, '--out', inside(out), ...small, ...more]);

describe.skipIf(!built)('the command line', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsss-cli-'));
    voc = await makeToyVoc(inside('voc'), { train: 26, val: 6 });
    trained = await train('trained', '--json');
    weights = inside('trained/train/checkpoint.safetensors');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('--version; help for an unknown command says so', async () => {
    const { version } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
    expect(await wsss(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
    expect(await wsss(['help', 'evl'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/unknown command 'evl'.*eval/) });
    expect((await wsss(['help', 'eval'])).stdout).toContain('wsss eval');
  });
  test.each([
    ['train', tiny, '--out', ''],
    ['train', tiny, '--data', ''],
    ['train', tiny, '--data', 'voc='],
    ['build', tiny, '--out', ' '],
    ['eval', ''],
    ['eval', '.'],
  ])('2: empty paths, and no data set: %s %s %s %s', async (...args) => {
    expect((await wsss(args, { cwd: folder })).code).toBe(2);
    expect(existsSync(inside('program'))).toBe(false);
  });
  test('2: a folder for a data set that nobody knows', async () => {
    const ended = await wsss(['train', tiny, '--data', `vox=${voc.root}`, '--out', inside('vox')]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("there is no data set 'vox'");
  });
  test('one process at a time works in a folder; the lock of one that is gone is taken over', async () => {
    await mkdir(inside('locked'));
    await writeFile(inside('locked/.wsss.lock'), `${process.pid}\n`);
    const second = await wsss(['eval', inside('voc/SegmentationClass'), '--data', voc.root, '--out', inside('locked'), ...small]);
    expect(second.code).toBe(3);
    expect(second.stderr).toContain(`another process (${process.pid})`);
    await writeFile(inside('locked/.wsss.lock'), '999999999\n');
    const after = await wsss(['eval', inside('voc/SegmentationClass'), '--data', voc.root, '--out', inside('locked'), ...small]);
    expect(after).toMatchObject({ code: 0 });
    expect(existsSync(inside('locked/.wsss.lock'))).toBe(false);
  });

  describe('check', () => {
    test('0: a sound spec', async () => {
      const ended = await wsss(['check', tiny, '--json']);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(json(ended)).toMatchObject({
        file: tiny,
        methods: [{ name: 'tiny', infer: ['seeds', 'all_classes', 'with_ground'] }],
        diagnostics: [],
      });
    });
    test('1: a spec with a mistake', async () => {
      await writeFile(inside('wrong.wsss'), (await readFile(tiny, 'utf8')).replace('soft_margin(', 'soft_margn('));
      const ended = await wsss(['check', inside('wrong.wsss'), '--json']);
      expect(ended.code).toBe(1);
      expect(json(ended)).toMatchObject({ diagnostics: [{ code: 'unknown-name', severity: 'error' }] });
    });
    test.each([
      [[], "missing required argument 'spec'"],
      [['nowhere.wsss'], 'there is no such file'],
      [[`${tiny}#tinny`], "declares no method or variant 'tinny'"],
      [[tiny, '--set', 'rate'], "--set needs name=value, found 'rate'"],
      [[tiny, '--set', 'rate='], "--set needs name=value, found 'rate='"],
      [[tiny, '--set', 'ratee=1'], '--set ratee: there is no hyper of that name'],
      [[tiny, '--colour'], "unknown option '--colour'"],
    ])('2: %j', async (args, message) => {
      const ended = await wsss(['check', ...args, '--json']);
      expect(ended.code).toBe(2);
      expect(json(ended)).toMatchObject({ error: { code: 'usage', message: expect.stringContaining(message) } });
    });
    test('several specs are one JSON document, in their order, whatever became of each', async () => {
      const ended = await wsss(['check', tiny, 'nowhere.wsss', two, '--json']);
      expect(ended.code).toBe(2);
      expect(json(ended)).toMatchObject({
        files: [
          { file: tiny, diagnostics: [] },
          { file: 'nowhere.wsss', error: { code: 'usage' } },
          { file: two, diagnostics: [] },
        ],
      });
    });
    test('a file without methods is told apart from one with sound methods', async () => {
      await writeFile(inside('nothing.wsss'), '');
      await writeFile(inside('library.wsss'), 'module same(x) { return x }\n');
      expect(await wsss(['check', inside('nothing.wsss')])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('declares no method'),
      });
      expect(await wsss(['check', inside('library.wsss')])).toMatchObject({ code: 0, stdout: expect.stringContaining('1 module') });
    });
    test('a folder and an empty path are called what they are', async () => {
      expect(await wsss(['check', folder])).toMatchObject({ code: 2, stderr: expect.stringContaining('is a folder') });
      expect(await wsss(['check', ''])).toMatchObject({ code: 2, stderr: expect.stringContaining('is empty') });
    });
    test('a misspelt setting and a misspelt method get a suggestion', async () => {
      expect((await wsss(['check', tiny, '--set', 'ratee=1'])).stderr).toContain("did you mean 'rate'?");
      expect((await wsss(['check', `${two}#fats`])).stderr).toContain("did you mean 'fast'?");
    });
  });

  describe('build', () => {
    test('1 and 2', async () => {
      await writeFile(inside('wrong.wsss'), (await readFile(tiny, 'utf8')).replace('soft_margin(', 'soft_margn('));
      const wrong = await wsss(['build', inside('wrong.wsss'), '--out', inside('wrong'), '--json']);
      expect([wrong.code, existsSync(inside('wrong'))]).toEqual([1, false]);
      expect(json(wrong)).toMatchObject({ diagnostics: [{ code: 'unknown-name' }] });
      const usage = await wsss(['build', tiny, '--json']);
      expect(usage.code).toBe(2);
      expect(json(usage)).toMatchObject({ error: { code: 'usage', message: expect.stringContaining('--out') } });
    });
  });

  describe('train', () => {
    test('0: weights, log and curves', async () => {
      expect(trained.code).toBe(0);
      const made = json(trained);
      expect(made).toMatchObject({ method: 'tiny', backend: 'wasm', steps: 24, reused: false, weights });
      const { tensors } = await readSafetensors(weights);
      expect([...tensors.keys()]).toEqual(expect.arrayContaining(['stem.weight', 'stem.bias', 'classify.weight']));
      const log = await readLog(String(made.log));
      expect(log).toHaveLength(24);
      expect(made.losses).toEqual(log[23].losses);
      expect(await readFile(String(made.curves), 'utf8')).toContain('losses');
    });
    test('the same command again has nothing to do; other settings train afresh', async () => {
      expect(json(await train('trained', '--json'))).toMatchObject({ reused: true, steps: 24 });
      expect(json(await train('other', '--json', '--epochs', '1', '--set', 'rate=0.1'))).toMatchObject({ reused: false, steps: 6 });
    });
    test('first values from other weights, one step', async () => {
      const ended = await train('init', '--init', weights, '--steps', '1');
      expect(ended.code).toBe(0);
      expect(ended.stderr).toContain(`tensors from ${weights}`);
      expect(ended.stdout).toContain(`weights: ${inside('init/train/checkpoint.safetensors')}`);
    });
    test('2: several methods could be meant; 1: none trains', async () => {
      const several = await wsss(['train', two, '--data', voc.root, '--out', inside('several'), '--json']);
      expect(several.code).toBe(2);
      expect(json(several)).toMatchObject({ error: { hint: `name one: ${two}#fast, ${two}#slow` } });
      await writeFile(inside('empty.wsss'), 'language 1\n');
      const none = await wsss(['train', inside('empty.wsss'), '--data', voc.root, '--out', inside('several'), '--json']);
      expect(none.code).toBe(1);
      expect(json(none)).toMatchObject({ error: { code: 'no-such-method' } });
      expect(existsSync(inside('several'))).toBe(false);
    });
    test('FILE#METHOD chooses one', async () => {
      const ended = await wsss(['train', `${two}#fast`, '--data', voc.root, '--out', inside('fast'), ...small, '--json']);
      expect(json(ended)).toMatchObject({ method: 'fast', steps: 6 });
    });
    test('a method that learns from pseudo masks is given them, and takes none from the ground truth', async () => {
      const learner = ['train', masks, '--data', voc.root, '--out', inside('learner'), ...small, '--json'];
      const without = await wsss(learner);
      expect([without.code, existsSync(inside('learner'))]).toEqual([2, false]);
      expect(json(without)).toMatchObject({ error: { code: 'usage', hint: expect.stringContaining('--masks DIR') } });
      const given = await wsss([...learner, '--masks', join(voc.root, 'SegmentationClass')]);
      expect([given.code, json(given).steps]).toEqual([0, 6]);
    });
    test('3: a loss that is no number ends it, and leaves nothing of the stage', async () => {
      const ended = await train('diverged', '--json', '--set', 'rate=1e30');
      expect(ended.code).toBe(3);
      expect(json(ended)).toMatchObject({ error: { code: 'run-non-finite-loss' } });
      expect(filesIn(inside('diverged')).filter((file) => !file.startsWith('program/'))).toEqual([]);
    });
  });

  describe('train --check-numerics', () => {
    const lines = readFileSync(divides, 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('return y / highest')) + 1;
    test.each(['1', '2'])('3: names the line, the call path, inputs, step and images; %s workers', async (workers) => {
      const options = ['--data', voc.root, '--out', inside(`numerics${workers}`), '--backend', 'wasm', '--workers', workers];
      const ended = await wsss(['train', divides, ...options, '--check-numerics', '--json']);
      expect(ended.code).toBe(3);
      expect(json(ended)).toMatchObject({ error: { code: 'run-non-finite', file: 'divides.wsss', line } });
      expect(ended.stdout).toContain(`comes from div at divides.wsss:${line} in body.by_nothing (step 0, images train_`);
      expect(ended.stdout).toContain('input 2: float32');
    });
    test('a sound method trains to the very weights of a run without', async () => {
      expect((await train('checked', '--check-numerics')).code).toBe(0);
      expect(await readFile(inside('checked/train/checkpoint.safetensors'))).toEqual(await readFile(weights));
    });
  });

  describe('train --overfit-one-batch', () => {
    test('0: says that the total fell, and leaves the folder of the training as it was', async () => {
      const before = filesIn(inside('trained'));
      const ended = await train('trained', '--overfit-one-batch', '150', '--json');
      expect(ended.code).toBe(0);
      const made = json(ended);
      expect(made).toMatchObject({ method: 'tiny', steps: 150, learnt: true, first: { cls: expect.any(Number) } });
      const records = await readLog(inside('trained/overfit-one-batch/train/log.jsonl'));
      expect(records.map((record) => record.epoch)).toEqual(Array.from({ length: 150 }, () => 0));
      expect([made.first, made.last]).toEqual([records[0].losses, records[149].losses]);
      expect(records[149].losses.total).toBeLessThan(0.1 * records[0].losses.total);
      expect(filesIn(inside('trained')).filter((file) => !file.startsWith('overfit-one-batch/'))).toEqual(before);
    });
    test('3: says plainly that it did not fall; 2: steps given twice', async () => {
      const ended = await train('not-learnt', '--overfit-one-batch', '3', '--set', 'rate=1e-9');
      expect(ended.code).toBe(3);
      expect(ended.stdout).toMatch(/^cls: (\S+) at the start, \1 after 3 steps$/m);
      expect(ended.stderr).toContain('error[not-overfitted]: one batch of 4 was not learnt in 3 steps');
      expect((await train('not-learnt', '--overfit-one-batch', '--steps', '3')).code).toBe(2);
    });
  });

  describe('run', () => {
    const run = (out: string, ...more: readonly string[]): Promise<Ended> =>
      wsss(['run', tiny, '--data', voc.root, '--out', inside(out), ...small, ...more]);
    test('0: stages and scores, a data set by its name', async () => {
      const ended = await wsss(['run', tiny, '--data', `toy=${voc.root}`, '--out', inside('run'), ...small, '--json']);
      expect(ended.code).toBe(0);
      expect(json(ended)).toMatchObject({
        method: 'tiny',
        stages: [
          { name: 'classifier', kind: 'checkpoint', reused: false },
          { name: 'cams', kind: 'cams' },
          { name: 'scores', kind: 'scores' },
        ],
        scores: [{ stage: 'seeds', split: 'toy.val', metric: 'mIoU', protocol: { images: 6, threshold: 0.4 } }],
      });
    });
    test('1, 2 and 3', async () => {
      const without = await wsss(['run', tiny, '--out', inside('without'), '--json']);
      expect(without.code).toBe(1);
      expect(json(without)).toMatchObject({ error: { code: 'run-unknown-data', hint: expect.stringContaining('--data') } });
      const usage = await run('usage', '--json', '--set', '=4');
      expect(usage.code).toBe(2);
      expect(json(usage)).toMatchObject({ error: { code: 'usage', message: expect.stringContaining("'=4'") } });
      const none = await wsss(['run', two, '--data', voc.root, '--out', inside('usage'), '--workers', '0', '--json']);
      expect(none.code).toBe(2);
      expect(json(none)).toMatchObject({ error: { message: expect.stringContaining('at least 1') } });
      const diverged = await run('run-diverged', '--json', '--set', 'rate=1e30');
      expect(diverged.code).toBe(3);
      expect(json(diverged)).toMatchObject({ error: { code: 'run-non-finite-loss' } });
    });
    test('3: a backend that is not there is said in a message, without a stack', async ({ skip }) => {
      const { backends } = json(await wsss(['doctor', '--json']));
      const missing = Array.isArray(backends) ? backends.find((b: { name: string; usable: boolean }) => !b.usable) : undefined;
      if (missing === undefined) return skip('every backend is there');
      const name: string = missing.name;
      const ended = await wsss(['run', tiny, '--data', voc.root, '--out', inside('backend'), '--backend', name]);
      expect([ended.code, ended.stdout]).toEqual([3, '']);
      expect(ended.stderr).toMatch(new RegExp(`^error\\[backend-unavailable\\]: backend ${name} `));
      expect(ended.stderr).not.toMatch(/^\s+at /m);
    });
  });

  describe('infer and eval', () => {
    test('maps with tags, in the form of IRN; scored with a sweep and a threshold', async () => {
      const ended = await infer('seeds', 'seeds', '--data', voc.root, '--json');
      expect(ended.code).toBe(0);
      const made = json(ended);
      expect(made).toMatchObject({ kind: 'cams', program: 'seeds', folder: inside('seeds/seeds'), protocol: { readsTags: true } });
      const maps = await readCams(inside(`seeds/seeds/${voc.ids.val[0]}.npy`));
      expect([maps.width, maps.height, maps.labels]).toEqual([12, 10, [1]]);
      const bare = await wsss(['eval', inside('seeds/seeds'), '--data', voc.root, '--json']);
      expect(bare.code).toBe(2);
      expect(json(bare)).toMatchObject({ error: { code: 'usage', message: expect.stringContaining('no background channel') } });

      const swept = await wsss(['eval', inside('seeds/seeds'), '--data', voc.root, '--sweep', '0.2,0.8,0.2', '--json']);
      expect(swept.code).toBe(0);
      const { scores, classes, sweep } = json(swept);
      const best = Math.max(...(sweep as { meanIou: number[] }).meanIou);
      expect(scores).toMatchObject([
        {
          stage: 'seeds',
          split: 'voc.val',
          metric: 'mIoU',
          protocol: { thresholdSource: 'ground truth of voc.val', other: { tags: 'read' } },
        },
      ]);
      expect((scores as { value: number }[])[0].value).toBeCloseTo(100 * best, 9);
      expect(classes).toMatchObject([{ class: 'background' }, { class: 'red' }, { class: 'blue' }]);

      const fixed = await wsss([
        'eval',
        inside('seeds/seeds'),
        '--data',
        voc.root,
        '--threshold',
        '0.4',
        '--out',
        inside('kept'),
        '--label',
        'mine',
      ]);
      expect(fixed.code).toBe(0);
      expect(fixed.stdout).toMatch(
        /^mine {2}voc\.val {2}mIoU {2}\d+\.\d\d\n {2}protocol: .*threshold 0\.4, thresholdSource the command line/,
      );
      expect(fixed.stdout).toMatch(/class +IoU \(%\)\n +background +[\d.]+\n +red +[\d.]+\n +blue +[\d.]+/);
      expect(JSON.parse(await readFile(inside('kept/scores/scores.json'), 'utf8'))).toMatchObject({
        version: 1,
        scores: [{ stage: 'mine' }],
      });
    });

    test('label maps from maps with a background of their own, on the images of a folder', async () => {
      const ended = await infer('with_ground', 'labels', '--images', join(voc.root, 'JPEGImages'), '--labels', '--json');
      expect(ended.code).toBe(0);
      expect(json(ended)).toMatchObject({ kind: 'masks', folder: inside('labels/with_ground') });
      const pngs = filesIn(inside('labels/with_ground')).filter((file) => file.endsWith('.png'));
      expect(pngs).toHaveLength(voc.ids.train.length + voc.ids.val.length);
      const mask = await readMask(inside(`labels/with_ground/${voc.ids.val[0]}.png`), { classes: 3 });
      expect([mask.width, mask.height]).toEqual([12, 10]);
      const scored = await wsss(['eval', inside('labels/with_ground'), '--data', voc.root, '--json']);
      expect(json(scored)).toMatchObject({ kind: 'masks', scores: [{ metric: 'mIoU', protocol: { other: { tags: 'not read' } } }] });
    });

    test('label maps from maps without background, with a threshold', async () => {
      const ended = await infer('all_classes', 'cut', '--data', voc.root, '--limit', '2', '--labels', '--threshold', '0.3', '--json');
      expect(ended.code).toBe(0);
      expect(json(ended)).toMatchObject({
        kind: 'masks',
        protocol: { threshold: 0.3, thresholdSource: 'the command line', readsTags: false },
      });
      expect(filesIn(inside('cut/all_classes_labels'))).toEqual(['stage.json', ...voc.ids.val.slice(0, 2).map((id) => `${id}.png`)]);
    });

    test('infer, 1: weights of something else', async () => {
      const ended = await wsss(['infer', tiny, 'seeds', '--weights', 'other.safetensors', '--data', voc.root, '--out', 'x', '--json'], {
        cwd: folder,
      });
      expect(ended.code).toBe(1);
      expect(json(ended)).toMatchObject({ error: { message: expect.stringContaining('other.safetensors') } });
    });

    test.each([
      [['sedes', '--data', 'voc'], "there is no inference program 'sedes'", "did you mean 'seeds'?"],
      [['--data', 'voc'], 'has several inference programs', 'seeds, all_classes, with_ground'],
      [['seeds', '--images', 'voc/JPEGImages'], "'seeds' reads image-level tags", '--data DIR'],
      [['all_classes', '--images', 'voc', '--split', 'val'], '--images excludes', ''],
      [['all_classes', '--data', 'voc', '--labels'], 'no background channel', '--threshold'],
      [['with_ground', '--data', 'voc', '--labels', '--threshold', '0.2'], '--threshold does nothing here', ''],
    ])('infer, 2: %j', async (args, message, hint) => {
      const ended = await wsss(['infer', tiny, ...args, '--weights', weights, '--out', 'usage', '--json'], { cwd: folder });
      expect(ended.code).toBe(2);
      expect(json(ended)).toMatchObject({ error: { code: 'usage', message: expect.stringContaining(message) } });
      expect(ended.stdout).toContain(hint);
    });

    test.each([
      [['nowhere'], 2, 'usage', 'no such folder'],
      [['trained'], 1, 'no-predictions', 'holds no predictions'],
      [['voc/SegmentationClass', '--sweep', '0.1,0.9,0.1'], 2, 'usage', 'holds label maps'],
      [['voc/SegmentationClass', '--sweep', '0.9,0.1,0.1'], 2, 'usage', 'FROM,TO,STEP'],
      [['voc/SegmentationClass', '--split', 'tset'], 1, 'data-missing-list', "no split 'tset'"],
    ])('eval %j: %i', async (args, code, problem, message) => {
      const ended = await wsss(['eval', ...args, '--data', 'voc', '--json'], { cwd: folder });
      expect(ended.code).toBe(code);
      expect(json(ended)).toMatchObject({ error: { code: problem, message: expect.stringContaining(message) } });
    });

    test('3: a failure of the system ends both with a message', async () => {
      for (const out of ['blocked-infer', 'blocked-eval']) await mkdir(inside(`${out}/times.log`), { recursive: true });
      const inferred = await infer('all_classes', 'blocked-infer', '--data', voc.root, '--json');
      const scored = await wsss([
        'eval',
        join(voc.root, 'SegmentationClass'),
        '--data',
        voc.root,
        '--out',
        inside('blocked-eval'),
        '--json',
      ]);
      for (const ended of [inferred, scored]) {
        expect(ended.code).toBe(3);
        expect(json(ended)).toMatchObject({ error: { code: 'system' } });
      }
    });
  });

  describe('new', () => {
    test.each(['cam', 'sipe'])('0: from %s, a spec that checks, builds and runs', async (from) => {
      const name = `my-${from}`;
      const ended = await wsss(['new', name, '--from', from, '--json'], { cwd: folder });
      expect(ended.code).toBe(0);
      expect(json(ended)).toEqual({ written: `${name}.wsss`, method: `my_${from}`, from });
      const text = await readFile(inside(`${name}.wsss`), 'utf8');
      expect(text).toMatch(new RegExp(`^method my_${from} \\{`, 'm'));
      expect(text).not.toContain('my_method');
      expect(await wsss(['check', `${name}.wsss`], { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
      const shrunk = ['--set', 'rounds=1', '--set', 'crop_size=16', '--set', 'widths=[8,8,8,8]'];
      const ran = await wsss(['run', `${name}.wsss`, '--data', 'voc', '--out', `out-${from}`, ...small, ...shrunk, '--json'], {
        cwd: folder,
      });
      expect([ran.code, ran.code === 0 ? '' : ran.stdout]).toEqual([0, '']);
      expect(json(ran).scores).toMatchObject([
        { role: 'baseline' },
        { role: 'baseline' },
        { role: 'baseline' },
        { stage: 'seeds', metric: 'mIoU' },
      ]);
    });
    test('2: it overwrites nothing, and takes no name that is none', async () => {
      await writeFile(inside('mine.wsss'), 'mine');
      const there = await wsss(['new', 'mine', '--json'], { cwd: folder });
      expect([there.code, await readFile(inside('mine.wsss'), 'utf8')]).toEqual([2, 'mine']);
      expect(json(there)).toMatchObject({ error: { code: 'usage', message: expect.stringContaining('is there already') } });
      const bad = await wsss(['new', '3d cam', '--json'], { cwd: folder });
      expect([bad.code, existsSync(inside('3d cam.wsss'))]).toEqual([2, false]);
      expect((await wsss(['new', 'x', '--from', 'gan', '--json'], { cwd: folder })).code).toBe(2);
    });
    test('1: a folder that cannot be made', async () => {
      await writeFile(inside('file'), '');
      const ended = await wsss(['new', 'file/mine', '--json'], { cwd: folder });
      expect(ended.code).toBe(1);
      expect(json(ended)).toMatchObject({ error: { code: 'output-unwritable' } });
    });
  });

  test('doctor --json', async () => {
    const ended = await wsss(['doctor', '--json']);
    expect(ended.code).toBe(0);
    expect(json(ended)).toMatchObject({ backends: expect.arrayContaining([expect.objectContaining({ name: 'wasm', usable: true })]) });
    expect((await wsss(['doctor', '--jsn'])).code).toBe(2);
  });

  test('no command, and an unknown one, are wrong use', async () => {
    expect((await wsss([])).code).toBe(2);
    const unknown = await wsss(['trian']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('train');
  });
});
