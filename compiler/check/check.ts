/** Checking a file: every method and variant it declares, elaborated with symbolic sizes. */
import { type BoundFile, Loader, type SourceHost } from '../bind/bind.ts';
import { Library } from '../bind/library.ts';
import { SoundSpecs } from '../bind/sound-specs.ts';
import { names } from '../diagnostics/catalogue/names.ts';
import type { Code } from '../diagnostics/catalogue.ts';
import { Diagnostics, type Retelling } from '../diagnostics/diagnostics.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { PretrainedBackbone, StateDeclaration } from '../ir/program.ts';
import type { Graph } from '../ops/graph.ts';
import { Facts } from '../shape/facts.ts';
import type { Span } from '../source/source.ts';
import type {
  Assignment,
  GridDeclaration,
  InferBlock,
  MethodDeclaration,
  PipelineItem,
  StageStatement,
  TypeExpression,
  VariantDeclaration,
} from '../syntax/ast.ts';
import { bounded } from './bounded.ts';
import { warnUnread } from './data/declared.ts';
import { levelsOf } from './data/reading.ts';
import { readValidations } from './data/validation.ts';
import { readDataset } from './datasets.ts';
import { Elaboration, type LossValue, nothingTold, type Session } from './elaboration.ts';
import { checkGradients, checkInferenceOnly } from './gradients.ts';
import { cellsOf } from './grids.ts';
import { type InferArtefact, type InferResult, ONLY_RESULT } from './infer.ts';
import { hasBackground, TYPE_KINDS } from './kinds.ts';
import { CLASS_DIM, MethodInstance } from './method.ts';
import { checkNamings } from './namings.ts';
import { type Json, type PipelineDraft, readPipeline, type StageProgram, type TrainableMethod } from './pipeline.ts';
import { readingsAmong } from './readings.ts';
import { NO_REFERENCES } from './references.ts';
import { checkShadowed } from './shadowed.ts';
import { learnsPseudoMasks, SUPERVISION_LEVELS } from './supervision.ts';
import { checkAllows, suppressAllowed } from './suppress.ts';
import { type CheckedTrain, readTrain } from './train.ts';
import { lossesAmong } from './training/losses.ts';
import { checkTraps, type TrapsTold } from './traps.ts';
import { checkTwice } from './twice.ts';
import { checkUnused } from './unused.ts';
import { POISON, type Value } from './values.ts';
import { atVariant } from './variant-places.ts';
import { checkUnchanged, type MethodSource, resolveMethod } from './variants.ts';
import { sourceText } from './views.ts';
import { stepsFor, Work } from './work.ts';

/** A graph with the tensors that leave it. */
export interface CheckedForward {
  readonly E: Elaboration;
  readonly graph: Graph;
  readonly losses: readonly LossValue[];
}

export interface CheckedInfer {
  readonly name: string;
  readonly graph: Graph;
  readonly E: Elaboration;
  readonly results: readonly InferResult[];
  readonly photo: { readonly height: string; readonly width: string };
  readonly readsTags: boolean;
  readonly artefacts: readonly InferArtefact[];
  readonly groups: readonly string[];
  readonly block: InferBlock;
}

/** A hyper of a method with the value it has here: as declared, as a variant has it, or as it was set. */
export interface CheckedHyper {
  readonly name: string;
  readonly value: Value;
  readonly span: Span;
}

export interface CheckedMethod {
  readonly name: string;
  readonly source: MethodSource;
  readonly hypers: readonly CheckedHyper[];
  readonly states: ReadonlyMap<string, StateDeclaration>;
  readonly forward: CheckedForward;
  readonly infer: readonly CheckedInfer[];
  readonly train: CheckedTrain | undefined;
  readonly pipeline: PipelineDraft | undefined;
  readonly supervision: readonly string[];
  /** What the authors do not settle and the spec marks `@inferred`. */
  readonly readings: readonly string[];
  /** Absent where every parameter starts from nothing. */
  readonly pretrained?: readonly PretrainedBackbone[];
}

