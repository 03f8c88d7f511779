/**
 * A case binds a reference file to one call of a spec's module: what it feeds, which parameters it sets, and which values are compared.
 *
 *   case prototype_is_cam {
 *     let r = image_specific_cam(nchw("feature"), nchw("seeds"), eps: hyperparameters.cosine_eps)
 *     out "prototypes" = r.prototypes
 *     out "is_cam" = nchw(r.is_cam)
 *     probe_mean "probe" = nchw(r.is_cam)
 *   }
 *
 * `param` sets parameters, `loss` adds a compared value to the scalar that is differentiated, `probe_mean`/`probe_sum` add the mean/sum of a
 * value times a tensor of the file. `stage name = …` runs an inference program or a stage of a pipeline on one image. `run train(m, …)` takes
 * the method's own training steps; `trace` lines then say what is compared.
 */
import type { BoundFile } from '../bind/bind.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Node } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';
import type { CallExpression, CaseBinding, CaseDeclaration, CaseSetting, Expression } from '../syntax/ast.ts';
import { type CaseStage, readCaseStage } from './case-stages.ts';
import { ANY, Elaboration, type Session } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import type { MethodInstance } from './method.ts';
import { fileScope, place } from './modules.ts';
import { toNode } from './nodes.ts';
import { isLayout, LAYOUTS, parseLayout } from './references.ts';
import { Scope } from './scope.ts';
import { keysOfValue } from './training/groups.ts';
import { describe, list, number, POISON, type Reference, record, type Value } from './values.ts';

/** The numbers of a reference file's description. */
export interface ReferenceNumbers {
  readonly sizes: unknown;
  readonly hyperparameters: unknown;
}

/** An output to compare: the file's key (without `out.`), where it is computed, and how it lies in the file. */
export interface CaseOutput {
  readonly key: string;
  readonly node: Node;
  readonly layout: string;
  /** Tags in the file: it holds the channels of present classes alone. */
  readonly present?: string;
}

/** A result of a stage to compare. */
export interface CaseStageOutput {
  readonly key: string;
  readonly stage: string;
  readonly field: string;
  readonly layout: string;
}

/** Parameters of the file and of the program: one by one, or everything under a prefix by the same names. */
export type CaseParameter =
  | { readonly kind: 'one'; readonly key: string; readonly state: string }
  | { readonly kind: 'prefix'; readonly prefix: string; readonly path: string };

/** What a training case compares: a value, loss, rate … of one step (from 1), or of all steps stacked along the first axis. */
export interface CaseTrace {
  readonly key: string;
  readonly what: 'value' | 'losses' | 'rates' | 'grad_norms' | 'clipped_gradients' | 'parameters';
  /** Names of losses or groups, and what the numbers of each are multiplied by. */
  readonly names: readonly string[];
  readonly times: readonly number[];
  /** For `value`: the expression, in the words of the method. */
  readonly value: Expression | undefined;
  readonly step: number | undefined;
  readonly layout: string;
  readonly span: Span;
}

/** The method's own training steps on one fixed batch. */
export interface CaseTraining {
  readonly method: MethodInstance;
  /** Steps the schedule is stretched over. */
  readonly total: number;
  /** Epoch (from 0) whose losses are on. */
  readonly epoch: number;
  /** The epoch that each step starts, in the place of `total`. */
  readonly epochs?: readonly number[];
  /** Batch input → tensor of the file. */
  readonly inputs: ReadonlyMap<string, Reference>;
  readonly traces: readonly CaseTrace[];
  readonly span: Span;
}

export interface CheckedCase {
  readonly E: Elaboration;
  /** Layout of every `in.*` tensor that is read, by key. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly outputs: readonly CaseOutput[];
  readonly parameters: readonly CaseParameter[];
  /** Terms of the scalar whose gradient `grad.*` is. */
  readonly objective: readonly Node[];
  /** State after the call, where the file has it: `out` key → state key. */
  readonly updates: readonly { readonly key: string; readonly state: string }[];
  /** In order; a stage may read those before it. */
  readonly stages: readonly CaseStage[];
  readonly stageOutputs: readonly CaseStageOutput[];
  readonly training: CaseTraining | undefined;
}

