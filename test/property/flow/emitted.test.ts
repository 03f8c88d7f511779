/** The flow table against the emitted program: after one step without decay exactly those parameters have moved that it says some loss reaches. */
import { expect, test } from 'vitest';
import { flowReport } from '../../../compiler/describe/flow.ts';
import { initialize, initializeAverages } from '../../../runtime/train/initialize.ts';
import { layState } from '../../../runtime/train/state.ts';
import { checkSpec } from '../../unit/check/checking.ts';
import { colours, compileText, trained } from '../../unit/train/compiled.ts';

const TEXT = colours(
  `
  layer stem = conv(4, kernel: 1)
  layer side = conv(4, kernel: 1)
  layer judged = conv(4, kernel: 1)
  layer late = conv(3, kernel: 1)
  layer still = conv(4, kernel: 1)
  layer classify = conv(K, kernel: 1)
  shadow slow = ema(stem, 0.5)
  let x = tanh(stem(image))
  let chosen = one_hot(argmax(judged(image), channel), 4)
  let maps = classify(x + side(detach(x)) + 0.1 * still(image) + 0 * slow(image) + 0 * chosen)
  loss cls = soft_margin(gap(maps), tags)
  loss calm weight 0.5 = mean(square(softmax(side(detach(x)))))
  loss never when max(tags) > 2 = mean(square(late(image)))
  loss later from epoch 1 = mean(square(late(image))) + mean(square(judged(image)))
`,
  'epochs 2, batch 4\n    optimizer sgd(lr: 0.3, momentum: 0, weight_decay: 0)\n    schedule constant\n    freeze still',
);

test('parameters move in the first step exactly where a loss that is on reaches them', async () => {
  const { checked } = checkSpec('colours.wsss', TEXT);
  const method = checked!.methods.get('colours')!;
  const report = flowReport(method);
  const { program } = await compileText(TEXT);
  const start = layState(program.meta.state, { K: 2 });
  initialize(program.meta.state, start, 3);
  initializeAverages(program.meta.state, start, new Set());
  const after = await trained(program, { steps: 1 });
  const on = report.phases[0].losses.filter((name) => report.losses.find((loss) => loss.name === name)?.when === undefined);
  const parameters = [...method.states.values()].flatMap(({ key, role }) => (role === 'parameter' ? [key] : []));
  const answers = parameters.map((key) => {
    const row = report.rows.find(({ parts }) => parts.some((part) => key === part || key.startsWith(`${part}.`)));
    const says = on.some((loss) => row?.cells[loss].kind === 'reached');
    const before = Array.from(start.slots.get(key)!.data);
    return { key, says, moved: after.get(key)!.some((value, i) => value !== before[i]) };
  });
  expect(answers.filter(({ says, moved }) => says !== moved)).toEqual([]);
  expect(new Set(answers.map(({ says }) => says)).size).toBe(2);
  expect(report.rows.find(({ parts }) => parts.includes('slow'))?.standing).toBe('average');
});
