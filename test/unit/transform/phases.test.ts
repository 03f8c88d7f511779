/** Losses that start, end, grow and leave parameters alone. */
import { describe, expect, test } from 'vitest';
import type { LossDeclaration, OptimizerPlan, StateDeclaration } from '../../../compiler/ir/program.ts';
import type { Builder } from '../../../compiler/ops/builder.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { sourceFile, span } from '../../../compiler/source/source.ts';
import { type CompiledPhases, phaseGraphs, phasesOf, phaseUpdates } from '../../../compiler/transform/phases.ts';
import { dims, evaluateGraph, graphOf, input } from '../../graphs/build.ts';
import { ndarray } from '../../reference/ndarray.ts';

const sum = (b: Builder, x: Node): Node => b.add('sum', [x], { axes: x.type.shape.map((_, i) => i), keep: false });
const at = span(sourceFile('a.wsss', 'loss'), 0, 4);
const loss = (name: string, fromEpoch: number, more: Partial<LossDeclaration> = {}): LossDeclaration => ({
  name,
  weight: 1,
  fromEpoch,
  span: at,
  ...more,
});
const parameter = (key: string): StateDeclaration => ({
  key,
  role: 'parameter',
  type: { dtype: 'f32', shape: dims(2) },
  init: { kind: 'constant', value: 0 },
  backbone: false,
  parameterRole: 'other',
  span: at,
});

function compiled(forward: Graph, losses: readonly LossDeclaration[], keys: readonly string[]): CompiledPhases {
  const result = phaseGraphs(forward, losses, keys.map(parameter));
  if (!result.ok) throw new Error('not differentiable');
  return result;
}

describe('phases', () => {
  test('start wherever a loss starts or ends, and at epoch 0', () => {
    const phases = phasesOf([loss('late', 4), loss('first', 0, { untilEpoch: 8 }), loss('later', 8), loss('also', 4, { untilEpoch: 10 })]);
    expect(phases.map((phase) => [phase.fromEpoch, phase.active.map((l) => l.name)])).toEqual([
      [0, ['first']],
      [4, ['late', 'first', 'also']],
      [8, ['late', 'later', 'also']],
      [10, ['late', 'later']],
    ]);
  });

  test('state that changes in some epochs has its new value in the graphs of these alone', () => {
    const forward = graphOf((b) => ({
      'loss:first': sum(b, input(b, 'state', 'a', [2])),
      'state:sign': b.unary('exp', input(b, 'batch', 'x', [2])),
      'state:mean': b.unary('sqrt', input(b, 'batch', 'x', [2])),
    }));
    const spans = new Map([['sign', { fromEpoch: 1, untilEpoch: 3 }]]);
    const result = phaseGraphs(forward, [loss('first', 0)], [parameter('a')], spans);
    if (!result.ok) throw new Error('not differentiable');
    const found = result.phases.map(({ fromEpoch, graph }) => {
      const { outputs, nodes } = result.graphs[graph];
      return [fromEpoch, outputs.flatMap(({ role, name }) => (role === 'state' ? [name] : [])), nodes.some(({ op }) => op === 'exp')];
    });
    expect(found).toEqual([
      [0, ['mean'], false],
      [1, ['sign', 'mean'], true],
      [3, ['mean'], false],
    ]);
    // The last phase is the first one again.
    expect(result.phases[2].graph).toBe(result.phases[0].graph);
  });

  test('a parameter of a loss that starts later has gradient zero until then; one without any loss is not touched', () => {
    const forward = graphOf((b) => ({
      'loss:first': sum(b, input(b, 'state', 'a', [2])),
      'loss:late': sum(b, b.unary('exp', input(b, 'state', 'b', [2]))),
      'output:rest': input(b, 'state', 'c', [2]),
    }));
    const result = compiled(forward, [loss('first', 0), loss('late', 3)], ['a', 'b', 'c']);
    expect(result.phases).toEqual([
      { fromEpoch: 0, graph: 'gradients.0', untouched: [] },
      { fromEpoch: 3, graph: 'gradients.3', untouched: [] },
    ]);
    expect(result.trained.map((p) => p.key)).toEqual(['a', 'b']);
    const early = result.graphs['gradients.0'];
    expect(early.nodes.some((node) => node.op === 'exp')).toBe(false);
    const feeds = new Map(['a', 'b', 'c'].map((key) => [`state:${key}`, ndarray([2], [1, 2])] as const));
    expect([...evaluateGraph(early, feeds, {}).get('gradient:b')!.data]).toEqual([0, 0]);
    expect(evaluateGraph(result.graphs['gradients.3'], feeds, {}).get('gradient:b')!.data[0]).toBeCloseTo(Math.E, 12);
    for (const graph of Object.values(result.graphs))
      expect(graph.outputs.some((o) => o.role === 'gradient' && o.name === 'c')).toBe(false);
  });

  test('a phase that comes back has no graph of its own', () => {
    const forward = graphOf((b) => ({
      'loss:always': sum(b, input(b, 'state', 'a', [2])),
      'loss:middle': sum(b, b.unary('exp', input(b, 'state', 'a', [2]))),
    }));
    const result = compiled(forward, [loss('always', 0), loss('middle', 2, { untilEpoch: 5 })], ['a']);
    expect(result.phases.map(({ fromEpoch, graph }) => [fromEpoch, graph])).toEqual([
      [0, 'gradients.0'],
      [2, 'gradients.2'],
      [5, 'gradients.0'],
    ]);
    expect(Object.keys(result.graphs)).toEqual(['gradients.0', 'gradients.2']);
  });

  test('a weight that grows is a scalar of the step', () => {
    const forward = graphOf((b) => ({ 'loss:grows': sum(b, b.unary('square', input(b, 'state', 'a', [2]))) }));
    const ramp = { from: 0, to: 0.5, fromEpoch: 1, toEpoch: 3 };
    const { graphs } = compiled(forward, [loss('grows', 0, { weight: ramp })], ['a']);
    const feeds = new Map([
      ['state:a', ndarray([2], [1, 2])],
      ['scalar:weight.grows', ndarray([], [0.25])],
    ]);
    const values = evaluateGraph(graphs.gradients, feeds, {});
    expect([...values.get('gradient:a')!.data]).toEqual([0.5, 1]);
    expect(values.get('loss:grows')!.data[0]).toBe(5);
    expect(values.get('loss:total')!.data[0]).toBe(1.25);
    expect(graphs.gradients.nodes.filter((node) => node.op === 'input' && node.attrs.role === 'scalar')).toHaveLength(1);
  });
});

