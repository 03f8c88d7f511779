/** The pipeline block: stages with typed artefacts, as plain data for the runtime. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Kind } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';
import type {
  Assignment,
  CallExpression,
  Expression,
  PipelineBlock,
  PipelineItem,
  RoundsStatement,
  StageStatement,
} from '../syntax/ast.ts';
import { type ArtefactType, artefactWords, GIVEN, inferred, type Known } from './artefacts.ts';
import { checkSplit } from './datasets.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { readInferInputs, stageParameters } from './infer-stage.ts';
import { numberOf } from './number-types.ts';
import { said } from './readings.ts';
import { numbers, REFINEMENTS, refinementArguments, stageArguments } from './refinements.ts';
import type { Scope } from './scope.ts';
import { StageImages } from './stage-images.ts';
import { describe, type Value } from './values.ts';
import { sourceText } from './views.ts';

export type Json = number | string | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface StageDraft {
  readonly name: string;
  readonly op: string;
  readonly program?: string;
  readonly inputs: { readonly [key: string]: Json };
  readonly args: { readonly [key: string]: Json };
  /** Marked `@inferred`: what rests on the stage is our reading. */
  readonly reading?: string;
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
  /** How long its train block trains, where that counts epochs. */
  readonly epochs: number | undefined;
  /** Data sets that its training reads beside the one of the stage. */
  readonly furtherData: readonly string[];
  /** It learns from masks that an earlier stage makes. */
  readonly needsMasks: boolean;
  readonly programs: ReadonlyMap<string, StageProgram>;
}

export interface StageProgram {
  readonly readsTags: boolean;
  /** Whether it calls layers: without weights `infer(this, …)` runs it. */
  readonly readsWeights: boolean;
  /** Parameters that the stage fills with artefacts. */
  readonly artefacts: readonly {
    readonly name: string;
    readonly accepts: readonly ArtefactType[];
    readonly background: boolean | undefined;
  }[];
  /** Parameters that the stage fills with partners: `related: draw(class: every, images: 3)`. */
  readonly groups: readonly string[];
  /** What it returns: one result, or the fields of a record. */
  readonly results: readonly { readonly name: string; readonly kind: Kind; readonly background: boolean | undefined }[];
}

/** After a mistake. */
const UNKNOWN: Known = { stage: '', artefact: 'unknown', covers: true };
const MOST_ROUNDS = 100;

const EXPECTATION = ['expected', 'tolerance', 'source'] as const;

