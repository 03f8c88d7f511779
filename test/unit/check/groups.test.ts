/** Groups by role: what parameters are, and where they come from. */
import { expect, test } from 'vitest';
import { checkSpec, methodAround } from './checking.ts';

const BODY = `  layer classifier = conv(K)
  cam maps = classifier(net(image).layer4)
  loss cls = soft_margin(gap(maps), tags)`;

function groups(train: string) {
  const text = methodAround(BODY, train)
    .replace('small_residual()', 'small_residual() init imagenet')
    .replace('sgd(lr: 0.1)', 'sgd(lr: 0.1, weight_decay: 0.01)');
  const { checked, diagnostics } = checkSpec('m.wsss', text);
  return { found: checked!.methods.get('m')!.train?.optimizer.groups ?? [], codes: diagnostics.toJson().map((d) => d.code) };
}

test('pretrained and new parameters are two halves of all', () => {
  const { found, codes } = groups('group new: lr x10\n    group pretrained: lr x1');
  expect(codes).toEqual([]);
  expect(found.map(({ name, rate }) => [name, rate])).toEqual([
    ['new', 1],
    ['pretrained', 0.1],
  ]);
  expect(found[0].keys.every((key) => key.startsWith('classifier.'))).toBe(true);
  expect(found[1].keys.length).toBeGreaterThan(0);
  expect(found[1].keys.every((key) => key.startsWith('net.'))).toBe(true);
});

test('roles together, with decay by either name', () => {
  const { found, codes } = groups('group norms, biases: decay x0, lr x2\n    group kernels: weight_decay x2');
  expect(codes).toEqual([]);
  expect(found.map(({ name, rate, weightDecay }) => [name, rate, weightDecay])).toEqual([
    ['norms_biases', 0.2, 0],
    ['kernels', 0.1, 0.02],
  ]);
});

test('a role of a declaration or of a role, as weights and biases of new layers have their own rates', () => {
  const { found, codes } = groups('group new.weights: lr x10\n    group new.biases: lr x20, decay x0\n    group net.norms: lr x3');
  expect(codes).toEqual([]);
  expect(found.map(({ name, keys, rate }) => [name, name.startsWith('new') ? keys : keys.length > 1, rate])).toEqual([
    ['base', true, 0.1],
    ['new_weights', ['classifier.weight'], 1],
    ['new_biases', ['classifier.bias'], 2],
    ['net_norms', true, expect.closeTo(0.3, 6)],
  ]);
  expect(groups('group classifier.biasses: lr x2').codes).toEqual(['unknown-member']);
});

test('two groups that hold one parameter are told by its name', () => {
  expect(groups('group weights: lr x2\n    group kernels: lr x3').codes).toContain('group-overlap');
  expect(groups('group kernals: lr x3').codes).toEqual(['unknown-name']);
});

test('what has a role inside a layer', () => {
  const { found, codes } = groups('group classifier.kernels: lr x10\n    group classifier.biases: lr x20, weight_decay x0');
  expect(codes).toEqual([]);
  expect(found.slice(1).map(({ name, keys, rate, weightDecay }) => [name, keys, rate, weightDecay])).toEqual([
    ['classifier_kernels', ['classifier.weight'], 1, 0.01],
    ['classifier_biases', ['classifier.bias'], 2, 0],
  ]);
  // The small backbone has no bias outside its normalisations.
  expect(groups('group net.stem.biases: lr x2').codes).toEqual(['unknown-group-member']);
});