export interface CheckedFile {
  readonly file: BoundFile;
  readonly methods: ReadonlyMap<string, CheckedMethod>;
  readonly datasets: Readonly<Record<string, Json>>;
}

export interface CheckOptions {
  /** Only these methods or variants; all of the file when undefined. */
  readonly only?: readonly string[];
  /** `--set name=value`. */
  readonly settings?: ReadonlyMap<string, Value>;
  /** Sizes that cannot be proved to agree are errors; else warnings, and checked when the program starts. */
  readonly strictShapes?: boolean;
  /** Files read before. */
  readonly sound?: SoundSpecs;
}

/** Checks a file; undefined when the host has none of that name. */
export function checkFile(host: SourceHost, name: string, diagnostics: Diagnostics, options: CheckOptions = {}): CheckedFile | undefined {
  const sound = options.sound ?? new SoundSpecs();
  const loader = new Loader(host, diagnostics, sound);
  const file = loader.load(name);
  if (!file) return undefined;
  const characters = loader.files.reduce((sum, { spec }) => sum + spec.source.text.length, 0);
  const checker = new FileChecker(file, diagnostics, options, new Library(host, () => loader.files, sound), characters);
  const checked = checker.check();
  const unused = suppressAllowed(
    loader.files.filter((f) => !f.name.startsWith('std/')),
    diagnostics,
  );
  // What was not checked, or hides behind an error, may have warnings that are not known yet.
  const whole = options.only === undefined && (options.settings?.size ?? 0) === 0 && !diagnostics.hasErrors;
  checkAllows(unused, file, whole, diagnostics);
  return checked;
}

/** Codes that do not follow from another mistake. */
const standsAlone = (code: Code): boolean => Object.hasOwn(names, code) && code !== 'used-before-declared' && code !== 'missing-setting';

/** Members of a method that its inference programs cannot see. */
const INVISIBLE: ReadonlySet<string> = new Set(['paper', 'supervision', 'loss', 'watch', 'infer', 'pipeline']);

