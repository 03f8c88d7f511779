/** Operands of different ranks: aligned from the right, and a pattern that brings the axes where they belong is offered where they are not. */
import { expect, test } from 'vitest';
import { checkSpec, methodAround } from './checking.ts';

const found = (expression: string) =>
  checkSpec(
    'm.wsss',
    methodAround(`layer classifier = conv(K)
  cam maps = classifier(net(image).layer4)
  let score = gap(maps)
  loss cls = soft_margin(score, tags)
  loss other = mean(square(${expression}))`),
  ).diagnostics.toJson();

test.each([
  ['maps * tags', 'rearrange(tags, "n k -> n 1 1 k")'],
  ['tags * maps', 'rearrange(tags, "n k -> n 1 1 k")'],
  ['maps + mean(maps, over: channel)', '"n b c -> n b c 1"'],
  ['maps - max(score, over: channel)', '"n -> n 1 1 1"'],
])('%s is refused, with the pattern that is meant', (expression, pattern) => {
  const [only, ...more] = found(expression);
  expect([only.code, more]).toEqual(['shape-mismatch', []]);
  expect(only.hint).toContain(pattern);
});

test.each(['maps * rearrange(tags, "n k -> n 1 1 k")', 'maps * max(tags, over: batch)', 'maps * 2'])('%s is right', (expression) => {
  expect(found(expression)).toEqual([]);
});
