/** Programs as JSON: versioned, closed (unknown keys are errors), complete. Sources travel along, so that places survive.
 * Nothing but tests reads it back yet: that a program survives the way there and back is what keeps the IR plain data. */
import type { Graph, GraphOutput, Node, TensorType } from '../ops/graph.ts';
import { DimError, fromJson, toJson } from '../shape/dim.ts';
import { type SourceFile, type Span, sourceFile, span } from '../source/source.ts';
import { attrFromJson, attrsToJson, numberFromJson, numberToJson } from './attributes.ts';
import type { InferPlan, LossDeclaration, MethodProgram, StateDeclaration, TrainPlan } from './program.ts';
import { checkProgramJson } from './schema.ts';
import { type GraphJson, IR_VERSION, type NodeJson, type ProgramJson, type SpanJson, type StateJson, type TypeJson } from './wire.ts';

/** What is not a program of this version. `path` is where in the JSON. */
export class IrFormatError extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(`${path === '' ? 'program' : path}: ${message}`);
    this.path = path;
  }
}

// ------------------------------------------------ writing

class Sources {
  readonly #files: SourceFile[] = [];

  span(at: Span): SpanJson {
    let index = this.#files.indexOf(at.file);
    if (index < 0) index = this.#files.push(at.file) - 1;
    return [index, at.start, at.end];
  }
  optional(at: Span | undefined): { readonly span?: SpanJson } {
    return at ? { span: this.span(at) } : {};
  }
  json(): ProgramJson['sources'] {
    return this.#files.map(({ name, text }) => ({ name, text }));
  }
}

function typeToJson(type: TensorType): TypeJson {
  return { dtype: type.dtype, shape: type.shape.map(toJson) };
}

function nodeToJson(node: Node, sources: Sources): NodeJson {
  return {
    op: node.op,
    inputs: node.inputs.map((input) => input.id),
    attrs: attrsToJson(node.attrs),
    ...typeToJson(node.type),
    kind: node.kind,
    range: [numberToJson(node.range.low), numberToJson(node.range.high)],
    path: node.path,
    phase: node.phase,
    ...(node.name === undefined ? {} : { name: node.name }),
    ...sources.optional(node.span),
  };
}

function graphToJson(graph: Graph, sources: Sources): GraphJson {
  return {
    name: graph.name,
    nodes: graph.nodes.map((node) => nodeToJson(node, sources)),
    outputs: graph.outputs.map(({ role, name, node }) => ({ role, name, node: node.id })),
    assertions: graph.assertions.map(({ left, right, relation, reason, span: at }) => ({
      left: toJson(left),
      right: toJson(right),
      relation,
      reason,
      ...sources.optional(at),
    })),
  };
}

function stateToJson(state: StateDeclaration, sources: Sources): StateJson {
  const { key, role, type, init, average, backbone, parameterRole, span: at } = state;
  return {
    key,
    role,
    ...typeToJson(type),
    init,
    ...(average ? { average } : {}),
    backbone,
    ...(parameterRole ? { parameterRole } : {}),
    ...sources.optional(at),
  };
}

/** Plain data: `JSON.stringify` writes it. Nodes must be numbered by position, as every pass leaves them. */
export function programToJson(program: MethodProgram): ProgramJson {
  const sources = new Sources();
  const { train, infer } = program;
  const body: Omit<ProgramJson, 'sources'> = {
    format: 'wsss-ir',
    version: IR_VERSION,
    name: program.name,
    batchDim: program.batchDim,
    classDim: program.classDim,
    supervision: program.supervision,
    ...(program.pretrained ? { pretrained: program.pretrained } : {}),
    state: program.state.map((state) => stateToJson(state, sources)),
    graphs: Object.fromEntries(Object.entries(program.graphs).map(([name, graph]) => [name, graphToJson(graph, sources)])),
    ...(train
      ? {
          train: {
            ...present(train),
            losses: train.losses.map((loss) => ({ ...loss, span: sources.span(loss.span) })),
            optimizer: present(train.optimizer),
          },
        }
      : {}),
    infer: Object.fromEntries(Object.entries(infer).map(([name, plan]) => [name, { ...plan, span: sources.span(plan.span) }])),
  };
  return { ...body, sources: sources.json() };
}

