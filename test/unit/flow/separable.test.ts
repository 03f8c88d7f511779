import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COUNT_OUTPUT, type StepSeparability, separability, withCountOutput } from '../../../compiler/flow/separable.ts';
import { inputNodes } from '../../../compiler/ir/paths.ts';
import type { Builder } from '../../../compiler/ops/builder.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { constant, multiply, variable } from '../../../compiler/shape/dim.ts';
import { differentiate } from '../../../compiler/transform/differentiate.ts';
import { simplify } from '../../../compiler/transform/simplify.ts';
import { dims, evaluateGraph, graphOf, input, randomFeeds, randomNumbers } from '../../graphs/build.ts';
import { randomGraph } from '../../graphs/random.ts';
import { type NdArray, ndarray } from '../../reference/ndarray.ts';

const N = variable('N');
const all = (x: Node): readonly number[] => x.type.shape.map((_, i) => i);
const mean = (b: Builder, x: Node, axes = all(x), keep = false): Node => b.add('mean', [x], { axes, keep });
const sum = (b: Builder, x: Node, axes = all(x), keep = false): Node => b.add('sum', [x], { axes, keep });
const count = (b: Builder, value = N): Node => b.add('dim', [], { value, dtype: 'f32' });

type Build = (b: Builder, x: Node, w: Node) => Node;

function graph(build: Build): Graph {
  return graphOf((b) => ({ 'loss:loss': build(b, input(b, 'batch', 'x', ['N', 'K']), input(b, 'state', 'w', ['K'])) }));
}

const SEPARABLE: readonly (readonly [string, 'mean' | 'sum', Build])[] = [
  ['mean over images and classes', 'mean', (b, x, w) => mean(b, b.unary('softplus', b.mul(x, w)))],
  ['sum over classes, mean over images', 'mean', (b, x, w) => mean(b, sum(b, b.unary('softplus', b.mul(x, w)), [1]))],
  ['sum over all', 'sum', (b, x, w) => sum(b, b.unary('softplus', b.mul(x, w)))],
  ['a sum divided by N', 'mean', (b, x) => b.div(sum(b, b.unary('exp', x)), count(b))],
  ['a sum divided by N·K', 'mean', (b, x) => b.div(sum(b, b.unary('exp', x)), count(b, multiply(N, variable('K'))))],
  ['each image divided by N, then the sum', 'mean', (b, x) => sum(b, b.div(b.unary('exp', x), count(b)))],
  ['a mean times N', 'sum', (b, x) => b.mul(mean(b, b.unary('exp', x)), count(b))],
  [
    'a weighted sum of means, and a penalty on weights',
    'mean',
    (b, x, w) => b.addition(b.mul(mean(b, b.unary('exp', x)), b.scalar(0.3)), sum(b, b.unary('square', w))),
  ],
  [
    'softmax within each image',
    'mean',
    (b, x) => {
      const e = b.unary('exp', b.sub(x, b.add('max', [x], { axes: [1], keep: true })));
      return mean(b, b.unary('log', b.div(e, sum(b, e, [1], true))));
    },
  ],
  [
    'images merged with their places and parted again, as a product of matrices does',
    'mean',
    (b, x) => {
      const rows = b.reshape(x, [multiply(N, variable('K')), constant(1)]);
      const product = b.add('matmul', [rows, b.reshape(b.scalar(3), [constant(1), constant(1)])], { ta: false, tb: false });
      return mean(b, b.add('max', [b.reshape(product, [N, variable('K')])], { axes: [1], keep: false }));
    },
  ],
  ['a mean over images and places on one axis', 'mean', (b, x) => mean(b, b.unary('exp', b.reshape(x, [multiply(N, variable('K'))])))],
  ['a sum over images and places on one axis', 'sum', (b, x) => sum(b, b.unary('exp', b.reshape(x, [multiply(N, variable('K'))])))],
  [
    'per image after moving axes',
    'mean',
    (b, x) => mean(b, b.add('max', [b.add('transpose', [x], { perm: [1, 0] })], { axes: [0], keep: false })),
  ],
  [
    'a linear layer',
    'mean',
    (b, x) => mean(b, b.unary('tanh', b.add('matmul', [x, input(b, 'state', 'head', ['K', 2])], { ta: false, tb: false }))),
  ],
  [
    'convolution and pooling per image',
    'sum',
    (b, x) => {
      const map = b.reshape(x, [N, constant(1), constant(1), variable('K')]);
      const y = b.add('conv2d', [map, input(b, 'state', 'f', [1, 1, 'K', 2])], { stride: [1, 1], pad: [1, 1, 1, 1], dilation: [1, 1] });
      return sum(b, b.add('max_pool', [y], { window: [2, 2], stride: [1, 1], pad: [0, 0, 0, 0], ceil: false }));
    },
  ],
  ['detached values of each image', 'mean', (b, x) => mean(b, b.mul(x, b.add('detach', [b.unary('exp', x)], {})))],
  ['filled per image', 'sum', (b, x) => sum(b, b.mul(x, b.add('fill', [], { shape: dims('N', 'K'), value: 2, dtype: 'f32' })))],
  ['a parameter repeated for each image', 'sum', (b, _, w) => sum(b, b.broadcast(w, dims('N', 'K')))],
  ['no image at all', 'mean', (b, _, w) => sum(b, b.unary('square', w))],
];

