/** Update graphs against the authors' optimisers (fixtures), and against plain formulas. */
import { describe, expect, test } from 'vitest';
import type { OptimizerPlan, OptimizerRule, StateDeclaration } from '../../../compiler/ir/program.ts';
import { buildUpdate, slotNames } from '../../../compiler/transform/optimize.ts';
import { excess, type Fixture, fixture } from '../../fixture.ts';
import { dims, evaluateGraph, randomArray, randomNumbers } from '../../graphs/build.ts';
import { type NdArray, ndarray } from '../../reference/ndarray.ts';

function parameter(key: string, shape: readonly number[]): StateDeclaration {
  return {
    key,
    role: 'parameter',
    type: { dtype: 'f32', shape: dims(...shape) },
    init: { kind: 'constant', value: 0 },
    backbone: false,
    parameterRole: 'kernel',
    span: undefined,
  };
}

/** As float32 tensors keep it between steps. */
const rounded = (x: NdArray): NdArray => ({ shape: x.shape, data: Float64Array.from(x.data, Math.fround) });

interface Step {
  readonly gradients: Readonly<Record<string, NdArray>>;
  readonly rates: Readonly<Record<string, number>>;
}

/** Runs the update graph over steps; yields the state after each. */
function* trajectory(
  plan: OptimizerPlan,
  start: Readonly<Record<string, NdArray>>,
  steps: Iterable<Step>,
): Generator<ReadonlyMap<string, NdArray>> {
  const { graph, slots } = buildUpdate(
    plan,
    Object.entries(start).map(([key, value]) => parameter(key, value.shape)),
  );
  let state = new Map(Object.entries(start));
  for (const slot of slots)
    state.set(slot.key, {
      shape: slot.type.shape.map((_, i) => start[slot.key.replace(/\.[^.]*$/, '')].shape[i]),
      data: new Float64Array(start[slot.key.replace(/\.[^.]*$/, '')].data.length),
    });
  let count = 0;
  for (const { gradients, rates } of steps) {
    count++;
    const feeds = new Map<string, NdArray>([['scalar:step', ndarray([], [count])]]);
    for (const [key, value] of state) feeds.set(`state:${key}`, value);
    for (const [key, value] of Object.entries(gradients)) feeds.set(`gradient:${key}`, value);
    for (const [group, rate] of Object.entries(rates)) feeds.set(`scalar:lr.${group}`, ndarray([], [rate]));
    const values = evaluateGraph(graph, feeds, {});
    state = new Map(
      [...values].flatMap(([key, value]) => (key.startsWith('state:') ? [[key.slice('state:'.length), rounded(value)] as const] : [])),
    );
    yield new Map([...state, ...[...values].filter(([key]) => key.startsWith('output:'))]);
  }
}

/** A hyper-parameter for each group: a number for all of them, or a list. */
function perGroup(of: Fixture, name: string, groups: number): readonly number[] {
  const value = of.json.hyperparameters[name];
  if (typeof value === 'number') return Array.from({ length: groups }, () => value);
  if (Array.isArray(value) && value.length === groups && value.every((v) => typeof v === 'number')) return value;
  throw new Error(`hyper-parameter ${name} is neither a number nor one for each of ${groups} groups`);
}

function row(tensor: { readonly shape: readonly number[]; readonly data: Float32Array }, index: number): NdArray {
  const shape = tensor.shape.slice(1);
  const size = shape.reduce((a, b) => a * b, 1);
  return ndarray(shape, tensor.data.subarray(index * size, (index + 1) * size));
}

const CASES = [
  'poly_auxsegnet',
  'poly_ccam_4_groups',
  'poly_deeplabv2_groups',
  'poly_irn_cam',
  'poly_irn_past_end',
  'sgd_1stage_wseg_groups',
  'sgd_wsfcn_groups',
];

