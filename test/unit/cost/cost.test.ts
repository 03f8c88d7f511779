import { expect, test } from 'vitest';
import { graphCost, stateCost } from '../../../compiler/cost/cost.ts';
import { differentiate } from '../../../compiler/transform/differentiate.ts';
import { simplify } from '../../../compiler/transform/simplify.ts';
import { dims, graphOf, input } from '../../graphs/build.ts';

const forward = graphOf((b) => {
  const x = input(b, 'batch', 'x', ['N', 'H', 'H', 2]);
  const geometry = { stride: [1, 1], pad: [1, 1, 1, 1], dilation: [1, 1] };
  const y = b.with({ path: 'net.conv1' }, () =>
    b.unary('tanh', b.add('conv2d', [x, input(b, 'state', 'net.conv1.weight', [3, 3, 2, 5])], geometry)),
  );
  const flat = b.with({ path: 'net.pool' }, () => b.add('mean', [y], { axes: [1, 2], keep: false }));
  const scores = b.with({ path: 'head' }, () =>
    b.add('matmul', [flat, input(b, 'state', 'head.weight', [5, 'K'])], { ta: false, tb: false }),
  );
  return { 'loss:loss': b.add('sum', [b.unary('square', scores)], { axes: [0, 1], keep: false }) };
});
const sizes = { N: 2, H: 4, K: 3 };

test('multiply-adds of forward and backward, by path', () => {
  const conv = 2 * 4 * 4 * 5 * 3 * 3 * 2;
  const head = 2 * 5 * 3;
  expect(graphCost(forward, sizes).multiplyAdds).toEqual({ total: conv + head, forward: conv + head, backward: 0, update: 0 });
  const wanted = ['net.conv1.weight', 'head.weight'].map((name) => ({ role: 'state' as const, name }));
  const step = differentiate(forward, { losses: [{ name: 'loss', weight: 1 }], wanted, unreached: 'zero', name: 'g' });
  if (!step.ok) throw new Error('not differentiable');
  const cost = graphCost(simplify(step.graph, { final: true }), sizes);
  // The image needs no gradient: one adjoint of the convolution, two of the product.
  expect(cost.multiplyAdds.backward).toBe(conv + 2 * head);
  expect([...cost.modules]).toEqual([
    ['net.conv1', { forward: conv, backward: conv, update: 0, savedBytes: 4 * 2 * 4 * 4 * 5 }],
    ['head', { forward: head, backward: 2 * head, update: 0, savedBytes: 4 * 2 * 3 }],
    ['net.pool', { forward: 0, backward: 0, update: 0, savedBytes: 4 * 2 * 5 }],
  ]);
  // tanh's result, the pooled features and the scores.
  expect(cost.savedBytes).toBe(4 * (2 * 4 * 4 * 5 + 2 * 5 + 2 * 3));
});

test('parameters and bytes of the state', () => {
  const entry = (key: string, role: 'parameter' | 'statistic', shape: readonly (number | string)[]) => ({
    key,
    role,
    type: { dtype: 'f32' as const, shape: dims(...shape) },
    init: { kind: 'constant' as const, value: 0 },
    backbone: false,
    parameterRole: undefined,
    span: undefined,
  });
  expect(stateCost([entry('w', 'parameter', [5, 'K']), entry('m', 'statistic', [5])], sizes)).toEqual({
    parameters: 15,
    other: 5,
    bytes: 80,
  });
});