const COUPLED: readonly (readonly [string, string, Build])[] = [
  ['largest over the batch', 'max', (b, x) => sum(b, b.add('max', [x], { axes: [0], keep: false }))],
  ['batch statistics', 'sub', (b, x) => mean(b, b.unary('square', b.sub(x, mean(b, x, [0], true))))],
  ['a product of two means', 'mul', (b, x) => b.mul(mean(b, x), mean(b, b.unary('exp', x)))],
  ['a function of a mean', 'log', (b, x) => b.unary('log', mean(b, b.unary('exp', x)))],
  ['every image with every other', 'matmul', (b, x) => mean(b, b.unary('exp', b.add('matmul', [x, x], { ta: false, tb: true })))],
  [
    'elements of an image dealt to other images',
    'reshape',
    (b, x) => mean(b, b.unary('square', b.add('max', [b.reshape(x, [variable('K'), N])], { axes: [0], keep: false }))),
  ],
  [
    'turned around over images and places on one axis',
    'reverse',
    (b, x) => {
      const rows = b.reshape(x, [multiply(N, variable('K'))]);
      return mean(b, b.mul(rows, b.add('reverse', [rows], { axes: [0] })));
    },
  ],
  ['numbered images', 'iota', (b, x) => mean(b, b.mul(x, b.reshape(b.cast(b.add('iota', [], { size: N }), 'f32'), dims('N', 1))))],
  ['turned around', 'reverse', (b, x) => mean(b, b.mul(x, b.add('reverse', [x], { axes: [0] })))],
  ['a mean plus a sum', 'add', (b, x) => b.addition(mean(b, x), sum(b, x))],
  ['a penalty beside a sum', 'add', (b, x, w) => b.addition(sum(b, x), sum(b, w))],
  ['the square of the number of images', 'mul', (b, x) => b.mul(sum(b, x), b.mul(count(b), count(b)))],
];

const valid = (b: Builder, x: Node): Node => b.cast(b.add('greater', [x, b.scalar(0.2)], {}), 'f32');
const masked = (b: Builder, x: Node, w: Node): Node => b.mul(b.unary('softplus', b.mul(x, w)), valid(b, x));

/** Sums divided by a sum that the data count: bound and shift of the divisor. */
const RATIOS: readonly (readonly [string, number | undefined, number, Build])[] = [
  ['mean over what is labelled', undefined, 0, (b, x, w) => b.div(sum(b, masked(b, x, w)), sum(b, valid(b, x)))],
  ['of at least one', 1, 0, (b, x, w) => b.div(sum(b, masked(b, x, w)), b.add('maximum', [sum(b, valid(b, x)), b.scalar(1)], {}))],
  [
    'with eps, negative, weighted',
    undefined,
    1e-5,
    (b, x, w) => b.neg(b.mul(b.scalar(0.3), b.div(sum(b, masked(b, x, w)), b.addition(sum(b, valid(b, x)), b.scalar(1e-5))))),
  ],
];

describe('ratios', () => {
  test.each(RATIOS)('%s', (_, floor, plus, build) => {
    expect(separability(graph(build), 'N')).toMatchObject({ kind: 'ratio', count: { floor, plus, node: { op: 'sum' } } });
  });

  test('a divisor that is learned couples, and so does a ratio beside a mean', () => {
    expect(
      separability(
        graph((b, x, w) => b.div(sum(b, x), sum(b, b.unary('exp', b.mul(x, w))))),
        'N',
      ),
    ).toMatchObject({ kind: 'coupled', node: { op: 'div' } });
    const both = graphOf((b) => {
      const x = input(b, 'batch', 'x', ['N', 'K']);
      return { 'loss:a': b.div(sum(b, x), sum(b, valid(b, x))), 'loss:b': mean(b, x) };
    });
    expect(separability(both, 'N')).toMatchObject({ kind: 'coupled', reason: expect.stringContaining("'b'") });
  });
});

describe('separable steps', () => {
  test.each(SEPARABLE)('%s', (_, kind, build) => {
    expect(separability(graph(build), 'N')).toEqual({ kind });
  });

  test('losses of the same kind go together, of different kinds they do not', () => {
    const two = (second: 'sum' | 'mean'): Graph =>
      graphOf((b) => {
        const x = input(b, 'batch', 'x', ['N', 'K']);
        return { 'loss:a': mean(b, x), 'loss:b': second === 'mean' ? mean(b, b.unary('exp', x)) : sum(b, b.unary('exp', x)) };
      });
    expect(separability(two('mean'), 'N')).toEqual({ kind: 'mean' });
    expect(separability(two('sum'), 'N')).toMatchObject({ kind: 'coupled', reason: expect.stringContaining("'b'") });
  });
});

