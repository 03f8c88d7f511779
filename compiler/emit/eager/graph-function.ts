/** One graph of a program as an exported function `(args: GraphArguments) => GraphResult`. */
import type { Graph, GraphOutput, InputRole, Node, OutputRole } from '../../ops/graph.ts';
import { type Dim, isDim, show, variablesOf } from '../../shape/dim.ts';
import { type Access, accessText, localTensor } from './access.ts';
import { member, numberLiteral, property, stringLiteral } from './escape.ts';
import type { KeyLists } from './key-lists.ts';
import { call } from './literal.ts';
import { isHoisted, type Releases } from './memory.ts';
import type { FunctionItem, Line } from './module.ts';
import { Names } from './names.ts';
import type { Outline } from './outline.ts';
import { inputName, numberKey, type Schedule, type StoredGradient, sizeUses } from './region.ts';
import type { Rolling } from './roll.ts';
import { sizeExpression, sizeName } from './sizes.ts';
import { type Body, functionName, reach, sizeText, writeReleases } from './statement.ts';

/** The field of `GraphArguments` that holds inputs of a role. */
const ARGUMENT: Readonly<Record<InputRole, string>> = {
  state: 'state',
  batch: 'batch',
  draw: 'draws',
  scalar: 'scalars',
  gradient: 'gradients',
};
/** The field of `GraphResult` that takes outputs of a role, in the order they are written. */
const RESULT: readonly (readonly [string, OutputRole])[] = [
  ['gradients', 'gradient'],
  ['state', 'state'],
  ['losses', 'loss'],
  ['outputs', 'output'],
];

export function inputRole(node: Node): InputRole {
  const { role } = node.attrs;
  if (role === 'state' || role === 'batch' || role === 'draw' || role === 'scalar' || role === 'gradient') return role;
  throw new Error(`input ${inputName(node)} has no role`);
}

/** Inputs that are read: by a node or as an output. */
export function readInputs(graph: Graph): readonly Node[] {
  const used = new Set<Node>();
  for (const node of graph.nodes) for (const input of node.inputs) used.add(input);
  for (const { node } of graph.outputs) used.add(node);
  return graph.nodes.filter((node) => node.op === 'input' && used.has(node));
}

export function graphFunction(
  graph: Graph,
  name: string,
  releases: Releases,
  outline: Outline,
  keyLists: KeyLists,
  moduleNames: Names,
): FunctionItem {
  const lines: Line[] = [{ text: `checkArguments(${stringLiteral(graph.name)}, ${member('meta.graphs', graph.name)}, args);`, depth: 0 }];
  const names = new Names(['s', 'c', 'args', 'key', 'grads', ...Object.values(ARGUMENT)], moduleNames);
  const inputs = readInputs(graph);
  const read = [...new Set(Object.values(ARGUMENT))].filter((field) => inputs.some((node) => ARGUMENT[inputRole(node)] === field));
  if (read.length > 0) lines.push({ text: `const { ${read.join(', ')} } = args;`, depth: 0 });
  const sizes = sizeVariables(graph, names, lines);

  const values = new Map<Node, Access>();
  for (const node of inputs) values.set(node, localTensor(member(ARGUMENT[inputRole(node)], inputName(node))));
  lines.push({ text: 'return scope((s) => {', depth: 0 });
  const schedule = scheduleOf(graph, releases);
  const body: Body = { path: '', keys: undefined, names, values, sizes, stored: schedule.stored, depth: 1, lines };
  const rolling = rollingOf(graph, keyLists);
  writeNumbers(body, releases.numbers);
  if (schedule.stored.size > 0) lines.push({ text: 'const grads: Record<string, Tensor> = {};', depth: 1 });
  outline.writeGraph(body, schedule, rolling);
  writeReleases(body, releases.atEnd);
  // Where a number goes out, the scope disposes the record once the copies are made.
  if (releases.numbers.length > 0 && !graph.outputs.some(({ node }) => isHoisted(node)))
    lines.push({ text: 's.free(...Object.values(c));', depth: 1 });
  lines.push(...resultLines(graph, body, rolling), { text: '});', depth: 0 });
  return {
    kind: 'function',
    name,
    doc: `${releases.order.length} operations.`,
    exported: true,
    parameters: [{ name: 'args', type: 'GraphArguments' }],
    returns: 'GraphResult',
    record: undefined,
    body: lines,
  };
}

/** One variable for each free dimension and each size computed from them, at the top of the function. */
function sizeVariables(graph: Graph, names: Names, lines: Line[]): ReadonlyMap<Dim, string> {
  const dims: Dim[] = [];
  for (const node of graph.nodes) {
    if (node.op !== 'input') for (const { dim, at } of sizeUses(node)) if (at === undefined && !dims.includes(dim)) dims.push(dim);
  }
  const free = [...new Set(dims.flatMap(variablesOf))].sort();
  const local = new Map(free.map((dimension) => [dimension, names.take(dimension)]));
  const localOf = (dimension: string): string => local.get(dimension) ?? dimension;
  if (free.length > 0) {
    const parts = free.map((dimension) => {
      const as = localOf(dimension);
      return property(dimension) === as ? as : `${property(dimension)}: ${as}`;
    });
    lines.push({ text: `const { ${parts.join(', ')} } = args.dims;`, depth: 0 });
  }
  return new Map(
    dims.map((dim) => {
      const expression = sizeExpression(dim, localOf);
      if ([...local.values()].includes(expression)) return [dim, expression];
      const variable = names.take(sizeName(dim));
      lines.push({ text: `const ${variable} = ${expression};`, depth: 0 });
      return [dim, variable];
    }),
  );
}

