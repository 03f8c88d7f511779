/** The rules of differentiation that each deserve a test of their own. */
import { describe, expect, test } from 'vitest';
import type { Builder } from '../../../compiler/ops/builder.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { differentiate, type GradientRequest } from '../../../compiler/transform/differentiate.ts';
import { simplify } from '../../../compiler/transform/simplify.ts';
import { evaluateGraph, graphOf, input, type Outputs, randomFeeds, randomNumbers } from '../../graphs/build.ts';
import { ndarray } from '../../reference/ndarray.ts';

function gradients(graph: Graph, request: Partial<GradientRequest> & Pick<GradientRequest, 'wanted'>): Graph {
  const result = differentiate(graph, { losses: [{ name: 'loss', weight: 1 }], unreached: 'zero', name: 'gradients', ...request });
  if (!result.ok) throw new Error(result.problems.map((p) => `${p.kind}: ${p.subject}`).join(', '));
  return result.graph;
}

const sum = (b: Builder, x: Node): Node => b.add('sum', [x], { axes: x.type.shape.map((_, i) => i), keep: false });
const state = (...names: readonly string[]) => names.map((name) => ({ role: 'state' as const, name }));
const count = (graph: Graph, op: string): number => graph.nodes.filter((node) => node.op === op).length;

describe('differentiate', () => {
  test('broadcast inputs receive the sum over the axes along which they were stretched', () => {
    const graph = graphOf((b) => {
      const x = input(b, 'batch', 'x', ['N', 3]);
      return { 'loss:loss': sum(b, b.mul(x, input(b, 'state', 'w', [3]))) };
    });
    const result = gradients(graph, { wanted: state('w') });
    const x = ndarray([2, 3], [1, 2, 3, 10, 20, 30]);
    const values = evaluateGraph(
      result,
      new Map([
        ['batch:x', x],
        ['state:w', ndarray([3], [0, 0, 0])],
      ]),
      { N: 2 },
    );
    expect([...values.get('gradient:w')!.data]).toEqual([11, 22, 33]);
    expect(values.get('gradient:w')!.shape).toEqual([3]);
  });

  test('a value used twice accumulates', () => {
    const graph = graphOf((b) => {
      const w = input(b, 'state', 'w', []);
      return { 'loss:loss': b.addition(b.mul(w, w), w) };
    });
    const values = evaluateGraph(gradients(graph, { wanted: state('w') }), new Map([['state:w', ndarray([], [5])]]), {});
    expect(values.get('gradient:w')!.data[0]).toBe(11);
  });

  test('what backward needs is computed once and saved', () => {
    const graph = graphOf((b) => ({ 'loss:loss': sum(b, b.unary('square', b.unary('exp', input(b, 'state', 'w', [4])))) }));
    const result = simplify(gradients(graph, { wanted: state('w') }), { final: true });
    expect(count(result, 'exp')).toBe(1);
    // The derivative of exp reads the forward result itself.
    const exp = result.nodes.find((node) => node.op === 'exp');
    expect(result.nodes.filter((node) => node.phase === 'backward' && exp && node.inputs.includes(exp)).length).toBeGreaterThan(0);
  });

  test('detach and whole numbers end the walk', () => {
    const graph = graphOf((b) => {
      const w = input(b, 'state', 'w', [4]);
      const stopped = b.add('detach', [b.unary('exp', w)], {});
      const index = b.cast(b.add('argmax', [w], { axis: 0 }), 'f32');
      return { 'loss:loss': b.addition(sum(b, b.mul(w, stopped)), b.mul(index, sum(b, w))) };
    });
    const result = simplify(gradients(graph, { wanted: state('w') }), { final: true });
    expect(count(result, 'detach')).toBe(0);
    const w = [0.1, 0.4, 0.2, 0.3];
    const values = evaluateGraph(result, new Map([['state:w', ndarray([4], w)]]), {});
    w.forEach((v, i) => {
      expect(values.get('gradient:w')!.data[i]).toBeCloseTo(Math.exp(v) + 1, 12);
    });
  });

  test('gradients of a parameter shared by several calls accumulate across the calls', () => {
    const shared = (b: Builder, x: Node): Node => b.with({ path: 'net' }, () => b.mul(x, input(b, 'state', 'net.w', [])));
    const graph = graphOf(
      (b): Outputs => ({ 'loss:loss': b.addition(shared(b, input(b, 'batch', 'x', [])), shared(b, input(b, 'batch', 'y', []))) }),
    );
    const feeds = new Map([
      ['batch:x', ndarray([], [3])],
      ['batch:y', ndarray([], [4])],
      ['state:net.w', ndarray([], [2])],
    ]);
    const result = gradients(graph, { wanted: state('net.w') });
    expect(result.outputs.filter((output) => output.role === 'gradient')).toHaveLength(1);
    expect(evaluateGraph(result, feeds, {}).get('gradient:net.w')!.data[0]).toBe(7);
  });

  test('nothing is computed for what is frozen', () => {
    const graph = graphOf((b) => {
      const geometry = { stride: [1, 1], pad: [1, 1, 1, 1], dilation: [1, 1] };
      const first = b.with({ path: 'stem' }, () =>
        b.unary('relu', b.add('conv2d', [input(b, 'batch', 'x', ['N', 4, 4, 2]), input(b, 'state', 'stem.w', [3, 3, 2, 2])], geometry)),
      );
      const second = b.with({ path: 'head' }, () => b.add('conv2d', [first, input(b, 'state', 'head.w', [3, 3, 2, 1])], geometry));
      return { 'loss:loss': sum(b, second) };
    });
    const head = gradients(graph, { wanted: state('head.w') });
    expect(count(head, 'conv2d_filter_grad')).toBe(1);
    expect(count(head, 'conv2d_input_grad')).toBe(0);
    expect(head.nodes.filter((node) => node.phase === 'backward' && node.path === 'stem')).toEqual([]);
    const both = gradients(graph, { wanted: state('stem.w', 'head.w') });
    expect(count(both, 'conv2d_filter_grad')).toBe(2);
    // Nobody asked for the gradient of the image.
    expect(count(both, 'conv2d_input_grad')).toBe(1);
  });

  test('where no path leads, the gradient is zero and not absent, unless asked otherwise', () => {
    const graph = graphOf((b) => ({ 'loss:loss': sum(b, input(b, 'batch', 'x', ['N'])), 'output:w': input(b, 'state', 'w', [2, 'K']) }));
    const feeds = randomFeeds(graph, { N: 2, K: 3 }, randomNumbers(1));
    const zero = evaluateGraph(gradients(graph, { wanted: state('w') }), feeds, { N: 2, K: 3 }).get('gradient:w')!;
    expect(zero.shape).toEqual([2, 3]);
    expect([...zero.data]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(gradients(graph, { wanted: state('w'), unreached: 'omit' }).outputs.some((output) => output.role === 'gradient')).toBe(false);
  });

  test('the total is the weighted sum, and losses that are not asked for are not computed', () => {
    const graph = graphOf((b) => {
      const w = input(b, 'state', 'w', []);
      return { 'loss:a': b.unary('square', w), 'loss:b': b.unary('exp', w), 'loss:c': b.unary('tanh', w) };
    });
    const result = gradients(graph, {
      wanted: state('w'),
      losses: [
        { name: 'a', weight: 2 },
        { name: 'b', weight: 0.5 },
      ],
    });
    const values = evaluateGraph(result, new Map([['state:w', ndarray([], [1])]]), {});
    expect(values.get('loss:total')!.data[0]).toBeCloseTo(2 + Math.E / 2, 12);
    expect(values.get('gradient:w')!.data[0]).toBeCloseTo(4 + Math.E / 2, 12);
    expect(values.has('loss:c')).toBe(false);
    expect(count(result, 'tanh')).toBe(0);
  });

  test('an operator without a derivative on the way is reported with its node', () => {
    const graph = graphOf((b) => {
      const x = b.mul(input(b, 'batch', 'x', [1, 4, 4, 1]), input(b, 'state', 'w', []));
      const window = { window: [2, 2], stride: [2, 2], pad: [0, 0, 0, 0], ceil: false };
      const y = b.add('max_pool', [x], window);
      return { 'loss:loss': sum(b, b.add('max_pool_grad', [x, y, y], window)) };
    });
    const result = differentiate(graph, { losses: [{ name: 'loss', weight: 1 }], wanted: state('w'), unreached: 'zero', name: 'g' });
    expect(result.ok).toBe(false);
    if (!result.ok)
      expect(result.problems).toMatchObject([{ kind: 'no-derivative', subject: 'max_pool_grad', node: { op: 'max_pool_grad' } }]);
    // Where no gradient is asked of it, the operator is as good as any other.
    expect(differentiate(graph, { losses: [{ name: 'loss', weight: 1 }], wanted: [], unreached: 'zero', name: 'g' }).ok).toBe(true);
  });

  test('unknown losses and inputs, and losses that are no scalars, are problems', () => {
    const graph = graphOf((b) => ({ 'loss:wide': input(b, 'state', 'w', [2]) }));
    const ask = (loss: string, name: string) =>
      differentiate(graph, { losses: [{ name: loss, weight: 1 }], wanted: state(name), unreached: 'zero', name: 'g' });
    expect(ask('wide', 'v')).toMatchObject({
      ok: false,
      problems: [
        { kind: 'loss-not-scalar', subject: 'wide' },
        { kind: 'unknown-input', subject: 'v' },
      ],
    });
    expect(ask('narrow', 'w')).toMatchObject({ ok: false, problems: [{ kind: 'unknown-loss', subject: 'narrow' }] });
  });
});

describe('a loss with a condition', () => {
  /** sum(sqrt(w) * x) / count while count > 0, next to a loss without condition that shares x · w. */
  const graph = graphOf((b) => {
    const [w, x, count] = [input(b, 'state', 'w', [2]), input(b, 'batch', 'x', [2]), input(b, 'batch', 'count', [])];
    const shared = b.mul(w, x);
    const quotient = b.div(sum(b, b.unary('sqrt', shared)), count);
    return {
      'loss:loss': b.add('select', [b.add('greater', [count, b.scalar(0)], {}), quotient, b.scalar(0)], {}),
      'loss:plain': sum(b, shared),
    };
  });
  const result = gradients(graph, {
    wanted: state('w'),
    losses: [
      { name: 'loss', weight: 1 },
      { name: 'plain', weight: 1 },
    ],
  });
  const at = (count: number, w: readonly number[]) => {
    const values = evaluateGraph(
      simplify(result, { final: true }),
      new Map([
        ['state:w', ndarray([2], [...w])],
        ['batch:x', ndarray([2], [3, 4])],
        ['batch:count', ndarray([], [count])],
      ]),
      {},
    );
    return { loss: values.get('loss:loss')!.data[0], total: values.get('loss:total')!.data[0], w: [...values.get('gradient:w')!.data] };
  };

  test('has value and gradients of zero where it is false, whatever is not finite inside', () => {
    expect(at(0, [1, 0])).toEqual({ loss: 0, total: 3, w: [3, 4] });
  });

  test('is itself where it is true', () => {
    const { loss, w } = at(2, [3, 4]);
    expect(loss).toBeCloseTo((3 + 4) / 2, 12);
    expect(w[0]).toBeCloseTo(3 + 3 / (2 * 3) / 2, 12);
    expect(w[1]).toBeCloseTo(4 + 4 / (2 * 4) / 2, 12);
  });
});
