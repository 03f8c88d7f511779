/** A residual network built by hand, of any depth, with its gradients, updates and inference: what the emitter's tests write and run. */
import type { MethodProgram, OptimizerPlan, StateDeclaration } from '../../../compiler/ir/program.ts';
import { Builder } from '../../../compiler/ops/builder.ts';
import type { Graph, GraphOutput, InputRole, Node } from '../../../compiler/ops/graph.ts';
import { constant, type Dim, variable } from '../../../compiler/shape/dim.ts';
import { type SourceFile, sourceFile } from '../../../compiler/source/source.ts';
import { differentiate } from '../../../compiler/transform/differentiate.ts';
import { buildUpdate } from '../../../compiler/transform/optimize.ts';
import { simplify } from '../../../compiler/transform/simplify.ts';

const ANY = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

export interface ResidualOptions {
  readonly name?: string;
  readonly stages: readonly number[];
  readonly width: number;
  readonly classes: number;
  /** Name of the spec file in places. */
  readonly spec?: string;
}

class Network {
  readonly b: Builder;
  readonly state: StateDeclaration[] = [];
  readonly #inputs = new Map<string, Node>();
  readonly #file: SourceFile;
  constructor(b: Builder, spec: string) {
    this.b = b;
    this.#file = sourceFile(spec, Array.from({ length: 80 }, (_, i) => `line ${i + 1}`).join('\n'));
  }

