/**
 * Checking is elaboration: a method's statements are evaluated with symbolic sizes, modules are inlined where they are called, and every
 * operator application is checked by the operator table as it is added to a flat graph. What comes out is the typed program itself.
 */
import type { BoundFile } from '../bind/bind.ts';
import type { ArgumentsOf, Code } from '../diagnostics/catalogue.ts';
import type { DiagnosticExtra, Diagnostics } from '../diagnostics/diagnostics.ts';
import type { EpochSpan, InferInput, LossDeclaration, PretrainedBackbone, StateDeclaration } from '../ir/program.ts';
import { Builder } from '../ops/builder.ts';
import { OperatorError } from '../ops/definition.ts';
import type { Attrs, DType, Graph, GraphOutput, InputRole, Kind, Node, Range, TensorType } from '../ops/graph.ts';
import { constant, constantOf, type Dim, DimError, show } from '../shape/dim.ts';
import type { Facts } from '../shape/facts.ts';
import type { Span } from '../source/source.ts';
import { Obligations } from './obligations.ts';
import type { Json } from './pipeline.ts';
import type { ReferenceTable } from './references.ts';
import { reportRefused, signOf } from './refused.ts';
import { type CallFrame, POISON, type Value } from './values.ts';
import { OPERATOR_STEPS, type Work } from './work.ts';

/** What all graphs of one method share. */
export interface Session {
  readonly diagnostics: Diagnostics;
  /** The file whose author reads the messages. */
  readonly root: BoundFile;
  readonly states: Map<string, StateDeclaration>;
  /** Backbones that start from weights trained before, by declaration path. */
  readonly pretrained: Map<string, PretrainedBackbone>;
  /** `--set name=value`, already parsed. */
  readonly settings: ReadonlyMap<string, Value>;
  /** Stated about sizes in the training step. */
  readonly facts: Facts;
  /** Sizes that cannot be proved to agree are errors. */
  readonly strictShapes: boolean;
  /** What the file declares of data sets, by name. */
  readonly datasets: Readonly<Record<string, Json>>;
  /** Tensors of the reference file, in a case. */
  readonly references: ReferenceTable;
  readonly told: Told;
  readonly work: Work;
  /** The file of the standard library that declares a name, where a single one does. */
  readonly homeOf?: (name: string) => string | undefined;
}

/** What messages need to know of each other and of declarations. */
export interface Told {
  /** Where the method declares its layers and weights, by name. */
  readonly layers: Map<string, Span>;
  /** Layers that were taken for their results: told once each. */
  readonly uncalled: Set<string>;
  /** Layers called with inputs that do not fit their parameters: told once each. */
  readonly refitted: Set<string>;
  /** Lines at which sizes that cannot be proved were told, and the pairs of sizes. */
  readonly unproved: Set<string>;
  /** Inputs of the method with a mistake of their own. */
  readonly inputs: Set<string>;
  /** What stages of the method's pipeline give its training in the place of what a data set holds: `saliency`. */
  readonly made: Set<string>;
}

export function nothingTold(): Told {
  return { layers: new Map(), uncalled: new Set(), refitted: new Set(), unproved: new Set(), inputs: new Set(), made: new Set() };
}

/** One call on the way from the author's line to the operator. */
interface Frame {
  readonly span: Span;
  readonly callee: string;
  /** What `frame` was before. */
  readonly outside: CallFrame | undefined;
}

export interface LossValue extends LossDeclaration {
  readonly node: Node;
  /** The condition on the data, as written; the loss's node already holds it. */
  readonly when?: Span;
}

/** The building of one graph. */
export class Elaboration {
  readonly session: Session;
  readonly builder: Builder;
  readonly stateNodes = new Map<string, Node>();
  readonly inputNodes = new Map<string, Node>();
  readonly losses: LossValue[] = [];
  readonly watches: { readonly name: string; readonly node: Node }[] = [];
  /** New values of state, by key, in program order. */
  readonly updates = new Map<string, Node>();
  /** Epochs in which state changes after a step, where they are not all. */
  readonly updateSpans = new Map<string, EpochSpan>();
  /** What is known of sizes, and what is left to be asked when the program starts. */
  readonly obligations: Obligations;
  /** Inputs of an infer program: the parameter that each is made from, and how. */
  readonly inferInputs = new Map<string, Omit<InferInput, 'input'>>();
  #training: boolean;
  readonly #frames: Frame[] = [];
  readonly #paths: string[] = [];
  /** Calls by name, for each body that is being run: two calls of one layer number what they call alike. */
  readonly #calls: Map<string, number>[] = [new Map()];
  /** The author's line of nodes that were made inside a library module. */
  readonly #authors: (Span | undefined)[] = [];
  /** The call inside which each node was made; none for the body of a method or an inference program. */
  readonly #calledIn: (CallFrame | undefined)[] = [];
  #frame: CallFrame | undefined;
  /** Operators that cut the gradient of what leaves a `no_grad`, with the place of that block. */
  readonly cutByBlock = new Map<Node, Span>();
  /** The author's line of the innermost call that stands in one. */
  #author: Span | undefined;

