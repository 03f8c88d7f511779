/** When a value is near enough: the rule of the reference README, exact names, zero gradients, and rules in words. */
import { describe, expect, test } from 'vitest';
import type { Reference, ReferenceTensor, Tolerance } from '../../../runtime/compare/reference.ts';
import { compareTensor, type Row, ruleOf } from '../../../runtime/compare/rows.ts';
import { readRule, specialRule } from '../../../runtime/compare/special-rules.ts';

const vector = (...values: number[]): ReferenceTensor => ({ shape: [values.length], data: Float64Array.from(values) });
const none: Tolerance = { rtol: 0, atol: 0, atol_of_max: 0 };

interface Stated {
  readonly out?: Partial<Tolerance>;
  readonly grad?: Partial<Tolerance>;
  readonly exact?: readonly string[];
  readonly special?: readonly (readonly [string, string])[];
  readonly zero?: readonly string[];
}

function reference(tensors: Readonly<Record<string, ReferenceTensor>>, stated: Stated): Reference {
  const out = { ...none, ...stated.out };
  return {
    path: 'x.safetensors',
    tensors: new Map(Object.entries(tensors)),
    description: {
      title: '',
      sizes: {},
      hyperparameters: {},
      tolerance: { out, grad: { ...none, ...stated.grad }, exact: stated.exact ?? [], special: stated.special ?? [] },
      zeroGradients: stated.zero ?? [],
    },
  };
}

function row(
  key: string,
  stored: ReferenceTensor,
  values: readonly number[],
  stated: Stated,
  more: Record<string, ReferenceTensor> = {},
): Row {
  const file = reference({ [key]: stored, ...more }, stated);
  return compareTensor(key, vector(...values), stored, ruleOf(file, key), file.description.zeroGradients.includes(key));
}

describe('|v − r| <= rtol·|r| + atol + atol_of_max·max|R|', () => {
  test.each([
    ['rtol', { rtol: 0.125 }, [1, -8], [1.125, -9], [1.126, -8]],
    ['atol', { atol: 0.5 }, [1, -8], [1.5, -7.5], [1, -7.4]],
    ['atol_of_max', { atol_of_max: 0.25 }, [1, -8], [3, -6], [3.1, -8]],
    ['their sum', { rtol: 0.5, atol: 0.25, atol_of_max: 0.125 }, [2, 4], [3.75, 1.25], [3.8, 4]],
  ] as const)('%s', (_, out, stored, near, far) => {
    expect(row('out.x', vector(...stored), near, { out })).toMatchObject({ passed: true, excess: 0 });
    const failed = row('out.x', vector(...stored), far, { out });
    expect(failed.passed).toBe(false);
    expect(failed.excess).toBeGreaterThan(0);
  });

  test('gradients have a tolerance of their own', () => {
    const stated = { out: { atol: 1 }, grad: { atol: 0.1 } };
    expect(row('out.x', vector(1), [1.5], stated).passed).toBe(true);
    expect(row('grad.x', vector(1), [1.5], stated).passed).toBe(false);
  });

  test('differences are told whether they pass or not', () => {
    expect(row('out.x', vector(0, 4, -2), [1, 5, -2.5], { out: { atol: 9 } })).toMatchObject({ absolute: 1, relative: 0.25, passed: true });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is never near', (value) => {
    expect(row('out.x', vector(1, 1), [1, value], { out: { atol: 1e9, atol_of_max: 1e9 } }).passed).toBe(false);
  });

  test('a shape that differs by more than ones of a scalar', () => {
    const stored: ReferenceTensor = { shape: [1, 1], data: Float64Array.of(3) };
    const rule = ruleOf(reference({ 'out.x': stored }, {}), 'out.x');
    expect(compareTensor('out.x', { shape: [], data: [3] }, stored, rule, false).passed).toBe(true);
    const flat: ReferenceTensor = { shape: [4], data: new Float64Array(4) };
    expect(compareTensor('out.x', { shape: [2, 2], data: new Float64Array(4) }, flat, rule, false).passed).toBe(false);
  });
});

