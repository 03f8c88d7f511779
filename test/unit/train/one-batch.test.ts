/** Training on the first batch alone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { choose } from '../../../runtime/backend/choose.ts';
import { train } from '../../../runtime/train/loop.ts';
import { batchSchedule } from '../../../runtime/train/order.ts';
import { toyBatches, toyIds, toyProgram } from './toy.ts';

let out: string;
beforeEach(async () => {
  await choose('cpu');
  out = await mkdtemp(join(tmpdir(), 'wsss-one-batch-'));
});
afterEach(() => rm(out, { recursive: true, force: true }));

test('every step takes the images of the first, as the first epoch draws them, beyond the end of that epoch', async () => {
  const program = toyProgram();
  const ids = toyIds(9);
  const inner = toyBatches(2);
  const asked: string[] = [];
  const batches = {
    prepare: (images: readonly string[], epoch: number) => {
      asked.push(`${epoch}: ${images.join(' ')}`);
      return inner.prepare(images, epoch);
    },
  };
  const options = { program, ids, batches, classes: 2, seed: 3, backend: 'cpu', out, fingerprint: 'toy data', steps: 7, oneBatch: true };
  const result = await train(options);
  expect(result.steps).toBe(7);
  const first = batchSchedule(ids, program.meta.train?.batch ?? 0, 3)(0);
  expect(asked).toEqual(Array.from({ length: 7 }, () => `0: ${first.ids.join(' ')}`));
});
