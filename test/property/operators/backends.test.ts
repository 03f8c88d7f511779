/** Every kernel of the runtime against the float64 references, on every backend that this machine has; and the table's workspace against what
 * wasm holds. */
import { engine, memory, type Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import type { DType, Graph, Node } from '../../../compiler/ops/graph.ts';
import { operatorNames } from '../../../compiler/ops/table.ts';
import { peakBytes, planMemory } from '../../../compiler/transform/plan-memory.ts';
import { available, choose } from '../../../runtime/backend/choose.ts';
import type { BackendName } from '../../../runtime/backend/report.ts';
import { constantCache } from '../../../runtime/ops/cache.ts';
import { measurePeak } from '../../../runtime/ops/memory.ts';
import { withoutTypedKernels } from '../../../runtime/ops/typed/heap.ts';
import { type NdArray, ndarray } from '../../reference/ndarray.ts';
import { referenceEvaluate } from '../../reference/primitives.ts';
import { runNode, WITHOUT_KERNEL } from './runtime.ts';
import { type Trial, trial } from './trial.ts';

const runs = { seed: 20240609, numRuns: process.env.WSSS_LONG ? 200 : 10 };

function upload(value: NdArray, dtype: DType): Tensor {
  const data =
    dtype === 'f32' ? Float32Array.from(value.data) : dtype === 'i32' ? Int32Array.from(value.data) : Uint8Array.from(value.data);
  return engine().makeTensor(data, [...value.shape], dtype === 'f32' ? 'float32' : dtype === 'i32' ? 'int32' : 'bool');
}

const DTYPES: Readonly<Record<string, DType>> = { float32: 'f32', int32: 'i32', bool: 'bool' };

/** A drawn case with inputs that float32 holds exactly, and the value that follows from them. */
function drawn(
  op: string,
  seed: number,
): { readonly node: Node; readonly inputs: readonly NdArray[]; readonly value: NdArray; readonly sizes: Readonly<Record<string, number>> } {
  const t = trial(op, seed);
  const given = t.inputs.map((_, i) => t.feeds.get(`x${i}`) ?? ndarray([0], [])).map((x) => ndarray(x.shape, x.data.map(Math.fround)));
  const inputs = op === 'max_pool_grad' ? withMaxima(t, given, seed) : given;
  const feeds = new Map(inputs.map((x, i) => [`x${i}`, x] as const));
  const value = referenceEvaluate(t.builder.nodes, feeds, t.draw.sizes).get(t.node);
  if (!value) throw new Error('not evaluated');
  return { node: t.node, inputs, value, sizes: t.draw.sizes };
}

/** The gradient of max_pool needs the maxima themselves in the place of any numbers; every other time several cells share them, as after a relu. */
function withMaxima(t: Trial, [drawnX, , dy]: readonly NdArray[], seed: number): readonly NdArray[] {
  const x = seed % 2 === 0 ? drawnX : ndarray(drawnX.shape, drawnX.data.map(Math.round));
  const pool = t.builder.add('max_pool', [t.inputs[0]], t.node.attrs);
  const maxima = referenceEvaluate(t.builder.nodes, new Map([...t.feeds, ['x0', x]]), t.draw.sizes).get(pool);
  if (!maxima) throw new Error('not evaluated');
  return [x, maxima, dy];
}

/**
 * Largest error, as a share of the largest value of the result (or of 1): some roundings of float32 in sums of a few hundred terms. WGSL itself
 * grants functions such as tanh an absolute error of 1e-5, and exp and log several units in the last place.
 */
const TOLERANCE: Readonly<Record<BackendName, number>> = { tensorflow: 2e-5, webgpu: 1e-4, wasm: 2e-5, cpu: 2e-5 };

for (const report of await available()) {
  const backend = report.name;
  // Software adapters compute too, but nothing chooses them by itself; cpu is always held to its references.
  if (!report.automatic && backend !== 'cpu') {
    test.skip(`on ${backend}: ${report.reason}`, () => {});
    continue;
  }
  describe(`on ${backend}`, () => {
    beforeAll(async () => {
      await choose(backend);
    });

    it.each(operatorNames.filter((name) => !WITHOUT_KERNEL.includes(name)))('%s equals its reference', async (name) => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          const { node, inputs, value, sizes } = drawn(name, seed);
          const tensors = inputs.map((x, i) => upload(x, node.inputs[i].type.dtype));
          const result = runNode(node, tensors, sizes);
          const found = Array.from(await result.data());
          expect(result.shape).toEqual(value.shape);
          expect(DTYPES[result.dtype]).toBe(node.type.dtype);
          const largest = Math.max(1, ...value.data.map(Math.abs));
          found.forEach((v, i) => {
            expect(Math.abs(v - value.data[i]), `element ${i}`).toBeLessThanOrEqual(TOLERANCE[backend] * largest);
          });
          for (const tensor of [...tensors, result]) tensor.dispose();
        }),
        runs,
      );
      constantCache.clear();
    });
  });
}

describe('on wasm', () => {
  it.each(operatorNames.filter((name) => !WITHOUT_KERNEL.includes(name)))('%s holds what the table plans', async (name) => {
    await choose('wasm');
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { node, inputs, value, sizes } = drawn(name, seed);
        const tensors = inputs.map((x, i) => upload(x, node.inputs[i].type.dtype));
        // Constant tables come first: they are counted on their own.
        runNode(node, tensors, sizes).dispose();
        const { result, peak } = measurePeak(() => runNode(node, tensors, sizes));
        const alone: Graph = { name, nodes: [...node.inputs, node], outputs: [{ role: 'output', name, node }], assertions: [] };
        const planned = peakBytes(planMemory(alone), sizes).peak;
        expect(peak).toBeLessThanOrEqual(planned);
        // Nothing is planned in vain, unless an axis of length one makes work unnecessary.
        const plain = [...inputs, value].every((x) => x.shape.every((n) => n > 1));
        if (plain) expect(peak).toBe(planned);
        for (const tensor of [...tensors, result]) tensor.dispose();
      }),
      runs,
    );
    constantCache.clear();
  });
});

/** What backends get whose memory JavaScript cannot reach: compositions of stock kernels, which the processor's backend has, too. */
describe('by stock kernels', () => {
  const composed = ['gather_along', 'scatter_add_along', 'top_indices', 'neighbours', 'neighbours_grad', 'erf'].concat(
    operatorNames.filter((name) => name.startsWith('grid_sample') || name.startsWith('depthwise')),
  );
  it.each(composed)('%s equals its reference', async (name) => {
    await choose('cpu');
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { node, inputs, value, sizes } = drawn(name, seed);
        const tensors = inputs.map((x, i) => upload(x, node.inputs[i].type.dtype));
        const before = memory().numTensors - constantCache.tensors;
        const result = withoutTypedKernels(() => runNode(node, tensors, sizes));
        expect(memory().numTensors - constantCache.tensors - before).toBe(1);
        expect(result.shape).toEqual(value.shape);
        const largest = Math.max(1, ...value.data.map(Math.abs));
        Array.from(await result.data()).forEach((v, i) => {
          expect(Math.abs(v - value.data[i]), `element ${i}`).toBeLessThanOrEqual(2e-5 * largest);
        });
        for (const tensor of [...tensors, result]) tensor.dispose();
      }),
      runs,
    );
    constantCache.clear();
  });
});
