/**
 * Canonical form and hashes. A graph is written down in an order that follows from its outputs alone, so that neither the order of
 * independent statements, nor places in the text, nor ids have a say.
 * - `hashWithNames`: names of inputs and outputs (declaration paths) count: what a cache key is made of.
 * - `hashStructure`: names of inputs, outputs and dimensions count only up to consistent renaming: what `diff` compares.
 */
import type { Graph, Node } from '../ops/graph.ts';
import { type Dim, type DimJson, substitute, toJson, variable, variablesOf } from '../shape/dim.ts';
import { attrsToJson } from './attributes.ts';
import { inputName, isInput } from './paths.ts';
import { settle, withInputs } from './rewrite.ts';
import { sha256 } from './sha256.ts';

/** Bump when the meaning of an operator changes without its name changing: old cache keys must not match. */
export const OPERATOR_TABLE_VERSION = 1;

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

function digest(value: unknown): string {
  return sha256(JSON.stringify(value));
}

const withNames = new WeakMap<Graph, string>();

/** Of the computation with all its names. Graphs are never written to, so that each is hashed once for all the hashes it is part of. */
export function hashWithNames(graph: Graph): string {
  const known = withNames.get(graph);
  if (known !== undefined) return known;
  const hash = digest([OPERATOR_TABLE_VERSION, namedForm(graph)]);
  withNames.set(graph, hash);
  return hash;
}

/** Of the computation up to consistent renaming of inputs, outputs and dimensions. */
export function hashStructure(graph: Graph): string {
  return digest([OPERATOR_TABLE_VERSION, structureForm(graph)]);
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Hash of the computation of each node, inputs by role and name. */
function nodeHashes(graph: Graph): readonly string[] {
  const hashes: string[] = [];
  for (const node of graph.nodes)
    hashes.push(
      digest([
        node.op,
        node.type.dtype,
        node.type.shape.map(toJson),
        attrsToJson(node.attrs),
        node.inputs.map((input) => hashes[input.id]),
      ]),
    );
  return hashes;
}

function namedForm(graph: Graph): Json {
  const hashes = nodeHashes(graph);
  const assertions = graph.assertions.map((a) => JSON.stringify([toJson(a.left), a.relation, toJson(a.right)])).sort(byText);
  return [graph.outputs.map((output) => `${output.role}:${output.name}=${hashes[output.node.id]}`).sort(byText), assertions];
}

// ------------------------------------------------ structure

/** The shape of a size with its names left out: the same under any renaming. */
function anonymous(d: Dim): Json {
  const strip = (json: DimJson): Json => {
    if (typeof json === 'number') return json;
    if (typeof json === 'string') return '?';
    if ('exact' in json) return ['exact', '?', json.exact[1]];
    const [[key, parts]] = Object.entries(json);
    const items = (Array.isArray(parts) ? parts : []).map(
      (part: DimJson | readonly DimJson[]): Json =>
        isList(part) ? part.map((factor) => JSON.stringify(strip(factor))).sort(byText) : strip(part),
    );
    // Terms and extrema are ordered by name; without names, by what is left.
    return [key, key === 'sum' || key === 'max' || key === 'min' ? items.map((item) => JSON.stringify(item)).sort(byText) : items];
  };
  return strip(toJson(d));
}

function isList(value: unknown): value is readonly DimJson[] {
  return Array.isArray(value);
}

/** Colours that tell nodes apart without names: first by what they compute, then repeatedly by who reads them. */
function colours(graph: Graph): readonly string[] {
  const roles = graph.nodes.map((): string[] => []);
  for (const output of graph.outputs) roles[output.node.id].push(output.role);
  let colour = graph.nodes.map((node) =>
    isInput(node) ? digest(['input', inputName(node).role, node.type.dtype, node.type.shape.map(anonymous)]) : '',
  );
  let classes = 0;
  for (;;) {
    // Downwards from inputs.
    const down: string[] = [];
    for (const node of graph.nodes) {
      const own = isInput(node)
        ? colour[node.id]
        : digest([
            node.op,
            node.type.dtype,
            attrsToJson(node.attrs, () => '?'),
            node.type.shape.map(anonymous),
            node.inputs.map((input) => down[input.id]),
          ]);
      down.push(own);
    }
    // Upwards from users.
    const users = graph.nodes.map((): string[] => []);
    const up: string[] = [];
    for (let i = graph.nodes.length - 1; i >= 0; i--) {
      const node = graph.nodes[i];
      up[i] = digest([down[i], [...roles[i]].sort(byText), users[i].sort(byText)]);
      node.inputs.forEach((input, place) => {
        users[input.id].push(`${place}:${up[i]}`);
      });
    }
    colour = up;
    const found = new Set(up).size;
    if (found <= classes) return up;
    classes = found;
  }
}

/** What is computed (or read) twice is there once: two nodes may be one and the same input. */
function shared(graph: Graph): Graph {
  const hashes = nodeHashes(graph);
  const first = new Map<string, Node>();
  const nodes: Node[] = [];
  const image = (node: Node): Node => first.get(hashes[node.id]) ?? node;
  for (const node of graph.nodes) {
    if (first.has(hashes[node.id])) continue;
    const copy = withInputs(node, node.inputs.map(image));
    first.set(hashes[node.id], copy);
    nodes.push(copy);
  }
  const outputs = graph.outputs.map((output) => ({ ...output, node: image(output.node) }));
  return settle(graph.name, nodes, outputs, graph.assertions);
}

/** The graph written down from its outputs, ordered by colour; names become numbers in the order in which they are met. */
function structureForm(whole: Graph): Json {
  const graph = shared(whole);
  const colour = colours(graph);
  const outputs = [...graph.outputs].sort((a, b) => byText(`${a.role}:${colour[a.node.id]}`, `${b.role}:${colour[b.node.id]}`));
  const numbers = new Map<Node, number>();
  const sizes = new Map<string, Dim>();
  const states = new Map<string, number>();
  const lines: Json[] = [];
  const size = (d: Dim): DimJson => {
    for (const name of variablesOf(d)) if (!sizes.has(name)) sizes.set(name, variable(`d${sizes.size}`));
    return toJson(substitute(d, sizes));
  };
  const write = (node: Node): void => {
    if (isInput(node)) {
      const { role, name } = inputName(node);
      if (role === 'state') states.set(name, lines.length);
      lines.push(['input', role, node.type.dtype, node.type.shape.map(size)]);
    } else {
      lines.push([
        node.op,
        node.type.dtype,
        attrsToJson(node.attrs, size),
        node.type.shape.map(size),
        node.inputs.map((input) => numbers.get(input) ?? -1),
      ] as Json);
    }
    numbers.set(node, lines.length - 1);
  };
  for (const output of outputs) {
    // Depth first without recursion: graphs are deep.
    const stack: { readonly node: Node; next: number }[] = [{ node: output.node, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      if (numbers.has(top.node)) stack.pop();
      else if (top.next < top.node.inputs.length) stack.push({ node: top.node.inputs[top.next++], next: 0 });
      else {
        write(top.node);
        stack.pop();
      }
    }
  }
  const results = outputs.map(
    ({ role, name, node }): Json => [
      role,
      numbers.get(node) ?? -1,
      role === 'state' || role === 'gradient' ? (states.get(name) ?? null) : null,
    ],
  );
  const assertions = graph.assertions.map((a) => JSON.stringify([size(a.left), a.relation, size(a.right)])).sort(byText);
  return [lines, results, assertions];
}
