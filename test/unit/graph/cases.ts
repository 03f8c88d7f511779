/** Compare cases run as one TensorFlow graph: what must come out is in the reference file, as far as `wsss compare` wants it. */
import { expect } from 'vitest';
import type { Results } from '../../../compiler/compare/call-program.ts';
import type { Graph } from '../../../compiler/ops/graph.ts';
import { constantOf, evaluate, nameOf } from '../../../compiler/shape/dim.ts';
import { toFile, toProgram } from '../../../runtime/compare/axes.ts';
import type { AxisOrder, Feed } from '../../../runtime/compare/plan.ts';
import type { Reference } from '../../../runtime/compare/reference.ts';
import { compareTensor, ruleOf } from '../../../runtime/compare/rows.ts';
import { groupRates } from '../../../runtime/train/schedule.ts';
import { evaluateGraph, randomNumbers } from '../../graphs/build.ts';
import { type NdArray, ndarray, zeros } from '../../reference/ndarray.ts';
import { caseProgram, inputNodes, trainingCase } from './programs.ts';
import type { Open, Values } from './runner.ts';
import { closeTo, drawnFeeds, freeSizes } from './training.ts';

function feedsOf(feeds: readonly Feed[], reference: Reference): Map<string, NdArray> {
  return new Map(
    feeds.map(({ role, name, key, axes }) => {
      const stored = reference.tensors.get(key);
      if (!stored) throw new Error(`no ${key}`);
      const { shape, data } = toProgram(stored, axes, key);
      return [`${role}:${name}`, ndarray(shape, data)] as const;
    }),
  );
}

/** What is wrong with a value, or nothing. */
function wrong(value: NdArray | undefined, key: string, axes: AxisOrder | undefined, reference: Reference): readonly string[] {
  const stored = reference.tensors.get(key);
  if (!value || !stored) return [`${key} is missing`];
  const zero = reference.description.zeroGradients.includes(key);
  const row = compareTensor(key, toFile(value, axes, key), stored, ruleOf(reference, key), zero);
  return row.passed ? [] : [`${key}: off by ${row.absolute}`];
}

const ROLES = { gradients: 'gradient', losses: 'loss', outputs: 'output' } as const;

/** A case that calls a module: every result against the file. */
export async function checkCase(open: Open, method: string, name: string, results: Results): Promise<void> {
  const { program, plan, reference } = caseProgram(method, name, results);
  const feeds = feedsOf(plan.feeds, reference);
  const runner = await open(program);
  await runner.run('assign', feeds);
  const found = await runner.run(plan.graph, feeds);
  await runner.close();
  expect(plan.results.length).toBeGreaterThan(5);
  expect(plan.results.flatMap(({ from, name, key, axes }) => wrong(found.get(`${ROLES[from]}:${name}`), key, axes, reference))).toEqual([]);
}

/** A case of training steps: state goes in once, every step is one run, and everything that the file has of each step is compared. */
export async function checkTrainingCase(open: Open, method: string, name: string, results: Results): Promise<void> {
  const { program, plan, reference } = trainingCase(method, name, results);
  const { train } = program;
  if (!train) throw new Error('no training');
  const schedule = { groups: train.optimizer.groups, schedule: train.schedule };
  const signature = train.phases[0].graph.replace(/^gradients/, 'step');
  const runner = await open(program);
  const given = feedsOf(plan.state, reference);
  const sizes: Record<string, number> = {};
  for (const { key, type } of program.state)
    type.shape.forEach((d, axis) => {
      const [name, length] = [nameOf(d), given.get(`state:${key}`)?.shape[axis]];
      if (name !== undefined && length !== undefined) sizes[name] = length;
    });
  // The optimiser's own state starts at zero.
  const start = program.state.map(({ key, type }) => {
    const value = given.get(`state:${key}`) ?? zeros(type.shape.map((d) => evaluate(d, sizes)));
    return [`state:${key}`, value] as const;
  });
  await runner.run('assign', new Map(start));
  const batch = feedsOf(plan.batch, reference);
  const bad: string[] = [];
  let compared = 0;
  const told: Values[] = [];
  for (let step = 0; step < plan.steps; step++) {
    const rates = Object.entries(groupRates(schedule, step, plan.total)).map(
      ([key, rate]) => [`scalar:${key}`, ndarray([], [rate])] as const,
    );
    const found = await runner.run(signature, new Map([...batch, ...rates, ['scalar:step', ndarray([], [step + 1])] as const]));
    const state = await runner.run('read', new Map());
    told.push(found);
    for (const { from, name, key, axes } of plan.results.filter((result) => result.step === step + 1)) {
      compared++;
      bad.push(...wrong(from === 'state' ? state.get(`state:${name}`) : found.get(`output:${name}`), key, axes, reference));
    }
  }
  await runner.close();
  for (const { of, names, key } of plan.stacked) {
    if (of === 'rates') continue;
    compared++;
    const rows = told.map((found) =>
      (of === 'grad_norms' ? ['output:grad_norm'] : names.map((loss) => `loss:${loss}`)).map(
        (one) => found.get(one)?.data[0] ?? Number.NaN,
      ),
    );
    const shape = rows[0].length > 1 ? [rows.length, rows[0].length] : [rows.length];
    bad.push(...wrong(ndarray(shape, rows.flat()), key, undefined, reference));
  }
  expect(compared).toBeGreaterThan(5);
  expect(bad).toEqual([]);
}

/** The number that an assertion of the program wants for a size. */
function fixedSize(graph: Graph, name: string): number | undefined {
  for (const { left, right, relation } of graph.assertions)
    for (const [a, b] of [
      [left, right],
      [right, left],
    ])
      if (relation === '==' && nameOf(a) === name && constantOf(b) !== undefined) return constantOf(b);
  return undefined;
}

/** The same bytes with other sizes of everything that the file leaves open, against the float64 interpreter of flat graphs. */
export async function checkOtherSizes(open: Open, seed: number, tolerance: number): Promise<void> {
  const { program } = caseProgram('sipe', 'head_e2e', 'all results');
  const graph = program.graphs.case;
  const names = freeSizes(inputNodes(graph).filter((node) => node.attrs.role === 'batch'));
  expect(names.length).toBeGreaterThanOrEqual(3);
  const random = randomNumbers(seed);
  const sizes = Object.fromEntries(names.map((name) => [name, fixedSize(graph, name) ?? 2 + Math.floor(random() * 4)]));
  const feeds = drawnFeeds(graph, sizes, random);
  const runner = await open(program);
  await runner.run('assign', new Map([...stateOf(program.state, sizes), ...feeds]));
  const fed = names.map((name) => [`size:${name}`, ndarray([], [sizes[name]])] as const);
  const found = await runner.run('case', new Map([...feeds, ...fed]));
  await runner.close();
  const wanted = evaluateGraph(graph, feeds, sizes);
  expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [key, value] of wanted) closeTo(found.get(key), value, key, tolerance);
}

/** Zeros for state that the graph does not read. */
function stateOf(state: ReturnType<typeof caseProgram>['program']['state'], sizes: Readonly<Record<string, number>>): Values {
  return new Map(state.map(({ key, type }) => [`state:${key}`, zeros(type.shape.map((d) => evaluate(d, sizes)))] as const));
}