test('exact names allow nothing, whatever the tolerance', () => {
  const stated = { out: { atol: 1 }, exact: ['out.x'] };
  expect(row('out.x', vector(1), [1], stated)).toMatchObject({ passed: true, rule: 'exact' });
  expect(row('out.x', vector(1), [1.001], stated).passed).toBe(false);
});

test('zero gradients are zero on both sides', () => {
  const stated = { grad: { atol: 1 }, zero: ['grad.x'] };
  expect(row('grad.x', vector(0, 0), [0, 0], stated)).toMatchObject({ passed: true, rule: 'zero' });
  expect(row('grad.x', vector(0, 0), [0, 1e-20], stated).passed).toBe(false);
  expect(row('grad.x', vector(0, 1e-20), [0, 0], stated).passed).toBe(false);
});

describe('rules in words', () => {
  const CHANGE =
    'in addition to the rule above, the change against param.* should agree within 2 percent of the largest change of that tensor';

  test('are read by what they say', () => {
    expect(readRule(CHANGE)).toEqual({ kind: 'change', fraction: 0.02 });
    expect(readRule(CHANGE.replace('2 percent', '0.5%'))).toEqual({ kind: 'change', fraction: 0.005 });
    expect(readRule('absolute difference of at most 1 (only where out.scaled is within 1e-3 of an integer)')).toEqual({
      kind: 'absolute',
      limit: 1,
    });
    expect(readRule('absolute difference of at most 2.')).toEqual({ kind: 'absolute', limit: 2 });
    expect(readRule('look closely').kind).toBe('unknown');
  });

  test('hold for the keys of their pattern', () => {
    const special = [['out.after_stepT.*', CHANGE] as const];
    expect(specialRule(special, 'out.after_step12.net.conv1.weight')?.rest).toBe('net.conv1.weight');
    expect(specialRule(special, 'out.after_step.net')).toBeUndefined();
    expect(specialRule(special, 'out.after_stepT.net')).toBeUndefined();
    expect(specialRule(special, 'outXafter_step1.net')).toBeUndefined();
  });

  const stated: Stated = { out: { atol: 1 }, special: [['out.after_stepT.*', CHANGE]] };
  const before = { 'param.w': vector(1, 1) };

  test('a change is held to a share of the largest change, besides the tolerance', () => {
    // The largest change is 0.5, and 2 % of it are 0.01.
    const after = vector(1.5, 0.9);
    expect(row('out.after_step3.w', after, [1.509, 0.891], stated, before).passed).toBe(true);
    expect(row('out.after_step3.w', after, [1.511, 0.9], stated, before).passed).toBe(false);
    expect(row('out.after_step3.w', after, [1.5, 0.889], stated, before).passed).toBe(false);
    expect(row('out.after_step3.w', after, [1.505, 0.9], { ...stated, out: { atol: 0.001 } }, before).passed).toBe(false);
  });

  test('a tensor that does not change must not change', () => {
    expect(row('out.after_step1.w', vector(1, 1), [1, 1], stated, before).passed).toBe(true);
    expect(row('out.after_step1.w', vector(1, 1), [1, 1 + 1e-6], stated, before).passed).toBe(false);
  });

  test('a change against nothing fails', () => {
    expect(row('out.after_step1.w', vector(1, 1), [1, 1], stated)).toMatchObject({
      passed: false,
      note: expect.stringContaining('param.w'),
    });
  });

  test('an absolute difference takes the place of the tolerance', () => {
    const loose: Stated = { special: [['out.map', 'absolute difference of at most 1']] };
    expect(row('out.map', vector(7, 9), [8, 8], loose)).toMatchObject({ passed: true, rule: 'at most 1' });
    expect(row('out.map', vector(7, 9), [7, 7], loose).passed).toBe(false);
  });

  test('a rule that cannot be read leaves the tolerance and says so', () => {
    const unread = row('out.x', vector(1), [1.5], { out: { atol: 0.1 }, special: [['out.x', 'half an eye']] });
    expect(unread).toMatchObject({ passed: false, note: expect.stringContaining('half an eye') });
  });
});