describe('SGD of the papers', () => {
  test.each(CASES)('%s', (name) => {
    const reference = fixture('optimizers', name);
    const names = [...reference.tensors.keys()].flatMap((key) => /^in\.p_(g\d+)$/.exec(key)?.[1] ?? []);
    const rates = reference.get('out.lr');
    const [steps, groups] = rates.shape;
    expect(names.length).toBe(groups);
    const momentum = perGroup(reference, 'momentum', groups);
    const decay = perGroup(reference, 'weight_decay', groups);
    const plan: OptimizerPlan = {
      clipNorm: undefined,
      groups: names.map((group, i) => ({
        name: group,
        keys: [group],
        rule: { kind: 'sgd', momentum: momentum[i], nesterov: false },
        rate: rates.data[i],
        weightDecay: decay[i],
      })),
    };
    const start = Object.fromEntries(
      names.map((group) => {
        const { shape, data } = reference.get(`in.p_${group}`);
        return [group, ndarray(shape, data)];
      }),
    );
    const inputs = Array.from(
      { length: steps },
      (_, t): Step => ({
        gradients: Object.fromEntries(names.map((group) => [group, row(reference.get(`in.grads_${group}`), t)])),
        rates: Object.fromEntries(names.map((group, i) => [group, rates.data[t * groups + i]])),
      }),
    );
    const states = [...trajectory(plan, start, inputs)];
    const { out } = reference.json.tolerance;
    names.forEach((group, i) => {
      const values = (key: string): number[] => states.flatMap((state) => [...(state.get(key)?.data ?? start[group].data.map(() => 0))]);
      expect(excess(values(group), reference.get(`out.params_${group}`), out), `parameters of ${group}`).toBe(0);
      expect(momentum[i] === 0 || states[0].has(`${group}.momentum`)).toBe(true);
      expect(excess(values(`${group}.momentum`), reference.get(`out.momentum_${group}`), out), `momentum of ${group}`).toBe(0);
    });
  });
});

/** One parameter of one group, with gradients that follow a fixed random sequence. */
function run(
  rule: OptimizerRule,
  extra: {
    readonly decay?: number;
    readonly rate?: number;
    readonly shape?: readonly number[];
    readonly steps?: number;
    readonly clip?: number;
  } = {},
) {
  const random = randomNumbers(7);
  const shape = extra.shape ?? [2, 3];
  const start = randomArray(shape, random);
  const rate = extra.rate ?? 0.1;
  const gradients = Array.from({ length: extra.steps ?? 3 }, () => randomArray(shape, random));
  const plan: OptimizerPlan = { clipNorm: extra.clip, groups: [{ name: 'all', keys: ['w'], rule, rate, weightDecay: extra.decay ?? 0 }] };
  const states = [
    ...trajectory(
      plan,
      { w: start },
      gradients.map((g) => ({ gradients: { w: g }, rates: { all: rate } })),
    ),
  ];
  return { start, gradients, states, rate };
}

