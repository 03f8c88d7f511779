/** Clauses of losses, as training feels them. */
import { describe, expect, test } from 'vitest';
import { colours, compileText, type State, trained } from './compiled.ts';

const SETTINGS = 'epochs 4, batch 4\n    optimizer sgd(lr: 0.1, momentum: 0.9, weight_decay: 0.1)\n    schedule constant';
const members = (clauses: string): string => `
  layer classify = conv(K, kernel: 1)
  layer late = conv(K, kernel: 1)
  loss cls = soft_margin(gap(classify(image)), tags)
  loss extra ${clauses} = soft_margin(gap(late(image)), tags)
`;

async function states(clauses: string, ...epochs: readonly number[]): Promise<readonly State[]> {
  const { program } = await compileText(colours(members(clauses), SETTINGS));
  const found: State[] = [];
  for (const count of epochs) found.push(await trained(program, { epochs: count }));
  return found;
}

/** The largest difference in tensors under a prefix. */
function distance(a: State, b: State, prefix: string): number {
  const differences = [...a].flatMap(([key, values]) =>
    key.startsWith(prefix) ? values.map((value, i) => Math.abs(value - b.get(key)![i])) : [],
  );
  return Math.max(...differences);
}

describe('a loss that starts later', () => {
  test('leaves decay to act on its parameters', async () => {
    const [one, two] = await states('from epoch 2', 1, 2);
    expect(distance(one, two, 'late.weight')).toBeGreaterThan(1e-3);
    // Sixteen images make four steps: decay alone, with momentum.
    const factors = [0, 0, 0, 0].reduce<readonly [number, number]>(
      ([p, m]) => {
        const buffer = 0.9 * m + 0.1 * p;
        return [p - 0.1 * buffer, buffer];
      },
      [1, 0],
    );
    const [start] = await states('from epoch 2 off untouched', 1);
    one.get('late.weight')!.forEach((value, i) => {
      expect(value).toBeCloseTo(start.get('late.weight')![i] * factors[0], 5);
    });
  });

  test('leaves them alone where it says so, and trains them from its epoch on', async () => {
    const [one, two, three] = await states('from epoch 2 off untouched', 1, 2, 3);
    expect(distance(one, two, 'late.')).toBe(0);
    expect(distance(one, two, 'classify.')).toBeGreaterThan(1e-3);
    expect(distance(two, three, 'late.')).toBeGreaterThan(1e-3);
  });

  test('and one that ends stops at its epoch', async () => {
    const [one, two, three] = await states('until epoch 2 off untouched', 1, 2, 3);
    expect(distance(one, two, 'late.')).toBeGreaterThan(1e-3);
    expect(distance(two, three, 'late.')).toBe(0);
  });
});

describe('a weight that grows', () => {
  test('is as a constant one before and after, and moves in between', async () => {
    const [ramp] = await states('weight ramp(0.5, 1, from: 2, to: 3)', 2);
    const [constant] = await states('weight 0.5', 2);
    expect(distance(ramp, constant, '')).toBeLessThan(1e-6);
    const [grown] = await states('weight ramp(0.5, 1, from: 2, to: 3)', 3);
    const [still] = await states('weight 0.5', 3);
    expect(distance(grown, still, 'late.')).toBeGreaterThan(1e-4);
    expect(distance(grown, still, 'classify.')).toBeLessThan(1e-6);
  });
});

describe('a loss with a condition', () => {
  test('that is never true changes nothing, although it divides by zero', async () => {
    const body = (value: string): string => members('weight 0').replace('weight 0 = soft_margin(gap(late(image)), tags)', value);
    const none = await compileText(colours(body('= mean(square(late(image)))'), SETTINGS));
    const nothing = 'sum(square(image)) * 0';
    const divided = `when max(tags) > 2 = mean(square(late(image))) + sum(classify(image)) / (${nothing})`;
    const some = await compileText(colours(body(divided), SETTINGS));
    const [plain, conditional] = [await trained(none.program, { epochs: 1 }), await trained(some.program, { epochs: 1 })];
    expect(distance(plain, conditional, 'classify.')).toBeLessThan(1e-6);
    expect(conditional.get('classify.weight')!.every(Number.isFinite)).toBe(true);
  });
});
