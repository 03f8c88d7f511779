/** The pipeline block: stages with typed artefacts, as plain data for the runtime. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Span } from '../source/source.ts';
import type { CallExpression, Expression, PipelineBlock, StageStatement } from '../syntax/ast.ts';
import { checkSplit } from './datasets.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { numbers, REFINEMENTS, refinementArguments, stageArguments } from './refinements.ts';
import type { Scope } from './scope.ts';
import { describe, type Value } from './values.ts';
import { sourceText } from './views.ts';

export type Json = number | string | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface StageDraft {
  readonly name: string;
  readonly op: string;
  readonly program?: string;
  readonly inputs: { readonly [key: string]: Json };
  readonly args: { readonly [key: string]: Json };
}

export interface PipelineDraft {
  readonly stages: readonly StageDraft[];
  /** Methods that stages train, by name; `this` is the method that holds the pipeline. */
  readonly methods: readonly string[];
  readonly datasets: readonly string[];
}

/** What the checker knows of a method that a stage trains. */
export interface TrainableMethod {
  readonly name: string;
  /** Whether a validation of its training keeps the best weights. */
  readonly keepsBest: boolean;
  /** Data sets that its training reads beside the one of the stage. */
  readonly furtherData: readonly string[];
  readonly programs: ReadonlyMap<string, { readonly readsTags: boolean; readonly kind: string }>;
}

type Artefact = 'checkpoint' | 'cams' | 'maps' | 'masks' | 'threshold' | 'scores' | 'report';

interface Known {
  readonly artefact: Artefact;
  readonly method: TrainableMethod | undefined;
}

const STAGES: Readonly<Record<string, { readonly params: readonly string[]; readonly makes: Artefact }>> = {
  train: { params: ['method', 'on?', 'masks?', 'init?', 'epochs?', 'steps?', 'weights?'], makes: 'checkpoint' },
  infer: { params: ['net', 'program', 'on', 'save?', 'tags?', 'limit?', 'checkpoint?'], makes: 'cams' },
  threshold: { params: ['cams', 'on', 'from?', 'to?', 'step?', 'limit?'], makes: 'threshold' },
  crf: { params: ['cams', ...REFINEMENTS.crf], makes: 'masks' },
  masks: { params: ['cams', ...REFINEMENTS.masks], makes: 'masks' },
  ir_label: { params: ['cams', ...REFINEMENTS.ir_label], makes: 'masks' },
  random_walk: { params: ['cams', ...REFINEMENTS.random_walk], makes: 'masks' },
  evaluate: { params: ['predictions', 'on', 'threshold?', 'label?', 'predicted255?', 'sweep?', 'limit?'], makes: 'scores' },
  baseline: { params: ['on', 'limit?'], makes: 'scores' },
  report: { params: ['title', 'on', 'panels?', 'images?'], makes: 'report' },
};

export function readPipeline(
  E: Elaboration,
  block: PipelineBlock,
  self: TrainableMethod,
  scope: Scope,
  methodNamed: (name: string, at: Span) => TrainableMethod | undefined,
  datasets: Readonly<Record<string, Json>>,
): PipelineDraft {
  return new PipelineReader(E, self, scope, methodNamed, datasets).read(block);
}

class PipelineReader {
  readonly #E: Elaboration;
  readonly #self: TrainableMethod;
  readonly #scope: Scope;
  readonly #methodNamed: (name: string, at: Span) => TrainableMethod | undefined;
  readonly #declared: Readonly<Record<string, Json>>;
  readonly #known = new Map<string, Known>();
  readonly #methods = new Set<string>();
  readonly #datasets = new Set<string>();
  readonly #stages: StageDraft[] = [];

  constructor(
    E: Elaboration,
    self: TrainableMethod,
    scope: Scope,
    methodNamed: (name: string, at: Span) => TrainableMethod | undefined,
    datasets: Readonly<Record<string, Json>>,
  ) {
    this.#E = E;
    this.#self = self;
    this.#scope = scope;
    this.#methodNamed = methodNamed;
    this.#declared = datasets;
  }

