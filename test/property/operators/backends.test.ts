/** Every kernel of the runtime against the float64 references, on the backends that are always there; and the table's workspace against what
 * wasm holds. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { engine, setBackend, type Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DType, Graph, Node } from '../../../compiler/ops/graph.ts';
import { operatorNames } from '../../../compiler/ops/table.ts';
import { peakBytes, planMemory } from '../../../compiler/transform/plan-memory.ts';
import { quiet } from '../../../runtime/backend/quiet.ts';
import { constantCache } from '../../../runtime/ops/cache.ts';
import { measurePeak } from '../../../runtime/ops/memory.ts';
import { type NdArray, ndarray } from '../../reference/ndarray.ts';
import { referenceEvaluate } from '../../reference/primitives.ts';
import { runNode, WITHOUT_KERNEL } from './runtime.ts';
import { trial } from './trial.ts';

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
  const inputs = t.inputs.map((_, i) => t.feeds.get(`x${i}`) ?? ndarray([0], [])).map((x) => ndarray(x.shape, x.data.map(Math.fround)));
  // The gradient of max_pool needs the maxima themselves, not any numbers.
  const feeds = new Map(inputs.map((x, i) => [`x${i}`, x] as const));
  const value = referenceEvaluate(t.builder.nodes, feeds, t.draw.sizes).get(t.node);
  if (!value) throw new Error('not evaluated');
  return { node: t.node, inputs, value, sizes: t.draw.sizes };
}

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    quiet();
    await setBackend(backend);
  });

  it.each(operatorNames.filter((name) => !WITHOUT_KERNEL.includes(name)))('%s equals its reference', async (name) => {
    await setBackend(backend);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { node, inputs, value, sizes } = drawn(name, seed);
        const tensors = inputs.map((x, i) => upload(x, node.inputs[i].type.dtype));
        const result = runNode(node, tensors, sizes);
        const found = Array.from(result.dataSync());
        expect(result.shape).toEqual(value.shape);
        expect(DTYPES[result.dtype]).toBe(node.type.dtype);
        const largest = Math.max(1, ...value.data.map(Math.abs));
        found.forEach((v, i) => {
          expect(Math.abs(v - value.data[i]), `element ${i}`).toBeLessThanOrEqual(2e-5 * largest);
        });
        for (const tensor of [...tensors, result]) tensor.dispose();
      }),
      runs,
    );
    constantCache.clear();
  });
});

describe('on wasm', () => {
  it.each(operatorNames.filter((name) => !WITHOUT_KERNEL.includes(name)))('%s holds what the table plans', async (name) => {
    await setBackend('wasm');
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