  get references(): ReferenceTable {
    return this.session.references;
  }

  /** Facts of the training step hold for its sizes; an inference program has sizes, and facts, of its own. */
  readonly facts: Facts;

  constructor(session: Session, training: boolean, facts: Facts = session.facts) {
    this.session = session;
    this.facts = facts;
    this.#training = training;
    this.obligations = new Obligations(this);
    this.builder = new Builder({ same: (left, right, reason) => this.obligations.ofOperator(left, right, reason) });
  }

  /** Value of `training` in bodies. */
  get training(): boolean {
    return this.#training;
  }

  /** Runs `body` as part of an inference program: `training` is false in it. */
  inferring<T>(body: () => T): T {
    const before = this.#training;
    this.#training = false;
    try {
      return body();
    } finally {
      this.#training = before;
    }
  }

  /** Calls of functions inside functions, against those that call themselves. */
  depth = 0;
  /** The name whose lazy value is being computed, and where it was first asked for. */
  asked: { readonly name: string; readonly at: Span } | undefined;

  get path(): string {
    return this.#paths[this.#paths.length - 1] ?? '';
  }

  /** The call whose body is being run. */
  get frame(): CallFrame | undefined {
    return this.#frame;
  }

  /** The call inside which a node was made. */
  frameOf(node: Node): CallFrame | undefined {
    return this.builder.nodes[node.id] === node ? this.#calledIn[node.id] : undefined;
  }

  /** Runs `body` as the inside of a call (of `called`, where that is a module of a spec); its operators carry the call path. */
  within<T>(callee: string, path: string, at: Span, body: () => T, called?: Pick<CallFrame, 'declaration' | 'instance'>): T {
    this.#frames.push({ span: at, callee, outside: this.#frame });
    if (called) this.#frame = { ...called, path, at, caller: this.#frame };
    const author = this.#author;
    if (at.file === this.session.root.spec.source) this.#author = at;
    this.#paths.push(path);
    this.#calls.push(new Map());
    const mark = this.session.work.enter(at);
    try {
      const result = body();
      // Not after TooMuchWork: the lines still open say where it was done.
      this.session.work.leave(mark);
      return result;
    } finally {
      this.#frame = this.#frames.pop()?.outside;
      this.#author = author;
      this.#paths.pop();
      this.#calls.pop();
    }
  }

  /** Runs `body` as one turn of a loop; its operators carry the path of the turn. */
  inTurn<T>(path: string, body: () => T): T {
    this.#paths.push(path);
    this.#calls.push(new Map());
    try {
      return body();
    } finally {
      this.#paths.pop();
      this.#calls.pop();
    }
  }

  /** The value of a name that may have to be computed for whoever asks: what goes wrong in it can be told where it was asked for. */
  asking<T>(name: string, at: Span, value: () => T): T {
    const before = this.asked;
    this.asked = before ?? { name, at };
    try {
      return value();
    } finally {
      this.asked = before;
    }
  }

  /** Calls around the statement that is being run. */
  get calls(): number {
    return this.#frames.length;
  }

  /** The innermost call; undefined in the body of a method. */
  get callee(): string | undefined {
    return this.#frames.at(-1)?.callee;
  }

