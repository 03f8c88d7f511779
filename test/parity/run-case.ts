/** Runs a case on a reference file: the graph that the checker built, forward and backward, by the runtime's kernels. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { Loader } from '../../compiler/bind/bind.ts';
import { type CheckedCase, readCase } from '../../compiler/check/case.ts';
import { LAYOUTS, parseLayout, ReferenceTable } from '../../compiler/check/references.ts';
import { Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../compiler/diagnostics/render.ts';
import type { Attrs, AttrValue, Graph, GraphOutput, Node } from '../../compiler/ops/graph.ts';
import { evaluate, isDim, nameOf } from '../../compiler/shape/dim.ts';
import { Facts } from '../../compiler/shape/facts.ts';
import { differentiate, TOTAL } from '../../compiler/transform/differentiate.ts';
import * as algebra from '../../runtime/ops/algebra.ts';
import * as convolution from '../../runtime/ops/convolution.ts';
import * as elementwise from '../../runtime/ops/elementwise.ts';
import * as layout from '../../runtime/ops/layout.ts';
import * as pooling from '../../runtime/ops/pooling.ts';
import * as reduce from '../../runtime/ops/reduce.ts';
import * as resize from '../../runtime/ops/resize.ts';
import { scope } from '../../runtime/ops/scope.ts';
import * as sources from '../../runtime/ops/sources.ts';
import { excess, fixture, type Fixture, type ReferenceTensor } from '../fixture.ts';

const root = fileURLToPath(new URL('./', import.meta.url));
const specs = fileURLToPath(new URL('../../specs/', import.meta.url));
const kernels = { ...sources, const: sources.constant, ...elementwise, ...reduce, ...layout, ...algebra, ...convolution, ...pooling, ...resize } as Readonly<Record<string, unknown>>;

export interface CaseRow {
  readonly key: string;
  /** How far the worst element exceeds what the tolerance allows; 0 passes. */
  readonly excess: number;
}

/** Every `out.*` and `grad.*` of the file with how far it is off; keys that the case does not reach are `Infinity` off. */
export async function runCase(method: string, name: string): Promise<readonly CaseRow[]> {
  const reference = fixture(method, name);
  const checked = checkCase(method, name, reference);
  const { graph, states } = withGradients(checked, reference);
  const env: Record<string, number> = {};
  const feeds = new Map<string, tf.Tensor>();
  for (const node of graph.nodes) {
    if (node.op !== 'input') continue;
    const key = String(node.attrs.name);
    const fileKey = node.attrs.role === 'batch' ? key : `param.${states.get(key) ?? key}`;
    const from = node.attrs.role === 'batch' ? (checked.inputs.get(key) ?? '') : parameterLayout(node);
    const { data, shape } = toProgram(reference.get(fileKey), from);
    node.type.shape.forEach((d, i) => {
      const variable = nameOf(d);
      if (variable !== undefined) env[variable] ??= shape[i];
    });
    feeds.set(`${String(node.attrs.role)}:${key}`, tf.tensor(node.type.dtype === 'i32' ? Int32Array.from(data) : data, [...shape], node.type.dtype === 'i32' ? 'int32' : 'float32'));
  }
  const values = execute(graph, feeds, env);
  const rows: CaseRow[] = [];
  const produced = new Map<string, { values: tf.Tensor; layout: string }>();
  graph.outputs.forEach((o, i) => produced.set(outputKey(o, states), { values: values[i], layout: outputLayout(o, checked) }));
  for (const [key, tensor] of reference.tensors) {
    if (!key.startsWith('out.') && !key.startsWith('grad.')) continue;
    const found = produced.get(key);
    const exact = reference.json.tolerance.exact?.includes(key) ?? false;
    const rule = exact ? { rtol: 0, atol: 0, atol_of_max: 0 } : key.startsWith('grad.') ? (reference.json.tolerance.grad ?? reference.json.tolerance.out) : reference.json.tolerance.out;
    rows.push({ key, excess: found ? excess(fromProgram(await found.values.data(), found.values.shape, found.layout), tensor, rule) : Number.POSITIVE_INFINITY });
  }
  tf.dispose([...values, ...feeds.values()]);
  return rows;
}

function checkCase(method: string, name: string, reference: Fixture): CheckedCase {
  const diagnostics = new Diagnostics();
  const loader = new Loader({ read: (file) => readFileSync(file.startsWith('std/') ? specs + file : root + file, 'utf8') }, diagnostics);
  const file = loader.load(`${method}/${name}.wsss`);
  const declaration = file?.declared[0]?.declaration;
  if (!file || declaration?.kind !== 'case') throw new Error(`${method}/${name}.wsss holds no case`);
  const references = new ReferenceTable(new Map([...reference.tensors].map(([key, t]) => [key, t.shape] as const)));
  const session = { diagnostics, root: file, states: new Map(), settings: new Map(), facts: new Facts(), references };
  const checked = readCase(session, declaration, file, { sizes: reference.json.sizes, hyperparameters: reference.json.hyperparameters });
  if (diagnostics.hasErrors) throw new Error(renderAll(diagnostics.all));
  return checked;
}

