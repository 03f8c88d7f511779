/** What the command line says of data that is not as it should be, and that nothing half-written stays behind. */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clsLabelsBytes, readClsLabels } from '../../runtime/data/cls-labels.ts';
import { readMask, writeMask } from '../../runtime/data/mask.ts';
import { built, filesIn, json, wsss } from '../unit/cli/command.ts';
import { makeToyVoc, type ToyVoc } from '../unit/train/toy-voc.ts';
import { expectGolden, goldenNames } from './text.ts';

const tiny = fileURLToPath(new URL('../unit/cli/tiny.wsss', import.meta.url));

let folder: string;
let voc: ToyVoc;
const inside = (...parts: readonly string[]): string => join(folder, ...parts);

/** What the cases share: the data set before it is damaged. */
interface Case {
  readonly name: string;
  /** Damages the copy of the data set in DIR/voc; returns nothing. */
  readonly damage: (root: string) => Promise<unknown>;
  readonly args: readonly string[];
  readonly code: string;
  /** Exit code; 1 when absent. */
  readonly exit?: number;
  /** Stages that were finished before. */
  readonly finished?: readonly string[];
  /** What another version of a library says in other words. */
  readonly vague?: RegExp;
}

const run = ['run', tiny, '--data', 'voc', '--out', 'out', '--workers', '1', '--backend', 'wasm'];
/** Nothing is trained for these: the predictions are the masks of before. */
const score = ['eval', '../sound/SegmentationClass', '--data', 'voc'];
const list = (root: string, split: string): string => join(root, 'ImageSets', 'Segmentation', `${split}.txt`);
const image = (root: string, id: string): string => join(root, 'JPEGImages', `${id}.png`);
const mask = (root: string, id: string): string => join(root, 'SegmentationClass', `${id}.png`);

async function changeMask(path: string, change: (map: Awaited<ReturnType<typeof readMask>>) => Parameters<typeof writeMask>[1]): Promise<void> {
  await writeMask(path, change(await readMask(path)));
}

const CASES: readonly Case[] = [
  { name: 'missing-image', code: 'data-missing-image', args: run, damage: (root) => rm(image(root, 'train_3')) },
  {
    name: 'truncated-jpeg',
    code: 'data-truncated-image',
    args: run,
    damage: async (root) => {
      const jpeg = await sharp(await readFile(image(root, 'train_3')))
        .jpeg()
        .toBuffer();
      await rm(image(root, 'train_3'));
      await writeFile(join(root, 'JPEGImages', 'train_3.jpg'), jpeg.subarray(0, jpeg.length - 60));
    },
    vague: /\d+ bytes; .*/,
  },
  {
    name: 'not-an-image',
    code: 'data-bad-image',
    args: run,
    damage: (root) => writeFile(image(root, 'train_3'), 'This was a photograph.\n'),
    vague: /(?<=found: ).*/,
  },
  {
    name: 'mask-of-another-size',
    code: 'data-mask-size',
    args: run,
    damage: (root) => writeMask(mask(root, 'val_1'), { width: 10, height: 12, data: new Uint8Array(120) }),
  },
  {
    name: 'mask-with-unknown-class',
    code: 'data-mask-class',
    args: score,
    damage: (root) => changeMask(mask(root, 'val_1'), (map) => ({ ...map, data: map.data.map((label, p) => (p === 15 ? 7 : label)) })),
  },
  {
    name: 'colours-for-a-mask',
    code: 'data-bad-mask',
    args: score,
    damage: (root) => cp(image(root, 'val_1'), mask(root, 'val_1')),
  },
  {
    name: 'missing-mask',
    code: 'data-missing-mask',
    args: score,
    damage: (root) => rm(mask(root, 'val_1')),
  },
  {
    name: 'label-file-without-an-id',
    code: 'data-missing-tags',
    args: run,
    damage: async (root) => {
      const path = join(root, 'cls_labels.npy');
      // The same image under an id that no list knows.
      const entries = [...(await readClsLabels(path))].map(([id, tags]) => [id === 'train_3' ? 'trian_3' : id, tags] as const);
      await writeFile(path, clsLabelsBytes(new Map(entries)));
    },
  },
  {
    name: 'annotation-with-unknown-class',
    code: 'data-unknown-class',
    args: run,
    damage: async (root) => {
      await rm(join(root, 'cls_labels.npy'));
      await mkdir(join(root, 'Annotations'));
      const text = (name: string): string => `<annotation><object><name>${name}</name></object></annotation>\n`;
      for (const id of [...voc.ids.train, ...voc.ids.val])
        await writeFile(join(root, 'Annotations', `${id}.xml`), text(id === 'train_3' ? 'green' : 'red'));
    },
  },
  { name: 'empty-list', code: 'data-empty-list', args: run, damage: (root) => writeFile(list(root, 'train'), '\n') },
  { name: 'missing-list', code: 'data-missing-list', args: run, damage: (root) => rm(list(root, 'train')) },
  {
    name: 'list-with-an-image-twice',
    code: 'data-bad-list',
    args: run,
    damage: async (root) => writeFile(list(root, 'train'), `${await readFile(list(root, 'train'), 'utf8')}train_0\n`),
  },
  { name: 'missing-data-folder', code: 'data-missing-root', args: run, damage: (root) => rm(root, { recursive: true }) },
  { name: 'too-few-images', code: 'run-too-few-images', args: run, damage: (root) => writeFile(list(root, 'train'), 'train_0\ntrain_1\n') },
  { name: 'unwritable-output', code: 'output-unwritable', args: run, damage: () => writeFile(inside('case', 'out'), 'mine') },
  {
    name: 'unwritable-output-of-build',
    code: 'output-unwritable',
    args: ['build', tiny, '--out', 'out'],
    damage: () => writeFile(inside('case', 'out'), 'mine'),
  },
  {
    name: 'corrupted-checkpoint',
    code: 'data-bad-safetensors',
    finished: ['weights'],
    args: ['infer', tiny, 'seeds', '--weights', 'damaged.safetensors', '--data', 'voc', '--out', 'out', '--workers', '1', '--backend', 'wasm'],
    damage: () => writeFile(inside('case', 'damaged.safetensors'), Buffer.from([200, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3])),
  },
  {
    name: 'predictions-of-another-size',
    code: 'data-mask-size',
    args: ['eval', 'mine', '--data', 'voc'],
    damage: async (root) => {
      await cp(join(root, 'SegmentationClass'), inside('case', 'mine'), { recursive: true });
      await writeMask(inside('case', 'mine', 'val_1.png'), { width: 6, height: 5, data: new Uint8Array(30) });
    },
  },
  {
    name: 'predictions-missing',
    code: 'data-missing-mask',
    args: ['eval', 'mine', '--data', 'voc'],
    damage: async (root) => {
      await cp(join(root, 'SegmentationClass'), inside('case', 'mine'), { recursive: true });
      await rm(inside('case', 'mine', 'val_1.png'));
    },
  },
];

