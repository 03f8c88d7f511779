import { expect, test } from 'vitest';
import { untrained } from '../../../compiler/flow/unreached.ts';
import type { Builder } from '../../../compiler/ops/builder.ts';
import type { Node } from '../../../compiler/ops/graph.ts';
import { graphOf, input } from '../../graphs/build.ts';

const total = (b: Builder, x: Node): Node => b.add('sum', [x], { axes: x.type.shape.map((_, i) => i), keep: false });
const none = new Set<string>();

const graph = graphOf((b) => {
  const free = input(b, 'state', 'net.weight', [3]);
  const cold = input(b, 'state', 'net.cold', [3]);
  const gate = input(b, 'state', 'gate', [3]);
  const side = input(b, 'state', 'side', [3]);
  const fixed = input(b, 'state', 'norm.weight', [3]);
  const above = b.add('logical_not', [b.add('greater', [gate, b.scalar(0)], {})], {});
  const inNorm = b.with({ path: 'norm' }, () => b.add('detach', [fixed], {}));
  const stopped = b.add('detach', [b.unary('exp', cold)], {});
  return {
    'loss:main': total(b, b.mul(b.mul(free, b.cast(above, 'f32')), b.mul(inNorm, stopped))),
    'loss:only': total(b, stopped),
    'output:seen': total(b, side),
  };
});
const keys = ['net.weight', 'net.cold', 'gate', 'side', 'norm.weight', 'never.used'];

test('what is cut off names the operators that cut: the comparison, not what hands its result on', () => {
  const { cutOff } = untrained(graph, keys, none);
  expect(cutOff.map((c) => [c.keys, c.losses, c.at.map((b) => [b.node.op, b.why])])).toEqual([
    [['net.cold'], ['main', 'only'], [['detach', 'stop']]],
    [['gate'], ['main'], [['greater', 'cut']]],
  ]);
});

test('what no loss reads, and what is not in the step at all', () => {
  expect(untrained(graph, keys, none).unread).toEqual(['side']);
  expect(untrained(graph, keys, none).trainable).toEqual(['net.weight', 'net.cold', 'gate', 'side']);
});

test('a loss that its cut already explains is not idle; one over frozen parameters is', () => {
  expect(untrained(graph, keys, none).idle).toEqual([]);
  expect(untrained(graph, keys, new Set(['net.cold', 'gate', 'side'])).idle).toMatchObject([{ name: 'only', why: 'constant' }]);
  expect(untrained(graph, keys, new Set(keys)).idle.map((l) => l.why)).toEqual(['frozen', 'constant']);
});

test('frozen parameters are never missed', () => {
  const found = untrained(graph, keys, new Set(['net.cold', 'gate', 'side']));
  expect([found.cutOff, found.unread]).toEqual([[], []]);
});
