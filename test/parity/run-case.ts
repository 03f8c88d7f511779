/** Runs a case on a reference file: checked, differentiated, simplified, emitted, loaded, and run by the runtime's kernels. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { Loader } from '../../compiler/bind/bind.ts';
import { type CheckedCase, readCase } from '../../compiler/check/case.ts';
import { LAYOUTS, parseLayout, ReferenceTable } from '../../compiler/check/references.ts';
import { Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../compiler/diagnostics/render.ts';
import { emitProgram } from '../../compiler/emit/eager/emit.ts';
import type { MethodProgram } from '../../compiler/ir/program.ts';
import type { Graph, GraphOutput, Node } from '../../compiler/ops/graph.ts';
import { nameOf } from '../../compiler/shape/dim.ts';
import { Facts } from '../../compiler/shape/facts.ts';
import { differentiate, TOTAL } from '../../compiler/transform/differentiate.ts';
import { simplify } from '../../compiler/transform/simplify.ts';
import { loadProgram } from '../../runtime/host/load.ts';
import { constantCache } from '../../runtime/ops/cache.ts';
import type { Program } from '../../runtime/program.ts';
import { excess, type Fixture, fixture, type ReferenceTensor } from '../fixture.ts';

const root = fileURLToPath(new URL('./', import.meta.url));
const specs = fileURLToPath(new URL('../../specs/', import.meta.url));
export interface CaseRow {
  readonly key: string;
  /** How far the worst element exceeds what the tolerance allows; 0 passes. */
  readonly excess: number;
}

/**
 * Every `out.*` and `grad.*` of the file with how far it is off; keys that the case does not reach are `Infinity` off. With `only` gradients
 * the program is built with the loss and its gradients as its only results, which lets the compiler drop what nobody reads.
 */
export async function runCase(method: string, name: string, results: 'all' | 'gradients'): Promise<readonly CaseRow[]> {
  const reference = fixture(method, name);
  const checked = checkCase(method, name, reference);
  const { graph, states } = withGradients(checked, reference, results);
  const state: Record<string, tf.Tensor> = {};
  const batch: Record<string, tf.Tensor> = {};
  const dims: Record<string, number> = {};
  for (const node of graph.nodes) {
    if (node.op !== 'input') continue;
    const key = String(node.attrs.name);
    const ofState = node.attrs.role === 'state';
    const pattern = ofState ? parameterLayout(node) : (checked.inputs.get(key) ?? '');
    const { data, shape } = toProgram(reference.get(ofState ? `param.${states.get(key) ?? key}` : key), pattern);
    node.type.shape.forEach((d, i) => {
      const variable = nameOf(d);
      if (variable !== undefined) dims[variable] ??= shape[i];
    });
    const integer = node.type.dtype === 'i32';
    (ofState ? state : batch)[key] = tf.tensor(integer ? Int32Array.from(data) : data, [...shape], integer ? 'int32' : 'float32');
  }
  const program = await emitted(checked, graph, name);
  const before = tf.memory().numBytes;
  const result = program.graphs.case({ state, batch, draws: {}, scalars: {}, gradients: {}, dims });
  const rows: CaseRow[] = [];
  for (const [key, tensor] of reference.tensors) {
    const output = graph.outputs.find((o) => outputKey(o, states) === key);
    if (!key.startsWith('grad.') && (!key.startsWith('out.') || (results === 'gradients' && key !== 'out.loss'))) continue;
    const exact = reference.json.tolerance.exact?.includes(key) ?? false;
    const { out, grad } = reference.json.tolerance;
    const rule = exact ? { rtol: 0, atol: 0, atol_of_max: 0 } : key.startsWith('grad.') ? (grad ?? out) : out;
    const found =
      output && (output.role === 'gradient' ? result.gradients : output.role === 'loss' ? result.losses : result.outputs)[output.name];
    rows.push({
      key,
      excess:
        found && output
          ? excess(fromProgram(await found.data(), found.shape, outputLayout(output, checked)), tensor, rule)
          : Number.POSITIVE_INFINITY,
    });
  }
  tf.dispose([result.gradients, result.losses, result.outputs, result.state]);
  rows.push({ key: 'bytes held after the step', excess: Math.abs(tf.memory().numBytes - before - constantBytes(before)) });
  tf.dispose([state, batch]);
  return rows;
}

/** Interpolation tables are kept by the runtime on purpose; they are not part of what a step holds. */
function constantBytes(before: number): number {
  const held = tf.memory().numBytes - before;
  return held > 0 && held <= constantCache.bytes ? held : 0;
}

/** The program that the compiler writes for this graph, loaded from its JavaScript. */
async function emitted(checked: CheckedCase, graph: Graph, name: string): Promise<Program> {
  const program: MethodProgram = {
    name,
    state: [...checked.E.session.states.values()],
    graphs: { case: graph },
    batchDim: 'N',
    classDim: 'K',
    train: undefined,
    infer: {},
    supervision: [],
  };
  const { files } = await emitProgram(program, { specName: `${name}.wsss`, hash: '', compilerVersion: 'test' });
  const script = files.find((f) => f.path.endsWith('.js'))!;
  return loadProgram({ text: script.text, name: script.path });
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
function withGradients(
  checked: CheckedCase,
  reference: Fixture,
  results: 'all' | 'gradients',
): { graph: Graph; states: ReadonlyMap<string, string> } {
  const states = new Map<string, string>();
  for (const p of checked.parameters) {
    if (p.kind === 'one') states.set(p.state, p.key);
    else
      for (const key of checked.E.session.states.keys())
        if (key.startsWith(p.path) && !states.has(key)) states.set(key, p.prefix + key.slice(p.path.length));
  }
  const outputs: GraphOutput[] = results === 'all' ? checked.outputs.map((o) => ({ role: 'output', name: o.key, node: o.node })) : [];
  for (const u of results === 'all' ? checked.updates : [])
    outputs.push({ role: 'output', name: u.key, node: checked.E.updates.get(u.state)! });
  if (checked.objective.length === 0) return { graph: simplify(checked.E.graph('case', outputs), { final: true }), states };
  const total = checked.objective.reduce((a, b) => checked.E.builder.add('add', [a, b], {}));
  const graph = checked.E.graph('case', [...outputs, { role: 'loss', name: 'loss', node: total }]);
  const byFile = new Map([...states].map(([state, key]) => [key, state] as const));
  const wanted = [...reference.tensors.keys()].flatMap((key) => {
    if (!key.startsWith('grad.')) return [];
    const bare = key.slice('grad.'.length);
    const state = byFile.get(bare);
    return [state === undefined ? { role: 'batch' as const, name: `in.${bare}` } : { role: 'state' as const, name: state }];
  });
  const result = differentiate(simplify(graph, { final: false }), {
    losses: [{ name: 'loss', weight: 1 }],
    wanted,
    unreached: 'zero',
    name: 'case',
  });
  if (!result.ok) throw new Error(`cannot differentiate: ${result.problems.map((p) => `${p.kind} ${p.subject}`).join(', ')}`);
  return { graph: simplify(result.graph, { final: true }), states };
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

function permute(
  data: ArrayLike<number>,
  fromAxes: readonly string[],
  fromShape: readonly number[],
  toAxes: readonly string[],
  toShape: readonly number[],
): Float32Array {
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
