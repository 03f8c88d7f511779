import { expect, test } from 'vitest';
import { reported } from './checking.ts';

const head = `layer classifier = conv(K)
  let x = net(image)
  cam maps = classifier(x.layer4)
  loss cls = soft_margin(gap(maps), tags)`;

test('a layer beside the path to the losses is missed, one on it is not', () => {
  expect(reported(head)).toEqual([]);
  expect(reported(`${head}\n  layer side = conv(8)\n  watch size = mean(side(x.layer2))`)).toEqual([
    'parameter-unreached: layer side = conv(8)',
  ]);
  expect(reported(`${head}\n  layer side = conv(8)\n  loss size = mean(square(side(x.layer2)))`)).toEqual([]);
});

test('frozen layers are not missed, wherever their gradient ends', () => {
  const side = `${head}\n  layer side = conv(8)\n  watch size = mean(side(x.layer2))`;
  expect(reported(side, 'freeze side')).toEqual([]);
  expect(
    reported(`${head}\n  layer side = conv(8)\n  loss size = mean(square(maps)) * mean(detach(side(x.layer2)))`, 'freeze side'),
  ).toEqual([]);
});

test('one gradient path among several is enough', () => {
  expect(reported(`${head}\n  loss hard = mean(float(maps > 0) * maps)`)).toEqual([]);
  expect(reported(`${head}\n  loss part = mean(square(maps - detach(maps)))`)).toEqual([]);
});

test('a fixed affine part of a normalisation is meant, a detached weight of the method is not', () => {
  expect(reported(`${head}\n  layer norm = batch_norm(affine: fixed)\n  loss size = mean(square(norm(x.layer3)))`)).toEqual([]);
  expect(reported(`${head}\n  weight scale: Tensor[8] init ones\n  loss size = mean(square(maps)) * mean(square(detach(scale)))`)).toEqual([
    'parameter-unreached: weight scale: Tensor[8] init ones',
  ]);
});

test('one cut is one message, however many layers stand behind it', () => {
  const body = `layer classifier = conv(K)
  layer second = conv(K)
  cam maps = second(relu(classifier(net(image).layer4)))
  loss cls = mean(abs(float(gap(maps) > 0) - tags))`;
  expect(reported(body)).toEqual(['gradient-blocked: loss cls = mean(abs(float(gap(maps) > 0) - tags))']);
});

test('two cuts are two messages', () => {
  const body = `${head}
  layer first = conv(8)
  layer second = conv(8)
  loss a = mean(square(maps)) + mean(one_hot(argmax(first(x.layer2), channel), 8))
  loss b = mean(square(maps)) * mean(round(second(x.layer2)))`;
  expect(reported(body)).toEqual([
    'gradient-blocked: loss a = mean(square(maps)) + mean(one_hot(argmax(first(x.layer2), channel), 8))',
    'gradient-blocked: loss b = mean(square(maps)) * mean(round(second(x.layer2)))',
  ]);
});

test('after another mistake nothing is said about gradients', () => {
  expect(
    reported(`layer classifier = conv(K)\n  cam maps = clasifier(net(image).layer4)\n  loss cls = soft_margin(gap(maps), tags)`),
  ).toEqual(['unknown-name: cam maps = clasifier(net(image).layer4)']);
});