function scheduleOf(graph: Graph, releases: Releases): Schedule {
  const lastTouch = new Map<Node, number>();
  releases.order.forEach((node, position) => {
    for (const touched of [node, ...node.inputs, ...(releases.after.get(node) ?? [])]) lastTouch.set(touched, position);
  });
  for (const node of releases.atEnd) lastTouch.set(node, Number.POSITIVE_INFINITY);
  const stored = storedGradients(graph, releases);
  for (const { node } of graph.outputs) if (!stored.has(node)) lastTouch.set(node, Number.POSITIVE_INFINITY);
  return { releases, lastTouch, stored };
}

/** The computed values that are the gradient of one parameter and no other output. */
function storedGradients(graph: Graph, releases: Releases): Schedule['stored'] {
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  const outputs = new Map<Node, GraphOutput[]>();
  for (const output of graph.outputs) outputs.set(output.node, [...(outputs.get(output.node) ?? []), output]);
  const stored = new Map<Node, StoredGradient>();
  for (const node of releases.order) {
    const [first, ...others] = outputs.get(node) ?? [];
    if (first?.role === 'gradient' && others.length === 0) stored.set(node, { key: first.name, alone: !read.has(node) });
  }
  return stored;
}

/** The single numbers of the graph, one tensor for each, reached by value; sizes among them by their expression. */
function writeNumbers(body: Body, numbers: readonly Node[]): void {
  const entries = new Map<string, string>();
  for (const node of numbers) {
    const { value } = node.attrs;
    const key = isDim(value) ? sizeKey(node, value) : numberKey(node);
    const text = isDim(value) ? sizeText(body, value, undefined) : numberLiteral(Number(value));
    entries.set(key, `ops.${functionName(node.op)}({ value: ${text}, dtype: ${stringLiteral(String(node.attrs.dtype))} })`);
    if (isDim(value)) body.values.set(node, localTensor(`c[${stringLiteral(key)}]`));
  }
  if (entries.size === 0) return;
  const parts = [...entries].map(([key, text]) => `${stringLiteral(key)}: ${text}`);
  body.lines.push(...call('const c: TensorMap = ', parts, ';', body.depth, '{}'));
}

function sizeKey(node: Node, dim: Dim): string {
  return `${show(dim)} as ${String(node.attrs.dtype)}`;
}

function rollingOf(graph: Graph, keyLists: KeyLists): Rolling {
  const stateOutputs = new Map<Node, string[]>();
  const otherOutputs = new Set<Node>();
  for (const { role, name, node } of graph.outputs) {
    if (role !== 'state') otherOutputs.add(node);
    else if (stateOutputs.has(node)) stateOutputs.get(node)?.push(name);
    else stateOutputs.set(node, [name]);
  }
  return { keyLists, newState: undefined, stored: new Set(), stateOutputs, otherOutputs, collected: new Map() };
}

/** The returned record. A value that goes out twice, or is an input of the function, goes out as a tensor of its own: the caller owns each result. */
function resultLines(graph: Graph, body: Body, rolling: Rolling): readonly Line[] {
  const given = new Set<Node>();
  const lines: Line[] = [{ text: 'return {', depth: 1 }];
  for (const [field, role] of RESULT) {
    const outputs = graph.outputs.filter(
      (output) => output.role === role && !(role === 'state' && rolling.stored.has(output.name)) && !body.stored.has(output.node),
    );
    const grads = body.stored.size > 0 ? 'grads' : undefined;
    const stored = role === 'state' ? rolling.newState : role === 'gradient' ? grads : undefined;
    if (stored !== undefined && outputs.length === 0) {
      lines.push({ text: `${field}: ${stored},`, depth: 2 });
      continue;
    }
    if (outputs.length === 0) {
      lines.push({ text: `${field}: {},`, depth: 2 });
      continue;
    }
    lines.push({ text: `${field}: {`, depth: 2 });
    if (stored !== undefined) lines.push({ text: `...${stored},`, depth: 3 });
    for (const { name, node } of outputs) {
      const text = accessText(reach(body, node));
      const value = node.op === 'input' || isHoisted(node) || given.has(node) ? `ops.detach(${text})` : text;
      given.add(node);
      const key = property(name);
      lines.push({ text: key === value ? `${key},` : `${key}: ${value},`, depth: 3 });
    }
    lines.push({ text: '},', depth: 2 });
  }
  lines.push({ text: '};', depth: 1 });
  return lines;
}
