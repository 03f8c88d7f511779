import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import { silent } from '../../../runtime/host/progress.ts';
import { scope } from '../../../runtime/ops/scope.ts';
import { fill } from '../../../runtime/ops/sources.ts';
import type { Program, TrainEntry } from '../../../runtime/program.ts';
import { joinBatches } from '../../../runtime/train/background-batches.ts';
import { readCheckpoint, writeCheckpoint } from '../../../runtime/train/checkpoint.ts';
import { RunError } from '../../../runtime/train/errors.ts';
import { readLog } from '../../../runtime/train/log.ts';
import { type TrainOptions, train } from '../../../runtime/train/loop.ts';
import { layState } from '../../../runtime/train/state.ts';
import { toyBatches, toyIds, toyProgram } from './toy.ts';

let out: string;
beforeEach(async () => {
  await choose('cpu');
  out = await mkdtemp(join(tmpdir(), 'wsss-train-'));
});
afterEach(() => rm(out, { recursive: true, force: true }));

function options(folder: string, more: Partial<TrainOptions> = {}): TrainOptions {
  return {
    program: toyProgram(),
    ids: toyIds(18),
    batches: toyBatches(2),
    classes: 2,
    seed: 3,
    backend: 'cpu',
    out: join(out, folder),
    fingerprint: 'toy data',
    checkpointEvery: 2,
    ...more,
  };
}

/** The program with another plan of training. */
function withTraining({ meta, graphs }: Program, change: Partial<TrainEntry>): Program {
  if (!meta.train) throw new Error('the toy trains');
  return { meta: { ...meta, train: { ...meta.train, ...change } }, graphs };
}

/** Stops a run like a crash: after some steps an exception leaves the loop. */
function stopAt(step: number): TrainOptions['progress'] {
  return {
    ...silent,
    begin: () => ({
      update(done) {
        if (done === step) throw new Error('pulled the plug');
      },
      finish() {},
    }),
  };
}

