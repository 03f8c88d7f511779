/** A few steps of a small method by the float64 interpreter of flat graphs: what a session has to do with its variables. */
import { expect } from 'vitest';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { evaluate, nameOf } from '../../../compiler/shape/dim.ts';
import { evaluateGraph, randomArray, randomNumbers } from '../../graphs/build.ts';
import { type NdArray, ndarray } from '../../reference/ndarray.ts';
import { inputNodes, methodProgram } from './programs.ts';
import type { Open, Values } from './runner.ts';

export interface TrainingRun {
  readonly program: MethodProgram;
  readonly state: Values;
  readonly steps: readonly {
    /** `batch:` and `scalar:` inputs. */
    readonly fed: Values;
    /** Every output of the gradients and of the update. */
    readonly wanted: Values;
    /** The whole state after the step. */
    readonly after: Values;
  }[];
}

/** Random values for all inputs of a graph; tags and masks are 0 and 1. */
export function drawnFeeds(graph: Graph, sizes: Readonly<Record<string, number>>, random: () => number): Map<string, NdArray> {
  const feeds = new Map<string, NdArray>();
  for (const node of inputNodes(graph)) {
    const shape = node.type.shape.map((d) => evaluate(d, sizes));
    const drawn = randomArray(shape, random, -0.5, 0.5);
    const discrete = node.kind === 'tags' || node.kind === 'region' || node.kind === 'mask';
    feeds.set(
      `${String(node.attrs.role)}:${String(node.attrs.name)}`,
      ndarray(
        shape,
        drawn.data.map((v) => (discrete ? Number(v > -0.3) : Math.fround(v))),
      ),
    );
  }
  return feeds;
}

export function freeSizes(nodes: readonly Node[]): readonly string[] {
  return [...new Set(nodes.flatMap((node) => node.type.shape.flatMap((d) => nameOf(d) ?? [])))];
}

export function trainingRun(): TrainingRun {
  const program = methodProgram('test/unit/cli/tiny.wsss', 'tiny');
  const random = randomNumbers(5);
  const { gradients, update } = program.graphs;
  const sizes = Object.fromEntries(freeSizes(inputNodes(gradients)).map((name) => [name, name === program.batchDim ? 2 : 12]));
  const state = new Map<string, NdArray>(
    program.state.map(({ key, type, role }) => {
      const shape = type.shape.map((d) => evaluate(d, sizes));
      return [
        `state:${key}`,
        ndarray(
          shape,
          randomArray(shape, random, -0.3, 0.3).data.map((v) => (role === 'slot' ? 0 : Math.fround(v))),
        ),
      ];
    }),
  );
  const scalars = inputNodes(update).flatMap(({ attrs }) =>
    attrs.role === 'scalar' ? [[`scalar:${String(attrs.name)}`, ndarray([], [0.125])] as const] : [],
  );
  let before: Values = state;
  const steps = Array.from({ length: 3 }, () => {
    const fed = new Map([...[...drawnFeeds(gradients, sizes, random)].filter(([key]) => key.startsWith('batch:')), ...scalars]);
    const first = evaluateGraph(gradients, new Map([...before, ...fed]), sizes);
    const second = evaluateGraph(update, new Map([...before, ...fed, ...first]), sizes);
    const wanted = new Map([...first, ...second]);
    const after = new Map([...before, ...[...wanted].filter(([key]) => key.startsWith('state:'))]);
    before = after;
    return { fed, wanted, after };
  });
  return { program, state, steps };
}

/** Three steps in a session against the interpreter of flat graphs: gradients, losses, and the state after each. */
export async function checkTraining(open: Open, tolerance: number): Promise<void> {
  const run = trainingRun();
  const runner = await open(run.program);
  await runner.run('assign', run.state);
  for (const { fed, wanted, after } of run.steps) {
    const gradients = await runner.run('gradients', fed);
    const told = await runner.run('step', fed);
    const held = await runner.run('read', new Map());
    for (const [key, value] of wanted) {
      if (key.startsWith('gradient:')) closeTo(gradients.get(key), value, key, tolerance);
      if (key.startsWith('loss:') || key.startsWith('output:')) closeTo(told.get(key), value, key, tolerance);
    }
    for (const [key, value] of after) closeTo(held.get(key), value, key, tolerance);
  }
  await runner.close();
}

/** Equal in shape, and in every element up to `tolerance` of the largest. */
export function closeTo(found: NdArray | undefined, wanted: NdArray, what: string, tolerance: number): void {
  expect(found?.shape, what).toEqual(wanted.shape);
  const largest = Math.max(1e-6, ...wanted.data.map(Math.abs));
  const worst = wanted.data.reduce((most, v, i) => Math.max(most, Math.abs(v - (found?.data[i] ?? Number.NaN))), 0);
  expect(worst, what).toBeLessThanOrEqual(tolerance * largest);
}