class FileChecker {
  readonly #file: BoundFile;
  readonly #diagnostics: Diagnostics;
  readonly #options: CheckOptions;
  readonly #methods = new Map<string, CheckedMethod>();
  readonly #open = new Set<string>();
  readonly #datasets: Record<string, Json> = {};
  /** Inference programs checked so far, with the members of the method that they can see. */
  readonly #programs: {
    readonly file: BoundFile;
    readonly sees: readonly unknown[];
    readonly states: ReadonlyMap<string, StateDeclaration>;
    readonly program: CheckedInfer;
  }[] = [];
  readonly #trapsTold: TrapsTold = new Set();
  /** Methods and variants that were asked for. */
  readonly #asked = new Set<string>();
  /** Methods and variants with errors. */
  readonly #mistaken = new Set<string>();
  /** Whether reading the files already found errors: parts of a body may be missing then. */
  readonly #misread: boolean;

  readonly #library: Library;
  /** Steps that each method may take. */
  readonly #steps: number;

  constructor(file: BoundFile, diagnostics: Diagnostics, options: CheckOptions, library: Library, characters: number) {
    this.#steps = stepsFor(characters);
    this.#file = file;
    this.#library = library;
    this.#diagnostics = diagnostics;
    this.#misread = diagnostics.hasErrors;
    this.#options = options;
  }

  check(): CheckedFile {
    const session = this.#session();
    const E = new Elaboration(session, false);
    for (const [name, { declaration }] of this.#reachable()) {
      if (declaration.kind !== 'dataset') continue;
      const read = bounded(session, declaration.name.span, () => readDataset(E, declaration));
      if (read !== undefined) this.#datasets[name] = read;
    }
    checkNamings(this.#file, this.#diagnostics);
    for (const { declaration } of this.#file.declared) {
      if (declaration.kind === 'grid') this.#grid(declaration);
      if (declaration.kind === 'variant') checkUnchanged(declaration, this.#file, this.#diagnostics);
      if (declaration.kind !== 'method' && declaration.kind !== 'variant') continue;
      if (this.#options.only && !this.#options.only.includes(declaration.name.text)) continue;
      this.#method(declaration.name.text);
    }
    checkShadowed(this.#file.spec, this.#diagnostics);
    checkTwice(this.#file.spec, this.#diagnostics);
    // A misspelt name would be reported twice: where it stands, and where what it meant is declared.
    if (!this.#diagnostics.hasErrors) checkUnused(this.#file, this.#diagnostics);
    return { file: this.#file, methods: this.#methods, datasets: this.#datasets };
  }

  /** Names of this file and, for data sets, of the files it imports: a variant trains on what its method names. */
  #reachable(): Map<string, BoundFile['declared'][number]> {
    const found = new Map(this.#file.names);
    const visit = (file: BoundFile): void => {
      for (const [name, bound] of file.names) if (bound.declaration.kind === 'dataset' && !found.has(name)) found.set(name, bound);
      for (const next of file.imports) visit(next);
    };
    visit(this.#file);
    return found;
  }

  #session(): Session {
    return {
      diagnostics: this.#diagnostics,
      root: this.#file,
      states: new Map(),
      pretrained: new Map(),
      settings: this.#options.settings ?? new Map(),
      facts: new Facts(),
      strictShapes: this.#options.strictShapes ?? false,
      references: NO_REFERENCES,
      datasets: this.#datasets,
      told: nothingTold(),
      work: new Work(this.#steps),
      homeOf: (name) => this.#library.homeOf(name),
    };
  }

  /** Every cell is a variant; the mistakes of their method are told there alone. */
  #grid(grid: GridDeclaration): void {
    const { only } = this.#options;
    const cells = cellsOf(grid, this.#file, this.#diagnostics).filter(({ name }) => !only || only.includes(name.text));
    if (cells.length > 0) this.#method(grid.of.text);
    if (this.#mistaken.has(grid.of.text)) return;
    for (const cell of cells)
      this.#diagnostics.circumstance(`in the cell ${cell.name.text}`, () => this.#declared(cell.name.text, cell, this.#file));
  }

  #method(name: string, bound = this.#file.names.get(name)): CheckedMethod | undefined {
    if (!bound || (bound.declaration.kind !== 'method' && bound.declaration.kind !== 'variant')) return this.#methods.get(name);
    const { declaration, file } = bound;
    if (this.#methods.has(name) || this.#open.has(name)) return this.#methods.get(name);
    // A cycle of variants is told where it is resolved.
    if (this.#asked.has(name)) return undefined;
    this.#asked.add(name);
    return this.#diagnostics.retold(this.#retelling(declaration, file), () => this.#declared(name, declaration, file));
  }

  /** What a variant breaks is told at its lines, where its method has been checked and is right. */
  #retelling(declaration: MethodDeclaration | VariantDeclaration, file: BoundFile): Retelling | undefined {
    if (declaration.kind === 'method') return undefined;
    const of = declaration.of.text;
    // A method of another file is checked there.
    if (!this.#file.declared.some((bound) => bound.declaration.name.text === of)) return undefined;
    if (!this.#options.only) this.#method(of, file.names.get(of));
    const target = file.names.get(of);
    if (
      !this.#methods.has(of) ||
      this.#mistaken.has(of) ||
      (target?.declaration.kind !== 'method' && target?.declaration.kind !== 'variant')
    )
      return undefined;
    const base = resolveMethod(target.declaration, target.file, new Diagnostics());
    return base && atVariant(declaration, base);
  }

  #declared(name: string, declaration: MethodDeclaration | VariantDeclaration, file: BoundFile): CheckedMethod | undefined {
    const known = this.#methods.get(name);
    if (known || this.#open.has(name)) return known;
    this.#open.add(name);
    const before = this.#diagnostics.errorReports;
    // A variant repeats the mistakes of its method, seen through other sizes.
    const checked = this.#diagnostics.unrestricted(() =>
      this.#unless(declaration.kind === 'variant' && this.#mistaken.has(declaration.of.text), () => {
        const session = this.#session();
        return bounded(session, declaration.name.span, () => this.#elaborate(declaration, file, session));
      }),
    );
    if (this.#diagnostics.errorReports > before) this.#mistaken.add(name);
    if (checked) this.#methods.set(name, checked);
    return checked;
  }

  #elaborate(declaration: MethodDeclaration | VariantDeclaration, file: BoundFile, session: Session): CheckedMethod | undefined {
    const source = resolveMethod(declaration, file, this.#diagnostics);
    if (!source) return undefined;
    const errors = this.#diagnostics.errorReports;
    // What a mistake has left out would look as if nothing trained it.
    const sound = (): boolean => !this.#misread && this.#diagnostics.errorReports === errors;
    const instance = new MethodInstance(source, session, new Map());
    const supervision = this.#supervision(source);
    const { E, scope } = instance.forward();
    const inputs = E.builder.nodes.filter((n) => n.op === 'input' && n.attrs.role === 'batch');
    let train: CheckedTrain | undefined;
    const block = source.members.find((m) => m.kind === 'train');
    const hasLoss = lossesAmong(source.members).length > 0;
    if (block?.kind === 'train') {
      // One that is written and not counted stands in a branch that is not taken.
      if (!hasLoss || (sound() && E.losses.length === 0))
        this.#diagnostics.report(
          'missing-loss',
          block.span,
          { method: source.name },
          hasLoss ? { hint: 'its losses stand in branches that are not taken' } : {},
        );
      for (const what of madeByStages(source)) E.session.told.made.add(what);
      train = readTrain(E, block, source.name, scope, inputs, supervision, sound());
    } else if (hasLoss) this.#diagnostics.report('missing-train', source.span, { method: source.name });
    const graph = E.forwardGraph();
    const known = new Set(session.states.keys());
    const infer: CheckedInfer[] = [];
    for (const member of source.members) {
      if (member.kind !== 'infer') continue;
      const program = this.#unless(!sound(), () => this.#inferred(source, member, () => instance.infer(member), session));
      if (!program) continue;
      infer.push(program);
      if (sound()) checkInferenceOnly(E, source, known, member.name.text);
    }
    if (train && block?.kind === 'train') {
      const named = source.members.flatMap((m) => (m.kind === 'infer' ? [m.name.text] : []));
      const programs = new Map(named.map((name) => [name, infer.find((p) => p.name === name)]));
      const items = block.items.filter((item) => item.kind === 'validate');
      const validate = readValidations(E, items, scope, source.name, programs, CLASS_DIM);
      if (validate.length > 0) train = { ...train, validate };
    }
    const clause = source.members.find((m) => m.kind === 'supervision');
    // As for unused names: where something is mistaken, what reads it may be missing.
    if (train && clause?.kind === 'supervision' && !this.#diagnostics.hasErrors)
      warnUnread(E, clause.levels, {
        kinds: [...inputs, ...infer.flatMap((program) => program.artefacts.map(({ node }) => node))].map((node) => node.kind),
        tags: (train.pairs?.length ?? 0) > 0 || infer.some((program) => program.readsTags),
        sources: levelsOf(E, [
          ...(train.source ? [train.source] : []),
          ...(train.also ?? []),
          ...(train.pairs ?? []).flatMap(({ from = [] }) => from),
        ]),
      });
    if (train && sound()) checkGradients(E, source, graph, train.frozen);
    if (sound()) for (const found of [{ E, graph }, ...infer]) checkTraps(found.E, found.graph, this.#trapsTold);
    const self: TrainableMethod = { name: source.name, ...trainingFacts(source, supervision, train), programs: programsOf(source, infer) };
    const pipe = source.members.find((m) => m.kind === 'pipeline');
    const pipeline =
      pipe?.kind === 'pipeline'
        ? readPipeline(E, pipe, self, scope, (other, at) => this.#trainable(other, at, source.file, self), this.#datasets)
        : undefined;
    return {
      name: source.name,
      source,
      hypers: source.members.flatMap((m) =>
        m.kind === 'hyper' ? [{ name: m.name.text, value: scope.find(m.name.text)?.value() ?? POISON, span: m.span }] : [],
      ),
      states: session.states,
      forward: { E, graph, losses: E.losses },
      infer,
      train,
      pipeline,
      supervision,
      readings: [...source.readings, ...readingsAmong(source.members)],
      ...(session.pretrained.size > 0 ? { pretrained: [...session.pretrained.values()] } : {}),
    };
  }

  /** After a mistake only what cannot follow from it is reported: names that nothing declares. */
  #unless<T>(mistaken: boolean, body: () => T): T {
    return mistaken ? this.#diagnostics.restricted(standsAlone, body) : body();
  }

  /** A program that a variant does not touch is that of its method: nothing it can see differs. */
  #inferred(
    source: MethodSource,
    member: InferBlock,
    elaborate: () => ReturnType<MethodInstance['infer']>,
    session: Session,
  ): CheckedInfer | undefined {
    const sees = source.members.flatMap((m) =>
      m.kind === 'train' ? m.items.filter((item) => item.kind === 'require') : INVISIBLE.has(m.kind) ? [] : [m],
    );
    const known = this.#programs.find(
      (p) => p.file === source.file && p.program.block === member && p.sees.length === sees.length && p.sees.every((m, i) => m === sees[i]),
    );
    if (known) {
      for (const [key, state] of known.states) if (!session.states.has(key)) session.states.set(key, state);
      return known.program;
    }
    const result = elaborate();
    if (!result) return undefined;
    const program: CheckedInfer = {
      name: member.name.text,
      ...result,
      block: member,
      graph: result.E.graph(
        `infer.${member.name.text}`,
        result.results.map(({ name, node }) => ({ role: 'output' as const, name, node })),
      ),
    };
    this.#programs.push({ file: source.file, sees, states: session.states, program });
    return program;
  }

  /** The method that a stage names, as the file understands it in which the stage is written. */
  #trainable(name: string, at: Span, file: BoundFile, self: TrainableMethod): TrainableMethod | undefined {
    const bound = (file.bases?.get(at.file.name) ?? file).names.get(name);
    const own = this.#file.names.get(name);
    // Programs are known by the names of their methods.
    if (bound && own && bound.declaration !== own.declaration) {
      this.#diagnostics.report(
        'ambiguous-import',
        at,
        { name, first: bound.file.name, second: own.file.name },
        { hint: `rename the one of ${own.file.name}: a stage taken over from ${bound.file.name} trains the other` },
      );
    }
    if (name === self.name) return self;
    const checked = this.#method(name, bound);
    return (
      checked && {
        name: checked.name,
        ...trainingFacts(checked.source, checked.supervision, checked.train),
        programs: programsOf(checked.source, checked.infer),
      }
    );
  }

  #supervision(source: MethodSource): readonly string[] {
    const clause = source.members.find((m) => m.kind === 'supervision');
    if (clause?.kind !== 'supervision') {
      if (source.members.some((m) => m.kind === 'input'))
        this.#diagnostics.report('missing-supervision', source.span, { method: source.name });
      return [];
    }
    for (const [i, { text, span }] of clause.levels.entries())
      if (clause.levels.findIndex((level) => level.text === text) < i) this.#diagnostics.report('duplicate-name', span, { name: text });
    for (const level of clause.levels)
      if (!(SUPERVISION_LEVELS as readonly string[]).includes(level.text))
        this.#diagnostics.report(
          'unknown-supervision',
          level.span,
          { name: level.text },
          { hint: didYouMean(level.text, SUPERVISION_LEVELS) ?? `levels: ${SUPERVISION_LEVELS.join(', ')}` },
        );
    return clause.levels.map((l) => l.text);
  }
}

/** What the stages that train a method give it in the place of what a data set holds: names of arguments, such as `saliency`. */
function madeByStages({ members }: MethodSource): readonly string[] {
  const stagesOf = (items: readonly (PipelineItem | Assignment)[]): readonly StageStatement[] =>
    items.flatMap((item) => (item.kind === 'stage' ? [item] : item.kind === 'rounds' ? stagesOf(item.body) : []));
  return members.flatMap((member) =>
    member.kind !== 'pipeline'
      ? []
      : stagesOf(member.items).flatMap(({ value }) => {
          const trains = value.kind === 'call' && value.callee.kind === 'name' && value.callee.name.text === 'train';
          return trains ? value.args.flatMap((arg) => arg.name?.text ?? []) : [];
        }),
  );
}

/** What stages need to know of the training. */
function trainingFacts(
  source: MethodSource,
  supervision: readonly string[],
  train: CheckedTrain | undefined,
): Pick<TrainableMethod, 'keepsBest' | 'epochs' | 'furtherData' | 'needsMasks'> {
  const { also = [], pairs = [], validate = [] } = train ?? {};
  const further = [...also, ...pairs.flatMap((pair) => pair.from ?? []), ...validate.map((validation) => validation.on)];
  // A validation with a mistake, or in a method with one, is told there: what it was to keep counts as kept.
  const written = source.members.flatMap((m) => (m.kind === 'train' ? m.items.filter((item) => item.kind === 'validate') : []));
  return {
    keepsBest: written.some(({ keep = [] }) => keep.some((kept) => sourceText(kept.kind === 'call' ? kept.callee : kept) === 'best')),
    epochs: train?.epochs,
    furtherData: further.map(({ dataset }) => dataset),
    needsMasks: learnsPseudoMasks(supervision, train),
  };
}

/** What stages need to know of the programs; of one with a mistake, what its signature says. */
function programsOf(source: MethodSource, infer: readonly CheckedInfer[]): ReadonlyMap<string, StageProgram> {
  const programs = new Map<string, StageProgram>();
  for (const member of source.members) {
    if (member.kind !== 'infer') continue;
    const checked = infer.find((p) => p.name === member.name.text);
    programs.set(member.name.text, {
      readsTags: checked?.readsTags ?? member.params.some((p) => p.type?.kind === 'named_type' && p.type.name.text === 'Tags'),
      readsWeights: checked?.graph.nodes.some((node) => node.op === 'input' && node.attrs.role === 'state') ?? false,
      artefacts: checked
        ? checked.artefacts.map(({ name, accepts, node }) => ({
            name,
            accepts,
            background: node.kind === 'cam' ? hasBackground(node.type.shape, CLASS_DIM) : undefined,
          }))
        : declaredArtefacts(member),
      groups: checked ? checked.groups : member.params.flatMap((p) => (p.type?.kind === 'record_type' ? [p.name.text] : [])),
      results: checked
        ? checked.results.map(({ name, node }) => ({ name, kind: node.kind, background: hasBackground(node.type.shape, CLASS_DIM) }))
        : declaredResults(member),
    });
  }
  return programs;
}

/** Of a program with a mistake: what stages may give it, whatever it is. */
function declaredArtefacts({ params }: InferBlock): StageProgram['artefacts'] {
  return params.flatMap(({ name, type }) => {
    const kind = type?.kind === 'named_type' ? TYPE_KINDS[type.name.text] : undefined;
    const anything = ['cams', 'maps', 'boundary', 'masks', 'saliency'] as const;
    return kind && kind !== 'image' && kind !== 'tags' ? [{ name: name.text, accepts: anything, background: undefined }] : [];
  });
}

function declaredResults({ returns }: InferBlock): StageProgram['results'] {
  const one = (name: string, type: TypeExpression | undefined): StageProgram['results'][number] => {
    const kind = (type?.kind === 'named_type' && TYPE_KINDS[type.name.text]) || 'cam';
    return { name, kind, background: undefined };
  };
  if (returns?.kind !== 'record_type') return [one(ONLY_RESULT, returns)];
  return returns.fields.map(({ name, type }) => one(name.text, type));
}
