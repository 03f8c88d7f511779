/** Values in places that mean something else, numbers of stages outside their bounds, and levels of supervision written twice. */
import { expect, it } from 'vitest';
import { type FrameName, framed } from '../../../compiler/diagnostics/frames.ts';
import { checkWith } from './checking.ts';

function told(frame: FrameName, text: string): readonly string[] {
  const { diagnostics } = checkWith('m.wsss', new Map([['m.wsss', framed(frame, text)]]));
  return diagnostics.toJson().map(({ code }) => code);
}

const SEEDS = 'stage s = infer(classifier, seeds, on: voc.train)\n';

it.each<readonly [FrameName, string, string]>([
  ['body', 'watch w = mean(sigmoid(sigmoid(maps)))', 'probabilities-for-logits'],
  ['body', 'watch w = mean(softmax(softmax(maps)))', 'probabilities-for-logits'],
  ['body', 'watch w = mean(log_softmax(sigmoid(maps)))', 'probabilities-for-logits'],
  ['body', 'watch w = mean(max(maps, over: space, where: maps))', 'kind-mismatch'],
  ['body', 'watch w = mean(argmax(maps, where: sigmoid(maps)))', 'kind-mismatch'],
  ['sees', 'supervision tags + tags', 'duplicate-name'],
  ['stages', 'stage s = infer(classifier, seeds, on: voc.train, limit: -3)', 'bad-setting'],
  ['stages', `${SEEDS}stage c = masks(s, threshold: 20)`, 'bad-setting'],
  ['stages', `${SEEDS}stage c = crf(s, threshold: 0.2, kernels: [gaussian(weight: 3, sxy: -3)], iterations: 5)`, 'bad-setting'],
  ['stages', `${SEEDS}stage c = crf(s, threshold: 0.2, kernels: [gaussian(weight: 3, sxy: 3)], iterations: 0)`, 'bad-setting'],
  ['stages', `${SEEDS}stage c = ir_label(s, foreground: 1.3)`, 'bad-setting'],
])('in %s: %s', (frame, text, code) => {
  expect(told(frame, text).filter((found) => !found.startsWith('unused'))).toEqual([code]);
});

it.each<readonly [FrameName, string]>([
  ['body', 'watch w = mean(max(maps, over: space, where: maps > 0.3))'],
  ['stages', `${SEEDS}stage c = masks(s, threshold: 0.2)`],
])('in %s, sound: %s', (frame, text) => {
  expect(told(frame, text)).toEqual([]);
});