describe('rules against their formulas', () => {
  test('SGD without momentum has no slot; Nesterov looks ahead', () => {
    expect(slotNames({ kind: 'sgd', momentum: 0, nesterov: false })).toEqual([]);
    const plain = run({ kind: 'sgd', momentum: 0, nesterov: false }, { steps: 1 });
    plain.start.data.forEach((p, i) => {
      expect(plain.states[0].get('w')!.data[i]).toBeCloseTo(p - plain.rate * plain.gradients[0].data[i], 6);
    });
    const ahead = run({ kind: 'sgd', momentum: 0.5, nesterov: true }, { steps: 1 });
    ahead.start.data.forEach((p, i) => {
      expect(ahead.states[0].get('w')!.data[i]).toBeCloseTo(p - ahead.rate * 1.5 * ahead.gradients[0].data[i], 6);
    });
  });

  test.each(['adam', 'adamw'] as const)('%s', (kind) => {
    const [beta1, beta2, epsilon, decay] = [0.9, 0.999, 1e-8, 0.05];
    const { start, gradients, states, rate } = run({ kind, beta1, beta2, epsilon }, { decay });
    const p = [...start.data];
    const m = p.map(() => 0);
    const v = p.map(() => 0);
    gradients.forEach((gradient, t) => {
      p.forEach((value, i) => {
        const g = gradient.data[i] + (kind === 'adam' ? decay * value : 0);
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        const shrunk = kind === 'adamw' ? value * (1 - rate * decay) : value;
        p[i] = shrunk - (rate * (m[i] / (1 - beta1 ** (t + 1)))) / (Math.sqrt(v[i] / (1 - beta2 ** (t + 1))) + epsilon);
      });
      const found = states[t].get('w')!;
      p.forEach((value, i) => {
        expect(found.data[i]).toBeCloseTo(value, 5);
      });
    });
  });

  /** The iteration, on plain arrays: rows of [in, out]. */
  function orthogonal(x: readonly (readonly number[])[], iterations: number): number[][] {
    const norm = Math.hypot(...x.flat());
    let value = x.map((r) => r.map((e) => e / (norm + 1e-7)));
    const times = (a: number[][], b: number[][]): number[][] => a.map((r) => b[0].map((_, j) => r.reduce((s, e, k) => s + e * b[k][j], 0)));
    const flipped = (a: number[][]): number[][] => a[0].map((_, j) => a.map((r) => r[j]));
    for (let i = 0; i < iterations; i++) {
      const gram = times(value, flipped(value));
      const square = times(gram, gram);
      const step = times(
        gram.map((r, a) => r.map((e, c) => -4.775 * e + 2.0315 * square[a][c])),
        value,
      );
      value = value.map((r, a) => r.map((e, c) => 3.4445 * e + step[a][c]));
    }
    return value;
  }

  test.each([[[2, 2, 1, 3]], [[1, 1, 2, 5]], [[5, 2]]])('Muon on a filter %j', (shape) => {
    const [momentum, decay, iterations] = [0.9, 0.05, 5];
    const { start, gradients, states, rate } = run({ kind: 'muon', momentum, nesterov: true, iterations }, { decay, shape, steps: 1 });
    const outputs = shape[shape.length - 1];
    const inputs = start.data.length / outputs;
    const direction = Array.from(gradients[0].data, (g) => {
      const buffer = (1 - momentum) * g;
      return momentum * buffer + (1 - momentum) * g;
    });
    const matrix = Array.from({ length: inputs }, (_, i) => direction.slice(i * outputs, (i + 1) * outputs));
    const step = orthogonal(matrix, iterations).flat();
    const scale = Math.sqrt(Math.max(1, outputs / inputs));
    start.data.forEach((p, i) => {
      expect(states[0].get('w')!.data[i]).toBeCloseTo(p * (1 - rate * decay) - rate * scale * step[i], 5);
    });
  });

  test('Muon makes the singular values of an update near one', () => {
    const { start, states, rate } = run(
      { kind: 'muon', momentum: 0, nesterov: false, iterations: 5 },
      { shape: [3, 8], steps: 1, rate: 1 },
    );
    const scale = Math.sqrt(8 / 3) * rate;
    const step = start.data.map((p, i) => (p - states[0].get('w')!.data[i]) / scale);
    for (let i = 0; i < 3; i++) {
      const length = Math.hypot(...step.slice(i * 8, (i + 1) * 8));
      expect(length).toBeGreaterThan(0.6);
      expect(length).toBeLessThan(1.3);
    }
  });

  test.each([
    ['above the limit', 0.25],
    ['below the limit', 100],
  ])('clipping %s', (_, clip) => {
    const { start, gradients, states, rate } = run({ kind: 'sgd', momentum: 0, nesterov: false }, { clip, steps: 1 });
    const norm = Math.hypot(...gradients[0].data);
    expect(states[0].get('output:grad_norm')!.data[0]).toBeCloseTo(norm, 6);
    const factor = Math.min(1, clip / (norm + 1e-6));
    start.data.forEach((p, i) => {
      expect(states[0].get('w')!.data[i]).toBeCloseTo(p - rate * factor * gradients[0].data[i], 6);
    });
  });

  test('keys that nothing trains are left out', () => {
    const plan: OptimizerPlan = {
      clipNorm: undefined,
      groups: [{ name: 'all', keys: ['w', 'gone'], rule: { kind: 'sgd', momentum: 0.9, nesterov: false }, rate: 1, weightDecay: 0.1 }],
    };
    const { graph, slots } = buildUpdate(plan, [parameter('w', [2])]);
    expect(slots.map((slot) => [slot.key, slot.role, slot.init])).toEqual([['w.momentum', 'slot', { kind: 'constant', value: 0 }]]);
    expect(graph.outputs.map((output) => `${output.role}:${output.name}`)).toEqual(['state:w', 'state:w.momentum', 'output:grad_norm']);
  });
});