const LINES = ['let', 'stage', 'out', 'loss', 'param', 'probe_mean', 'probe_sum', 'update', 'run', 'trace'];
/** Lines that compare the `out.*` of their key. */
const COMPARING: ReadonlySet<string> = new Set(['out', 'loss', 'update', 'trace']);
const TRACE_FORMS = {
  value: 'value(x, step: 1), x in the words of the method',
  losses: 'losses(cls, gsc), or losses(total)',
  rates: 'rates(base, head), the groups of the train block',
  grad_norms: 'grad_norms(), before clipping',
  clipped_gradients: 'trace "clipped_grad_step1.*" = clipped_gradients(step: 1)',
  parameters: 'trace "after_step1.*" = parameters(step: 1)',
} as const;
const TRACES = ['value', 'losses', 'rates', 'grad_norms', 'clipped_gradients', 'parameters'] as const;

export function readCase(session: Session, declaration: CaseDeclaration, file: BoundFile, numbers: ReferenceNumbers): CheckedCase {
  const E = new Elaboration(session, true);
  const scope = new Scope(fileScope(E, file));
  scope.define('sizes', fromJson(numbers.sizes), 'reference');
  scope.define('hyperparameters', fromJson(numbers.hyperparameters), 'reference');
  const reader = new CaseReader(E, scope);
  for (const item of declaration.items) {
    if (item.kind === 'case_binding') reader.binding(item);
    else if (item.word.text === 'let' && item.name) reader.let(item.name.text, item.value, item.span);
    else if (item.word.text === 'run') reader.run(item.value);
    else if (item.word.text === 'stage') reader.stage(item);
    else
      E.report(
        'case-unknown-word',
        item.word.span,
        { word: item.word.text },
        { hint: didYouMean(item.word.text, LINES) ?? `lines start with ${LINES.join(', ')}` },
      );
  }
  return reader.result();
}

class CaseReader {
  readonly #E: Elaboration;
  readonly #scope: Scope;
  readonly #compared = new Set<string>();
  readonly #outputs: CaseOutput[] = [];
  readonly #parameters: CaseParameter[] = [];
  readonly #objective: Node[] = [];
  readonly #updates: { key: string; state: string }[] = [];
  readonly #stages: CaseStage[] = [];
  readonly #stageOutputs: CaseStageOutput[] = [];
  readonly #traces: CaseTrace[] = [];
  #training: Omit<CaseTraining, 'traces'> | undefined;

  constructor(E: Elaboration, scope: Scope) {
    this.#E = E;
    this.#scope = scope;
  }

  result(): CheckedCase {
    if (this.#traces.length > 0 && !this.#training)
      this.#E.report(
        'case-no-run',
        this.#traces[0].span,
        {},
        { hint: 'a trace is of training steps: run train(method, input: tensor, …)' },
      );
    return {
      E: this.#E,
      inputs: this.#E.references.read,
      outputs: this.#outputs,
      parameters: this.#parameters,
      objective: this.#objective,
      updates: this.#updates,
      stages: this.#stages,
      stageOutputs: this.#stageOutputs,
      training: this.#training && { ...this.#training, traces: this.#traces },
    };
  }

  let(name: string, expression: Expression, at: Span): void {
    // A module configured here owns its parameters under the case's name for it.
    this.#scope.define(name, place(evaluate(this.#E, expression, this.#scope), name, false), 'let', at);
  }

