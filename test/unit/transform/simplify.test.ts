/** What simplification finds, one identity at a time; that it keeps values is a property (`test/property/differentiate.test.ts`). */
import { describe, expect, test } from 'vitest';
import { showGraph } from '../../../compiler/ir/display.ts';
import type { Builder } from '../../../compiler/ops/builder.ts';
import type { Node } from '../../../compiler/ops/graph.ts';
import { constant } from '../../../compiler/shape/dim.ts';
import { keepOutputs } from '../../../compiler/transform/live-outputs.ts';
import { simplify } from '../../../compiler/transform/simplify.ts';
import { dims, graphOf, input } from '../../graphs/build.ts';

/** Operators left after simplification of one output, inputs aside. */
function left(build: (b: Builder, x: Node, y: Node) => Node, final = true): readonly string[] {
  const graph = graphOf((b) => ({ 'output:y': build(b, input(b, 'batch', 'x', ['N', 3]), input(b, 'batch', 'y', ['N', 3])) }));
  return simplify(graph, { final })
    .nodes.map((node) => node.op)
    .filter((op) => op !== 'input');
}
const zeros = (b: Builder): Node => b.add('fill', [], { shape: dims('N', 3), value: 0, dtype: 'f32' });

describe('simplify', () => {
  test.each<readonly [string, (b: Builder, x: Node, y: Node) => Node, readonly string[]]>([
    ['x + 0', (b, x) => b.addition(x, zeros(b)), []],
    ['0 + x', (b, x) => b.addition(b.scalar(0), x), []],
    ['x · 1', (b, x) => b.mul(x, b.scalar(1)), []],
    ['x / 1', (b, x) => b.div(x, b.scalar(1)), []],
    ['x · -1', (b, x) => b.mul(x, b.scalar(-1)), ['neg']],
    ['-(-x)', (b, x) => b.neg(b.neg(x)), []],
    ['x + (-y)', (b, x, y) => b.addition(x, b.neg(y)), ['sub']],
    ['-(x - y)', (b, x, y) => b.neg(b.sub(x, y)), ['sub']],
    ['max(x, x)', (b, x) => b.add('maximum', [x, x], {}), []],
    ['0 · x of unknown range is kept: it may be NaN', (b, x) => b.mul(x, b.scalar(0)), ['const', 'mul']],
    ['0 · x of finite range', (b, x) => b.mul(b.unary('tanh', x), b.scalar(0)), ['fill']],
    ['constants are folded', (b, x) => b.mul(x, b.unary('sqrt', b.addition(b.scalar(3), b.scalar(1)))), ['const', 'mul']],
    ['reshape of reshape', (b, x) => b.reshape(b.reshape(x, dims(3, 'N')), dims(1, 'N', 3)), ['reshape']],
    ['reshape back', (b, x) => b.reshape(b.reshape(x, dims(3, 'N')), dims('N', 3)), []],
    ['transpose twice', (b, x) => b.add('transpose', [b.add('transpose', [x], { perm: [1, 0] })], { perm: [1, 0] }), []],
    [
      'transpose of an axis of length one is a view',
      (b, x) => b.add('transpose', [b.reshape(x, dims('N', 1, 3))], { perm: [1, 0, 2] }),
      ['reshape'],
    ],
    [
      'stretched operands are used as they are',
      (b, x) => b.mul(x, b.broadcast(b.reshape(b.scalar(2), dims(1, 1)), dims('N', 3))),
      ['const', 'mul'],
    ],
    [
      'a function of a stretched value is stretched afterwards',
      (b) => b.unary('exp', b.broadcast(input(b, 'state', 'w', [3]), dims('N', 3))),
      ['exp', 'broadcast_to'],
    ],
    [
      'mean of repetitions',
      (b, x) => b.add('mean', [b.broadcast(b.reshape(x, dims('N', 3, 1)), dims('N', 3, 'K'))], { axes: [2], keep: false }),
      [],
    ],
    [
      'sum of repetitions',
      (b, x) => b.add('sum', [b.broadcast(b.reshape(x, dims('N', 3, 1)), dims('N', 3, 5))], { axes: [2], keep: false }),
      ['const', 'mul'],
    ],
    [
      'pad and cut again',
      (b, x) =>
        b.add('slice', [b.add('pad', [x], { before: dims(1, 0), after: dims(2, 0), value: 0 })], {
          starts: [constant(1), constant(0)],
          sizes: x.type.shape,
        }),
      [],
    ],
    [
      'operands of a matrix product are read transposed',
      (b, x, y) => b.add('matmul', [b.add('transpose', [x], { perm: [1, 0] }), y], { ta: false, tb: false }),
      ['matmul'],
    ],
    [
      'equal values are computed once, operands swapped or not',
      (b, x, y) => b.unary('exp', b.mul(b.addition(x, y), b.addition(y, x))),
      ['add', 'mul', 'exp'],
    ],
    ['identity only names a kind', (b, x) => b.add('identity', [x], { kind: 'features' }), []],
    ['detach goes once no derivative is taken any more', (b, x) => b.add('detach', [x], {}), []],
  ])('%s', (_, build, expected) => {
    expect(left(build)).toEqual(expected);
  });

  test('detach stays while derivatives are still to be taken', () => {
    expect(left((b, x) => b.add('detach', [x], {}), false)).toEqual(['detach']);
  });

  test('the surviving node keeps the spec’s name, path and place', () => {
    const graph = graphOf((b) => {
      const x = input(b, 'batch', 'x', ['N', 3]);
      const y = b.with({ path: 'net.head' }, () => b.add('add', [b.unary('exp', x), b.neg(x)], {}, { name: 'scores' }));
      return { 'output:y': y };
    });
    const simplified = simplify(graph, { final: true });
    const result = simplified.outputs[0].node;
    expect(result).toMatchObject({ op: 'sub', name: 'scores', path: 'net.head', phase: 'forward' });
  });

  test('outputs can be dropped together with what only they need', () => {
    const graph = graphOf((b) => {
      const x = input(b, 'batch', 'x', ['N', 3]);
      return { 'output:a': b.unary('exp', x), 'output:b': b.mul(x, input(b, 'state', 'w', [3])) };
    });
    expect(showGraph(keepOutputs(graph, (output) => output.name === 'a', 'infer'))).toBe(
      'graph infer\n  %0: f32[N, 3] = batch "x"\n  %1: f32[N, 3] = exp(%0)\n  output "a" = %1\n',
    );
  });
});