describe.skipIf(!built)('data that is not as it should be', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsss-golden-'));
    voc = await makeToyVoc(inside('sound'), { train: 9, val: 3 });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(CASES)('$name', async ({ name, code, exit = 1, args, damage, finished = [], vague }) => {
    const place = inside('case');
    await rm(place, { recursive: true, force: true });
    await cp(inside('sound'), join(place, 'voc'), { recursive: true });
    await damage(join(place, 'voc'));
    const ended = await wsss(args, { cwd: place });
    expect([ended.code, ended.stdout]).toEqual([exit, '']);
    expect(ended.stderr).toContain(`error[${code}]: `);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    const message = ended.stderr
      .slice(ended.stderr.indexOf('error['))
      .replaceAll(place, 'DIR')
      .replaceAll(tiny, 'tiny.wsss');
    expectGolden('cli', name, vague ? message.replace(vague, '(…)') : message);
    // Whole programs and finished stages may stay; nothing of the stage that failed, and no file under a temporary name.
    if (existsSync(join(place, 'out', 'program'))) {
      const kept = new Set(filesIn(join(place, 'out')).map((file) => file.split('/')[0]));
      expect([...kept].sort()).toEqual(['program', ...finished, ...(finished.length > 0 ? ['times.log'] : [])].sort());
      expect(filesIn(join(place, 'out')).filter((file) => /\.(tmp|part|partial|old)(\/|$)/.test(file))).toEqual([]);
    } else if (args.includes('out') && existsSync(join(place, 'out'))) expect(await readFile(join(place, 'out'), 'utf8')).toBe('mine');
  });

  test('the same as JSON: code, file, expected, found, what to do', async () => {
    const place = inside('case');
    await rm(place, { recursive: true, force: true });
    await cp(inside('sound'), join(place, 'voc'), { recursive: true });
    await rm(image(join(place, 'voc'), 'train_3'));
    const ended = await wsss([...run, '--json'], { cwd: place });
    expect(ended.code).toBe(1);
    const { error } = json(ended);
    expect(error).toMatchObject({
      code: 'data-missing-image',
      file: expect.stringMatching(/train_3\.jpg$/),
      expected: expect.stringContaining('train.txt:4'),
      found: 'no such file',
      hint: expect.stringContaining('take its id out of the list'),
    });
  });

  test('every expectation has its case', () => {
    expect(goldenNames('cli')).toEqual(CASES.map(({ name }) => name).sort());
  });
});