describe('parameters whose losses are off', () => {
  const forward = graphOf((b) => ({
    'loss:first': sum(b, input(b, 'state', 'a', [2])),
    'loss:late': sum(b, b.mul(input(b, 'state', 'b', [2]), input(b, 'state', 'both', [2]))),
    'loss:also': sum(b, input(b, 'state', 'both', [2])),
  }));
  const off = { off: 'untouched' } as const;
  const plan = (keys: readonly string[]): OptimizerPlan => ({
    clipNorm: undefined,
    groups: [{ name: 'base', keys, rule: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, rate: 0.1, weightDecay: 0.5 }],
  });

  test('stay untouched where every one of them says so', () => {
    const result = compiled(forward, [loss('first', 0), loss('late', 3, off), loss('also', 2)], ['a', 'b', 'both']);
    expect(result.phases.map(({ fromEpoch, untouched }) => [fromEpoch, untouched])).toEqual([
      [0, ['b']],
      [2, ['b']],
      [3, []],
    ]);
    const { graphs, phases } = phaseUpdates(plan(['a', 'b', 'both']), result);
    expect(phases.map(({ fromEpoch, update }) => [fromEpoch, update])).toEqual([
      [0, 'update.0'],
      [2, 'update.0'],
      [3, undefined],
    ]);
    const written = (name: string): readonly string[] => graphs[name].outputs.flatMap(({ role, name }) => (role === 'state' ? [name] : []));
    expect(written('update.0').some((key) => key.startsWith('b.') || key === 'b')).toBe(false);
    expect(written('update.0')).toContain('both');
    expect(written('update')).toEqual(expect.arrayContaining(['b', 'b.first_moment', 'b.second_moment', 'b.steps']));
  });

  test('count their own steps, as Adam in PyTorch does for a parameter without a gradient', () => {
    const result = compiled(forward, [loss('first', 0), loss('late', 3, off), loss('also', 3, off)], ['a', 'b', 'both']);
    const { graphs, slots } = phaseUpdates(plan(['a', 'b', 'both']), result);
    const first = new Map([
      ['scalar:lr.base', ndarray([], [0.1])],
      ['scalar:step', ndarray([], [501])],
      ...['a', 'b', 'both'].flatMap((key) => [
        [`state:${key}`, ndarray([2], [0, 0])] as const,
        [`gradient:${key}`, ndarray([2], [3, -2])] as const,
      ]),
      ...slots.map(({ key, type }) => [`state:${key}`, type.shape.length === 0 ? ndarray([], [0]) : ndarray([2], [0, 0])] as const),
    ]);
    const values = evaluateGraph(graphs.update, first, {});
    // The first step of Adam moves by the rate, whatever the gradient; the 501st with empty moments does not.
    expect(values.get('state:b')!.data[0]).toBeCloseTo(-0.1, 6);
    expect(values.get('state:b')!.data[1]).toBeCloseTo(0.1, 6);
    expect(values.get('state:b.steps')!.data[0]).toBe(1);
    expect(Math.abs(values.get('state:a')!.data[0] + 0.1)).toBeGreaterThan(0.01);
  });
});