  /** How many of the calls around are of this name. */
  callsOf(callee: string): number {
    let count = 0;
    for (const frame of this.#frames) if (frame.callee === callee) count++;
    return count;
  }

  /** Names of the calls from the outermost of this name on, for the message about a circle. */
  callsFrom(callee: string): readonly string[] {
    const names = this.#frames.map((f) => f.callee);
    return names.slice(names.indexOf(callee));
  }

  /** A path for one more call of a module without parameters of its own: `here.name`, `here.name_2` … */
  callPath(name: string): string {
    const base = this.path ? `${this.path}.${name}` : name;
    const calls = this.#calls[this.#calls.length - 1];
    const count = (calls.get(base) ?? 0) + 1;
    calls.set(base, count);
    return count === 1 ? base : `${base}_${count}`;
  }

  /** The author's own line that led to `at`, and how it got there. */
  place(at: Span): { readonly span: Span; readonly inside: Span | undefined; readonly callee: string | undefined } {
    const root = this.session.root.spec.source;
    if (at.file === root) return { span: at, inside: undefined, callee: undefined };
    for (let i = this.#frames.length - 1; i >= 0; i--) {
      if (this.#frames[i].span.file === root) return { span: this.#frames[i].span, inside: at, callee: this.#frames[i].callee };
    }
    return { span: at, inside: undefined, callee: undefined };
  }

  report<C extends Code>(code: C, at: Span, args: ArgumentsOf<C>, extra: DiagnosticExtra = {}): void {
    const where = this.place(at);
    if (!where.inside) {
      this.session.diagnostics.report(code, where.span, args, extra);
      return;
    }
    const labels = [...(extra.labels ?? []), { span: where.inside, text: `inside ${where.callee}` }];
    // The word that a suggestion replaces stands in the library.
    const hint = typeof extra.hint === 'object' ? extra.hint.text : extra.hint;
    this.session.diagnostics.report(code, where.span, args, { ...extra, labels, hint });
  }

  /** The author's line that led to a node of a library module; undefined for nodes of the author's own lines. */
  authorSpan(node: Node): Span | undefined {
    return this.builder.nodes[node.id] === node ? this.#authors[node.id] : undefined;
  }

  /** Adds an operator; a rule that refuses is reported at the author's line and gives poison. */
  op(name: string, inputs: readonly Node[], attrs: Attrs, at: Span, label?: string): Value {
    this.obligations.open(at);
    this.session.work.spend(OPERATOR_STEPS);
    try {
      const node = this.builder.add(name, inputs, attrs, { path: this.path, span: at, name: label });
      const empty = node.type.shape.find((d) => (constantOf(d) ?? 1) < 1);
      if (empty) {
        this.report('dimension-not-positive', at, { size: `of the result of ${signOf(name)}`, value: show(empty) });
        return POISON;
      }
      this.obligations.tell();
      if (at.file !== this.session.root.spec.source) this.#authors[node.id] = this.#author ?? at;
      this.#calledIn[node.id] = this.#frame;
      return { kind: 'tensor', node };
    } catch (error) {
      if (error instanceof DimError) {
        this.report('size-out-of-range', at, { where: signOf(name), reason: error.message });
        return POISON;
      }
      if (!(error instanceof OperatorError)) throw error;
      reportRefused(this, name, error, inputs, at);
      return POISON;
    } finally {
      this.obligations.close();
    }
  }

  /** The result of arithmetic with sizes; undefined after a report where there is no such size. */
  sized<T>(where: string, at: Span, compute: () => T): T | undefined {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof DimError)) throw error;
      this.report('size-out-of-range', at, { where, reason: error.message });
      return undefined;
    }
  }

  /** The node of `op`, or undefined where it was refused. */
  node(name: string, inputs: readonly Node[], attrs: Attrs, at: Span): Node | undefined {
    const value = this.op(name, inputs, attrs, at);
    return value.kind === 'tensor' ? value.node : undefined;
  }

  input(role: InputRole, name: string, type: TensorType, kind: Kind, range: Range, at: Span | undefined): Node {
    const key = `${role}:${name}`;
    const known = this.inputNodes.get(key);
    if (known) return known;
    const node = this.builder.input(role, name, type, { kind, range, span: at });
    this.#calledIn[node.id] = this.#frame;
    this.inputNodes.set(key, node);
    return node;
  }

  /** Whether two sizes are the same: proved, refuted, or to be checked when the program starts. */
  same(left: Dim, right: Dim, reason: string, at: Span | undefined): boolean {
    return this.obligations.same(left, right, reason, at);
  }

  graph(name: string, outputs: readonly GraphOutput[]): Graph {
    return { name, nodes: this.builder.nodes, outputs, assertions: this.obligations.assertions };
  }

  /** The training step so far: losses, watched values as outputs, new values of state. */
  forwardGraph(): Graph {
    return this.graph('forward', [
      ...this.losses.map(({ name, node }) => ({ role: 'loss' as const, name, node })),
      ...this.watches.map(({ name, node }) => ({ role: 'output' as const, name, node })),
      ...[...this.updates].map(([name, node]) => ({ role: 'state' as const, name, node })),
    ]);
  }
}

export const ANY: Range = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
export const UNIT: Range = { low: 0, high: 1 };
export const ONE: Dim = constant(1);

/** Dtype and value range that a kind implies for an input. */
export function inputTraits(kind: Kind): { readonly dtype: DType; readonly range: Range } {
  if (kind === 'labels') return { dtype: 'i32', range: { low: 0, high: 255 } };
  if (
    kind === 'tags' ||
    kind === 'mask' ||
    kind === 'region' ||
    kind === 'seeds' ||
    kind === 'probabilities' ||
    kind === 'saliency' ||
    kind === 'boundary'
  )
    return { dtype: 'f32', range: UNIT };
  return { dtype: 'f32', range: ANY };
}

/** Gives a fresh tensor the spec's own name; a tensor that has one keeps it. */
export function named(E: Elaboration, value: Value, name: string): Value {
  if (value.kind === 'tensor' && value.node.name === undefined) E.builder.name(value.node, name);
  return value;
}
