/** A shadow follows its layer after every step, by hand; it has no gradient, is kept in checkpoints, and inference may call it. */
import { describe, expect, test } from 'vitest';
import { initialize, initializeAverages } from '../../../runtime/train/initialize.ts';
import { layState } from '../../../runtime/train/state.ts';
import { checkSpec } from '../check/checking.ts';
import { colours, compileText, type State, trained } from './compiled.ts';

const MOMENTUM = 0.75;
const MEMBERS = `
  layer stem = [conv(4, kernel: 1), conv(5, kernel: 1)]
  layer classify = conv(K, kernel: 1)
  shadow teacher = ema(stem, ${MOMENTUM})
  shadow judge = ema(classify, ${MOMENTUM})
  let maps = classify(relu(stem(image)))
  let wanted = judge(relu(teacher(image)))
  loss cls = soft_margin(gap(maps), tags)
  loss agree weight 0.1 = mean(square(maps - wanted))
  infer seeds(photo: Image[1, h0, w0, 3]) -> Cam { return judge(relu(teacher(photo |> normalize(signed)))) as cam }
`;
const SETTINGS = 'steps 4, batch 4\n    optimizer sgd(lr: 0.3, momentum: 0.9)\n    schedule constant';

const AVERAGES = /^(teacher|judge)\./;
const followed = (key: string): string => key.replace(/^teacher\./, 'stem.').replace(/^judge\./, 'classify.');

describe('a shadow', () => {
  test('is m · t + (1 - m) · p after each step, from t = p at the start', async () => {
    const { program, method } = await compileText(colours(MEMBERS, SETTINGS));
    expect(method.state.filter(({ role }) => role === 'average').map(({ key }) => key)).toEqual([
      'teacher.0.weight',
      'teacher.0.bias',
      'teacher.1.weight',
      'teacher.1.bias',
      'judge.weight',
      'judge.bias',
    ]);
    const start = layState(program.meta.state, { K: 2 });
    initialize(program.meta.state, start, 3);
    initializeAverages(program.meta.state, start, new Set());
    const states: State[] = [new Map([...start.slots].map(([key, { data }]) => [key, Array.from(data)] as const))];
    for (const steps of [1, 2, 3]) states.push(await trained(program, { steps }));
    let moved = 0;
    for (const key of states[0].keys()) {
      if (!AVERAGES.test(key)) continue;
      expect(states[0].get(key)).toEqual(states[0].get(followed(key)));
      for (const step of [1, 2, 3])
        states[step].get(key)!.forEach((value, i) => {
          const before = states[step - 1].get(key)![i];
          const parameter = states[step].get(followed(key))![i];
          expect(value).toBeCloseTo(MOMENTUM * before + (1 - MOMENTUM) * parameter, 6);
          moved = Math.max(moved, Math.abs(value - before));
        });
    }
    expect(moved).toBeGreaterThan(1e-3);
  });

  test('has no gradient and no slots, and inference reads it', async () => {
    const { method } = await compileText(colours(MEMBERS, SETTINGS));
    const gradients = method.graphs.gradients.outputs.flatMap(({ role, name }) => (role === 'gradient' ? [name] : []));
    expect(gradients.length).toBeGreaterThan(0);
    expect(gradients.filter((name) => AVERAGES.test(name))).toEqual([]);
    expect(method.state.filter(({ role, key }) => role === 'slot' && AVERAGES.test(key))).toEqual([]);
    const read = method.graphs['infer.seeds'].nodes.flatMap((node) =>
      node.op === 'input' && node.attrs.role === 'state' ? [String(node.attrs.name)] : [],
    );
    expect(read.length).toBeGreaterThan(0);
    expect(read.every((key) => AVERAGES.test(key))).toBe(true);
  });

  test('mistakes are told at their place', () => {
    const told = (shadow: string): readonly string[] =>
      checkSpec('colours.wsss', colours(MEMBERS.replace(`ema(stem, ${MOMENTUM})`, shadow), SETTINGS))
        .diagnostics.toJson()
        .map((d) => d.code);
    expect(told('ema(stem, 1.5)')).toEqual(['bad-setting']);
    expect(told('mean(stem, 0.5)')).toEqual(['bad-setting']);
    expect(told('ema(image, 0.5)')).toEqual(['not-a-module']);
    expect(told('ema(stam, 0.5)')).toEqual(['unknown-name']);
  });
});
