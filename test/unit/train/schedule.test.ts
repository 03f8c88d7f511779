import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ScheduleJson } from '../../../runtime/program.ts';
import { factor, lossScalars } from '../../../runtime/train/schedule.ts';
import { excess, fixture, fixtureRoot } from '../../fixture.ts';

const cases = readdirSync(`${fixtureRoot}/optimizers`)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -5));

function number(values: Record<string, unknown>, ...names: readonly string[]): number | undefined {
  const found = names.map((name) => values[name]).find((value) => value !== undefined);
  return typeof found === 'number' ? found : undefined;
}

describe('learning rates of the papers', () => {
  test.each(cases)('optimizers/%s', (name) => {
    const { json, get } = fixture('optimizers', name);
    const values = json.hyperparameters;
    const total = number(values, 'max_step', 'iter_max');
    const schedule: ScheduleJson =
      total === undefined
        ? { shape: { kind: 'constant' }, warmup: 0 }
        : { shape: { kind: 'poly', power: number(values, 'power') ?? Number.NaN, every: number(values, 'step_size') ?? 1 }, warmup: 0 };
    const reference = get('out.lr');
    const [steps, groups] = reference.shape;
    const rates = values.lr as readonly number[];
    const ours = new Float32Array(steps * groups);
    for (let t = 0; t < steps; t++) for (let g = 0; g < groups; g++) ours[t * groups + g] = rates[g] * factor(schedule, t, total ?? steps);
    expect(excess(ours, reference, json.tolerance.out)).toBe(0);
  });
});

describe('factor', () => {
  test('warm-up rises linearly to one, then the shape runs over the rest', () => {
    const schedule: ScheduleJson = { shape: { kind: 'cosine', final: 0 }, warmup: 0.2 };
    expect([0, 1, 2].map((t) => factor(schedule, t, 10))).toEqual([0.5, 1, 1]);
    expect(factor(schedule, 6, 10)).toBeCloseTo(0.5, 12);
    expect(factor({ ...schedule, warmup: 4 }, 0, 10)).toBe(0.25);
  });

  test('steps multiply at each place reached, shares or numbers of steps', () => {
    const schedule: ScheduleJson = { shape: { kind: 'steps', at: [0.5, 8], factor: 0.1 }, warmup: 0 };
    expect([4, 5, 7].map((t) => factor(schedule, t, 10))).toEqual([1, 0.1, 0.1]);
    expect(factor(schedule, 8, 10)).toBeCloseTo(0.01, 12);
  });
});

test('a loss weight grows linearly between its epochs, and stays before and after', () => {
  const losses = [
    { name: 'plain', weight: 0.3, fromEpoch: 0 },
    { name: 'grows', weight: { from: 0.2, to: 1, fromEpoch: 2, toEpoch: 6 }, fromEpoch: 0 },
  ];
  const at = (epochs: number) => lossScalars({ losses }, epochs);
  expect(at(0)).toEqual({ 'weight.grows': 0.2 });
  expect(at(2.5)['weight.grows']).toBeCloseTo(0.3, 12);
  expect(at(4)['weight.grows']).toBeCloseTo(0.6, 12);
  expect(at(6)['weight.grows']).toBeCloseTo(1, 12);
  expect(at(Number.POSITIVE_INFINITY)['weight.grows']).toBe(1);
});