describe('what several calls make', () => {
  const ops = (build: (b: Builder) => Node): readonly string[] =>
    simplify(
      graphOf((b) => ({ 'output:y': build(b) })),
      { final: true },
    )
      .nodes.map((node) => node.op)
      .filter((op) => op !== 'input')
      .sort();

  const normalised = (b: Builder, x: Node): Node =>
    b.with({ path: 'norm' }, () => {
      const factor = b.unary('rsqrt', input(b, 'state', 'norm.var', [3]));
      return b.unary('exp', b.mul(x, factor));
    });

  test('each call of a layer makes its own vectors of the state', () => {
    const image = (b: Builder): Node => input(b, 'batch', 'x', ['N', 4, 4, 3]);
    const twice = ops((b) => {
      const first = normalised(b, image(b));
      return b.mul(first, normalised(b, first));
    });
    expect(twice).toEqual(['exp', 'exp', 'mul', 'mul', 'mul', 'rsqrt', 'rsqrt']);
  });

  test('the same call of the same thing is made once', () => {
    const same = ops((b) => {
      const image = input(b, 'batch', 'x', ['N', 4, 4, 3]);
      return b.mul(normalised(b, image), normalised(b, image));
    });
    expect(same).toEqual(['exp', 'mul', 'mul', 'rsqrt']);
  });
});
