/** Decoded graphs run by a stand-in for TensorFlow: reference values, other sizes from the same bytes, and training in the session's variables. */
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../compiler/ops/graph.ts';
import { constantOf, nameOf } from '../../../compiler/shape/dim.ts';
import { toFile, toProgram } from '../../../runtime/compare/axes.ts';
import { compareTensor, ruleOf } from '../../../runtime/compare/rows.ts';
import { evaluateGraph, randomNumbers } from '../../graphs/build.ts';
import { type NdArray, ndarray } from '../../reference/ndarray.ts';
import { Session } from './interpret.ts';
import { caseProgram, decoded, inputNodes } from './programs.ts';
import { closeTo, drawnFeeds, freeSizes, trainingRun } from './training.ts';

/** Constants in the file are float32. */
const TOLERANCE = 1e-5;

const RESULT = { gradients: 'gradient', losses: 'loss', outputs: 'output' } as const;

describe.each(['all results', 'loss and gradients alone'] as const)('sipe/head_e2e, %s', (results) => {
  it('gives the values of the reference file', () => {
    const { program, plan, reference } = caseProgram('sipe', 'head_e2e', results);
    const session = new Session(decoded(program));
    const feeds = new Map<string, NdArray>();
    for (const { role, name, key, axes } of plan.feeds) {
      const stored = reference.tensors.get(key);
      if (!stored) throw new Error(`no ${key}`);
      const { shape, data } = toProgram(stored, axes, key);
      feeds.set(`${role}:${name}`, ndarray(shape, data));
    }
    for (const { key } of program.state) if (!feeds.has(`state:${key}`)) throw new Error(`no value for ${key}`);
    session.run('assign', feeds);
    const found = session.run(plan.graph, feeds);
    expect(plan.results.length).toBeGreaterThan(5);
    const wrong = plan.results.flatMap(({ from, name, key, axes }) => {
      const value = found.get(`${RESULT[from]}:${name}`);
      const stored = reference.tensors.get(key);
      if (!value || !stored) return [`${key} is missing`];
      const row = compareTensor(
        key,
        toFile(value, axes, key),
        stored,
        ruleOf(reference, key),
        reference.description.zeroGradients.includes(key),
      );
      return row.passed ? [] : [`${key}: ${row.absolute}`];
    });
    expect(wrong).toEqual([]);
  });
});

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

describe('the bytes know no sizes', () => {
  const { program } = caseProgram('sipe', 'head_e2e', 'all results');
  const graph = program.graphs.case;
  const model = decoded(program);
  const names = freeSizes(inputNodes(graph).filter((node) => node.attrs.role === 'batch'));

  it.each([1, 2, 3])('other sizes, %i', (seed) => {
    expect(names.length).toBeGreaterThanOrEqual(3);
    const random = randomNumbers(seed);
    const sizes = Object.fromEntries(names.map((name) => [name, fixedSize(graph, name) ?? 2 + Math.floor(random() * 4)]));
    const feeds = drawnFeeds(graph, sizes, random);
    const session = new Session(model);
    session.run('assign', feeds);
    const found = session.run('case', new Map([...feeds, ...names.map((name) => [`size:${name}`, ndarray([], [sizes[name]])] as const)]));
    const wanted = evaluateGraph(graph, feeds, sizes);
    expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [key, value] of wanted) {
      expect(found.get(key)?.shape, key).toEqual(value.shape);
      const largest = Math.max(1e-3, ...value.data.map(Math.abs));
      const worst = value.data.reduce((most, v, i) => Math.max(most, Math.abs(v - (found.get(key)?.data[i] ?? Number.NaN))), 0);
      expect(worst, key).toBeLessThanOrEqual(1e-4 * largest);
    }
  });
});

describe('training in the session', () => {
  const run = trainingRun();

  it('takes the steps that gradients and update take one after the other', () => {
    const session = new Session(decoded(run.program));
    session.run('assign', run.state);
    for (const { fed, wanted, after } of run.steps) {
      const gradients = session.run('gradients', fed);
      const told = session.run('step', fed);
      const held = session.run('read', new Map());
      for (const [key, value] of wanted) {
        if (key.startsWith('gradient:')) closeTo(gradients.get(key), value, key, TOLERANCE);
        if (key.startsWith('loss:') || key.startsWith('output:')) closeTo(told.get(key), value, key, TOLERANCE);
      }
      for (const [key, value] of after) closeTo(held.get(key), value, key, TOLERANCE);
    }
  });

  it('is refused before state is there', () => {
    expect(() => new Session(decoded(run.program)).run('gradients', run.steps[0].fed)).toThrow('Could not find variable');
  });
});
