/**
 * A method's program as one TensorFlow SavedModel. State lives in variables of the session; signatures that are loaded from the same file share
 * it, so that weights and batches are all that crosses the border:
 * - `assign`: feeds every `state:<key>`; gives `done`.
 * - `step…` (one for each phase of training): feeds `batch:`, `draw:` and `scalar:` inputs, gives `loss:` and `output:` values, and has written the
 *   new state when it returns.
 * - `gradients…`: the same graph up to the gradients: gives `gradient:`, `loss:` and `output:` values and changes nothing.
 * - `read`: gives every `state:<key>`.
 * - `infer.<name>`, and every graph of a program without training (a compare case): its inputs and outputs; new state is an output like others.
 * Sizes that no input's shape tells are fed as `size:<name>`.
 */
import type { MethodProgram } from '../../ir/program.ts';
import type { Graph, GraphOutput } from '../../ops/graph.ts';
import { type TfTensor, tfType } from '../../ops/tensorflow/rule.ts';
import { GraphNodes, type GraphTensor, nodeName, shapeProto, tensorName } from './nodes.ts';
import { lowerGraph, type NodeOrigin, type Part, type Port, staticShape, valueAt } from './part.ts';
import { DATA_TYPES, type SavedModelProto, type SignatureProto, type TensorInfoProto } from './protocol.ts';
import { wholeStep } from './step.ts';

/** Version of TensorFlow's graph format that the operations belong to: that of 2.4, older than every library in use. */
const GRAPH_VERSION = 561;

export interface GraphModel {
  readonly proto: SavedModelProto;
  readonly origins: readonly NodeOrigin[];
}

/** Variables of the session by state key. */
class Variables {
  readonly #nodes: GraphNodes;
  readonly #held = new Map<
    string,
    { readonly handle: GraphTensor; readonly shape: readonly (number | undefined)[]; readonly value: GraphTensor }
  >();

  constructor(nodes: GraphNodes, state: MethodProgram['state']) {
    this.#nodes = nodes;
    for (const { key, type } of state) {
      const dtype = tfType(type.dtype);
      const shape = staticShape(type.shape);
      const base = nodeName(['state', ...key.split('.')]);
      const attrs = { dtype: { type: dtype }, shape: { shape }, shared_name: { text: key }, container: { text: '' } };
      const handle = nodes.add(base, 'VarHandleOp', [], attrs, 'DT_RESOURCE');
      const value = nodes.add(`${base}/read`, 'ReadVariableOp', [handle], { dtype: { type: dtype } }, dtype);
      this.#held.set(key, { handle, shape, value });
    }
  }

  get keys(): readonly string[] {
    return [...this.#held.keys()];
  }

  shape(key: string): readonly (number | undefined)[] {
    return this.#of(key).shape;
  }

  /** The value before this run's writes. */
  value(key: string): GraphTensor {
    return this.#of(key).value;
  }

  /** Writes after the value has been read, so that what reads the old value always gets it. */
  assign(scope: string, key: string, value: TfTensor, readsFirst: boolean): GraphTensor {
    const held = this.#of(key);
    const name = nodeName([scope, 'assign', ...key.split('.')]);
    const attrs = { dtype: { type: value.type } };
    return this.#nodes.add(name, 'AssignVariableOp', [held.handle, value], attrs, value.type, readsFirst ? [held.value] : []);
  }

  #of(key: string): { readonly handle: GraphTensor; readonly shape: readonly (number | undefined)[]; readonly value: GraphTensor } {
    const found = this.#held.get(key);
    if (!found) throw new Error(`the program does not declare the state ${key}`);
    return found;
  }
}

function info(tensor: GraphTensor, shape: readonly (number | undefined)[]): TensorInfoProto {
  return { name: tensorName(tensor), dtype: DATA_TYPES[tensor.type], tensorShape: shapeProto(shape) };
}

function inputInfos(ports: readonly Port[]): SignatureProto['inputs'] {
  return Object.fromEntries(ports.map(({ key, tensor, shape }) => [key, info(tensor, shape)]));
}

const METHOD = 'wsss/graph';

class Model {
  readonly nodes = new GraphNodes();
  readonly signatures: Record<string, SignatureProto> = {};
  readonly origins: NodeOrigin[] = [];
  readonly #variables: Variables;

  constructor(state: MethodProgram['state']) {
    this.#variables = new Variables(this.nodes, state);
  }

