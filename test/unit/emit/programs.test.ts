/** Emitted programs compute what the graph says, and give back every byte. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildUpdate } from '../../../compiler/transform/optimize.ts';
import { randomGraph } from './random-graph.ts';
import { residualProgram } from './residual.ts';
import { argumentsOf, bareProgram, disposeAll, feed, load, runAndCompare } from './running.ts';

const LONG = process.env.WSSS_LONG === '1';

beforeAll(async () => {
  await tf.setBackend('cpu');
  await tf.ready();
});

describe('a residual network', () => {
  const method = residualProgram({ stages: [2, 3], width: 3, classes: 4 });
  const dims = { N: 2, H: 13, W: 10, h0: 17, w0: 21 };

  test.each(['gradients', 'update', 'infer.cam'])('%s equals the float64 reference', async (key) => {
    const program = await load(method);
    runAndCompare(program, key, method.graphs[key], dims, 3);
  });

  test('other sizes run through the same program', async () => {
    const program = await load(method);
    runAndCompare(program, 'gradients', method.graphs.gradients, { N: 1, H: 6, W: 9 }, 4);
  });

  test('equal blocks share functions: more blocks add no code but their calls', async () => {
    const { emit, fileOf } = await import('./running.ts');
    const bodies = async (stages: readonly number[]): Promise<number> => {
      const text = fileOf(await emit(residualProgram({ stages, width: 3, classes: 4 })), '.ts');
      return text.split('\n').filter((line) => /= ops\.conv2d\(/.test(line)).length;
    };
    expect(await bodies([3, 8])).toBe(await bodies([3, 5]));
  });
});

test.each([
  ['adamw', { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }],
  ['adam', { kind: 'adam', beta1: 0.8, beta2: 0.99, epsilon: 1e-6 }],
  ['sgd with Nesterov momentum', { kind: 'sgd', momentum: 0.5, nesterov: true }],
  ['muon', { kind: 'muon', momentum: 0.95, nesterov: true, iterations: 2 }],
] as const)('updates by %s, with a group of their own for the rest, equal the reference', async (_, rule) => {
  const method = residualProgram({ stages: [1, 2], width: 3, classes: 4 });
  const trained = method.state.filter((entry) => entry.role === 'parameter');
  const matrices = trained.filter((entry) => entry.type.shape.length === 4).map(({ key }) => key);
  const others = trained.filter((entry) => entry.type.shape.length !== 4).map(({ key }) => key);
  const { graph } = buildUpdate(
    {
      clipNorm: 1,
      groups: [
        { name: 'matrices', keys: matrices, rule, rate: 0.1, weightDecay: 0.01 },
        { name: 'others', keys: others, rule: { kind: 'sgd', momentum: 0, nesterov: false }, rate: 0.2, weightDecay: 0 },
      ],
    },
    trained,
  );
  // Second moments and the count of steps are never negative.
  const program = await load(bareProgram('updates', { update: graph }));
  runAndCompare(program, 'update', graph, {}, 5, (name, value) => (/second_moment|step/.test(name) ? Math.abs(value) + 0.5 : value));
});

describe('random graphs with gradients', () => {
  const seeds = Array.from({ length: LONG ? 60 : 12 }, (_, i) => i + 1);
  test.each(seeds)('seed %i', async (seed) => {
    const { graph, dims } = randomGraph(seed);
    const program = await load(bareProgram(`random_${seed}`, { gradients: graph }));
    runAndCompare(program, 'gradients', graph, dims, seed);
  });
});

describe('what a program is given', () => {
  const method = residualProgram({ stages: [1], width: 2, classes: 3 });
  const dims = { N: 1, H: 8, W: 8 };
  const graph = method.graphs.gradients;

  async function failure(change: (args: ReturnType<typeof argumentsOf>) => ReturnType<typeof argumentsOf>): Promise<string> {
    const program = await load(method);
    const args = argumentsOf(feed(graph, dims, 1), dims);
    const before = tf.memory().numBytes;
    let message = '';
    try {
      program.graphs.gradients(change(args));
    } catch (error) {
      message = error instanceof Error ? error.message : '';
    }
    expect(tf.memory().numBytes).toBe(before);
    disposeAll(args);
    return message;
  }

  test('a missing input is named with its shape', async () => {
    const message = await failure((args) => ({ ...args, batch: { tags: args.batch.tags } }));
    expect(message).toBe("graph 'gradients': the batch 'image' was not given; expected float32 [N, H, W, 3]");
  });
  test('a wrong shape is shown beside the expected one', async () => {
    const message = await failure((args) => ({ ...args, batch: { ...args.batch, image: args.batch.tags } }));
    expect(message).toContain("batch 'image': expected float32 [N, H, W, 3] with N = 1, H = 8, W = 8, found float32 [1, 3]");
  });
  test('a missing dimension is named', async () => {
    const message = await failure((args) => ({ ...args, dims: { N: 1, H: 8 } }));
    expect(message).toContain('the dimension W has no value');
  });
  test('a disposed tensor is refused', async () => {
    const message = await failure((args) => {
      const gone = args.batch.image.clone();
      gone.dispose();
      return { ...args, batch: { ...args.batch, image: gone } };
    });
    expect(message).toContain('already disposed');
  });
});

test('a step that throws in the middle gives everything back', async () => {
  const method = residualProgram({ stages: [1], width: 2, classes: 3 });
  const program = await load(method);
  const dims = { N: 1, H: 8, W: 8 };
  const args = argumentsOf(feed(method.graphs.gradients, dims, 1), dims);
  // A getter that turns into another tensor after the checks: the kernel refuses it in mid-step.
  let reads = 0;
  const wrong = tf.zeros([3, 3, 5, 5]);
  const key = 'net.layer1.0.second.conv.weight';
  const good = args.state[key];
  const state = { ...args.state };
  Object.defineProperty(state, key, { enumerable: true, get: () => (reads++ < 1 ? good : wrong) });
  const before = tf.memory();
  expect(() => program.graphs.gradients({ ...args, state })).toThrow();
  expect(reads).toBeGreaterThan(1);
  expect(tf.memory().numBytes).toBe(before.numBytes);
  expect(tf.memory().numTensors).toBe(before.numTensors);
});
