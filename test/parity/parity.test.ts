/** The spec's modules against numbers computed by the authors' modules: forward values and gradients, every key of every file. */
import { readdirSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { available, choose } from '../../runtime/backend/choose.ts';
import { hasFixture } from '../fixture.ts';
import { caseRoot, compareFixture, failures } from './compare-fixture.ts';

const methods = readdirSync(caseRoot, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const cases = methods.flatMap((method) => readdirSync(caseRoot + method).map((file) => [method, file.replace('.wsss', '')] as const));

/** These two everywhere, and whatever else this machine would choose by itself. */
const others = (await available()).filter(({ name, automatic }) => automatic && name !== 'wasm').map(({ name }) => name);

describe.each(['cpu', 'wasm', ...others])('on %s', (backend) => {
  beforeAll(async () => {
    await choose(backend);
    expect(tf.getBackend()).toBe(backend);
  });
  test.each(cases)('%s/%s', async (method, name) => {
    expect(hasFixture(method, name)).toBe(true);
    const comparison = await compareFixture(method, name);
    expect(comparison.built[0].rows.length).toBeGreaterThan(0);
    expect(failures(comparison)).toEqual([]);
    expect(comparison.passed).toBe(true);
  });
});