  /** Lowers a graph; state that the program declares is read from variables. */
  part(scope: string, graph: Graph): Part {
    const declared = new Set(this.#variables.keys);
    const part = lowerGraph(this.nodes, scope, graph, (key) => (declared.has(key) ? this.#variables.value(key) : undefined));
    this.origins.push(...part.origins);
    return part;
  }

  /** A signature that gives these outputs, after everything in `after` has run. */
  signature(name: string, scope: string, part: Part, outputs: readonly GraphOutput[], after: readonly GraphTensor[]): void {
    const results = outputs.map(({ role, name: of, node }) => {
      const value = valueAt(part.values, node);
      const tensor = this.nodes.add(nodeName([scope, role, of]), 'Identity', [value], { T: { type: value.type } }, value.type, after);
      return [`${role}:${of}`, info(tensor, staticShape(node.type.shape))] as const;
    });
    this.signatures[name] = { inputs: inputInfos(part.inputs), outputs: Object.fromEntries(results), methodName: METHOD };
  }

  /** One phase of training under two signatures. */
  training(gradients: Graph, update: Graph, suffix: string): void {
    const step = wholeStep(gradients, update, `step${suffix}`);
    const part = this.part(step.name, step);
    const gradientOutputs = step.outputs.filter(({ role }) => role === 'gradient');
    const told = step.outputs.filter(({ role }) => role === 'loss' || role === 'output');
    const written = step.outputs.flatMap(({ role, name, node }) =>
      role === 'state' ? [this.#variables.assign(step.name, name, valueAt(part.values, node), true)] : [],
    );
    this.signature(step.name, nodeName([step.name, 'results']), part, told, [this.#barrier(step.name, written)]);
    // Outputs of the update alone belong to the step.
    const own = new Set(gradients.outputs.map(({ role, name }) => `${role}:${name}`));
    const before = told.filter(({ role, name }) => own.has(`${role}:${name}`));
    const feeds = new Set(
      gradients.nodes.flatMap((node) => (node.op === 'input' ? [`${String(node.attrs.role)}:${String(node.attrs.name)}`] : [])),
    );
    const needed = { ...part, inputs: part.inputs.filter(({ key }) => feeds.has(key) || key.startsWith('size:')) };
    this.signature(`gradients${suffix}`, `gradients${suffix}`, needed, [...gradientOutputs, ...before], []);
  }

  /** A node that runs when all of these have. */
  #barrier(scope: string, written: readonly GraphTensor[]): GraphTensor {
    return this.nodes.add(nodeName([scope, 'assign', 'all']), 'NoOp', [], {}, 'DT_FLOAT', written);
  }

  /** `assign` and `read`. */
  exchange(): void {
    const feeds = this.#variables.keys.map((key): Port => {
      const { type } = this.#variables.value(key);
      const shape = this.#variables.shape(key);
      const name = nodeName(['assign', 'state', ...key.split('.')]);
      const tensor = this.nodes.add(name, 'Placeholder', [], { dtype: { type }, shape: { shape } }, type);
      return { key: `state:${key}`, tensor, shape };
    });
    const written = feeds.map(({ key, tensor }) => this.#variables.assign('assign', key.slice('state:'.length), tensor, false));
    const one = this.nodes.constant({ type: 'DT_FLOAT', shape: [], values: [1] });
    const done = this.nodes.add('assign/done', 'Identity', [one], { T: { type: 'DT_FLOAT' } }, 'DT_FLOAT', [
      this.#barrier('assign', written),
    ]);
    this.signatures.assign = { inputs: inputInfos(feeds), outputs: { done: info(done, []) }, methodName: METHOD };
    const values = this.#variables.keys.map((key) => {
      const value = this.#variables.value(key);
      const tensor = this.nodes.add(nodeName(['read', ...key.split('.')]), 'Identity', [value], { T: { type: value.type } }, value.type);
      return [`state:${key}`, info(tensor, this.#variables.shape(key))] as const;
    });
    this.signatures.read = { inputs: {}, outputs: Object.fromEntries(values), methodName: METHOD };
  }
}

/** Throws UnsupportedOperator where an operator has no TensorFlow rule. Pure: equal programs give equal models. */
export function savedModel(program: MethodProgram): GraphModel {
  const model = new Model(program.state);
  if (program.state.length > 0) model.exchange();
  const trained = new Set<string>();
  for (const { graph, update = program.train?.update ?? '', fromEpoch } of program.train?.phases ?? []) {
    // A phase that comes back has its graphs already, unless it leaves other parameters untouched.
    const known = trained.has(graph);
    if (known && trained.has(update)) continue;
    model.training(program.graphs[graph], program.graphs[update], known ? `.${fromEpoch}` : graph.replace(/^gradients/, ''));
    trained.add(graph).add(update);
  }
  if (program.train) trained.add(program.train.update);
  for (const [name, graph] of Object.entries(program.graphs)) {
    if (trained.has(name)) continue;
    const scope = nodeName(name.split('.'));
    model.signature(name, nodeName([scope, 'results']), model.part(scope, graph), graph.outputs, []);
  }
  const graphDef = { node: model.nodes.proto(), versions: { producer: GRAPH_VERSION } };
  return {
    proto: { savedModelSchemaVersion: 1, metaGraphs: [{ metaInfoDef: { tags: ['serve'] }, graphDef, signatureDef: model.signatures }] },
    origins: model.origins,
  };
}