  at<T>(path: string, line: number, body: () => T): T {
    const start = this.#file.lineStarts[line - 1];
    return this.b.with({ path, span: { file: this.#file, start, end: start + 4 } }, body);
  }

  input(role: InputRole, name: string, shape: readonly Dim[]): Node {
    const key = `${role}:${name}`;
    const node = this.#inputs.get(key) ?? this.b.input(role, name, { dtype: 'f32', shape }, { kind: 'tensor', range: ANY });
    this.#inputs.set(key, node);
    return node;
  }

  weight(key: string, shape: readonly number[], role: 'parameter' | 'statistic', parameterRole: 'kernel' | 'norm' | undefined): Node {
    const type = { dtype: 'f32', shape: shape.map(constant) } as const;
    this.state.push({ key, role, type, init: { kind: 'fan_normal', scale: 2, fan: 'in' }, backbone: true, parameterRole, span: undefined });
    return this.input('state', key, type.shape);
  }

  /** Convolution and frozen normalisation. */
  convolution(path: string, line: number, x: Node, kernel: number, from: number, to: number, stride: number, relu: boolean): Node {
    const pad = (kernel - 1) / 2;
    const filter = this.weight(`${path}.conv.weight`, [kernel, kernel, from, to], 'parameter', 'kernel');
    const y = this.at(`${path}.conv`, line, () =>
      this.b.add('conv2d', [x, filter], { stride: [stride, stride], pad: [pad, pad, pad, pad], dilation: [1, 1] }),
    );
    const [scale, shift] = ['weight', 'bias'].map((key) => this.weight(`${path}.norm.${key}`, [to], 'parameter', 'norm'));
    const [mean, variance] = ['mean', 'var'].map((key) => this.weight(`${path}.norm.${key}`, [to], 'statistic', undefined));
    const z = this.at(`${path}.norm`, line + 1, () => {
      const spread = this.b.add('exp', [variance], {});
      return this.b.addition(this.b.mul(this.b.div(this.b.sub(y, mean), spread), scale), shift);
    });
    return relu ? this.at(path, line + 2, () => this.b.add('relu', [z], {})) : z;
  }

  block(path: string, x: Node, from: number, to: number, stride: number): Node {
    const a = this.convolution(`${path}.first`, 10, x, 1, from, to, 1, true);
    const c = this.convolution(`${path}.second`, 10, a, 3, to, to, stride, true);
    const d = this.convolution(`${path}.third`, 10, c, 1, to, to, 1, false);
    const skip = stride === 1 && from === to ? x : this.convolution(`${path}.skip`, 10, x, 1, from, to, stride, false);
    return this.at(path, 20, () => this.b.add('relu', [this.b.addition(d, skip)], {}));
  }
}

function finished(name: string, nodes: readonly Node[], outputs: readonly GraphOutput[]): Graph {
  return simplify({ name, nodes, outputs, assertions: [] }, { final: true });
}

/** Features, class scores and maps. */
function forward(options: ResidualOptions): { readonly net: Network; readonly maps: Node; readonly scores: Node } {
  const b = new Builder({ same: (left, right) => left === right });
  const net = new Network(b, options.spec ?? 'residual.wsss');
  let x = net.input('batch', 'image', [variable('N'), variable('H'), variable('W'), constant(3)]);
  x = net.convolution('net.stem', 3, x, 3, 3, options.width, 2, true);
  let width = options.width;
  options.stages.forEach((blocks, stage) => {
    for (let i = 0; i < blocks; i++) {
      const to = options.width * 2 ** stage;
      x = net.block(`net.layer${stage + 1}.${i}`, x, width, to, i === 0 && stage > 0 ? 2 : 1);
      width = to;
    }
  });
  const head = net.weight('head.weight', [1, 1, width, options.classes], 'parameter', 'kernel');
  const maps = net.at('head', 30, () =>
    b.add('conv2d', [x, head], { stride: [1, 1], pad: [0, 0, 0, 0], dilation: [1, 1] }, { name: 'maps' }),
  );
  const scores = net.at('', 31, () => b.add('mean', [maps], { axes: [1, 2], keep: false }, { name: 'scores' }));
  return { net, maps, scores };
}

export const OPTIMIZER = { momentum: 0.9, rate: 0.1, weightDecay: 1e-4, clipNorm: 1 } as const;

/** Gradients of a multi-label loss, SGD with momentum and clipping, and inference of upsampled maps. */
export function residualProgram(options: ResidualOptions): MethodProgram {
  const { net, scores } = forward(options);
  const tags = net.input('batch', 'tags', [variable('N'), constant(options.classes)]);
  const loss = net.at('', 40, () => {
    const positive = net.b.mul(scores, tags);
    const each = net.b.sub(net.b.unary('softplus', scores), positive);
    return net.b.add('mean', [each], { axes: [0, 1], keep: false }, { name: 'classification' });
  });
  const trained = net.state.filter((entry) => entry.role === 'parameter');
  const step = finished('step', net.b.nodes, [
    { role: 'loss', name: 'classification', node: loss },
    { role: 'output', name: 'scores', node: scores },
  ]);
  const result = differentiate(step, {
    losses: [{ name: 'classification', weight: 1 }],
    wanted: trained.map(({ key }) => ({ role: 'state', name: key })),
    unreached: 'zero',
    name: 'gradients',
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems.map(({ kind, subject }) => [kind, subject])));
  const gradients = simplify(result.graph, { final: true });

  const plan: OptimizerPlan = {
    clipNorm: OPTIMIZER.clipNorm,
    groups: [
      {
        name: 'all',
        keys: trained.map(({ key }) => key),
        rule: { kind: 'sgd', momentum: OPTIMIZER.momentum, nesterov: false },
        rate: OPTIMIZER.rate,
        weightDecay: OPTIMIZER.weightDecay,
      },
    ],
  };
  const update = buildUpdate(plan, trained);

  const inference = forward(options);
  const large = inference.net.at('', 50, () =>
    inference.net.b.add('resize', [inference.maps], {
      size: [variable('h0'), variable('w0')],
      mode: 'bilinear',
      convention: 'half_pixel',
      factor_h: 0,
      factor_w: 0,
    }),
  );
  const infer = finished('infer.cam', inference.net.b.nodes, [{ role: 'output', name: 'maps', node: large }]);
  return {
    name: options.name ?? 'residual',
    state: [...net.state, ...update.slots],
    graphs: { gradients, update: update.graph, 'infer.cam': infer },
    batchDim: 'N',
    classDim: 'K',
    train: undefined,
    infer: {},
    supervision: ['tags'],
  };
}
