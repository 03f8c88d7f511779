import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import { toFloat32 } from '../../../runtime/data/npy.ts';
import { openVoc } from '../../../runtime/data/voc.ts';
import { prepare } from '../../../runtime/pipeline/image-tasks.ts';
import { readCheckpoint } from '../../../runtime/train/checkpoint.ts';
import { readLog } from '../../../runtime/train/log.ts';
import { makeToyVoc, type ToyVoc } from '../train/toy-voc.ts';
import { compileToy, type Toy } from './toy-run.ts';

const child = fileURLToPath(new URL('./child/run.mjs', import.meta.url));
/** Worker threads and processes of their own run the built package; `npm test` builds it first. */
const built = existsSync(fileURLToPath(new URL('../../../dist/runtime/pipeline/run.js', import.meta.url)));

let folder: string;
let toy: Toy;
let voc: ToyVoc;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsss-process-'));
  toy = await compileToy();
  voc = await makeToyVoc(join(folder, 'voc'), { train: 26, val: 12 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface ChildOptions {
  readonly workers: number;
  readonly epochs: number;
  readonly checkpointEvery?: number;
  /** The signal is sent when the child has announced this step. */
  readonly killAt?: number;
  readonly stages?: readonly string[];
  /** Another program text than the toy's. */
  readonly text?: string;
}

/** Runs the toy's pipeline in another process; resolves with the signal that ended it, or null. Rejects when it fails by itself. */
async function run(out: string, { killAt, epochs, stages = ['classifier'], ...options }: ChildOptions): Promise<NodeJS.Signals | null> {
  const plan = {
    ...toy.plan,
    stages: toy.plan.stages.map((stage) => (stage.op === 'train' ? { ...stage, args: { ...stage.args, epochs } } : stage)),
  };
  const request = { text: toy.text, plan, root: voc.root, out: join(folder, out), announce: killAt !== undefined, stages, ...options };
  const file = join(folder, `${out}.json`);
  await writeFile(file, JSON.stringify(request));
  const started = spawn(process.execPath, [child, file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  started.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  started.stdout.on('data', (text: Buffer) => {
    if (killAt !== undefined && text.toString().split('\n').includes(String(killAt))) started.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    started.on('close', (code, signal) => (code === 0 || signal !== null ? resolve(signal) : reject(new Error(errors))));
  });
}

function bytes(out: string, file: string): Promise<Buffer> {
  return readFile(join(folder, out, 'classifier', file));
}

describe.skipIf(!built)('in processes of their own', () => {
  test('kill -9 in the middle of training, then the same command again: byte-identical weights and log', async () => {
    const options = { workers: 1, epochs: 30, checkpointEvery: 7 };
    expect(await run('whole', options)).toBe(null);
    expect(await run('killed', { ...options, killAt: 60 })).toBe('SIGKILL');
    expect(existsSync(join(folder, 'killed', 'classifier'))).toBe(false);
    expect(await run('killed', options)).toBe(null);
    for (const file of ['checkpoint.safetensors', 'log.jsonl', 'stage.json'])
      expect(await bytes('killed', file)).toEqual(await bytes('whole', file));
  });

  test('two workers learn the same as one within rounding, and the same bytes every time', async () => {
    await run('one', { workers: 1, epochs: 2 });
    await run('two', { workers: 2, epochs: 2 });
    await run('two-again', { workers: 2, epochs: 2 });
    expect(await bytes('two-again', 'checkpoint.safetensors')).toEqual(await bytes('two', 'checkpoint.safetensors'));
    await expectSameLearning('one', 'two');
  });

  test('a mean over what the data count is split over two workers by the counts of the parts', async () => {
    const { text } = await compileToy((spec) =>
      spec.replace(
        /loss cls = .*/,
        'let hit = softplus(-score) * tags + 0.1 * softplus(score) * (1 - tags)\n  loss cls = sum(hit) / maximum(sum(tags), 1)',
      ),
    );
    expect(text).toContain('separable.count');
    await run('counted-one', { workers: 1, epochs: 2, text });
    await run('counted-two', { workers: 2, epochs: 2, text });
    await expectSameLearning('counted-one', 'counted-two');
  });

  test('a coupled step is computed by one thread, with batches from others: the bytes of one thread alone', async () => {
    const coupled = toy.text.replace(/separable: \{[^}]*\}/, "separable: { kind: 'coupled', operator: 'max', at: 'toy.wsss:1' }");
    expect(coupled).not.toBe(toy.text);
    await run('coupled-one', { workers: 1, epochs: 2, text: coupled });
    await run('coupled-two', { workers: 2, epochs: 2, text: coupled });
    expect(await bytes('coupled-two', 'checkpoint.safetensors')).toEqual(await bytes('coupled-one', 'checkpoint.safetensors'));
  });

  test('worker threads make the very maps and masks that one thread makes', async () => {
    await run('threads', { workers: 2, epochs: 1, stages: ['refined'] });
    const made = join(folder, 'threads');
    await choose('wasm');
    const dataset = await openVoc(voc.root);
    const own = join(folder, 'own');
    const checkpoint = join(made, 'classifier', 'checkpoint.safetensors');
    const infer = {
      kind: 'infer',
      entry: 'seeds',
      checkpoint,
      results: [{ name: 'result', folder: '', form: 'cams' }],
      backend: 'wasm',
    } as const;
    const crf = toy.plan.stages.find((stage) => stage.op === 'crf');
    if (crf?.op !== 'crf') throw new Error('the toy has a crf stage');
    const { threshold }: { threshold: number } = JSON.parse(await readFile(join(made, 'cut', 'threshold.json'), 'utf8'));
    const maps = await prepare(infer, join(own, 'val_cams'), dataset, toy.programs.toy_cam.program);
    const masks = await prepare(
      { kind: 'crf', of: 'cams', maps: join(own, 'val_cams'), background: threshold, args: crf.args },
      join(own, 'refined'),
      dataset,
      undefined,
    );
    for (const id of voc.ids.val) {
      await maps.run(id);
      await masks.run(id);
      for (const file of [join('val_cams', `${id}.npy`), join('refined', `${id}.png`)]) {
        expect(await readFile(join(own, file))).toEqual(await readFile(join(made, file)));
      }
    }
    maps.close();
  });

  test('an error in a worker thread arrives with its code', async () => {
    const broken = join(voc.root, 'JPEGImages', `${voc.ids.train[3]}.png`);
    const before = await readFile(broken);
    try {
      await writeFile(broken, before.subarray(0, 40));
      await expect(run('broken', { workers: 2, epochs: 1 })).rejects.toThrow(/data-(truncated|bad)-image/);
    } finally {
      await writeFile(broken, before);
    }
  });
});

/** Parameters and losses of a run on one worker and of one on two agree within rounding. */
async function expectSameLearning(alone: string, split: string): Promise<void> {
  const of = (out: string): string => join(folder, out, 'classifier');
  const one = await readCheckpoint(join(of(alone), 'checkpoint.safetensors'));
  const two = await readCheckpoint(join(of(split), 'checkpoint.safetensors'));
  expect([one.position.workers, two.position.workers]).toEqual([1, 2]);
  expect([...two.tensors.keys()]).toEqual([...one.tensors.keys()]);
  for (const [key, tensor] of one.tensors) {
    const mine = toFloat32(tensor.data);
    const other = toFloat32(two.tensors.get(key)?.data ?? new Float32Array(0));
    const largest = Math.max(...mine.map(Math.abs));
    mine.forEach((value, i) => {
      expect(Math.abs(value - other[i])).toBeLessThanOrEqual(1e-5 * largest);
    });
  }
  const losses = async (out: string): Promise<number[]> => (await readLog(join(of(out), 'log.jsonl'))).map((record) => record.losses.cls);
  const [a, b] = [await losses(alone), await losses(split)];
  expect(b).toHaveLength(a.length);
  a.forEach((loss, step) => {
    expect(b[step]).toBeCloseTo(loss, 5);
  });
}
