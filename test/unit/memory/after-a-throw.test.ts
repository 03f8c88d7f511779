/** A step that fails, wherever it fails, gives back every byte; and the next step computes what it would have computed. */
import '@tensorflow/tfjs-backend-cpu';
import { engine, getKernel, memory, registerKernel, type Tensor, unregisterKernel } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Graph } from '../../../compiler/ops/graph.ts';
import { differentiate } from '../../../compiler/transform/differentiate.ts';
import { simplify } from '../../../compiler/transform/simplify.ts';
import { choose } from '../../../runtime/backend/choose.ts';
import { setMeter } from '../../../runtime/ops/memory.ts';
import type { Dimensions, GraphArguments } from '../../../runtime/program.ts';
import type { HostTensors } from '../../../runtime/train/device.ts';
import { computeGradients, computeUpdate } from '../../../runtime/train/step.ts';
import { ANY, dims, graphOf, input } from '../../graphs/build.ts';
import { bareProgram, load } from '../emit/running.ts';
import { argumentsFor, disposeTensors, type LoadedMethod, loadMethods } from './programs.ts';

/** Places in a step at which it is made to fail, spread evenly over all of its kernels. */
const PLACES = process.env.WSSS_LONG ? 100 : 12;

const sizes: Dimensions = { N: 2, H: 32, W: 48, K: 3, h0: 30, w0: 41 };

class Planned extends Error {}

interface Held {
  readonly bytes: number;
  readonly tensors: number;
  /** Buffers of the backend: what no tensor refers to any more would still be counted here. */
  readonly buffers: number;
}

function held(): Held {
  const { numBytes, numTensors } = memory();
  return { bytes: numBytes, tensors: numTensors, buffers: engine().backend.numDataIds() };
}

/** Throws after the n-th kernel (from 1); returns how many kernels ran. */
function failingAfter(n: number, step: () => void): number {
  let kernels = 0;
  setMeter(() => {
    if (++kernels === n) throw new Planned(`after kernel ${n}`);
  });
  try {
    step();
  } finally {
    setMeter(undefined);
  }
  return kernels;
}

function spread(count: number): readonly number[] {
  const places = Math.min(PLACES, count);
  return Array.from({ length: places }, (_, i) => 1 + Math.floor((i * (count - 1)) / Math.max(1, places - 1)));
}

/** The named kernel of the current backend throws when it is called for the n-th time; gives back what undoes that. */
function breakKernel(name: string, n: number): () => void {
  const backendName = engine().backendName;
  const kernel = getKernel(name, backendName);
  if (!kernel) throw new Error(`${backendName} has no kernel ${name}`);
  let calls = 0;
  unregisterKernel(name, backendName);
  registerKernel({
    ...kernel,
    kernelFunc: (call) => {
      if (++calls === n) throw new Planned(`${name}, call ${n}`);
      return kernel.kernelFunc(call);
    },
  });
  return () => {
    unregisterKernel(name, backendName);
    registerKernel(kernel);
  };
}

function losses(method: LoadedMethod, args: GraphArguments): readonly number[] {
  const result = method.program.graphs.gradients(args);
  const values = Object.values<Tensor>(result.losses).map((loss) => loss.dataSync()[0]);
  disposeTensors(result);
  return values;
}

/** A step whose data is wrong in a way that only a kernel in its middle sees: an index outside the table. */
function lookup(): Graph {
  const loss = graphOf((b) => {
    const table = b.unary('exp', input(b, 'state', 'table', ['R', 3]));
    const index = b.input('batch', 'index', { dtype: 'i32', shape: dims('N') }, { kind: 'tensor', range: ANY });
    const rows = b.add('gather', [table, index], { axis: 0 });
    return { 'loss:loss': b.add('sum', [b.mul(rows, rows)], { axes: [0, 1], keep: false }) };
  });
  const wanted = [{ role: 'state' as const, name: 'table' }];
  const result = differentiate(loss, { losses: [{ name: 'loss', weight: 1 }], wanted, unreached: 'zero', name: 'gradients' });
  if (!result.ok) throw new Error('the lookup cannot be differentiated');
  return simplify(result.graph, { final: true });
}

