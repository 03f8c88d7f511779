import { expect, test } from 'vitest';
import { checkSpec, methodAround } from './checking.ts';

const sound = methodAround(
  'layer classifier = conv(K)\n  cam maps = classifier(net(image).layer4)\n  loss cls = soft_margin(gap(maps), tags)',
);

test.each([
  ['sgd(lr: 0.1)', []],
  ['sgd(lr: 0)', ['bad-setting']],
  ['sgd(lr: -1)', ['bad-setting']],
  ['sgd(lr: 0.1, weight_decay: -0.1)', ['bad-setting']],
])('%s', (optimizer, codes) => {
  const { diagnostics } = checkSpec('m.wsss', sound.replace('sgd(lr: 0.1)', optimizer));
  expect(diagnostics.all.map((d) => d.code)).toEqual(codes);
});

test('a misspelt setting is not also a missing one', () => {
  const { diagnostics } = checkSpec('m.wsss', sound.replace('optimizer sgd', 'optimiser sgd'));
  expect(diagnostics.all.map((d) => [d.code, d.hint])).toEqual([['unknown-setting', "did you mean 'optimizer'?"]]);
});
