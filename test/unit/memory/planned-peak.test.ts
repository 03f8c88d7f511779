/** The memory plan against what the emitted programs hold on wasm: within 10% for training steps, updates and inference at several sizes. */
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { peakBytes, planMemory } from '../../../compiler/transform/plan-memory.ts';
import { choose } from '../../../runtime/backend/choose.ts';
import { measurePeak } from '../../../runtime/ops/memory.ts';
import { argumentsFor, disposeTensors, type LoadedMethod, loadMethods } from './programs.ts';

beforeAll(async () => {
  await choose('wasm');
});

/** Everything here is synchronous: the runner's messages get their turn between tests. */
afterEach(() => new Promise((done) => setImmediate(done)));

const SPECS = [
  { file: 'specs/methods/sipe.wsss', methods: ['sipe_small'] },
  { file: 'specs/methods/cam.wsss', methods: ['cam_small'] },
  { file: 'specs/examples/quickstart.wsss', methods: ['quickstart', 'segmenter'] },
];

/** Batches and maps of several sizes, odd ones among them; photographs for inference. */
const SIZES = [
  { N: 2, H: 64, W: 64, K: 4, h0: 50, w0: 70 },
  { N: 3, H: 97, W: 80, K: 20, h0: 64, w0: 48 },
  { N: 1, H: 160, W: 128, K: 7, h0: 97, w0: 130 },
];

describe.each(SPECS)('$file', ({ file, methods }) => {
  let loaded: readonly LoadedMethod[] = [];
  beforeAll(async () => {
    loaded = await loadMethods(file, methods);
  });

  test('holds what was asked for', () => {
    expect(loaded.map(({ compiled }) => compiled.name).sort()).toEqual([...methods].sort());
    for (const { program } of loaded) expect(Object.keys(program.graphs)).toContain('update');
  });

  test.each(SIZES)('batch $N, $H × $W, $K classes', (dims) => {
    for (const method of loaded) {
      for (const [name, graph] of Object.entries(method.program.graphs)) {
        const args = argumentsFor(method, name, dims);
        // Constant tables come first: they stay from step to step and are counted on their own.
        disposeTensors(graph(args));
        const { result, peak, kept, exact } = measurePeak(() => graph(args));
        const plan = peakBytes(planMemory(method.compiled.graphs[name]), dims);
        expect(exact).toBe(true);
        expect(peak, `${method.compiled.name}, ${name}: ${plan.peak} bytes planned at ${plan.at?.op} of ${plan.at?.path}`).toBeGreaterThan(
          0,
        );
        expect(
          Math.abs(plan.peak - peak) / peak,
          `${method.compiled.name}, ${name}: ${plan.peak} planned, ${peak} held`,
        ).toBeLessThanOrEqual(0.1);
        // What the caller owns afterwards is known to the byte.
        expect(kept, `${method.compiled.name}, ${name}`).toBe(plan.heldAfter);
        disposeTensors(result);
        disposeTensors(args);
      }
    }
  });
});