/** The case's graph with its objective as the one loss, differentiated to every `grad.*` of the file. `states` maps state keys to file keys. */
function withGradients(checked: CheckedCase, reference: Fixture): { graph: Graph; states: ReadonlyMap<string, string> } {
  const states = new Map<string, string>();
  for (const p of checked.parameters) {
    if (p.kind === 'one') states.set(p.state, p.key);
    else for (const key of checked.E.session.states.keys()) if (key.startsWith(p.path) && !states.has(key)) states.set(key, p.prefix + key.slice(p.path.length));
  }
  const outputs: GraphOutput[] = checked.outputs.map((o) => ({ role: 'output', name: o.key, node: o.node }));
  for (const u of checked.updates) outputs.push({ role: 'output', name: u.key, node: checked.E.updates.get(u.state)! });
  if (checked.objective.length === 0) return { graph: checked.E.graph('case', outputs), states };
  const total = checked.objective.reduce((a, b) => checked.E.builder.add('add', [a, b], {}));
  const graph = checked.E.graph('case', [...outputs, { role: 'loss', name: 'loss', node: total }]);
  const byFile = new Map([...states].map(([state, key]) => [key, state] as const));
  const wanted = [...reference.tensors.keys()].flatMap((key) => {
    if (!key.startsWith('grad.')) return [];
    const bare = key.slice('grad.'.length);
    const state = byFile.get(bare);
    return [state === undefined ? { role: 'batch' as const, name: `in.${bare}` } : { role: 'state' as const, name: state }];
  });
  const result = differentiate(graph, { losses: [{ name: 'loss', weight: 1 }], wanted, unreached: 'zero', name: 'case' });
  if (!result.ok) throw new Error(`cannot differentiate: ${result.problems.map((p) => `${p.kind} ${p.subject}`).join(', ')}`);
  return { graph: result.graph, states };
}

function outputKey(output: GraphOutput, states: ReadonlyMap<string, string>): string {
  if (output.role === 'gradient') return `grad.${states.get(output.name) ?? output.name.replace(/^in\./, '')}`;
  return output.role === 'loss' ? (output.name === TOTAL ? 'out.loss' : `out.(${output.name})`) : `out.${output.name}`;
}

function outputLayout(output: GraphOutput, checked: CheckedCase): string {
  if (output.role === 'gradient') return checked.inputs.get(output.name) ?? parameterLayout(output.node);
  return checked.outputs.find((o) => output.role === 'output' && o.key === output.name)?.layout ?? '';
}

/** Filters lie as OIHW in the file. */
function parameterLayout(node: Node): string {
  return node.type.shape.length === 4 ? LAYOUTS.oihw : '';
}

function concrete(value: AttrValue, env: Readonly<Record<string, number>>): unknown {
  if (isDim(value)) return evaluate(value, env);
  return Array.isArray(value) ? value.map((v: AttrValue) => concrete(v, env)) : value;
}

function execute(graph: Graph, feeds: ReadonlyMap<string, tf.Tensor>, env: Readonly<Record<string, number>>): tf.Tensor[] {
  return scope(() => {
    const values = new Map<Node, tf.Tensor>();
    for (const node of graph.nodes) {
      if (node.op === 'input') {
        values.set(node, feeds.get(`${String(node.attrs.role)}:${String(node.attrs.name)}`)!);
        continue;
      }
      const inputs = node.inputs.map((n) => values.get(n)!);
      if (node.op === 'identity' || node.op === 'detach') {
        values.set(node, inputs[0]);
        continue;
      }
      const kernel = kernels[node.op.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase())];
      if (typeof kernel !== 'function') throw new Error(`no kernel for ${node.op}`);
      const attrs: Attrs = node.attrs;
      const hasAttrs = Object.keys(attrs).length > 0;
      values.set(node, kernel(...inputs, ...(hasAttrs ? [Object.fromEntries(Object.entries(attrs).map(([k, v]) => [k, concrete(v, env)]))] : [])) as tf.Tensor);
    }
    return graph.outputs.map((o) => tf.clone(values.get(o.node)!));
  });
}

/** From the order of the file to that of the program, by a pattern `file -> program`. */
function toProgram(tensor: ReferenceTensor, pattern: string): { readonly data: Float32Array; readonly shape: readonly number[] } {
  const plan = parseLayout(pattern);
  if (!plan) return { data: tensor.data, shape: tensor.shape };
  const length = new Map(plan.file.map((axis, i) => [axis, tensor.shape[i]] as const));
  const shape = plan.program.map((axis) => (axis === '1' ? 1 : length.get(axis)!));
  return { data: permute(tensor.data, plan.file, tensor.shape, plan.program, shape), shape };
}

function fromProgram(data: ArrayLike<number>, shape: readonly number[], pattern: string): Float32Array {
  const plan = parseLayout(pattern);
  if (!plan) return Float32Array.from(data);
  const length = new Map(plan.program.map((axis, i) => [axis, shape[i]] as const));
  const target = plan.file.map((axis) => (axis === '1' ? 1 : length.get(axis)!));
  return permute(data, plan.program, shape, plan.file, target);
}

function permute(data: ArrayLike<number>, fromAxes: readonly string[], fromShape: readonly number[], toAxes: readonly string[], toShape: readonly number[]): Float32Array {
  const strides = new Map<string, number>();
  let step = 1;
  for (let i = fromAxes.length - 1; i >= 0; i--) {
    if (fromAxes[i] !== '1') strides.set(fromAxes[i], step);
    step *= fromShape[i];
  }
  const result = new Float32Array(data.length);
  const index = toShape.map(() => 0);
  for (let k = 0; k < result.length; k++) {
    let at = 0;
    toAxes.forEach((axis, i) => {
      if (axis !== '1') at += index[i] * strides.get(axis)!;
    });
    result[k] = data[at];
    for (let i = index.length - 1; i >= 0 && ++index[i] === toShape[i]; i--) index[i] = 0;
  }
  return result;
}
