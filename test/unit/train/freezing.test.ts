/** Parameters that are frozen in some epochs alone, and groups with a schedule of their own, as training feels them. */
import { describe, expect, test } from 'vitest';
import { factor, groupRates } from '../../../runtime/train/schedule.ts';
import { colours, compileText, type State, trained } from './compiled.ts';

const MEMBERS = `
  layer first = conv(4, kernel: 1)
  layer classify = conv(K, kernel: 1)
  loss cls = soft_margin(gap(classify(first(image))), tags)
`;
const settings = (more: string, optimizer = 'sgd(lr: 0.1, momentum: 0.9, weight_decay: 0.1)'): string =>
  `epochs 4, batch 4\n    optimizer ${optimizer}\n    schedule constant\n    ${more}`;

async function states(more: string, epochs: readonly number[], optimizer?: string): Promise<readonly State[]> {
  const { program } = await compileText(colours(MEMBERS, settings(more, optimizer)));
  const found: State[] = [];
  for (const count of epochs) found.push(await trained(program, { epochs: count }));
  return found;
}

/** Whether tensors under a prefix are the same to the bit. */
function same(a: State, b: State, prefix: string): boolean {
  return [...a].every(([key, values]) => !key.startsWith(prefix) || values.every((value, i) => value === b.get(key)![i]));
}

describe('freeze', () => {
  test('until an epoch: neither gradient nor decay moves it before, and both do after', async () => {
    const [one, two, three] = await states('freeze first until epoch 2', [1, 2, 3]);
    expect([same(one, two, 'first.'), same(two, three, 'first.')]).toEqual([true, false]);
    expect([same(one, two, 'classify.'), same(two, three, 'classify.')]).toEqual([false, false]);
  });

  test('from an epoch: it trains before as if nothing had been said, and stays then, also its momentum', async () => {
    const [one, two, three] = await states('freeze first from epoch 2', [1, 2, 3]);
    expect([same(one, two, 'first.'), same(two, three, 'first.')]).toEqual([false, true]);
    expect(same(two, three, 'classify.')).toBe(false);
    const [plain] = await states('', [2]);
    expect(same(two, plain, '')).toBe(true);
  });

  test('from and until; lines with other epochs add up', async () => {
    const [one, two, three, four] = await states(
      'freeze first from epoch 1 until epoch 2\n    freeze first, classify from epoch 3',
      [1, 2, 3, 4],
    );
    expect([same(one, two, 'first.'), same(two, three, 'first.'), same(three, four, '')]).toEqual([true, false, true]);
  });

  test('adam counts the steps of what was frozen from where it trains', async () => {
    // The first step of Adam is as long as its rate, whatever the gradient: after a second of the two epochs it has to be one again.
    const [frozen, first] = await states('freeze first until epoch 1', [1, 2], 'adam(lr: 0.01, epsilon: 1e-12)');
    const moved = first.get('first.bias')!.map((value, i) => Math.abs(value - frozen.get('first.bias')![i]));
    // Four steps of an epoch, none longer than a rate where the count starts anew; a count from the beginning makes the first ten times as long.
    for (const way of moved) expect(way).toBeLessThan(0.0401);
    expect(Math.max(...moved)).toBeGreaterThan(0.01);
  });

  test('nothing is differentiated for what is frozen in a phase', async () => {
    const { program } = await compileText(colours(MEMBERS, settings('freeze first until epoch 2')));
    const { phases } = program.meta.train!;
    expect(phases.map(({ fromEpoch }) => fromEpoch)).toEqual([0, 2]);
    const gradients = phases.map(({ graph }) => program.meta.graphs[graph].outputs.flatMap((o) => (o.role === 'gradient' ? [o.name] : [])));
    expect(gradients[0].some((name) => name.startsWith('first.'))).toBe(false);
    expect(gradients[1].some((name) => name.startsWith('first.'))).toBe(true);
  });
});

describe('a schedule of a group', () => {
  test('stands in the place of that of the block, which the other groups keep', async () => {
    const { program } = await compileText(
      colours(
        MEMBERS,
        'epochs 4, batch 4\n    optimizer sgd(lr: 0.1)\n    schedule poly(0.9)\n    warmup 0.25\n    group first: lr x10, schedule cosine(0.5)\n    group classify.biases: schedule constant, warmup 0',
      ),
    );
    const train = program.meta.train!;
    const at = (t: number): readonly (number | undefined)[] => {
      const rates = groupRates(train, t, 16);
      return ['base', 'first', 'classify_biases'].map((name) => rates[`lr.${name}`]);
    };
    const poly = { shape: { kind: 'poly', power: 0.9, every: 1 }, warmup: 0.25 } as const;
    const cosine = { shape: { kind: 'cosine', final: 0.5 }, warmup: 0.25 } as const;
    for (const t of [0, 3, 4, 9, 15]) expect(at(t)).toEqual([0.1 * factor(poly, t, 16), 1 * factor(cosine, t, 16), 0.1]);
  });

  test('moves only that group', async () => {
    const [plain] = await states('', [2]);
    const [own] = await states('group first: schedule step_down(at: [0.5], factor: 0.001), weight_decay 0', [2]);
    expect(same(plain, own, 'classify.')).toBe(false);
    const [[first], [second]] = [await states('group first: schedule constant', [2]), await states('', [2])];
    expect(same(first, second, '')).toBe(true);
  });
});
