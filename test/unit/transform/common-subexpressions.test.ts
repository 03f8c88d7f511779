/** Equal things are made once, but what is cheap to make is not held from the forward to the backward pass for it. */
import { describe, expect, test } from 'vitest';
import type { Builder } from '../../../compiler/ops/builder.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { constant, evaluate } from '../../../compiler/shape/dim.ts';
import { shareCommonSubexpressions } from '../../../compiler/transform/common-subexpressions.ts';
import { peakBytes, planMemory } from '../../../compiler/transform/plan-memory.ts';
import { dims, graphOf, input } from '../../graphs/build.ts';

const shape = dims('N', 8, 8, 4);
const padded = dims('N', 24, 24, 4);
const wide = dims('N', 64, 64, 4);
type Make = (b: Builder, x: Node) => Node;
type Phase = Node['phase'];

const pad: Make = (b, x) => b.add('pad', [x], { before: dims(0, 8, 8, 0), after: dims(0, 8, 8, 0), value: 0 });

/** The same thing made twice, in these phases, with larger work between that does not read it. */
function twice(make: Make, phases: readonly [Phase, Phase]): Graph {
  const graph = graphOf((b) => {
    const x = input(b, 'batch', 'x', shape);
    const sum = (y: Node): Node => b.add('sum', [y], { axes: y.type.shape.map((_, axis) => axis), keep: false });
    const real = (y: Node): Node => (y.type.dtype === 'f32' ? y : b.add('cast', [y], { dtype: 'f32' }));
    const first = b.with({ phase: phases[0] }, () => sum(real(make(b, x))));
    const between = b.with({ phase: phases[0] }, () => sum(b.unary('exp', b.unary('tanh', input(b, 'batch', 'w', wide)))));
    const second = b.with({ phase: phases[1] }, () => sum(b.unary('abs', real(make(b, x)))));
    return { 'output:y': b.addition(b.addition(first, between), second) };
  });
  return shareCommonSubexpressions(graph);
}
const count = (graph: Graph, op: string): number => graph.nodes.filter((node) => node.op === op).length;

describe('equal things of the forward and the backward pass', () => {
  test.each<readonly [string, Make]>([
    ['pad', pad],
    ['broadcast_to', (b, x) => b.broadcast(b.add('max', [x], { axes: [1, 2], keep: true }), shape)],
    ['fill', (b) => b.add('fill', [], { shape: padded, value: 2, dtype: 'f32' })],
    ['reverse', (b, x) => b.add('reverse', [x], { axes: [1] })],
    ['iota', (b) => b.add('iota', [], { size: constant(16) })],
    ['cast', (b, x) => b.add('cast', [x], { dtype: 'i32' })],
    ['one_hot', (b, x) => b.add('one_hot', [b.add('argmax', [x], { axis: 3 })], { depth: constant(4) })],
  ])('%s is made in both and shared inside one', (op, make) => {
    const once = count(twice(make, ['forward', 'forward']), op);
    expect(once).toBeGreaterThan(0);
    expect(count(twice(make, ['backward', 'backward']), op)).toBe(once);
    expect(count(twice(make, ['forward', 'backward']), op)).toBe(2 * once);
  });

  test('what costs work is made once', () => {
    const graph = twice((b, x) => b.unary('log', x), ['forward', 'backward']);
    expect(count(graph, 'log')).toBe(1);
  });

  test('a padded image is not held through what lies between', () => {
    const sizes = { N: 2 };
    const peak = (phases: readonly [Phase, Phase]): number => peakBytes(planMemory(twice(pad, phases)), sizes).peak;
    const bytes = 4 * padded.reduce((product, size) => product * evaluate(size, sizes), 1);
    expect(peak(['forward', 'forward']) - peak(['forward', 'backward'])).toBe(bytes);
  });
});
