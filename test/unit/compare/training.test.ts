/** Training cases: the spec's own optimiser, groups, clipping and schedule, step for step. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Changeable, compare, compareJson, type Description, Workplace } from './reference-files.ts';

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
});
afterEach(() => place.close());

const STEPS = ['sipe', 'train_3_steps'] as const;

const reference = (change: (tensors: Map<string, Changeable>, description: Description) => void = () => {}): string =>
  place.reference(...STEPS, change);

const keysUnder = (path: string, prefix: string): string[] => {
  const bytes = readFileSync(path);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString('utf8')) as Record<string, unknown>;
  return Object.keys(header).filter((key) => key.startsWith(prefix));
};

test('every trained value of the file is compared, in both builds', async () => {
  const path = reference();
  const { code, json, failing } = await compareJson(place.case(...STEPS), path);
  expect([code, failing, json.unconsumed]).toEqual([0, [], []]);
  const [all, alone] = json.built.map(({ rows }) => rows.map(({ key }) => key));
  expect([...all].sort()).toEqual(keysUnder(path, 'out.').sort());
  // The program of `wsss build` gives losses, rates, gradient norms and parameters.
  expect([...alone].sort()).toEqual(
    [...keysUnder(path, 'out.after_step'), ...keysUnder(path, 'out.loss_'), 'out.lr_steps', 'out.grad_norm_steps'].sort(),
  );
});

test('another batch: every image twice takes the same steps', async () => {
  const path = reference((tensors, { tensors: listed = {} }) => {
    // Losses are means over the batch, so gradients and parameters stay as they are.
    for (const [key, tensor] of tensors) {
      if (!key.startsWith('in.') && !(key.startsWith('out.') && /^N/.test(String(listed[key]?.layout)))) continue;
      tensor.shape[0] *= 2;
      listed[key].shape[0] *= 2;
      tensor.data = Float32Array.from([...tensor.data, ...tensor.data]);
    }
  });
  const { code, failing } = await compareJson(place.case(...STEPS), path);
  expect([code, failing]).toEqual([0, []]);
});

describe('a spec that trains otherwise fails', () => {
  const trained = async (change: (text: string) => string): Promise<readonly string[]> => {
    const { code, failing } = await compareJson(place.case(...STEPS, change), reference());
    expect(code).toBe(1);
    return failing;
  };

  test('another momentum shows from the second step on', async () => {
    const failing = await trained((text) => text.replace(/momentum: [\w.]+/, 'momentum: 0.5 - sizes.wt_dec'));
    expect(failing.filter((key) => key.startsWith('out.after_step1.') || key.includes('_step1'))).toEqual([]);
    expect(failing.some((key) => key.startsWith('out.after_step2.'))).toBe(true);
  });

  test('another rate', async () => {
    const failing = await trained((text) => text.replace('rate: sizes.lr', 'rate: 2 * sizes.lr'));
    expect(failing).toContain('out.lr_steps');
    expect(failing.some((key) => key.startsWith('out.after_step1.'))).toBe(true);
    expect(failing).not.toContain('out.score_step1');
  });

  test('another schedule', async () => {
    expect(await trained((text) => text.replace('total: sizes.max_step', 'total: 2 * sizes.max_step'))).toContain('out.lr_steps');
  });

  test('another limit of the gradient norm', async () => {
    const failing = await trained((text) => text.replace(/clip_norm: [\w.]+/, 'clip_norm: 1e-3 * hyperparameters.clip_norm'));
    expect(failing.some((key) => key.startsWith('out.clipped_grad_step1.'))).toBe(true);
  });

  test('rates of the groups in another order', async () => {
    expect(await trained((text) => text.replace('rates(base, head)', 'rates(head, base)'))).toEqual(['out.lr_steps']);
  });
});

test('a change that is off by more than its share fails where the tolerance would let it pass', async () => {
  let changed = '';
  const path = reference((tensors, { tolerance }) => {
    // The trained tensor whose values are largest beside its change: there the tolerance is the looser of the two.
    const out = tolerance.out as { atol_of_max: number };
    for (const [key, { data }] of tensors) {
      if (!key.startsWith('out.after_step1.')) continue;
      const before = tensors.get(key.replace('out.after_step1.', 'param.'))?.data;
      if (!before) continue;
      const change = data.reduce((most, value, i) => Math.max(most, Math.abs(value - before[i])), 0);
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      if (changed !== '' || change === 0 || out.atol_of_max * largest < 0.03 * change) continue;
      changed = key;
      data[0] += 0.025 * change;
    }
  });
  const { code, failing } = await compareJson(place.case(...STEPS), path);
  if (changed === '') {
    // No tensor of this reference tells the two rules apart; tolerance.test.ts holds the rule itself.
    expect(code).toBe(0);
    return;
  }
  expect([code, failing]).toEqual([1, [changed]]);
});

test.each(['out.loss_cls_steps', 'out.grad_norm_steps', 'out.norm_cam_step1'])('a wrong %s fails', async (key) => {
  const path = reference((tensors) => {
    const found = tensors.get(key);
    if (found) found.data[found.data.length - 1] += 1;
  });
  const { code, failing } = await compareJson(place.case(...STEPS), path);
  expect([code, failing]).toEqual([1, [key]]);
});

test('a trained parameter that no trace reaches is named', async () => {
  const { code, failing } = await compareJson(
    place.case(...STEPS, (text) => text.replace(/ {2}trace "after_step2.*\n/, '')),
    reference(),
  );
  expect(code).toBe(1);
  expect(failing.length).toBeGreaterThan(0);
  expect(failing.every((key) => key.startsWith('out.after_step2.'))).toBe(true);
});

describe('mistakes of the case', () => {
  const mistakes: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    [
      'an unknown loss',
      (t) => t.replace('losses(cls)', 'losses(clss)'),
      /error\[case-unknown-name\]: the method has no loss 'clss'[\s\S]*cls/,
    ],
    ['an unknown group', (t) => t.replace('rates(base, head)', 'rates(base, heads)'), /no group of parameters 'heads'/],
    ['an input that is not given', (t) => t.replace(' inside: n1hw("inside"),', ''), /error\[missing-argument\][\s\S]*inside/],
    ['an input that the method does not have', (t) => t.replace('tags: plain', 'labels: plain'), /no input 'labels'/],
    ['a value that the method does not have', (t) => t.replace('value(r.score', 'value(r.scores'), /scores/],
    ['a step that is missing', (t) => t.replace('value(r.score, step: 1)', 'value(r.score)'), /error\[missing-argument\][\s\S]*step/],
    ['a layout that nobody knows', (t) => t.replace('nchw(value(r.cam', 'nchww(value(r.cam'), /'nchww'/],
    ['traces without steps', (t) => t.replace(/ {2}run train.*\n/, ''), /error\[case-no-run\]/],
    ['two runs', (t) => t.replace(/( {2}run train.*\n)/, '$1$1'), /error\[case-many-runs\]/],
    [
      'a parameter without a value',
      (t) => t.replace(/ {2}param "side1.weight.*\n/, ''),
      /error\[case-parameter-unbound\][\s\S]*sides\.0\.weight/,
    ],
    ['channels in the wrong place', (t) => t.replace('nchw("img")', 'layout("img", "n h w c -> n h w c")'), /error\[case-shape\]/],
  ];
  test.each(mistakes)('%s', async (_, change, text) => {
    const ran = await compare(place.case(...STEPS, change), reference());
    expect(ran.error).toMatch(text);
    expect(ran.code).toBe(1);
    expect(ran.error).not.toMatch(/^\s+at /m);
  });
});
