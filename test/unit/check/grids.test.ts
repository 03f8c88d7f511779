/** Cells of grids are variants: checked, compiled and trained by their names. */
import { expect, test } from 'vitest';
import { hashTraining } from '../../../compiler/ir/identity.ts';
import { colours, compileText, trained } from '../train/compiled.ts';
import { checkSpec } from './checking.ts';

const text = `${colours(
  `  hyper rate = 0.1
  hyper factor = 1.0
  layer classify = conv(K, kernel: 1)
  loss cls weight factor = soft_margin(gap(classify(image)), tags)`,
  'epochs 1, batch 4\n    optimizer sgd(lr: rate)\n    group classify: lr x2',
)}
variant slow of colours { hyper rate = 0.01 }
grid speeds of colours { rate in [0.1, 0.2], factor in [1.0, 2.0] }
grid slower of slow { factor in [1.0, 3.0] }
`;

test('a grid has a method for every combination, in the order of its axes', () => {
  const { checked, diagnostics } = checkSpec('colours.wsss', text);
  expect(diagnostics.toJson()).toEqual([]);
  expect([...checked!.methods.keys()]).toEqual([
    'colours',
    'slow',
    'speeds[rate=0.1,factor=1.0]',
    'speeds[rate=0.1,factor=2.0]',
    'speeds[rate=0.2,factor=1.0]',
    'speeds[rate=0.2,factor=2.0]',
    'slower[factor=1.0]',
    'slower[factor=3.0]',
  ]);
  const rates = (name: string) => checked!.methods.get(name)!.train!.optimizer.groups.map((group) => group.rate);
  expect(rates('speeds[rate=0.2,factor=1.0]')).toEqual([0.4]);
  expect(rates('slower[factor=3.0]')).toEqual([0.02]);
});

test('a cell compiles and trains by its name, each to weights of its own', async () => {
  const [plain, fast, heavy] = await Promise.all(
    ['speeds[rate=0.1,factor=1.0]', 'speeds[rate=0.2,factor=1.0]', 'speeds[rate=0.1,factor=2.0]'].map((name) => compileText(text, name)),
  );
  expect(new Set([plain, fast, heavy].map(({ method }) => hashTraining(method))).size).toBe(3);
  const weights: (readonly number[] | undefined)[] = [];
  for (const { program } of [plain, fast, heavy]) weights.push((await trained(program, {})).get('classify.weight'));
  expect(weights[0]).not.toEqual(weights[1]);
  // Plain gradient descent: twice the weight is twice the rate, up to rounding.
  weights[1]!.forEach((value, i) => {
    expect(value).toBeCloseTo(weights[2]![i], 5);
  });
});

test('a variant may remove what stands in a train block', () => {
  const { checked, diagnostics } = checkSpec('colours.wsss', `${text}variant even of colours { remove group classify }\n`);
  expect(diagnostics.toJson()).toEqual([]);
  expect(checked!.methods.get('even')!.train!.optimizer.groups.map((group) => [group.name, group.rate])).toEqual([['base', 0.1]]);
});
