/** Short forms for graphs in tests, and their evaluation by the float64 references. */

import { inputName, isInput } from '../../compiler/ir/paths.ts';
import { passBuilder, settle } from '../../compiler/ir/rewrite.ts';
import type { Builder } from '../../compiler/ops/builder.ts';
import type { Graph, GraphOutput, InputRole, Kind, Node, OutputRole } from '../../compiler/ops/graph.ts';
import { constant, type Dim, evaluate, variable } from '../../compiler/shape/dim.ts';
import type { Sizes } from '../reference/attributes.ts';
import { type NdArray, ndarray, sizeOf } from '../reference/ndarray.ts';
import { referenceEvaluate } from '../reference/primitives.ts';

export const ANY = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

export function dims(...shape: readonly (number | string | Dim)[]): readonly Dim[] {
  return shape.map((d) => (typeof d === 'number' ? constant(d) : typeof d === 'string' ? variable(d) : d));
}

export function input(b: Builder, role: InputRole, name: string, shape: readonly (number | string | Dim)[], kind: Kind = 'tensor'): Node {
  return b.input(role, name, { dtype: 'f32', shape: dims(...shape) }, { kind, range: ANY });
}

export type Outputs = Readonly<Record<string, Node>>;

/** A graph from `loss:name`, `output:name`, `state:name` keys. */
export function graphOf(build: (b: Builder) => Outputs, name = 'test'): Graph {
  const b = passBuilder();
  const outputs = Object.entries(build(b)).map(([key, node]): GraphOutput => {
    const [role, ...rest] = key.split(':');
    return { role: role as OutputRole, name: rest.join(':'), node };
  });
  return settle(name, b.nodes, outputs, []);
}

/** Values of inputs by `role:name`. */
export type Feeds = ReadonlyMap<string, NdArray>;

/** References know inputs by name only; roles are made part of it. */
function byRole(graph: Graph): { readonly nodes: readonly Node[]; readonly image: ReadonlyMap<Node, Node> } {
  const image = new Map<Node, Node>();
  const nodes = graph.nodes.map((node) => {
    const { role, name } = isInput(node) ? inputName(node) : { role: '', name: '' };
    const copy: Node = isInput(node)
      ? { ...node, attrs: { ...node.attrs, name: `${role}:${name}` } }
      : { ...node, inputs: node.inputs.map((i) => image.get(i)!) };
    image.set(node, copy);
    return copy;
  });
  return { nodes, image };
}

/** Values of every node, by the float64 references. */
export function evaluateNodes(graph: Graph, feeds: Feeds, sizes: Sizes): ReadonlyMap<Node, NdArray> {
  const { nodes, image } = byRole(graph);
  const values = referenceEvaluate(nodes, feeds, sizes);
  return new Map(graph.nodes.map((node) => [node, values.get(image.get(node)!)!] as const));
}

/** Values of outputs by `role:name`. */
export function evaluateGraph(graph: Graph, feeds: Feeds, sizes: Sizes): ReadonlyMap<string, NdArray> {
  const values = evaluateNodes(graph, feeds, sizes);
  return new Map(graph.outputs.map(({ role, name, node }) => [`${role}:${name}`, values.get(node)!] as const));
}

export function shapeOf(node: Node, sizes: Sizes): readonly number[] {
  return node.type.shape.map((d) => evaluate(d, sizes));
}

/** A small generator of random numbers (mulberry32), so that a failing seed can be run again. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomArray(shape: readonly number[], random: () => number, low = -1, high = 1): NdArray {
  return ndarray(
    shape,
    Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random()),
  );
}

/** Random values for every input of a graph. */
export function randomFeeds(graph: Graph, sizes: Sizes, random: () => number): Map<string, NdArray> {
  const feeds = new Map<string, NdArray>();
  for (const node of graph.nodes) {
    if (!isInput(node)) continue;
    const { role, name } = inputName(node);
    if (!feeds.has(`${role}:${name}`)) feeds.set(`${role}:${name}`, randomArray(shapeOf(node, sizes), random));
  }
  return feeds;
}

/** Largest difference between two arrays; infinite where shapes differ. */
export function distance(a: NdArray, b: NdArray): number {
  if (a.shape.join() !== b.shape.join()) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.data.length; i++) {
    const d = Math.abs(a.data[i] - b.data[i]);
    worst = Number.isNaN(d) ? Number.POSITIVE_INFINITY : Math.max(worst, d);
  }
  return worst;
}
