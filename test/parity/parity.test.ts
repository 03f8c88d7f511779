/** The spec's modules against numbers computed by the authors' modules: forward values and gradients, every key of every file. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { choose } from '../../runtime/backend/choose.ts';
import { fixture, hasFixture } from '../fixture.ts';
import { runCase } from './run-case.ts';

const root = fileURLToPath(new URL('./', import.meta.url));
const methods = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const cases = methods.flatMap((method) => readdirSync(root + method).map((file) => [method, file.replace('.wsss', '')] as const));

/** Every case is built with all results and, where the file has gradients, with loss and gradients alone. */
const programs = cases.flatMap(([method, name]) => {
  const differentiated = hasFixture(method, name) && [...fixture(method, name).tensors.keys()].some((key) => key.startsWith('grad.'));
  return [[method, name, 'all'] as const, ...(differentiated ? [[method, name, 'gradients'] as const] : [])];
});

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    await choose(backend);
    expect(tf.getBackend()).toBe(backend);
  });
  test.each(programs)('%s/%s (%s)', async (method, name, results) => {
    expect(hasFixture(method, name)).toBe(true);
    const rows = await runCase(method, name, results);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((row) => row.excess > 0)).toEqual([]);
  });
});