describe('coupled steps', () => {
  test.each(COUPLED)('%s', (_, op, build) => {
    expect(separability(graph(build), 'N')).toMatchObject({ kind: 'coupled', node: { op } });
  });

  test('statistics made from the batch couple', () => {
    const step = graphOf((b) => {
      const x = input(b, 'batch', 'x', ['N', 'K']);
      return { 'loss:loss': mean(b, x), 'state:running': mean(b, x, [0]) };
    });
    expect(separability(step, 'N')).toMatchObject({ kind: 'coupled', reason: expect.stringContaining("'running'") });
  });
});

/** Images `from`..`to` of every tensor whose first axis counts them. */
function part(graph: Graph, feeds: ReadonlyMap<string, NdArray>, from: number, to: number): ReadonlyMap<string, NdArray> {
  const batched = new Set(
    graph.nodes
      .filter((node) => node.op === 'input' && node.type.shape[0] === N)
      .map((node) => `${String(node.attrs.role)}:${String(node.attrs.name)}`),
  );
  return new Map(
    [...feeds].map(([key, value]) => {
      if (!batched.has(key)) return [key, value] as const;
      const [images, ...rest] = value.shape;
      const size = value.data.length / images;
      return [key, ndarray([to - from, ...rest], value.data.subarray(from * size, to * size))] as const;
    }),
  );
}

/** Losses and gradients of the whole batch against those of its parts, combined as the verdict says. */
function expectCombined(
  forward: Graph,
  verdict: Exclude<StepSeparability, { kind: 'coupled' }>,
  sizes: Readonly<Record<string, number>>,
  seed: number,
): void {
  const images = 3;
  const counting = verdict.kind === 'ratio' ? withCountOutput(forward, verdict.count) : forward;
  const wanted = [...inputNodes(forward).values()].flatMap(([node]) =>
    node.attrs.role === 'state' ? [{ role: 'state' as const, name: String(node.attrs.name) }] : [],
  );
  const losses = forward.outputs.flatMap(({ role, name }) => (role === 'loss' ? [{ name, weight: 0.7 }] : []));
  const result = differentiate(counting, { losses, wanted, unreached: 'zero', name: 'step' });
  if (!result.ok) throw new Error('not differentiable');
  const step = simplify(result.graph, { final: true });
  const feeds = randomFeeds(step, { ...sizes, N: images }, randomNumbers(seed));
  const whole = evaluateGraph(step, feeds, { ...sizes, N: images });
  const parts = [
    [0, 1],
    [1, images],
  ].map(([from, to]) => ({
    share: (to - from) / images,
    values: evaluateGraph(step, part(step, feeds, from, to), { ...sizes, N: to - from }),
  }));
  const bounded = (c: number): number => (verdict.kind === 'ratio' ? Math.max(c, verdict.count.floor ?? c) + verdict.count.plus : c);
  const counts = parts.map(({ values }) => values.get(`output:${COUNT_OUTPUT}`)?.data[0] ?? 0);
  const all = bounded(counts.reduce((a, b) => a + b));
  const weights = parts.map(({ share }, i) => (verdict.kind === 'ratio' ? bounded(counts[i]) / all : verdict.kind === 'mean' ? share : 1));
  for (const [key, expected] of whole) {
    if (!/^(loss|gradient):/.test(key)) continue;
    expected.data.forEach((value, i) => {
      const combined = parts.reduce((total, { values }, k) => total + (weights[k] === 0 ? 0 : weights[k] * values.get(key)!.data[i]), 0);
      // Nothing counted in the whole batch: 0 / 0 here and there.
      if (!Number.isNaN(value) && !parts.some(({ values }) => Number.isNaN(values.get(key)!.data[i])))
        expect(combined, key).toBeCloseTo(value, 9);
    });
  }
}

describe('the verdict is true', () => {
  test.each([...SEPARABLE.map(([name, , build]) => [name, build] as const), ...RATIOS.map(([name, , , build]) => [name, build] as const)])(
    '%s',
    (_, build) => {
      const step = graph(build);
      const verdict = separability(step, 'N');
      if (verdict.kind === 'coupled') throw new Error(verdict.reason);
      for (const seed of [5, 6, 7]) expectCombined(step, verdict, { K: 6 }, seed);
    },
  );

  test('of random graphs', () => {
    let separable = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        const { graph: forward, sizes } = randomGraph(seed, 6);
        const step: Graph = { ...forward, outputs: forward.outputs.filter((output) => output.role === 'loss') };
        const verdict = separability(step, 'N');
        if (verdict.kind === 'coupled') return;
        separable++;
        expectCombined(step, verdict, sizes, seed);
      }),
      { numRuns: process.env.WSSS_LONG ? 1000 : 120 },
    );
    expect(separable).toBeGreaterThan(0);
  });
});