export const STAGES: Readonly<Record<string, { readonly params: readonly string[]; readonly makes: ArtefactType }>> = {
  given: { params: ['path', 'as', 'on?'], makes: 'unknown' },
  train: { params: ['method', 'on?', 'masks?', 'saliency?', 'init?', 'epochs?', 'steps?', 'weights?'], makes: 'checkpoint' },
  infer: { params: ['net', 'program', 'on', 'save?', 'tags?', 'limit?', 'checkpoint?'], makes: 'cams' },
  threshold: { params: ['cams', 'on', 'from?', 'to?', 'step?', 'limit?'], makes: 'threshold' },
  crf: { params: ['cams', ...REFINEMENTS.crf], makes: 'masks' },
  masks: { params: ['cams', ...REFINEMENTS.masks], makes: 'masks' },
  ir_label: { params: ['cams', ...REFINEMENTS.ir_label], makes: 'masks' },
  random_walk: { params: ['cams', ...REFINEMENTS.random_walk], makes: 'masks' },
  evaluate: {
    params: ['predictions', 'on', 'threshold?', 'label?', 'predicted255?', 'sweep?', 'limit?', 'expected?', 'tolerance?', 'source?'],
    makes: 'scores',
  },
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
  /** Arguments of the stages by name, to which later stages may add what they ask for. */
  readonly #images = new StageImages();
  readonly #arguments = new Map<string, Record<string, Json>>();
  /** What names of stages end with in the round that is being read. */
  #round = '';

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
    for (const item of block.items) this.#item(item);
    return { stages: this.#stages, methods: [...this.#methods], datasets: [...this.#datasets] };
  }

  #item(item: PipelineItem): void {
    if (item.kind === 'stage') this.#stage(item);
    else this.#iterate(item);
  }

  /** Rounds are stages of their own, named `net-1`, `net-2`, each with its artefact; the next one reads what the last one handed on. */
  #iterate(statement: RoundsStatement): void {
    const times = this.#value(statement.times);
    const carried = new Map<string, Known>();
    for (const { name, value } of statement.carried) {
      const start = this.#artefact(value, undefined, `the start of ${name.text}`) ?? { ...UNKNOWN, stage: name.text };
      if (this.#known.has(name.text)) this.#E.report('duplicate-name', name.span, { name: name.text });
      carried.set(name.text, start);
    }
    if (times.kind !== 'number' || !times.integer || times.value < 1 || times.value > MOST_ROUNDS) {
      if (times.kind !== 'poison')
        this.#E.report('bad-setting', statement.times.span, {
          name: 'times',
          expected: `a whole number of rounds from 1 to ${MOST_ROUNDS}`,
          found: describe(times),
        });
      for (const name of carried.keys()) this.#known.set(name, { ...UNKNOWN, stage: name });
      return;
    }
    const assigned = statement.body.filter((item) => item.kind === 'assignment');
    for (const { name } of statement.carried)
      if (!assigned.some((item) => item.name.text === name.text)) this.#E.report('rounds-alike', name.span, { name: name.text });
    const outer = new Map(this.#known);
    const suffix = this.#round;
    let values: ReadonlyMap<string, Known> = carried;
    for (let round = 1; round <= times.value; round++) {
      this.#round = `${suffix}-${round}`;
      for (const name of this.#known.keys()) if (!outer.has(name) && !name.includes('[')) this.#known.delete(name);
      for (const [name, value] of values) this.#known.set(name, value);
      const next = new Map(values);
      const body = (): void => {
        for (const item of statement.body) {
          if (item.kind === 'assignment') this.#handOn(item, carried, next);
          else this.#item(item);
        }
      };
      // A later round may go wrong where the first did not: it reads what the one before it has made.
      if (round === 1) body();
      else this.#E.session.diagnostics.circumstance(`in round ${round}`, body);
      for (const [name, known] of [...this.#known]) {
        if (!outer.has(name) && !carried.has(name) && !name.includes('[')) this.#known.set(`${name}[${round}]`, known);
      }
      values = next;
    }
    this.#round = suffix;
    for (const name of this.#known.keys()) if (!outer.has(name) && !name.includes('[')) this.#known.delete(name);
    for (const [name, value] of values) this.#known.set(name, value);
  }

  /** `labels = next`: what the next round reads under that name has the type that it starts with. */
  #handOn({ name, value }: Assignment, carried: ReadonlyMap<string, Known>, next: Map<string, Known>): void {
    const start = carried.get(name.text);
    if (!start) {
      this.#E.report(
        'unknown-name',
        name.span,
        { name: name.text },
        { hint: didYouMean(name.text, carried.keys()) ?? `this iterate carries ${[...carried.keys()].join(', ')}` },
      );
      return;
    }
    const found = this.#artefact(value, start.artefact === 'unknown' ? undefined : [start.artefact], `the next round's ${name.text}`);
    if (found) next.set(name.text, found);
  }

  #stage(stage: StageStatement): void {
    const { name } = stage;
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
      this.#known.set(name.text, { ...UNKNOWN, stage: name.text });
      return;
    }
    const signature = STAGES[op];
    const program = op === 'infer' ? this.#programOf(call) : undefined;
    // What a program takes is not known where its method has a mistake: that is told there.
    const further = op === 'infer' && !program ? 'unknown' : 'none';
    const args = stageArguments(this.#E, op, call, [...signature.params, ...stageParameters(program)], further);
    if (this.#known.has(name.text)) this.#E.report('duplicate-name', name.span, { name: name.text });
    if (!args) this.#known.set(name.text, { stage: name.text, artefact: signature.makes, covers: true });
    else this.#build(`${name.text}${this.#round}`, stage, op, args, call);
  }

  #build(name: string, stage: StageStatement, op: string, args: ReadonlyMap<string, Expression>, call: CallExpression): void {
    const at = call.span;
    const known = stage.name.text;
    const reading = stage.origin === 'inferred' ? said(`stage ${name}`, stage.doc) : undefined;
    const inputs: Record<string, Json> = {};
    const rest: Record<string, Json> = {};
    const read = (key: string, accepted: readonly ArtefactType[]): Known | undefined => {
      const expression = args.get(key);
      if (!expression) return undefined;
      const found = this.#artefact(expression, accepted, `${op}'s ${key}`);
      if (found) inputs[key] = found.stage;
      return found;
    };
    /** Maps of images, which have to say which images. */
    const readImages = (key: string, accepted: readonly ArtefactType[]): Known | undefined => {
      const found = read(key, accepted);
      if (found && !found.covers)
        this.#E.report(
          'stage-argument',
          args.get(key)!.span,
          { stage: op, reason: `'${found.stage}' does not say which images it is of` },
          { hint: 'given("…", cams, on: voc.train)' },
        );
      return found;
    };
    let makes: Known = { stage: name, artefact: STAGES[op].makes, covers: true };
    let method: TrainableMethod | undefined;
    let program: string | undefined;
    switch (op) {
      case 'given': {
        makes = { ...this.#given(args, rest), stage: name };
        break;
      }
      case 'train': {
        method = this.#method(args.get('method')!);
        if (!method) {
          this.#known.set(known, makes);
          return;
        }
        program = method.name;
        for (const dataset of method.furtherData) if (Object.hasOwn(this.#declared, dataset)) this.#datasets.add(dataset);
        read('init', ['checkpoint']);
        if (method.needsMasks && !args.has('masks'))
          this.#E.report('missing-pseudo-masks', at, { method: method.name }, { hint: 'name the stage that makes them: masks: pseudo' });
        this.#masks(args.get('masks'), inputs);
        read('saliency', ['saliency']);
        this.#split(args.get('on'), rest);
        this.#numbers(args, ['epochs', 'steps'], rest);
        makes = { ...makes, method };
        this.#texts(args, ['weights'], rest);
        break;
      }
      case 'infer': {
        const net = args.get('net')!;
        const bare = sourceText(net) === 'this';
        const weights = bare ? undefined : this.#artefact(net, ['checkpoint'], "infer's net");
        if (weights) inputs.checkpoint = weights.stage;
        method = bare ? this.#trains(this.#self) : weights?.method;
        const expression = args.get('program')!;
        const entry = sourceText(expression);
        if (!method) {
          this.#known.set(known, makes);
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
          this.#known.set(known, makes);
          return;
        }
        if (bare && found.readsWeights)
          this.#E.report(
            'weights-needed',
            net.span,
            { program: entry },
            { hint: `name the stage that trains it: infer(${this.#trained()}, …)` },
          );
        rest.entry = entry;
        this.#split(args.get('on'), rest, args.get('limit'));
        const fed = readInferInputs(this.#E, { name: entry, of: found }, args, call, this.#scope, (e, accepted, where) =>
          this.#artefact(e, accepted, where),
        );
        if (Object.keys(fed.given).length > 0) inputs.given = fed.given;
        if (Object.keys(fed.groups).length > 0) rest.groups = fed.groups;
        for (const dataset of fed.datasets) if (Object.hasOwn(this.#declared, dataset)) this.#datasets.add(dataset);
        const save = args.get('save');
        const saved = save && sourceText(save) === 'labels' ? 'labels' : 'maps';
        rest.save = saved;
        makes = inferred(name, found, saved);
        if (rest.save === 'labels' && makes.parts)
          this.#E.report('stage-argument', save?.span ?? at, {
            stage: 'infer',
            reason: `labels are of one result, and ${entry} returns ${artefactWords(makes)}`,
          });
        this.#checkpoint(args.get('checkpoint'), method, weights?.stage, rest);
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
      case 'threshold': {
        const cams = read('cams', ['cams']);
        if (cams?.background)
          this.#E.report(
            'background-twice',
            args.get('cams')!.span,
            { stage: cams.stage, what: 'a threshold' },
            { hint: 'leave the threshold stage out' },
          );
        this.#split(args.get('on'), rest, args.get('limit'));
        Object.assign(rest, { from: 0.01, to: 0.8, step: 0.01 });
        this.#numbers(args, ['from', 'to', 'step'], rest);
        break;
      }
      case 'crf':
        this.#background(op, this.#notLogits(readImages('cams', ['cams', 'maps']), args), args, inputs, rest, at);
        Object.assign(rest, refinementArguments(this.#E, op, args, this.#scope));
        break;
      case 'masks':
        this.#background(op, readImages('cams', ['cams', 'maps']), args, inputs, rest, at);
        break;
      case 'ir_label':
        readImages('cams', ['cams']);
        Object.assign(rest, refinementArguments(this.#E, op, args, this.#scope));
        break;
      case 'random_walk': {
        const cams = readImages('cams', ['cams']);
        read('boundary', ['boundary', 'maps']);
        this.#background(op, cams, args, inputs, rest, at);
        Object.assign(rest, refinementArguments(this.#E, op, args, this.#scope));
        break;
      }
      case 'evaluate':
        this.#background(op, read('predictions', ['cams', 'masks', 'maps']), args, inputs, rest, at);
        this.#split(args.get('on'), rest, args.get('limit'));
        this.#texts(args, ['label'], rest);
        if (args.has('predicted255')) rest.predicted255 = sourceText(args.get('predicted255')!);
        if (args.has('sweep')) this.#sweep(args.get('sweep')!, rest);
        this.#expectation(args, rest);
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
    const of = method?.furtherData.length ? undefined : rest.on;
    const on = isSplit(of) ? `${of.dataset}.${of.split}` : undefined;
    if (op !== 'report' && (op !== 'train' || on !== undefined)) this.#images.add(this.#E, { name, on, inputs, at });
    this.#arguments.set(name, rest);
    this.#stages.push({
      name,
      op,
      ...(program === undefined ? {} : { program }),
      inputs,
      args: rest,
      ...(reading === undefined ? {} : { reading }),
    });
    this.#known.set(known, makes);
  }

  /** `masks: pseudo`, or `masks: union(pseudo, pseudo_extra)` where several data sets are trained on. */
  #masks(expression: Expression | undefined, into: Record<string, Json>): void {
    if (!expression) return;
    const union = expression.kind === 'call' && expression.callee.kind === 'name' && expression.callee.name.text === 'union';
    const parts = union ? expression.args.map((arg) => arg.value) : [expression];
    const found = parts.flatMap((part) => this.#artefact(part, ['masks'], "train's masks")?.stage ?? []);
    if (union) into.masks = found;
    else if (found.length > 0) into.masks = found[0];
  }

  /** The inference program that a stage names, where it can be told without a report. */
  #programOf(call: CallExpression): StageProgram | undefined {
    const [net, program] = ['net', 'program'].map(
      (name, i) => call.args.find((arg) => arg.name?.text === name) ?? (call.args[i]?.name ? undefined : call.args[i]),
    );
    if (!net || !program) return undefined;
    const method = sourceText(net.value) === 'this' ? this.#self : this.#known.get(referenceText(net.value))?.method;
    return method?.programs.get(sourceText(program.value));
  }

  /** A stage that trains the method of the pipeline, for a hint. */
  #trained(): string {
    return this.#stages.find((stage) => stage.op === 'train' && stage.program === this.#self.name)?.name ?? 'classifier';
  }

  /**
   * `checkpoint: best`, the weights that the validation of the training chose, or `checkpoint: epoch(10)`, those after ten epochs, which the
   * training stage then keeps.
   */
  #checkpoint(expression: Expression | undefined, method: TrainableMethod, from: string | undefined, into: Record<string, Json>): void {
    if (!expression) return;
    const word = sourceText(expression.kind === 'call' ? expression.callee : expression);
    if (word === 'epoch' && expression.kind === 'call') this.#epochKept(expression, method, from, into);
    else if ((word !== 'best' && word !== 'last') || expression.kind === 'call')
      this.#E.report('bad-setting', expression.span, { name: 'checkpoint', expected: 'best, last or epoch(n)', found: word });
    else if (word === 'best' && !method.keepsBest)
      this.#E.report(
        'no-best-checkpoint',
        expression.span,
        { method: method.name },
        { hint: 'add to its train block: validate every 1 epochs on NAME.val with PROGRAM keep best(miou), last' },
      );
    else if (word === 'best') into.checkpoint = word;
  }

  #epochKept(call: CallExpression, method: TrainableMethod, from: string | undefined, into: Record<string, Json>): void {
    const [count, more] = call.args;
    const epoch = count && evaluate(this.#E, count.value, this.#scope);
    if (epoch?.kind === 'poison') return;
    const trained = this.#stages.find((stage) => stage.name === from);
    const given = trained?.args.epochs;
    const epochs = typeof given === 'number' ? given : trained?.args.steps === undefined ? method.epochs : undefined;
    const fits = epoch?.kind === 'number' && epoch.integer && epoch.value >= 1 && epoch.value <= (epochs ?? Number.POSITIVE_INFINITY);
    if (!fits || more) {
      const expected = `epoch(n), n a whole number from 1${epochs === undefined ? '' : ` to ${epochs}, where the training ends`}`;
      const found = epoch === undefined || more ? 'another form' : epoch.kind === 'number' ? String(epoch.value) : describe(epoch);
      this.#E.report('bad-setting', call.span, { name: 'checkpoint', expected, found });
    } else if (trained?.op !== 'train') {
      const hint = 'only a stage of this pipeline that trains keeps the weights of an epoch: give the file of that epoch';
      this.#E.report('bad-setting', call.span, { name: 'checkpoint', expected: 'last', found: `epoch(${epoch.value})` }, { hint });
    } else {
      into.checkpoint = { epoch: epoch.value };
      const before = trained.args.keep;
      const kept = new Set([...(Array.isArray(before) ? before.map(Number) : []), epoch.value]);
      const asked = this.#arguments.get(trained.name);
      if (asked) asked.keep = [...kept].sort((a, b) => a - b);
    }
  }

  /** `given("cams/", cams(with_background), on: voc.train)`: what somebody has already, in the place of the stage that would make it. */
  #given(args: ReadonlyMap<string, Expression>, rest: Record<string, Json>): Known {
    this.#texts(args, ['path'], rest);
    this.#split(args.get('on'), rest);
    const expression = args.get('as')!;
    const call = expression.kind === 'call' ? expression : undefined;
    const type = sourceText(call ? call.callee : expression);
    const words = call?.args.map((argument) => argument.value) ?? [];
    if (!Object.hasOwn(GIVEN, type)) {
      this.#E.report(
        'unknown-artefact',
        expression.span,
        { name: type },
        { hint: didYouMean(type, Object.keys(GIVEN)) ?? `given reads ${Object.keys(GIVEN).join(', ')}` },
      );
      return UNKNOWN;
    }
    rest.kind = type === 'boundary' ? 'maps' : type;
    const covers = args.has('on');
    if (type === 'checkpoint')
      return { ...UNKNOWN, artefact: 'checkpoint', method: words.length > 0 ? this.#method(words[0]) : this.#trains(this.#self), covers };
    const found = words.map((word) => sourceText(word));
    const wrong = words.find((_, i) => !GIVEN[type].includes(found[i]));
    if (wrong)
      this.#E.report(
        'unknown-artefact',
        wrong.span,
        { name: `${type}(${sourceText(wrong)})` },
        {
          hint:
            didYouMean(sourceText(wrong), GIVEN[type]) ?? `write ${[type, ...GIVEN[type].map((word) => `${type}(${word})`)].join(' or ')}`,
        },
      );
    const background = found.includes('with_background') ? true : found.includes('without_background') ? false : undefined;
    return { ...UNKNOWN, artefact: type as ArtefactType, background, covers };
  }

  /** A CRF takes the logarithm of its maps: they are scores or probabilities. */
  #notLogits(maps: Known | undefined, args: ReadonlyMap<string, Expression>): Known | undefined {
    if (maps?.values === 'logits')
      this.#E.report(
        'stage-argument',
        args.get('cams')!.span,
        { stage: 'crf', reason: `'${maps.stage}' holds logits, and a CRF starts from probabilities` },
        { hint: 'let its inference program return softmax(…)' },
      );
    return maps;
  }

  /** Where the background of maps comes from: a channel of their own, or a threshold. */
  #background(
    op: string,
    maps: Known | undefined,
    args: ReadonlyMap<string, Expression>,
    inputs: Record<string, Json>,
    rest: Record<string, Json>,
    at: Span,
  ): void {
    this.#threshold(args, inputs, rest);
    const threshold = args.get('threshold');
    if (maps?.artefact !== 'cams') return;
    if (maps.background && threshold)
      this.#E.report('background-twice', threshold.span, { stage: maps.stage, what: 'a threshold' }, { hint: 'leave it out' });
    if (maps.background === false && !threshold)
      this.#E.report('background-missing', at, { op, stage: maps.stage }, { hint: 'threshold: 0.2, or the name of a threshold stage' });
  }

  /** What a name, a part of a record (`seeds.cam`) or a round (`net[1]`) stands for; undefined after a report. */
  #artefact(expression: Expression, accepted: readonly ArtefactType[] | undefined, where: string): Known | undefined {
    const name = referenceText(expression);
    const [whole, part] = this.#known.has(name) ? [name, undefined] : name.split('.', 2);
    const found = this.#known.get(whole);
    if (!found) {
      const names = [...this.#known.keys()].filter((other) => !other.includes('['));
      this.#E.report(
        'unknown-stage',
        expression.span,
        { name: whole },
        { cause: whole, hint: didYouMean(whole, names) ?? 'a stage reads stages written before it' },
      );
      return undefined;
    }
    if (found.artefact === 'unknown') return part === undefined ? found : { ...found, stage: name };
    const known = part === undefined ? found : found.parts?.get(part);
    if (!known) {
      this.#E.report(
        'unknown-member',
        expression.span,
        { object: `the stage ${whole} (${artefactWords(found)})`, name: part ?? '' },
        { hint: (part !== undefined && found.parts && didYouMean(part, found.parts.keys())) || undefined },
      );
      return undefined;
    }
    if (accepted && !accepted.includes(known.artefact)) {
      const fitting = [...(known.parts ?? [])].flatMap(([field, { artefact }]) =>
        accepted.includes(artefact) ? [`${whole}.${field}`] : [],
      );
      this.#E.report(
        'stage-artefact',
        expression.span,
        { where, wanted: accepted.join(' or '), stage: name, found: artefactWords(known) },
        { hint: fitting.length > 0 ? `name the part: ${fitting.join(' or ')}` : undefined },
      );
      return undefined;
    }
    return known;
  }

  #method(expression: Expression): TrainableMethod | undefined {
    const name = sourceText(expression);
    const found = name === 'this' ? this.#self : this.#methodNamed(name, expression.span);
    if (found) this.#trains(found);
    else if (!this.#scope.lacks(name))
      this.#E.report(
        'unknown-name',
        expression.span,
        { name },
        { hint: 'train takes a method of this file (this: the one that holds the pipeline)' },
      );
    return found;
  }

  #trains(method: TrainableMethod): TrainableMethod {
    this.#methods.add(method.name);
    return method;
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
    if (first) numberOf(this.#E, 'limit', first, 'count', limit.span);
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
      if (found) inputs.threshold = found.stage;
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

  /** `expected: 58.6, tolerance: 0.5, source: "Table 2"`: what the authors report, for `wsss reproduce`. All three or none. */
  #expectation(args: ReadonlyMap<string, Expression>, into: Record<string, Json>): void {
    const given = EXPECTATION.filter((key) => args.has(key));
    if (given.length === 0) return;
    const missing = EXPECTATION.filter((key) => !args.has(key));
    if (missing.length > 0) {
      const reason = `a number to reach needs ${EXPECTATION.join(', ')}; ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
      this.#E.report('stage-argument', args.get(given[0])!.span, { stage: 'evaluate', reason });
      return;
    }
    const read: Record<string, Json> = {};
    this.#numbers(args, ['expected', 'tolerance'], read);
    this.#texts(args, ['source'], read);
    const { expected, tolerance, source } = read;
    if (typeof expected !== 'number' || typeof tolerance !== 'number' || typeof source !== 'string') return;
    if (expected < 0 || expected > 100 || tolerance <= 0)
      this.#E.report('stage-argument', args.get('expected')!.span, {
        stage: 'evaluate',
        reason: 'expected is in percent, from 0 to 100, and tolerance above 0',
      });
    into.expectation = { value: expected, tolerance, source };
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
    const shown = new Map<string, string>();
    return expression.fields.flatMap((f) => {
      const found = this.#artefact(f.value, ['cams', 'masks', 'maps', 'boundary'], 'a panel');
      const first = found && shown.get(found.stage);
      if (first !== undefined)
        this.#E.report('stage-argument', f.value.span, {
          stage: 'report',
          reason: `the panels ${first} and ${f.name.text} show the same maps`,
        });
      if (found) shown.set(found.stage, f.name.text);
      return found ? [{ title: f.name.text.replaceAll('_', ' '), stage: found.stage }] : [];
    });
  }
}

function isSplit(value: Json | undefined): value is { readonly dataset: string; readonly split: string } {
  return typeof value === 'object' && value !== null && 'dataset' in value && 'split' in value;
}

/** A stage as expressions name it: `seeds`, a part of a record `seeds.cam`, a round `net[1]`. */
function referenceText(expression: Expression): string {
  if (expression.kind === 'member') return `${referenceText(expression.object)}.${expression.name.text}`;
  if (expression.kind !== 'index' || expression.items.length !== 1) return sourceText(expression);
  const [{ value }] = expression.items;
  return `${referenceText(expression.object)}[${value.kind === 'number' ? value.value : sourceText(value)}]`;
}
