/**
 * The graphs in TensorFlow itself, through tfjs-node, where it is installed and loads (`wsss doctor` says whether); elsewhere these tests are
 * skipped, and run.test.ts does the same with a stand-in. Every rule of the column is held against the float64 references here too.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import type { Graph } from '../../../compiler/ops/graph.ts';
import { operatorNames } from '../../../compiler/ops/table.ts';
import { tensorflowRule } from '../../../compiler/ops/tensorflow/column.ts';
import { quiet } from '../../../runtime/backend/quiet.ts';
import { probeTensorFlow } from '../../../runtime/backend/tensorflow.ts';
import { type GraphFeeds, GraphSession } from '../../../runtime/graph/session.ts';
import type { TensorMap } from '../../../runtime/program.ts';
import type { NdArray } from '../../reference/ndarray.ts';
import { checkCase, checkOtherSizes, checkTrainingCase } from './cases.ts';
import { drawnOperator } from './operators.ts';
import { bareProgram, inputNodes, savedModelBytes } from './programs.ts';
import type { Open, Values } from './runner.ts';
import { checkTraining, closeTo, trainingRun } from './training.ts';

quiet();
const tensorflow = await probeTensorFlow();

/** float32 against float64. */
const TOLERANCE = 3e-5;

function upload({ shape, data }: NdArray, dtype: 'f32' | 'i32' | 'bool' = 'f32'): Tensor {
  if (dtype === 'bool') return tensor(Uint8Array.from(data), [...shape], 'bool');
  return dtype === 'i32' ? tensor(Int32Array.from(data), [...shape], 'int32') : tensor(Float32Array.from(data), [...shape], 'float32');
}

async function download(value: Tensor): Promise<NdArray> {
  return { shape: value.shape, data: Float64Array.from(await value.data()) };
}

function keyed(role: string, tensors: TensorMap): readonly (readonly [string, Tensor])[] {
  return Object.entries(tensors).map(([name, value]) => [`${role}:${name}`, value] as const);
}

/** Values by `role:name` as tensors of the dtypes that the program wants. */
function feedsOf(values: Values, program: MethodProgram, signature: string): GraphFeeds & { readonly state: TensorMap } {
  const own = program.graphs[signature];
  const inputs = (own ? [own] : Object.values(program.graphs)).flatMap(inputNodes);
  const of = (role: string): TensorMap =>
    Object.fromEntries(
      [...values].flatMap(([key, value]) => {
        if (!key.startsWith(`${role}:`)) return [];
        const name = key.slice(role.length + 1);
        return [[name, upload(value, inputs.find(({ attrs }) => attrs.role === role && attrs.name === name)?.type.dtype)]];
      }),
    );
  const dims = Object.fromEntries(
    [...values].flatMap(([key, { data }]) => (key.startsWith('size:') ? [[key.slice('size:'.length), data[0]]] : [])),
  );
  return { state: of('state'), batch: of('batch'), draws: of('draw'), scalars: of('scalar'), dims };
}

describe.skipIf(!tensorflow.usable)(`in TensorFlow (${tensorflow.usable ? tensorflow.version : tensorflow.reason})`, () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsss-native-'));
    expect(await setBackend('tensorflow')).toBe(true);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  let models = 0;

  async function session(program: MethodProgram): Promise<GraphSession> {
    const own = join(folder, String(models++));
    await mkdir(own);
    await writeFile(join(own, 'saved_model.pb'), savedModelBytes(program));
    return GraphSession.open(own);
  }

  const open: Open = async (program) => {
    const opened = await session(program);
    return {
      run: async (signature, values) => {
        const feeds = feedsOf(values, program, signature);
        if (signature === 'assign') {
          await opened.assign(feeds.state);
          return new Map();
        }
        const { gradients, state, losses, outputs } = await opened.call(signature, feeds);
        const found = [...keyed('gradient', gradients), ...keyed('state', state), ...keyed('loss', losses), ...keyed('output', outputs)];
        return new Map(await Promise.all(found.map(async ([key, value]) => [key, await download(value)] as const)));
      },
      close: async () => opened.dispose(),
    };
  };

  describe.each(['all results', 'loss and gradients alone'] as const)('%s', (results) => {
    it('sipe/head_e2e: the values of the reference file', () => checkCase(open, 'sipe', 'head_e2e', results));
    it('sipe/train_3_steps: the values of the reference file', () => checkTrainingCase(open, 'sipe', 'train_3_steps', results));
  });

  it.each([1, 2, 3])('the bytes know no sizes, %i', (seed) => checkOtherSizes(open, seed, 3e-4));

  it('trains in the variables of the session', () => checkTraining(open, TOLERANCE));

  it('says what is missing, and where TensorFlow stumbled', async () => {
    const run = trainingRun();
    const opened = await session(run.program);
    const given = feedsOf(run.steps[0].fed, run.program, 'gradients');
    await expect(opened.call('step', { ...given, batch: {} })).rejects.toMatchObject({ code: 'graph-feeds' });
    await expect(opened.call('stepp', given)).rejects.toMatchObject({ code: 'graph-feeds', hint: expect.stringContaining('step') });
    await expect(opened.call('gradients', given)).rejects.toMatchObject({ code: 'graph-run', hint: 'feed the state through assign first' });
    await expect(GraphSession.open(join(folder, String(models - 1)))).rejects.toMatchObject({ code: 'graph-open' });
    opened.dispose();
    await expect(GraphSession.open(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'graph-file' });
  });

  it.each(operatorNames.filter((name) => tensorflowRule(name)))('%s equals its float64 reference', async (name) => {
    const cases = Array.from({ length: process.env.WSSS_LONG ? 40 : 8 }, (_, seed) => ({
      key: `case.${seed}`,
      ...drawnOperator(name, seed * 7919 + 13),
    }));
    const graphs: Readonly<Record<string, Graph>> = Object.fromEntries(cases.map(({ key, graph }) => [key, graph]));
    const runner = await open(bareProgram(name, graphs));
    for (const { key, feeds, value } of cases) {
      const found = (await runner.run(key, feeds)).get('output:y');
      const finite = { shape: value.shape, data: value.data.map((v) => (Number.isFinite(v) ? v : 0)) };
      closeTo(
        found && { shape: found.shape, data: found.data.map((v, i) => (Number.isFinite(value.data[i]) ? v : 0)) },
        finite,
        key,
        TOLERANCE,
      );
    }
    await runner.close();
  });
});
