import { describe, expect, test } from 'vitest';
import { gradientReach, reachedInputs } from '../../../compiler/flow/reach.ts';
import type { Builder } from '../../../compiler/ops/builder.ts';
import type { Node } from '../../../compiler/ops/graph.ts';
import { sourceFile, span } from '../../../compiler/source/source.ts';
import { graphOf, input } from '../../graphs/build.ts';

const sum = (b: Builder, x: Node): Node => b.add('sum', [x], { axes: x.type.shape.map((_, i) => i), keep: false });
const key = (name: string) => ({ role: 'state', name }) as const;
const file = sourceFile('a.wsss', 'line one\nline two\n');
const second = span(file, 9, 13);

const graph = graphOf((b) => {
  const free = input(b, 'state', 'free', [3]);
  const stopped = input(b, 'state', 'stopped', [3]);
  const hard = input(b, 'state', 'hard', [3]);
  const chosen = input(b, 'state', 'chosen', [3]);
  const both = input(b, 'state', 'both', [3]);
  const alone = input(b, 'state', 'alone', [3]);
  const detached = b.with({ span: second }, () => b.add('detach', [b.unary('exp', stopped)], {}));
  const mask = b.cast(b.add('greater', [hard, b.scalar(0)], {}), 'f32');
  const picked = b.add('select', [b.add('greater', [chosen, b.scalar(0)], {}), free, b.scalar(0)], {});
  const mixed = b.addition(both, b.add('detach', [both], {}));
  return {
    'loss:main': sum(b, b.mul(b.addition(b.mul(picked, detached), mask), mixed)),
    'loss:other': sum(b, b.mul(alone, alone)),
  };
});

describe('gradient reach', () => {
  const table = gradientReach(graph, ['free', 'stopped', 'hard', 'chosen', 'both', 'alone', 'absent'].map(key));

  test('through smooth operators it gets there, by one way at least', () => {
    expect(table.of('main', key('free'))).toEqual({ kind: 'reached' });
    expect(table.of('main', key('both'))).toEqual({ kind: 'reached' });
    expect(table.lossesOf(key('alone'))).toEqual(['other']);
    expect(table.inputsOf('main').map((input) => input.name)).toEqual(['free', 'both']);
  });

  test('where it is stopped, the place is told', () => {
    expect(table.of('main', key('stopped'))).toMatchObject({
      kind: 'blocked',
      at: [{ why: 'stop', node: { op: 'detach', span: { start: second.start } } }],
    });
  });

  test('where it is cut, so is the operator', () => {
    expect(table.of('main', key('hard'))).toMatchObject({ kind: 'blocked', at: [{ why: 'cut', node: { op: 'cast' } }] });
    // Values that only choose between others: the comparison is to blame, not the choice.
    expect(table.of('main', key('chosen'))).toMatchObject({ kind: 'blocked', at: [{ why: 'cut', node: { op: 'greater' } }] });
  });

  test('no dependence at all is another matter', () => {
    expect(table.of('main', key('alone'))).toEqual({ kind: 'unrelated' });
    expect(table.of('other', key('free'))).toEqual({ kind: 'unrelated' });
    expect(table.of('main', key('absent'))).toEqual({ kind: 'unrelated' });
  });

  test('what an optimiser may touch', () => {
    expect(reachedInputs(graph, ['stopped', 'alone', 'absent', 'free'].map(key)).map((input) => input.name)).toEqual(['alone', 'free']);
  });
});