/** Without keys whose value is undefined, which JSON does not have. */
function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

// ------------------------------------------------ reading

class Reader {
  readonly #sources: readonly SourceFile[];
  constructor(json: ProgramJson) {
    this.#sources = json.sources.map(({ name, text }) => sourceFile(name, text));
  }

  span([file, start, end]: SpanJson, path: string): Span {
    if (!(file < this.#sources.length)) throw new IrFormatError(path, `no source ${file}`);
    return span(this.#sources[file], start, end);
  }
  optional(json: { readonly span?: SpanJson }, path: string): Span | undefined {
    return json.span ? this.span(json.span, path) : undefined;
  }

  type(json: TypeJson): TensorType {
    return { dtype: json.dtype, shape: json.shape.map(fromJson) };
  }

  graph(json: GraphJson, path: string): Graph {
    const nodes: Node[] = [];
    json.nodes.forEach((node, id) => {
      const at = `${path}/nodes/${id}`;
      nodes.push({
        id,
        op: node.op,
        inputs: node.inputs.map((input) => nodeAt(nodes, input, at)),
        attrs: Object.fromEntries(Object.entries(node.attrs).map(([name, value]) => [name, attrFromJson(value)])),
        type: this.type(node),
        kind: node.kind,
        range: { low: numberFromJson(node.range[0]), high: numberFromJson(node.range[1]) },
        path: node.path,
        phase: node.phase,
        name: node.name,
        span: this.optional(node, at),
      });
    });
    const outputs = json.outputs.map(
      ({ role, name, node }, i): GraphOutput => ({ role, name, node: nodeAt(nodes, node, `${path}/outputs/${i}`) }),
    );
    const assertions = json.assertions.map((assertion, i) => ({
      left: fromJson(assertion.left),
      right: fromJson(assertion.right),
      relation: assertion.relation,
      reason: assertion.reason,
      span: this.optional(assertion, `${path}/assertions/${i}`),
    }));
    return { name: json.name, nodes, outputs, assertions };
  }

  state(json: StateJson, path: string): StateDeclaration {
    const { key, role, init, average, backbone, parameterRole } = json;
    return {
      key,
      role,
      type: this.type(json),
      init,
      ...(average ? { average } : {}),
      backbone,
      parameterRole,
      span: this.optional(json, path),
    };
  }

  train(json: NonNullable<ProgramJson['train']>): TrainPlan {
    const losses = json.losses.map((loss, i): LossDeclaration => ({ ...loss, span: this.span(loss.span, `/train/losses/${i}`) }));
    const optimizer = { clipNorm: json.optimizer.clipNorm, groups: json.optimizer.groups };
    return { ...json, epochs: json.epochs, steps: json.steps, source: json.source, losses, optimizer };
  }

  infer(json: ProgramJson['infer'][string], path: string): InferPlan {
    return { ...json, span: this.span(json.span, path) };
  }
}

function nodeAt(nodes: readonly Node[], id: number, path: string): Node {
  const found = nodes[id];
  if (!found) throw new IrFormatError(path, `node ${id} does not come before it`);
  return found;
}

/** Reads what `programToJson` wrote. Throws IrFormatError for anything else. */
export function programFromJson(json: unknown): MethodProgram {
  const problem = checkProgramJson(json);
  if (!problem.ok) throw new IrFormatError(problem.path, problem.message);
  const { program } = problem;
  const reader = new Reader(program);
  try {
    return {
      name: program.name,
      state: program.state.map((state, i) => reader.state(state, `/state/${i}`)),
      graphs: Object.fromEntries(Object.entries(program.graphs).map(([name, graph]) => [name, reader.graph(graph, `/graphs/${name}`)])),
      batchDim: program.batchDim,
      classDim: program.classDim,
      train: program.train ? reader.train(program.train) : undefined,
      infer: Object.fromEntries(Object.entries(program.infer).map(([name, plan]) => [name, reader.infer(plan, `/infer/${name}`)])),
      supervision: program.supervision,
      ...(program.pretrained ? { pretrained: program.pretrained } : {}),
    };
  } catch (error) {
    if (error instanceof DimError) throw new IrFormatError('', error.message);
    throw error;
  }
}