  stage(item: CaseSetting): void {
    const { stage, value } = readCaseStage(this.#E, item, this.#scope, this.#stages);
    if (stage) this.#stages.push(stage);
    if (item.name) this.#scope.define(item.name.text, value, 'stage', item.span);
  }

  binding(item: CaseBinding): void {
    const key = item.key.value;
    const word = item.word.text;
    if (COMPARING.has(word)) {
      if (this.#compared.has(key)) this.#E.report('case-duplicate-key', item.key.span, { key });
      this.#compared.add(key);
    }
    switch (word) {
      case 'out': {
        const laid = this.#laid(item.value);
        const { value, layout } = laid;
        if (value.kind !== 'stage_result') this.#out(key, item, laid);
        else if (this.#known(`out.${key}`, item.key.span)) this.#stageOutputs.push({ key, stage: value.stage, field: value.field, layout });
        return;
      }
      case 'loss': {
        const node = this.#out(key, item);
        if (node) this.#objective.push(node);
        return;
      }
      case 'param':
        this.#param(key, evaluate(this.#E, item.value, this.#scope), item);
        return;
      case 'update': {
        const value = evaluate(this.#E, item.value, this.#scope);
        const keys = keysOfValue(this.#E, value);
        if (keys.length === 1 && this.#known(`out.${key}`, item.key.span)) this.#updates.push({ key, state: keys[0] });
        else if (keys.length !== 1 && value.kind !== 'poison')
          this.#E.report('case-parameter', item.value.span, { key, found: describe(value) });
        return;
      }
      case 'probe_mean':
      case 'probe_sum':
        this.#probe(key, item, word === 'probe_mean' ? 'mean' : 'sum');
        return;
      case 'trace':
        this.#trace(key, item);
        return;
      default:
        this.#E.report(
          'case-unknown-word',
          item.word.span,
          { word },
          { hint: didYouMean(word, LINES) ?? `lines start with ${LINES.join(', ')}` },
        );
    }
  }

  #laid(expression: Expression): { readonly value: Value; readonly layout: string; readonly present?: Reference } {
    const value = evaluate(this.#E, expression, this.#scope);
    return value.kind === 'laid' ? value : { value, layout: '' };
  }

  #out(key: string, item: CaseBinding, { value, layout, present } = this.#laid(item.value)): Node | undefined {
    const node = toNode(this.#E, value, item.value.span, `out "${key}"`);
    if (!node) return undefined;
    this.#known(`out.${key}`, item.key.span);
    this.#outputs.push({ key, node, layout, present: present?.key });
    return node;
  }

  #known(key: string, at: Span): boolean {
    if (this.#E.references.stored(key)) return true;
    this.#E.report('case-unknown-key', at, { key }, { hint: didYouMean(key, this.#E.references.keys()) });
    return false;
  }

  /** `param "side1" = head.sides[0]` (the layer's weight), or `param "resnet50.*" = m.net` (everything below by the same names). */
  #param(key: string, value: Value, item: CaseBinding): void {
    if (value.kind === 'poison') return;
    if (key.endsWith('*')) {
      const path = value.kind === 'instance' ? value.instance.path : listPath(value);
      if (path === undefined) this.#E.report('case-parameter', item.value.span, { key, found: describe(value) });
      else this.#parameters.push({ kind: 'prefix', prefix: key.slice(0, -1), path: `${path}.` });
      return;
    }
    if (value.kind === 'instance' && value.instance.path !== undefined)
      this.#parameters.push({ kind: 'one', key, state: `${value.instance.path}.weight` });
    else if (value.kind === 'tensor' && value.node.attrs.role === 'state')
      this.#parameters.push({ kind: 'one', key, state: String(value.node.attrs.name) });
    else this.#E.report('case-parameter', item.value.span, { key, found: describe(value) });
  }

  #probe(key: string, item: CaseBinding, how: 'mean' | 'sum'): void {
    const { value, layout } = this.#laid(item.value);
    const node = toNode(this.#E, value, item.value.span, 'a probe');
    if (!node || !this.#known(`in.${key}`, item.key.span)) return;
    this.#E.references.read.set(`in.${key}`, layout);
    const probe = this.#E.input('batch', `in.${key}`, { dtype: 'f32', shape: node.type.shape }, 'tensor', ANY, item.span);
    const product = this.#E.node('mul', [node, probe], {}, item.span);
    const total = product && this.#E.node(how, [product], { axes: product.type.shape.map((_, i) => i), keep: false }, item.span);
    if (!total) return;
    this.#objective.push(total);
    // Some files hold the probe's term by itself.
    if (this.#E.references.stored(`out.loss_${key}`)) this.#outputs.push({ key: `loss_${key}`, node: total, layout: '' });
  }

  /** `run train(m, image: nchw("img"), tags: plain("label"), total: sizes.max_step)` */
  run(expression: Expression): void {
    const call: CallExpression | undefined = expression.kind === 'call' ? expression : undefined;
    if (call?.callee.kind !== 'name' || call.callee.name.text !== 'train') {
      this.#E.report(
        'case-unknown-word',
        expression.span,
        { word: 'run' },
        { hint: 'run train(method, input: tensor, …, total: steps of the schedule)' },
      );
      return;
    }
    if (this.#training) {
      this.#E.report('case-many-runs', expression.span, {});
      return;
    }
    const method = call.args[0] && !call.args[0].name ? evaluate(this.#E, call.args[0].value, this.#scope) : POISON;
    if (method.kind !== 'method_instance') {
      this.#E.report('case-no-run', expression.span, {}, { hint: 'the first argument of train is a method: let m = sipe(…)' });
      return;
    }
    const inputs = new Map<string, Reference>();
    let total = 1;
    let epoch = 0;
    let epochs: readonly number[] | undefined;
    for (const a of call.args.slice(1)) {
      const value = evaluate(this.#E, a.value, this.#scope);
      const name = a.name?.text;
      if (name === 'total' && value.kind === 'number') total = value.value;
      else if (name === 'epoch' && value.kind === 'number' && value.integer && value.value >= 0) epoch = value.value;
      else if (name === 'epochs' && value.kind === 'list' && value.items.every((item) => item.kind === 'number'))
        epochs = value.items.map((item) => (item.kind === 'number' ? item.value : 0));
      else if (name !== undefined && value.kind === 'reference') inputs.set(name, value.reference);
      else if (name !== undefined && value.kind === 'record' && [...value.fields.values()].every((field) => field.kind === 'reference'))
        for (const [field, of] of value.fields) {
          if (of.kind === 'reference') inputs.set(`${name}.${field}`, of.reference);
        }
      else if (value.kind !== 'poison') this.#E.report('case-unknown-word', a.span, { word: name ?? 'this argument' });
    }
    this.#training = { method: method.method, total, epoch, ...(epochs && { epochs }), inputs, span: expression.span };
  }

  /** `trace "score_step1" = value(score, step: 1)`, `trace "loss_cls_steps" = losses(cls)` */
  #trace(key: string, item: CaseBinding): void {
    let expression = item.value;
    let layout = '';
    if (
      expression.kind === 'call' &&
      expression.callee.kind === 'name' &&
      !(TRACES as readonly string[]).includes(expression.callee.name.text)
    ) {
      const outer = expression.callee.name.text;
      const inner = expression.args[0]?.value;
      const pattern = expression.args[1]?.value;
      layout = outer === 'layout' ? (pattern?.kind === 'string' ? pattern.value : '') : (LAYOUTS[outer] ?? '');
      if (!isLayout(outer) || (layout === '' && outer !== 'plain') || (layout !== '' && !parseLayout(layout))) {
        this.#E.report(
          'case-unknown-word',
          expression.span,
          { word: outer },
          { hint: `a trace is ${TRACES.join('(…), ')}(…), as it lies in the file: nchw(value(x, step: 1))` },
        );
        return;
      }
      if (inner) expression = inner;
    }
    const call = expression.kind === 'call' && expression.callee.kind === 'name' ? expression : undefined;
    const what = TRACES.find((t) => call?.callee.kind === 'name' && t === call.callee.name.text);
    if (!call || !what) {
      this.#E.report('case-unknown-word', item.value.span, { word: 'trace' }, { hint: `a trace is ${TRACES.join('(…), ')}(…)` });
      return;
    }
    let step: number | undefined;
    const names: string[] = [];
    const times: number[] = [];
    let value: Expression | undefined;
    const stacked = what === 'losses' || what === 'rates' || what === 'grad_norms';
    for (const a of call.args) {
      if (!stacked && a.name?.text === 'step' && a.value.kind === 'number' && Number.isInteger(a.value.value)) step = a.value.value;
      else if (what === 'value' && !a.name && value === undefined) value = a.value;
      else if (stacked && !a.name && timesName(a.value)) {
        const [factor, name] = timesName(a.value) ?? [1, ''];
        names.push(name);
        times.push(factor);
      } else this.#E.report('case-unknown-word', a.span, { word: a.name?.text ?? 'this argument' }, { hint: TRACE_FORMS[what] });
    }
    if (!stacked && (step === undefined || step < 1 || (what === 'value' && !value)))
      this.#E.report(
        'missing-argument',
        call.span,
        { callee: what, name: value || what !== 'value' ? 'step' : 'value' },
        { hint: TRACE_FORMS[what] },
      );
    if (!key.endsWith('*')) this.#known(`out.${key}`, item.key.span);
    this.#traces.push({ key, what, names, times, value, step, layout, span: item.span });
  }
}

/** `heads`, or `0.1 * heads`: a group that the file lists and the program has not may stand in a known proportion to one that it has. */
function timesName(expression: Expression): readonly [number, string] | undefined {
  if (expression.kind === 'name') return [1, expression.name.text];
  if (expression.kind !== 'binary' || expression.operator !== '*') return undefined;
  const { left, right } = expression;
  return left.kind === 'number' && right.kind === 'name' ? [left.value, right.name.text] : undefined;
}

/** Path of a list of layers: that of its first, without the number. */
function listPath(value: Value): string | undefined {
  const first = value.kind === 'list' && value.items[0]?.kind === 'instance' ? value.items[0].instance.path : undefined;
  return first?.replace(/\.0$/, '');
}

function fromJson(json: unknown): Value {
  if (typeof json === 'number') return number(json);
  if (typeof json === 'string') return { kind: 'string', value: json };
  if (typeof json === 'boolean') return { kind: 'boolean', value: json };
  if (Array.isArray(json)) return list(json.map(fromJson));
  if (json !== null && typeof json === 'object') return record(Object.entries(json).map(([key, value]) => [key, fromJson(value)] as const));
  return POISON;
}