const SPECS = [
  { file: 'specs/methods/sipe.wsss', name: 'sipe_small' },
  { file: 'specs/examples/quickstart.wsss', name: 'quickstart' },
];

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  describe.each(SPECS)('$name', ({ file, name }) => {
    let method: LoadedMethod;
    beforeAll(async () => {
      await choose(backend);
      [method] = await loadMethods(file, [name]);
    });
    afterEach(async () => {
      setMeter(undefined);
      // Everything here is synchronous: the runner's messages get their turn between tests.
      await new Promise((done) => setImmediate(done));
    });

    test.each(['gradients', 'update', 'infer.seeds'])('%s, failing at places from its first kernel to its last', (graph) => {
      const run = method.program.graphs[graph];
      const args = argumentsFor(method, graph, sizes);
      const step = (): void => disposeTensors(run(args));
      step();
      const before = held();
      const count = failingAfter(0, step);
      expect(held()).toEqual(before);
      expect(count).toBeGreaterThan(20);
      for (const n of spread(count)) {
        expect(() => failingAfter(n, step), `after kernel ${n}`).toThrow(Planned);
        expect(held(), `after kernel ${n} of ${count}`).toEqual(before);
      }
      disposeTensors(args);
    });

    test('a kernel that throws by itself, in the forward and in the backward half', () => {
      const args = argumentsFor(method, 'gradients', sizes);
      const expected = losses(method, args);
      const before = held();
      const kernel = backend === 'wasm' ? 'Conv2D' : 'Reshape';
      let thrown = 0;
      for (const n of [1, 2, 5, 9, 14, 20]) {
        const mend = breakKernel(kernel, n);
        try {
          losses(method, args);
        } catch (error) {
          expect(error).toBeInstanceOf(Planned);
          thrown++;
        } finally {
          mend();
        }
        expect(held(), `${kernel}, call ${n}`).toEqual(before);
      }
      expect(thrown).toBe(6);
      // Nothing of the failures is left behind in the kernels' own state.
      expect(losses(method, args)).toEqual(expected);
      disposeTensors(args);
    });

    test('a batch of the wrong shape, and one of the wrong type', () => {
      const args = argumentsFor(method, 'gradients', sizes);
      losses(method, args);
      const before = held();
      const { image } = args.batch;
      const narrow = engine().makeTensor(new Float32Array(2 * 32 * 47 * 3), [2, 32, 47, 3], 'float32');
      const whole = engine().makeTensor(new Int32Array(image.size), image.shape, 'int32');
      expect(() => losses(method, { ...args, batch: { ...args.batch, image: narrow } })).toThrow(/expected float32 \[N, H, W, 3\]/);
      expect(() => losses(method, { ...args, batch: { ...args.batch, image: whole } })).toThrow(/image/);
      narrow.dispose();
      whole.dispose();
      expect(held()).toEqual(before);
      disposeTensors(args);
    });

    test('through the training step: what was uploaded for it goes too', () => {
      const args = argumentsFor(method, 'gradients', sizes);
      const batch: Record<string, HostTensors[string]> = {};
      for (const [key, tensor] of Object.entries<Tensor>(args.batch))
        batch[key] = {
          shape: tensor.shape,
          data: tensor.dtype === 'int32' ? Int32Array.from(tensor.dataSync()) : Float32Array.from(tensor.dataSync()),
        };
      const context = { seed: 1, step: 0, ids: ['a', 'b'], classes: sizes.K };
      const gradients = (given: HostTensors): ReturnType<typeof computeGradients> =>
        computeGradients(method.program, 'gradients', args.state, given, context);
      const first = gradients(batch);
      const own = held();
      const count = failingAfter(0, () => {
        const again = gradients(batch);
        for (const map of [again.gradients, again.state, again.losses]) for (const tensor of Object.values<Tensor>(map)) tensor.dispose();
      });
      expect(held()).toEqual(own);
      for (const n of [1, Math.floor(count / 3), Math.floor((2 * count) / 3), count]) {
        expect(() => failingAfter(n, () => void gradients(batch)), `after kernel ${n} of ${count}`).toThrow(Planned);
        expect(held(), `after kernel ${n} of ${count}`).toEqual(own);
      }
      const { image } = batch;
      const cut = { shape: [1, ...image.shape.slice(1)], data: image.data.slice(0, image.data.length / 2) };
      expect(() => gradients({ ...batch, image: cut })).toThrow();
      expect(held()).toEqual(own);

      const slots = argumentsFor(method, 'update', sizes).state;
      const update = (): unknown =>
        computeUpdate(method.program, { ...slots, ...args.state }, first.gradients, {
          graph: 'update',
          rates: {},
          step: 0,
          classes: sizes.K,
        });
      const beforeUpdate = held();
      // The rates are missing: refused after the other scalars were made.
      expect(update).toThrow();
      expect(held()).toEqual(beforeUpdate);
      disposeTensors({ ...args, gradients: first.gradients, scalars: { ...first.state, ...first.losses }, draws: slots });
    });
  });

  test('an index outside its table, found by the kernel that reads it', async () => {
    await choose(backend);
    const program = await load(bareProgram('lookup', { gradients: lookup() }));
    const table = engine().makeTensor(Float32Array.of(0, 1, 2, 3, 4, 5), [2, 3], 'float32');
    const run = (...rows: readonly number[]): readonly number[] => {
      const index = engine().makeTensor(Int32Array.from(rows), [rows.length], 'int32');
      const args = { state: { table }, batch: { index }, draws: {}, scalars: {}, gradients: {}, dims: { R: 2, N: rows.length } };
      try {
        const result = program.graphs.gradients(args);
        const values = Array.from(result.gradients.table.dataSync());
        disposeTensors(result);
        return values;
      } finally {
        index.dispose();
      }
    };
    const right = run(0, 1, 1);
    const before = held();
    expect(() => run(0, 2, 1)).toThrow(/index 2/);
    expect(held()).toEqual(before);
    expect(run(0, 1, 1)).toEqual(right);
    expect(held()).toEqual(before);
    table.dispose();
  });
});
