import { expect, test } from 'vitest';
import { divergence } from '../../../runtime/train/divergence.ts';

const log = (loss: (step: number) => number, steps = 40) =>
  Array.from({ length: steps }, (_, step) => ({ step, epoch: 0, factor: 1, losses: { total: loss(step) } }));

test('losses far above the first ones are told; falling, level and slightly rising ones, and short logs, are not', () => {
  expect(divergence(log((step) => 2 ** step))).toContain('diverged');
  expect(divergence(log((step) => 1 / (1 + step)))).toBeUndefined();
  expect(divergence(log(() => 1))).toBeUndefined();
  expect(divergence(log((step) => 1 + step / 10))).toBeUndefined();
  expect(divergence(log((step) => (step === 39 ? 1e9 : 1)))).toBeUndefined();
  expect(divergence(log((step) => 2 ** step, 8))).toBeUndefined();
});
