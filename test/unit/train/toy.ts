/** A program written by hand: linear regression of the tags from the mean colour, with momentum. Small enough to check by eye. */

import { matmul } from '../../../runtime/ops/algebra.ts';
import { add, mul, sub } from '../../../runtime/ops/elementwise.ts';
import { mean } from '../../../runtime/ops/reduce.ts';
import { scope } from '../../../runtime/ops/scope.ts';
import { constant } from '../../../runtime/ops/sources.ts';
import type { GraphArguments, GraphResult, Program, Separability } from '../../../runtime/program.ts';
import { draws } from '../../../runtime/random/counter.ts';
import type { HostTensors } from '../../../runtime/train/device.ts';
import type { BatchSource } from '../../../runtime/train/source.ts';

const none = { gradients: {}, state: {}, losses: {}, outputs: {} };

/** loss = mean over N and K of (mean(image) @ weight - tags)^2 */
function gradients({ state, batch, dims }: GraphArguments): GraphResult {
  return scope((s) => {
    const x = mean(batch.image, { axes: [1, 2], keep: false });
    const y = matmul(x, state['head.weight'], { ta: false, tb: false });
    const e = sub(y, batch.tags);
    const loss = mean(mul(e, e), { axes: [0, 1], keep: false });
    const scale = constant({ value: 2 / (dims.N * dims.K), dtype: 'f32' });
    const gradient = mul(matmul(x, e, { ta: true, tb: false }), scale);
    s.free(x, y, e, scale);
    return { ...none, gradients: { 'head.weight': gradient }, losses: { fit: loss }, outputs: {} };
  });
}

function update({ state, gradients: g, scalars }: GraphArguments): GraphResult {
  return scope(() => {
    const momentum = constant({ value: 0.9, dtype: 'f32' });
    const buffer = add(mul(state['head.weight.momentum'], momentum), g['head.weight']);
    const weight = sub(state['head.weight'], mul(buffer, scalars['lr.all']));
    return { ...none, state: { 'head.weight': weight, 'head.weight.momentum': buffer } };
  });
}

export interface ToyOptions {
  readonly batch?: number;
  readonly epochs?: number;
  readonly separable?: Separability;
  /** In place of the gradients graph. */
  readonly gradients?: (args: GraphArguments) => GraphResult;
}

export function toyProgram({ batch = 4, epochs = 3, separable = { kind: 'mean' }, gradients: own = gradients }: ToyOptions = {}): Program {
  const port = { dtype: 'f32' } as const;
  const weight = { ...port, role: 'state', name: 'head.weight', shape: [3, 'K'] } as const;
  const buffer = { ...port, role: 'state', name: 'head.weight.momentum', shape: [3, 'K'] } as const;
  const gradient = { ...port, role: 'gradient', name: 'head.weight', shape: [3, 'K'] } as const;
  return {
    meta: {
      format: 1,
      name: 'toy',
      spec: 'toy.wsss',
      hash: 'program-hash',
      compiler: '0',
      batchDim: 'N',
      classDim: 'K',
      supervision: ['tags'],
      state: [
        { key: 'head.weight', role: 'parameter', shape: [3, 'K'], init: { kind: 'fan_uniform', scale: 1, fan: 'in' }, backbone: false },
        { key: 'head.weight.momentum', role: 'slot', shape: [3, 'K'], init: { kind: 'constant', value: 0 }, backbone: false },
      ],
      graphs: {
        gradients: {
          inputs: [
            weight,
            { ...port, role: 'batch', name: 'image', shape: ['N', 'H', 'W', 3] },
            { ...port, role: 'batch', name: 'tags', shape: ['N', 'K'] },
          ],
          outputs: [gradient, { ...port, role: 'loss', name: 'fit', shape: [] }],
          separable,
          assertions: [],
        },
        update: {
          inputs: [weight, buffer, gradient, { ...port, role: 'scalar', name: 'lr.all', shape: [] }],
          outputs: [weight, buffer],
          assertions: [],
        },
      },
      train: {
        hash: 'training-hash',
        epochs,
        batch,
        views: [
          {
            name: 'image',
            from: 'source',
            steps: [
              { op: 'flip', args: { p: 0.5 } },
              { op: 'normalize', args: { preset: 'signed' } },
            ],
          },
        ],
        bindings: [
          { input: 'image', view: 'image', part: 'image' },
          { input: 'tags', view: 'source', part: 'tags' },
        ],
        groups: [{ name: 'all', rate: 0.1 }],
        schedule: { shape: { kind: 'poly', power: 0.9, every: 1 }, warmup: 0 },
        losses: [{ name: 'fit', weight: 1, fromEpoch: 0 }],
        phases: [{ fromEpoch: 0, graph: 'gradients' }],
        update: 'update',
      },
      infer: {},
    },
    graphs: { gradients: own, update },
  };
}

/** Pictures of one colour, whose tags follow from it; what a batch holds depends on ids and epoch alone. */
export function toyBatches(classes: number): BatchSource {
  return {
    async prepare(ids, epoch): Promise<HostTensors> {
      const image = new Float32Array(ids.length * 2 * 2 * 3);
      const tags = new Float32Array(ids.length * classes);
      ids.forEach((id, n) => {
        const colour = draws({ seed: 5, step: 0, image: id, name: 'colour' });
        const noise = draws({ seed: 5, step: epoch, image: id, name: 'noise' });
        for (let i = 0; i < 12; i++) image[n * 12 + i] = colour.uniform(i % 3) + 0.01 * noise.normal(i);
        for (let k = 0; k < classes; k++) tags[n * classes + k] = colour.uniform(k % 3) > 0.5 ? 1 : 0;
      });
      return { image: { shape: [ids.length, 2, 2, 3], data: image }, tags: { shape: [ids.length, classes], data: tags } };
    },
  };
}

export function toyIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `picture_${i}`);
}
