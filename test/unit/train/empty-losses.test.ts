import { expect, test } from 'vitest';
import { emptyLosses } from '../../../runtime/train/empty-losses.ts';

const log = (...values: readonly Readonly<Record<string, number>>[]) =>
  values.map((losses, step) => ({ step, epoch: 0, factor: 1, losses }));

test('a loss that is exactly zero in more than a twentieth of its steps has nothing to compare', () => {
  const steps = log(...Array.from({ length: 40 }, (_, step) => ({ cls: 1, pairs: step < 3 ? 0 : 0.5, seeds: step < 2 ? 0 : 0.5 })));
  expect(emptyLosses(steps, ['cls', 'pairs', 'seeds'])).toEqual([{ loss: 'pairs', empty: 3, steps: 40 }]);
});

test('steps before a loss begins do not count, for it or against it', () => {
  const late = Array.from({ length: 5 }, (_, step) => ({ cls: 1, seg: step === 0 ? 0 : 1 }));
  expect(emptyLosses(log(...Array.from({ length: 95 }, () => ({ cls: 1 })), ...late), ['cls', 'seg'])).toEqual([
    { loss: 'seg', empty: 1, steps: 5 },
  ]);
});

test('a small loss is a loss', () => {
  expect(emptyLosses(log({ a: 1e-30 }, { a: -1e-9 }), ['a'])).toEqual([]);
});
