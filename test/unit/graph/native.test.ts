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
import { toProgram } from '../../../runtime/compare/axes.ts';
import { compareResult } from '../../../runtime/compare/call.ts';
import { GraphSession } from '../../../runtime/graph/session.ts';
import type { TensorMap } from '../../../runtime/program.ts';
import type { NdArray } from '../../reference/ndarray.ts';
import { drawnOperator } from './operators.ts';
import { bareProgram, caseProgram, savedModelBytes } from './programs.ts';
import { closeTo, trainingRun } from './training.ts';

quiet();
const tensorflow = await probeTensorFlow();

/** float32 against float64. */
const TOLERANCE = 3e-5;

function upload({ shape, data }: NdArray, dtype: 'f32' | 'i32' | 'bool' = 'f32'): Tensor {
  if (dtype === 'bool') return tensor(Uint8Array.from(data), [...shape], 'bool');
  return dtype === 'i32' ? tensor(Int32Array.from(data), [...shape], 'int32') : tensor(Float32Array.from(data), [...shape], 'float32');
}

async function download(value: Tensor | undefined): Promise<NdArray | undefined> {
  return value && { shape: value.shape, data: Float64Array.from(await value.data()) };
}

const NOTHING = { batch: {}, draws: {}, scalars: {}, dims: {} } as const;

describe.skipIf(!tensorflow.usable)(`in TensorFlow (${tensorflow.usable ? tensorflow.version : tensorflow.reason})`, () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsss-native-'));
    expect(await setBackend('tensorflow')).toBe(true);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function open(program: MethodProgram, name: string): Promise<GraphSession> {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'saved_model.pb'), savedModelBytes(program));
    return GraphSession.open(join(folder, name));
  }

  it.each(['all results', 'loss and gradients alone'] as const)('sipe/head_e2e, %s: the values of the reference file', async (results) => {
    const { program, plan, reference } = caseProgram('sipe', 'head_e2e', results);
    const session = await open(program, results.replaceAll(' ', '-'));
    const fed: Record<'state' | 'batch', Record<string, Tensor>> = { state: {}, batch: {} };
    for (const { role, name, key, axes } of plan.feeds) {
      const stored = reference.tensors.get(key);
      if (!stored) throw new Error(`no ${key}`);
      const { shape, data } = toProgram(stored, axes, key);
      fed[role][name] = upload({ shape, data: Float64Array.from(data) });
    }
    await session.assign(fed.state);
    const found = await session.call(plan.graph, { ...NOTHING, batch: fed.batch });
    const rows = await Promise.all(plan.results.map(({ from, ...result }) => compareResult(found[from], result, reference)));
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter((row) => !row.passed)).toEqual([]);
    session.dispose();
  });

  it('trains: three steps of a method in the variables of the session', async () => {
    const run = trainingRun();
    const session = await open(run.program, 'training');
    const maps = (values: ReadonlyMap<string, NdArray>, role: string): TensorMap =>
      Object.fromEntries(
        [...values].flatMap(([key, value]) => (key.startsWith(`${role}:`) ? [[key.slice(role.length + 1), upload(value)]] : [])),
      );
    await session.assign(maps(run.state, 'state'));
    for (const { fed, wanted, after } of run.steps) {
      const feeds = { ...NOTHING, batch: maps(fed, 'batch'), scalars: maps(fed, 'scalar') };
      const { gradients } = await session.call('gradients', feeds);
      const { losses, outputs } = await session.call('step', feeds);
      const state = await session.read();
      for (const [key, value] of wanted) {
        const [role, name] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
        const found =
          role === 'gradient' ? gradients[name] : role === 'loss' ? losses[name] : role === 'output' ? outputs[name] : undefined;
        if (role !== 'state') closeTo(await download(found), value, key, TOLERANCE);
      }
      for (const [key, value] of after) closeTo(await download(state[key.slice('state:'.length)]), value, key, TOLERANCE);
    }
    session.dispose();
  });

  it('says what is missing, and where TensorFlow stumbled', async () => {
    const run = trainingRun();
    const session = await open(run.program, 'errors');
    await expect(session.call('step', NOTHING)).rejects.toMatchObject({ code: 'graph-feeds' });
    await expect(session.call('stepp', NOTHING)).rejects.toMatchObject({ code: 'graph-feeds', hint: expect.stringContaining('step') });
    const batch = Object.fromEntries(
      [...run.steps[0].fed].flatMap(([key, value]) => (key.startsWith('batch:') ? [[key.slice('batch:'.length), upload(value)]] : [])),
    );
    await expect(session.call('gradients', { ...NOTHING, batch })).rejects.toMatchObject({
      code: 'graph-run',
      hint: 'feed the state through assign first',
    });
    session.dispose();
    await expect(GraphSession.open(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'graph-file' });
  });

  it.each(operatorNames.filter((name) => tensorflowRule(name)))('%s equals its float64 reference', async (name) => {
    const cases = Array.from({ length: process.env.WSSS_LONG ? 40 : 8 }, (_, seed) => ({
      key: `case.${seed}`,
      ...drawnOperator(name, seed * 7919 + 13),
    }));
    const graphs: Readonly<Record<string, Graph>> = Object.fromEntries(cases.map(({ key, graph }) => [key, graph]));
    const session = await open(bareProgram(name, graphs), name);
    const wrong: string[] = [];
    for (const { key, graph, inputs, sizes, value } of cases) {
      const batch = Object.fromEntries(
        inputs.map(({ name: input, value: x }) => [input, upload(x, graph.nodes.find(({ attrs }) => attrs.name === input)?.type.dtype)]),
      );
      const found = await download((await session.call(key, { ...NOTHING, batch, dims: sizes })).outputs.y);
      const largest = Math.max(1, ...value.data.filter(Number.isFinite).map(Math.abs));
      const same =
        found?.shape.join() === value.shape.join() &&
        value.data.every((v, i) => !Number.isFinite(v) || Math.abs(v - (found?.data[i] ?? Number.NaN)) <= TOLERANCE * largest);
      if (!same) wrong.push(key);
    }
    expect(wrong).toEqual([]);
    session.dispose();
  });
});