describe('train', () => {
  test('drops incomplete batches, lowers the loss and releases every byte', async () => {
    const before = memory().numBytes;
    const result = await train(options('a', { epochs: 20 }));
    expect(result.steps).toBe(20 * Math.floor(18 / 4));
    const log = await readLog(join(out, 'a', 'log.jsonl'));
    expect(log.map((record) => record.step)).toEqual(Array.from({ length: result.steps }, (_, i) => i));
    expect(log[0].factor).toBe(1);
    expect(result.losses.fit).toBeLessThan(0.5 * log[0].losses.fit);
    expect(memory().numBytes).toBe(before);
  });

  test('batches that are accumulated make the step of one large batch', async () => {
    const steps = async (folder: string, change: Partial<TrainEntry>) => {
      await train(options(folder, { program: withTraining(toyProgram({ batch: 4 }), change) }));
      return readCheckpoint(join(out, folder, 'checkpoint.safetensors'));
    };
    const large = await steps('large', {});
    const small = await steps('small', { batch: 2, accumulate: 2 });
    expect(small.position.step).toBe(large.position.step);
    expect(small.tensors.size).toBeGreaterThan(0);
    for (const [key, tensor] of small.tensors) {
      const other = large.tensors.get(key)!;
      Array.from(tensor.data, Number).forEach((value, i) => {
        expect(Math.abs(value - Number(other.data[i]))).toBeLessThan(1e-6);
      });
    }
    const logs = await Promise.all(['large', 'small'].map((folder) => readLog(join(out, folder, 'log.jsonl'))));
    logs[0].forEach((record, i) => {
      expect(logs[1][i].losses.fit).toBeCloseTo(record.losses.fit, 5);
    });
  });

  test('a stopped run continues to the very bytes of an uninterrupted one', async () => {
    await train(options('whole'));
    for (const step of [1, 2, 5, 7]) {
      const folder = `stopped${step}`;
      await expect(train(options(folder, { progress: stopAt(step) }))).rejects.toThrow('pulled the plug');
      const result = await train(options(folder));
      expect(result.resumedFrom).toBe(step - 1 - ((step - 1) % 2));
      for (const file of ['checkpoint.safetensors', 'log.jsonl']) {
        expect(await readFile(join(out, folder, file))).toEqual(await readFile(join(out, 'whole', file)));
      }
    }
  });

  test('a finished run is not run again', async () => {
    await train(options('once'));
    const result = await train(options('once', { progress: stopAt(1) }));
    expect(result.resumedFrom).toBe(result.steps);
  });

  test('another seed gives other weights, the same seed the same', async () => {
    const bytes = async (folder: string) => readFile(join(out, folder, 'checkpoint.safetensors'));
    await train(options('one'));
    await train(options('two'));
    await train(options('three', { seed: 4 }));
    expect(await bytes('two')).toEqual(await bytes('one'));
    const a = (await readCheckpoint(join(out, 'one', 'checkpoint.safetensors'))).tensors.get('head.weight');
    const b = (await readCheckpoint(join(out, 'three', 'checkpoint.safetensors'))).tensors.get('head.weight');
    expect(a?.data).not.toEqual(b?.data);
  });

  test.each<readonly [string, (own: TrainOptions) => Partial<TrainOptions>, RegExp]>([
    ['seed', () => ({ seed: 9 }), /seed is 3, not 9/],
    ['steps', () => ({ steps: 2 }), /steps is 12, not 2/],
    ['data', () => ({ fingerprint: 'other data' }), /data is toy data, not other data/],
    ['backend', () => ({ backend: 'wasm' }), /backend is cpu, not wasm/],
    ['hash', ({ program }) => ({ program: withTraining(program, { hash: 'other' }) }), /hash is training-hash, not other/],
  ])('a checkpoint of another run is refused: %s', async (_, change, message) => {
    const own = options('mine');
    const { checkpoint } = await train(own);
    const before = await readFile(checkpoint);
    const failure = await train({ ...own, ...change(own) }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RunError);
    expect(failure).toMatchObject({ code: 'run-other-checkpoint' });
    expect(String(failure)).toMatch(message);
    expect(await readFile(checkpoint)).toEqual(before);
  });

  test('a program that changed outside training goes on', async () => {
    const own = options('mine');
    await train(own);
    const { program } = own;
    const edited = { ...program, meta: { ...program.meta, hash: 'other', spec: 'moved.wsss', supervision: [] } };
    expect(await train({ ...own, program: edited })).toMatchObject({ resumedFrom: 12, steps: 12 });
  });

  test('a checkpoint of several workers is refused by one', async () => {
    const own = options('mine');
    const { checkpoint } = await train(own);
    const { position } = await readCheckpoint(checkpoint);
    const host = layState(own.program.meta.state, { K: own.classes });
    await writeCheckpoint(checkpoint, host, { ...position, workers: 2 });
    await expect(train(own)).rejects.toMatchObject({
      code: 'run-other-checkpoint',
      message: expect.stringContaining('workers is 2, not 1'),
    });
  });

  test('matching weights of another run are copied, the rest is named; slots start afresh', async () => {
    const first = await train(options('first'));
    const second = await train(options('second', { init: [first.checkpoint], steps: 1 }));
    expect(second.init).toEqual([{ file: first.checkpoint, copied: ['head.weight'], unmatched: [] }]);
    const third = await train(options('third', { init: [first.checkpoint], steps: 1, classes: 3, batches: toyBatches(3) }));
    expect(third.init[0]).toMatchObject({ copied: [], unmatched: ['head.weight'] });
  });

  test('a loss that is no number stops the run, names loss and step, and leaves the checkpoint before it', async () => {
    let count = 0;
    const program = toyProgram({
      gradients: () =>
        scope(() => ({
          gradients: { 'head.weight': fill({ shape: [3, 2], value: 0, dtype: 'f32' }) },
          state: {},
          losses: { fit: fill({ shape: [], value: count++ < 5 ? 1 : Number.NaN, dtype: 'f32' }) },
          outputs: {},
        })),
    });
    const before = memory().numBytes;
    const failure = await train(options('nan', { program })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'run-non-finite-loss' });
    expect(String(failure)).toContain("'fit' is NaN at step 5");
    expect(memory().numBytes).toBe(before);
    expect((await readCheckpoint(join(out, 'nan', 'checkpoint.safetensors'))).position.step).toBe(4);
  });

  test('a step that throws leaves no bytes behind', async () => {
    const before = memory().numBytes;
    const program = toyProgram({
      gradients: () =>
        scope(() => {
          fill({ shape: [100], value: 0, dtype: 'f32' });
          throw new Error('in the middle of a step');
        }),
    });
    await expect(train(options('throws', { program }))).rejects.toThrow('in the middle of a step');
    expect(memory().numBytes).toBe(before);
  });

  test('a split smaller than a batch is refused', async () => {
    await expect(train(options('few', { ids: toyIds(3) }))).rejects.toMatchObject({ code: 'run-too-few-images' });
  });

  test('sizes that do not fit the program name the input', async () => {
    await expect(train(options('sizes', { batches: toyBatches(5) }))).rejects.toThrow(
      /input 'tags': expected \[N, K\] with K = 2, N = 4, .*, found \[4, 5\]/,
    );
  });
});

describe('joinBatches', () => {
  test('puts parts one after the other and refuses other sizes', async () => {
    const batches = toyBatches(2);
    const ids = toyIds(5);
    const parts = [await batches.prepare(ids.slice(0, 3), 1), await batches.prepare(ids.slice(3), 1)];
    expect(joinBatches(parts)).toEqual(await batches.prepare(ids, 1));
    const image = { shape: [1, 4, 4, 3], data: new Float32Array(48) };
    expect(() => joinBatches([parts[0], { ...parts[1], image }])).toThrow(/\[2,2,3\] and \[4,4,3\]/);
  });
});
