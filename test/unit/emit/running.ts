/** Loads emitted programs and runs them beside the float64 reference. */
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { type EmittedProgram, emitProgram } from '../../../compiler/emit/eager/emit.ts';
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { evaluate } from '../../../compiler/shape/dim.ts';
import { loadProgram } from '../../../runtime/host/load.ts';
import type { GraphArguments, GraphResult, Program, TensorMap } from '../../../runtime/program.ts';
import { type NdArray, ndarray } from '../../reference/ndarray.ts';
import { referenceEvaluate } from '../../reference/primitives.ts';

export const INFO = { specName: 'spec.wsss', compilerVersion: '0.1.0' } as const;

export function emit(program: MethodProgram): Promise<EmittedProgram> {
  return emitProgram(program, INFO);
}

export function fileOf(emitted: EmittedProgram, ending: '.ts' | '.js' | '.map.json'): string {
  const found = emitted.files.find(({ path }) => path.endsWith(ending));
  if (!found) throw new Error(`no ${ending} file`);
  return found.text;
}

export async function load(program: MethodProgram): Promise<Program> {
  return loadProgram({ text: fileOf(await emit(program), '.js'), name: `${program.name}.js` });
}

/** A program that has only graphs. */
export function bareProgram(name: string, graphs: Readonly<Record<string, Graph>>): MethodProgram {
  return { name, state: [], graphs, batchDim: 'N', classDim: 'K', train: undefined, infer: {}, supervision: [] };
}

/** Numbers in (-1, 1), the same for the same seed. */
export function numbers(seed: number, count: number): Float32Array {
  let state = seed * 2654435761 + 12345;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}

/** Values for every input of a graph by role and name; equal names under different roles get different values. */
export function feed(
  graph: Graph,
  dims: Readonly<Record<string, number>>,
  seed: number,
  change: (name: string, value: number) => number = (_, value) => value,
): ReadonlyMap<Node, NdArray> {
  const seeds = new Map<string, number>();
  const feeds = new Map<Node, NdArray>();
  for (const node of graph.nodes) {
    if (node.op !== 'input') continue;
    const key = `${String(node.attrs.role)}:${String(node.attrs.name)}`;
    const own = seeds.get(key) ?? seeds.size;
    seeds.set(key, own);
    const shape = node.type.shape.map((dim) => evaluate(dim, dims));
    const values = numbers(
      seed * 1000 + own,
      shape.reduce((a, b) => a * b, 1),
    );
    feeds.set(
      node,
      ndarray(
        shape,
        values.map((value) => change(String(node.attrs.name), value)),
      ),
    );
  }
  return feeds;
}

function tensors(feeds: ReadonlyMap<Node, NdArray>, role: string): TensorMap {
  const map: Record<string, tf.Tensor> = {};
  for (const [node, { shape, data }] of feeds) {
    const name = String(node.attrs.name);
    if (node.attrs.role === role && map[name] === undefined) map[name] = tf.tensor(Float32Array.from(data), [...shape], 'float32');
  }
  return map;
}

export function argumentsOf(feeds: ReadonlyMap<Node, NdArray>, dims: Readonly<Record<string, number>>): GraphArguments {
  return {
    state: tensors(feeds, 'state'),
    batch: tensors(feeds, 'batch'),
    draws: tensors(feeds, 'draw'),
    scalars: tensors(feeds, 'scalar'),
    gradients: tensors(feeds, 'gradient'),
    dims,
  };
}

export function disposeAll(value: object): void {
  for (const entry of Object.values(value)) {
    if (entry instanceof tf.Tensor) entry.dispose();
    else if (typeof entry === 'object' && entry !== null) disposeAll(entry);
  }
}

const FIELD = { gradient: 'gradients', state: 'state', loss: 'losses', output: 'outputs' } as const;

/** Runs one graph, holds every output against the float64 reference, and checks that memory returns exactly to where it was. */
export function runAndCompare(
  program: Program,
  key: string,
  graph: Graph,
  dims: Readonly<Record<string, number>>,
  seed: number,
  change?: (name: string, value: number) => number,
): void {
  const feeds = feed(graph, dims, seed, change);
  const start = tf.memory();
  const args = argumentsOf(feeds, dims);
  const before = tf.memory();
  const result: GraphResult = program.graphs[key](args);
  const expected = reference(graph, feeds, dims);
  for (const { role, name, node } of graph.outputs) {
    const found = result[FIELD[role]][name];
    const wanted = expected.get(node);
    if (!wanted) throw new Error(`no reference for ${name}`);
    expect(found, `${role} ${name}`).toBeDefined();
    expect(found.isDisposed, `${role} ${name} is alive`).toBe(false);
    expect(found.shape, `${role} ${name}`).toEqual([...wanted.shape]);
    const values = found.dataSync();
    const largest = wanted.data.reduce((most: number, v: number) => Math.max(most, Math.abs(v)), 0);
    let worst = 0;
    for (let i = 0; i < values.length; i++) worst = Math.max(worst, Math.abs(values[i] - wanted.data[i]));
    expect(worst, `${role} ${name}: difference against a largest value of ${largest}`).toBeLessThanOrEqual(2e-4 * largest + 1e-6);
  }
  disposeAll(result);
  expect(tf.memory().numBytes, 'bytes after the step').toBe(before.numBytes);
  expect(tf.memory().numTensors, 'tensors after the step').toBe(before.numTensors);
  disposeAll(args);
  expect(tf.memory().numTensors, 'tensors after all').toBe(start.numTensors);
}

/** `referenceEvaluate` feeds by name alone; here state and gradients share names, so inputs are renamed by node. */
function reference(graph: Graph, feeds: ReadonlyMap<Node, NdArray>, dims: Readonly<Record<string, number>>): ReadonlyMap<Node, NdArray> {
  const renamed = new Map<Node, Node>();
  const byName = new Map<string, NdArray>();
  const nodes = graph.nodes.map((node): Node => {
    let copy: Node = { ...node, inputs: node.inputs.map((input) => renamed.get(input) ?? input) };
    const fed = feeds.get(node);
    if (fed) {
      const name = `input ${node.id}`;
      copy = { ...copy, attrs: { ...copy.attrs, name } };
      byName.set(name, fed);
    }
    renamed.set(node, copy);
    return copy;
  });
  const values = referenceEvaluate(nodes, byName, dims);
  return new Map([...renamed].flatMap(([node, copy]) => (values.has(copy) ? [[node, values.get(copy)!] as const] : [])));
}
