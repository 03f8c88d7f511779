/** Decoded graphs run by a stand-in for TensorFlow: reference values, other sizes from the same bytes, and training in the session's variables. */
import { describe, expect, it } from 'vitest';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { constantOf, evaluate, nameOf } from '../../../compiler/shape/dim.ts';
import { toFile, toProgram } from '../../../runtime/compare/axes.ts';
import { compareTensor, ruleOf } from '../../../runtime/compare/rows.ts';
import { evaluateGraph, randomArray, randomNumbers } from '../../graphs/build.ts';
import { type NdArray, ndarray } from '../../reference/ndarray.ts';
import { Session } from './interpret.ts';
import { caseProgram, decoded, inputNodes, methodProgram } from './programs.ts';

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

/** Values of all inputs of a graph for these sizes: whole numbers where the program wants them, tags of 0 and 1. */
function feedsOf(graph: Graph, sizes: Readonly<Record<string, number>>, random: () => number): Map<string, NdArray> {
  const feeds = new Map<string, NdArray>();
  for (const node of inputNodes(graph)) {
    const key = `${String(node.attrs.role)}:${String(node.attrs.name)}`;
    const shape = node.type.shape.map((d) => evaluate(d, sizes));
    const drawn = randomArray(shape, random, -0.5, 0.5);
    const discrete = node.kind === 'tags' || node.kind === 'region' || node.kind === 'mask';
    feeds.set(
      key,
      discrete
        ? ndarray(
            shape,
            drawn.data.map((v) => (v > -0.3 ? 1 : 0)),
          )
        : drawn,
    );
  }
  return feeds;
}

function freeSizes(nodes: readonly Node[]): readonly string[] {
  return [...new Set(nodes.flatMap((node) => node.type.shape.flatMap((d) => nameOf(d) ?? [])))];
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

describe('the bytes know no sizes', () => {
  const { program } = caseProgram('sipe', 'head_e2e', 'all results');
  const graph = program.graphs.case;
  const model = decoded(program);
  const names = freeSizes(inputNodes(graph).filter((node) => node.attrs.role === 'batch'));

  it.each([1, 2, 3])('other sizes, %i', (seed) => {
    expect(names.length).toBeGreaterThanOrEqual(3);
    const random = randomNumbers(seed);
    const sizes = Object.fromEntries(names.map((name) => [name, fixedSize(graph, name) ?? 2 + Math.floor(random() * 4)]));
    const feeds = feedsOf(graph, sizes, random);
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
  const program: MethodProgram = methodProgram('test/unit/cli/tiny.wsss', 'tiny');

  it('takes the steps that gradients and update take one after the other', () => {
    const random = randomNumbers(5);
    const { gradients, update } = program.graphs;
    const sizes = Object.fromEntries(freeSizes(inputNodes(gradients)).map((name) => [name, name === program.batchDim ? 2 : 16]));
    const session = new Session(decoded(program));
    let state = new Map<string, NdArray>(
      program.state.map(({ key, type, role }) => {
        const shape = type.shape.map((d) => evaluate(d, sizes));
        return [
          `state:${key}`,
          role === 'slot'
            ? ndarray(
                shape,
                randomArray(shape, random).data.map(() => 0),
              )
            : randomArray(shape, random, -0.3, 0.3),
        ] as const;
      }),
    );
    session.run('assign', state);
    const scalars = inputNodes(update).flatMap(({ attrs }) =>
      attrs.role === 'scalar' ? [[`scalar:${String(attrs.name)}`, ndarray([], [0.1])] as const] : [],
    );
    for (let step = 0; step < 3; step++) {
      const fed = new Map([...[...feedsOf(gradients, sizes, random)].filter(([key]) => !key.startsWith('state:')), ...scalars]);
      const before = session.run('gradients', fed);
      const told = session.run('step', fed);
      const first = evaluateGraph(gradients, new Map([...state, ...fed]), sizes);
      const second = evaluateGraph(update, new Map([...state, ...fed, ...first]), sizes);
      for (const [key, value] of [...first, ...second]) {
        if (key.startsWith('gradient:')) close(before.get(key), value, key);
        if (key.startsWith('loss:') || key.startsWith('output:')) close(told.get(key), value, key);
      }
      state = new Map([...state, ...[...first, ...second].filter(([key]) => key.startsWith('state:'))]);
      const held = session.run('read', new Map());
      for (const [key, value] of state) close(held.get(key), value, `${key} after step ${step}`);
    }
  });

  it('is refused before state is there', () => {
    const sizes = Object.fromEntries(freeSizes(inputNodes(program.graphs.gradients)).map((name) => [name, 8]));
    const feeds = feedsOf(program.graphs.gradients, sizes, randomNumbers(1));
    expect(() => new Session(decoded(program)).run('gradients', feeds)).toThrow('Could not find variable');
  });
});

function close(found: NdArray | undefined, wanted: NdArray, what: string): void {
  expect(found?.shape, what).toEqual(wanted.shape);
  const largest = Math.max(1e-6, ...wanted.data.map(Math.abs));
  const worst = wanted.data.reduce((most, v, i) => Math.max(most, Math.abs(v - (found?.data[i] ?? Number.NaN))), 0);
  expect(worst, what).toBeLessThanOrEqual(1e-5 * largest);
}