  read(block: PipelineBlock): PipelineDraft {
    for (const item of block.items) {
      if (item.kind === 'stage') this.#stage(item);
      else this.#E.report('unfinished', item.span, { what: 'iterate in a pipeline' });
    }
    return { stages: this.#stages, methods: [...this.#methods], datasets: [...this.#datasets] };
  }

  #stage(stage: StageStatement): void {
    const call: CallExpression | undefined = stage.value.kind === 'call' ? stage.value : undefined;
    const op = call?.callee.kind === 'name' ? call.callee.name.text : undefined;
    if (!call || op === undefined || !Object.hasOwn(STAGES, op)) {
      if (stage.value.kind !== 'error')
        this.#E.report(
          'unknown-stage-kind',
          call?.callee.span ?? stage.value.span,
          { name: op ?? 'this' },
          { hint: (op && didYouMean(op, Object.keys(STAGES))) || `stages: ${Object.keys(STAGES).join(', ')}` },
        );
      this.#known.set(stage.name.text, { artefact: 'report', method: undefined });
      return;
    }
    const signature = STAGES[op];
    const args = stageArguments(this.#E, op, call, signature.params);
    if (this.#known.has(stage.name.text)) this.#E.report('duplicate-name', stage.name.span, { name: stage.name.text });
    if (!args) {
      this.#known.set(stage.name.text, { artefact: signature.makes, method: undefined });
      return;
    }
    this.#build(stage, op, args, call.span);
  }

  #build(stage: StageStatement, op: string, args: ReadonlyMap<string, Expression>, at: Span): void {
    const name = stage.name.text;
    const inputs: Record<string, Json> = {};
    const rest: Record<string, Json> = {};
    const read = (key: string, accepted: readonly Artefact[]): Known | undefined => {
      const expression = args.get(key);
      if (!expression) return undefined;
      const found = this.#artefact(expression, accepted, `${op}'s ${key}`);
      if (found) inputs[key] = found.name;
      return found?.known;
    };
    let makes = STAGES[op].makes;
    let method: TrainableMethod | undefined;
    let program: string | undefined;
    switch (op) {
      case 'train': {
        method = this.#method(args.get('method')!);
        if (!method) {
          this.#remember(name, makes, undefined);
          return;
        }
        program = method.name;
        for (const dataset of method.furtherData) if (Object.hasOwn(this.#declared, dataset)) this.#datasets.add(dataset);
        read('init', ['checkpoint']);
        read('masks', ['masks']);
        this.#split(args.get('on'), rest);
        this.#numbers(args, ['epochs', 'steps'], rest);
        this.#texts(args, ['weights'], rest);
        break;
      }
      case 'infer': {
        const weights = this.#artefact(args.get('net')!, ['checkpoint'], "infer's net");
        if (weights) inputs.checkpoint = weights.name;
        method = weights?.known.method;
        const expression = args.get('program')!;
        const entry = sourceText(expression);
        if (!method) {
          this.#remember(name, makes, undefined);
          return;
        }
        program = method.name;
        const found = method.programs.get(entry);
        if (!found) {
          this.#E.report(
            'unknown-program',
            expression.span,
            { method: method.name, program: entry },
            { hint: didYouMean(entry, method.programs.keys()) ?? `it has ${[...method.programs.keys()].join(', ')}` },
          );
          this.#remember(name, makes, method);
          return;
        }
        rest.entry = entry;
        this.#split(args.get('on'), rest, args.get('limit'));
        const save = args.get('save');
        rest.save = save && sourceText(save) === 'labels' ? 'labels' : 'maps';
        makes = rest.save === 'labels' ? 'masks' : found.kind === 'cam' ? 'cams' : 'maps';
        this.#checkpoint(args.get('checkpoint'), method, rest);
        const tags = args.get('tags');
        const given = tags !== undefined && sourceText(tags) === 'given';
        const split = sourceText(args.get('on')!);
        if (found.readsTags && !given && !split.split('.')[1]?.startsWith('train'))
          this.#E.report(
            'tags-at-evaluation',
            at,
            { program: entry, split },
            { hint: 'if the protocol really gives the tags of these images, say so: tags: given' },
          );
        break;
      }
      case 'threshold':
        read('cams', ['cams']);
        this.#split(args.get('on'), rest, args.get('limit'));
        Object.assign(rest, { from: 0.01, to: 0.8, step: 0.01 });
        this.#numbers(args, ['from', 'to', 'step'], rest);
        break;
      case 'crf':
        read('cams', ['cams']);
        this.#threshold(args, inputs, rest);
        Object.assign(rest, refinementArguments(this.#E, op, args, this.#scope));
        break;
      case 'masks':
        read('cams', ['cams', 'maps']);
        this.#threshold(args, inputs, rest);
        break;
      case 'ir_label':
        read('cams', ['cams']);
        Object.assign(rest, refinementArguments(this.#E, op, args, this.#scope));
        break;
      case 'random_walk':
        read('cams', ['cams']);
        read('boundary', ['maps']);
        this.#threshold(args, inputs, rest);
        Object.assign(rest, refinementArguments(this.#E, op, args, this.#scope));
        break;
      case 'evaluate':
        read('predictions', ['cams', 'masks', 'maps']);
        this.#threshold(args, inputs, rest);
        this.#split(args.get('on'), rest, args.get('limit'));
        this.#texts(args, ['label'], rest);
        if (args.has('predicted255')) rest.predicted255 = sourceText(args.get('predicted255')!);
        if (args.has('sweep')) this.#sweep(args.get('sweep')!, rest);
        break;
      case 'baseline':
        this.#split(args.get('on'), rest, args.get('limit'));
        break;
      case 'report': {
        this.#texts(args, ['title'], rest);
        this.#split(args.get('on'), rest);
        rest.images = 12;
        this.#numbers(args, ['images'], rest);
        const of = (op: string): string[] => this.#stages.filter((s) => s.op === op).map((s) => s.name);
        inputs.scores = [...of('baseline'), ...of('evaluate')];
        inputs.training = of('train');
        inputs.thresholds = of('threshold');
        inputs.panels = this.#panels(args.get('panels'));
        break;
      }
    }
    this.#stages.push({ name, op, ...(program === undefined ? {} : { program }), inputs, args: rest });
    this.#remember(name, makes, method);
  }

  /** `checkpoint: best`: the weights that the validation of the training chose. */
  #checkpoint(expression: Expression | undefined, method: TrainableMethod, into: Record<string, Json>): void {
    if (!expression) return;
    const word = sourceText(expression);
    if (word !== 'best' && word !== 'last')
      this.#E.report('bad-setting', expression.span, { name: 'checkpoint', expected: 'best or last', found: word });
    else if (word === 'best' && !method.keepsBest)
      this.#E.report(
        'no-best-checkpoint',
        expression.span,
        { method: method.name },
        { hint: 'add to its train block: validate every 1 epochs on NAME.val with PROGRAM keep best(miou), last' },
      );
    else if (word === 'best') into.checkpoint = word;
  }

  #remember(name: string, artefact: Artefact, method: TrainableMethod | undefined): void {
    this.#known.set(name, { artefact, method });
  }

  #artefact(
    expression: Expression,
    accepted: readonly Artefact[],
    where: string,
  ): { readonly name: string; readonly known: Known } | undefined {
    const name = sourceText(expression);
    const known = this.#known.get(name);
    if (!known) {
      this.#E.report(
        'unknown-stage',
        expression.span,
        { name },
        { cause: name, hint: didYouMean(name, this.#known.keys()) ?? 'a stage reads stages written before it' },
      );
      return undefined;
    }
    if (!accepted.includes(known.artefact) && known.artefact !== 'report') {
      this.#E.report('stage-artefact', expression.span, { where, wanted: accepted.join(' or '), stage: name, found: known.artefact });
      return undefined;
    }
    return { name, known };
  }

  #method(expression: Expression): TrainableMethod | undefined {
    const name = sourceText(expression);
    const found = name === 'this' ? this.#self : this.#methodNamed(name, expression.span);
    if (found) this.#methods.add(found.name);
    else
      this.#E.report(
        'unknown-name',
        expression.span,
        { name },
        { hint: 'train takes a method of this file (this: the one that holds the pipeline)' },
      );
    return found;
  }

  #split(expression: Expression | undefined, into: Record<string, Json>, limit?: Expression): void {
    if (!expression) return;
    const [dataset, split] = sourceText(expression).split('.');
    if (!Object.hasOwn(this.#declared, dataset)) {
      if (this.#scope.lacks(dataset)) return;
      this.#E.report(
        'unknown-dataset',
        expression.span,
        { name: dataset },
        {
          cause: dataset,
          hint: didYouMean(dataset, Object.keys(this.#declared)) ?? `data sets: ${Object.keys(this.#declared).join(', ') || 'none'}`,
        },
      );
      return;
    }
    if (split === undefined) {
      this.#E.report('stage-argument', expression.span, { stage: 'on', reason: `say which split of ${dataset}: ${dataset}.train` });
      return;
    }
    checkSplit(this.#E, dataset, split, expression.span);
    this.#datasets.add(dataset);
    const first = limit && this.#value(limit);
    into.on = { dataset, split, ...(first?.kind === 'number' ? { limit: first.value } : {}) };
  }

  #value(expression: Expression): Value {
    return evaluate(this.#E, expression, this.#scope);
  }

  #numbers(args: ReadonlyMap<string, Expression>, keys: readonly string[], into: Record<string, Json>): void {
    numbers(this.#E, args, keys, this.#scope, into);
  }

  #texts(args: ReadonlyMap<string, Expression>, keys: readonly string[], into: Record<string, Json>): void {
    for (const key of keys) {
      const expression = args.get(key);
      if (!expression) continue;
      const value = this.#value(expression);
      if (value.kind === 'string') into[key] = value.value;
      else if (value.kind !== 'poison')
        this.#E.report('static-type', expression.span, { where: key, wanted: 'a text in quotes', found: describe(value) });
    }
  }

  #threshold(args: ReadonlyMap<string, Expression>, inputs: Record<string, Json>, rest: Record<string, Json>): void {
    const expression = args.get('threshold');
    if (!expression) return;
    if (expression.kind === 'name' && !this.#scope.find(expression.name.text)) {
      const found = this.#artefact(expression, ['threshold'], 'threshold');
      if (found) inputs.threshold = found.name;
    } else this.#numbers(args, ['threshold'], rest);
  }

  /** `sweep: range(0.05, 0.6, 0.05)` written as a list [from, to, step]. */
  #sweep(expression: Expression, into: Record<string, Json>): void {
    const value = this.#value(expression);
    const n = value.kind === 'list' ? value.items.map((v) => (v.kind === 'number' ? v.value : Number.NaN)) : [];
    if (n.length === 3 && n.every(Number.isFinite)) into.sweep = { from: n[0], to: n[1], step: n[2] };
    else if (value.kind !== 'poison')
      this.#E.report('stage-argument', expression.span, { stage: 'evaluate', reason: 'sweep is [from, to, step]' });
  }

  /** `panels: { "CAM": seeds, … }` as a record of stages. */
  #panels(expression: Expression | undefined): Json {
    if (!expression) return [];
    if (expression.kind !== 'record') {
      this.#E.report('stage-argument', expression.span, {
        stage: 'report',
        reason: 'panels is a record: { cam: seeds, pseudo_mask: pseudo }',
      });
      return [];
    }
    return expression.fields.flatMap((f) => {
      const found = this.#artefact(f.value, ['cams', 'masks', 'maps'], 'a panel');
      return found ? [{ title: f.name.text.replaceAll('_', ' '), stage: found.name }] : [];
    });
  }
}
