/** State that a method declares for itself: memory, statistics, and decisions that are taken once. */
import { expect, test } from 'vitest';
import { colours, compileText, trained } from './compiled.ts';

const SETTINGS = 'steps 4, batch 4\n    optimizer sgd(lr: 0.1)\n    schedule constant';

test('a decision taken from the data of the first step stays as it is (the flag of C2AM)', async () => {
  const { program, method } = await compileText(
    colours(
      `  layer classify = conv(K, kernel: 1)
  let maps = classify(image)
  state decided: Tensor[] = zeros
  state sign: Tensor[] = zeros
  state seen: Tensor[] = zeros
  let now = where(mean(maps) > 0.0, 1.0, -1.0)
  let flag = where(decided > 0.0, sign, now)
  loss cls = soft_margin(gap(maps), tags) + 0.001 * mean(square(maps * flag))
  after step {
    sign = detach(flag)
    decided = 1.0
    seen = seen + 1.0
  }`,
      SETTINGS,
    ),
  );
  expect(method.state.filter(({ role }) => role === 'statistic').map(({ key }) => key)).toEqual(['decided', 'sign', 'seen']);
  const first = await trained(program, { steps: 1 });
  const last = await trained(program, { steps: 4 });
  expect(first.get('decided')).toEqual([1]);
  expect(Math.abs(first.get('sign')![0])).toBe(1);
  expect(last.get('sign')).toEqual(first.get('sign'));
  expect(last.get('seen')).toEqual([4]);
});

test('a memory bank is a moving average of what the batches show', async () => {
  const { program } = await compileText(
    colours(
      `  layer classify = conv(K, kernel: 1)
  state bank: Tensor[3] = zeros
  loss cls = soft_margin(gap(classify(image)), tags)
  after step { bank = 0.5 * bank + 0.5 * reduce(image, "n h w c -> c", mean) }`,
      SETTINGS,
    ),
  );
  const [one, two] = [await trained(program, { steps: 1 }), await trained(program, { steps: 2 })];
  expect(one.get('bank')!.some((value) => Math.abs(value) > 1e-3)).toBe(true);
  expect(two.get('bank')).not.toEqual(one.get('bank'));
});
