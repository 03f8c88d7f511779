/** Methods: their members after variants, the graph of a training step, and the graphs of their inference programs. */
import type { BoundFile } from '../bind/bind.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { variable } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type {
  BlockItem,
  IfStatement,
  InferBlock,
  LayerStatement,
  MethodDeclaration,
  MethodMember,
  ShadowClause,
  VariantDeclaration,
} from '../syntax/ast.ts';
import { branchTaken, declaredIn } from './blocks.ts';
import type { Arguments } from './call.ts';
import { declareInput } from './data/inputs.ts';
import { Elaboration, type Session } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { elaborateInfer, type InferProgram } from './infer.ts';
import { fileScope, place } from './modules.ts';
import { toNode } from './nodes.ts';
import { declarePretraining } from './pretraining.ts';
import { Scope, TRAINING_INPUT } from './scope.ts';
import { shadowValue } from './shadows.ts';
import { type Body, runBody, runRequire } from './statements.ts';
import { runLoss } from './training/losses.ts';
import { describe, POISON, size, type Value } from './values.ts';
import { type MethodSource, resolveMethod } from './variants.ts';

/** The dimension that counts foreground classes. */
export const CLASS_DIM = 'K';

/** A method with its layers placed; `member` gives what cases and pipelines name. */
export class MethodInstance {
  readonly name: string;
  readonly source: MethodSource;
  readonly session: Session;
  readonly overrides: ReadonlyMap<string, Value>;
  readonly #layers = new Map<string, Value>();
  readonly #asker: Elaboration;
  readonly #scopes = new WeakMap<Elaboration, { readonly training: boolean; readonly scope: Scope }>();

  constructor(source: MethodSource, session: Session, overrides: ReadonlyMap<string, Value>, asker?: Elaboration) {
    this.source = source;
    this.name = source.name;
    this.session = session;
    this.overrides = overrides;
    this.#asker = asker ?? new Elaboration(session, true);
  }

  /** Layers, settings and modules: what cases and pipelines may name. */
  memberNames(): readonly string[] {
    return [...this.replaceableNames(), ...this.#declared('module')];
  }

  /** Layers and settings: what a case may replace. */
  replaceableNames(): readonly string[] {
    return this.#declared('layer', 'hyper');
  }

  #declared(...kinds: readonly MethodMember['kind'][]): readonly string[] {
    const names = (members: readonly (MethodMember | BlockItem)[]): readonly string[] =>
      members.flatMap((m) => {
        if (m.kind === 'if') return [...m.branches.flatMap((b) => names(b.body)), ...names(m.otherwise ?? [])];
        return m.kind !== 'assignment' && kinds.includes(m.kind) && 'name' in m ? [m.name.text] : [];
      });
    return names(this.source.members);
  }

  member(name: string): Value | undefined {
    return this.memberNames().includes(name) ? this.scope(this.#asker, false).find(name)?.value() : undefined;
  }

  /** Names of the method in a graph, made once. A training step has its values where they are computed, an inference program where it asks. */
  scope(E: Elaboration, training: boolean): Scope {
    const known = this.#scopes.get(E);
    if (known?.training === training) return known.scope;
    const scope = new Scope(fileScope(E, this.source.file));
    this.#scopes.set(E, { training, scope });
    scope.define(CLASS_DIM, size(variable(CLASS_DIM)), 'size');
    for (const member of this.source.members) {
      this.#declare(E, scope, member);
      if (!training) this.#declareForInference(E, scope, member);
    }
    // Conditions may ask for any setting, wherever it stands.
    if (!training) for (const member of this.source.members) if (member.kind === 'if') this.#declareBranch(E, scope, member);
    return scope;
  }

  /** Names of the method that a module among its members closes over. */
  closure(E: Elaboration): Scope {
    return this.#scopes.get(E)?.scope ?? this.scope(E, false);
  }

  /** What has a meaning before anything is computed. */
  #declare(E: Elaboration, scope: Scope, member: MethodMember | BlockItem): void {
    switch (member.kind) {
      case 'hyper':
        scope.defineLazy(
          member.name.text,
          () => this.#setting(E, member.name.text, () => evaluate(E, member.value, scope)),
          'hyper',
          member.name.span,
        );
        return;
      case 'layer':
        scope.defineLazy(member.name.text, () => this.#layer(E, member, scope), 'layer', member.name.span);
        return;
      case 'shadow':
        scope.defineLazy(member.name.text, () => this.#shadow(E, member, scope), 'layer', member.name.span);
        return;
      case 'module':
        scope.define(
          member.name.text,
          { kind: 'module', declaration: member, file: this.source.file, method: this },
          'module',
          member.name.span,
        );
        return;
      default:
        return;
    }
  }

  #layer(E: Elaboration, member: LayerStatement, scope: Scope): Value {
    const name = member.name.text;
    const known = this.#layers.get(name);
    if (known) return known;
    const given = this.overrides.get(name) ?? evaluate(E, member.value, scope);
    if (given.kind !== 'instance' && given.kind !== 'list' && given.kind !== 'poison') {
      E.report(
        'not-a-module',
        member.value.span,
        { name, what: describe(given) },
        { hint: 'a layer is made by a module with two parentheses: layer head = conv(20, kernel: 1)' },
      );
      return POISON;
    }
    const placed = place(given, name, member.role === 'backbone');
    if (!this.overrides.has(name)) declarePretraining(E, member, name, placed);
    this.session.told.layers.set(name, member.name.span);
    this.#layers.set(name, placed);
    return placed;
  }

  #shadow(E: Elaboration, member: ShadowClause, scope: Scope): Value {
    const name = member.name.text;
    const known = this.#layers.get(name);
    if (known) return known;
    const made = shadowValue(E, member, scope);
    this.#layers.set(name, made);
    this.session.told.layers.set(name, member.name.span);
    return made;
  }

  /** Weights, state and values of the training step, computed where an inference program asks for one; what reads an input of training is told then. */
  #declareForInference(E: Elaboration, scope: Scope, member: MethodMember | BlockItem): void {
    if (member.kind === 'input') scope.define(member.name.text, POISON, TRAINING_INPUT, member.name.span);
    const kept = member.kind === 'let' || member.kind === 'no_grad' || member.kind === 'iterate';
    if (!kept && member.kind !== 'weight' && member.kind !== 'state') return;
    let computed: Scope | undefined;
    const compute = (): Scope => {
      if (!computed) {
        computed = new Scope(scope);
        runBody(E, [member], computed, this.#body);
      }
      return computed;
    };
    for (const { text, span } of declaredIn([member])) scope.defineLazy(text, () => compute().own(text)?.value() ?? POISON, 'let', span);
  }

  #declareBranch(E: Elaboration, scope: Scope, statement: IfStatement): void {
    for (const member of branchTaken(E, statement, scope) ?? []) {
      this.#declare(E, scope, member);
      this.#declareForInference(E, scope, member);
      if (member.kind === 'if') this.#declareBranch(E, scope, member);
    }
  }

  get #body(): Body {
    return { instance: undefined, where: `the method ${this.name}`, returns: false };
  }

  #setting(E: Elaboration, name: string, written: () => Value): Value {
    const value = this.session.settings.get(name) ?? this.overrides.get(name);
    if (!value) return written();
    const before = written();
    const alike = before.kind === 'poison' || before.kind === value.kind || (before.kind === 'number' && value.kind === 'dim');
    if (!alike) {
      const member = this.source.members.find((m) => m.kind === 'hyper' && m.name.text === name);
      if (member)
        E.report('bad-override', member.span, { name, reason: `it is ${describe(before)}, and cannot become ${describe(value)}` });
      return before;
    }
    return value;
  }

  /** Elaborates the statements of a training step in order. */
  forward(): { readonly E: Elaboration; readonly scope: Scope } {
    const E = new Elaboration(this.session, true);
    const scope = this.scope(E, true);
    const train = this.source.members.find((m) => m.kind === 'train');
    const items = train?.kind === 'train' ? train.items : [];
    E.obligations.factsGoBefore = items.find((item) => item.span.file === this.session.root.spec.source)?.span;
    const lastInput = this.source.members.findLastIndex((m) => m.kind === 'input');
    for (const [at, member] of this.source.members.entries()) {
      const mark = this.session.work.enter(member.span);
      this.#run(E, scope, member);
      this.session.work.leave(mark);
      // Facts of the train block speak of the sizes of its inputs, and hold from where these are known.
      if (at === lastInput) for (const item of items) if (item.kind === 'require') runRequire(E, item, scope);
    }
    return { E, scope };
  }

  #run(E: Elaboration, scope: Scope, member: MethodMember | BlockItem): void {
    switch (member.kind) {
      case 'input':
        declareInput(E, member, scope, this.supervision);
        return;
      case 'hyper':
      case 'layer':
      case 'shadow':
        scope.find(member.name.text)?.value();
        return;
      case 'loss':
        runLoss(E, member, scope);
        return;
      case 'watch': {
        const node = toNode(E, evaluate(E, member.value, scope), member.value.span, member.name.text);
        if (node) E.watches.push({ name: member.name.text, node });
        return;
      }
      case 'if': {
        const taken = branchTaken(E, member, scope) ?? [];
        for (const inner of taken) this.#declare(E, scope, inner);
        for (const inner of taken) this.#run(E, scope, inner);
        return;
      }
      case 'let':
      case 'require':
      case 'random':
      case 'weight':
      case 'state':
      case 'after_step':
      case 'no_grad':
      case 'iterate':
      case 'return':
      case 'assignment':
        runBody(E, [member], scope, this.#body);
        return;
      default:
        return;
    }
  }

  /** Levels of supervision that it declares. */
  get supervision(): readonly string[] | undefined {
    const clause = this.source.members.find((m) => m.kind === 'supervision');
    return clause?.kind === 'supervision' ? clause.levels.map((l) => l.text) : undefined;
  }

  /** Elaborates one inference program in a graph of its own; undefined after a report. */
  infer(block: InferBlock): (InferProgram & { readonly E: Elaboration }) | undefined {
    const E = new Elaboration(this.session, false, this.session.facts.about(new Set([CLASS_DIM])));
    E.obligations.factsGoBefore = block.body.find((statement) => statement.span.file === this.session.root.spec.source)?.span;
    const program = elaborateInfer(E, this, block);
    return program && { ...program, E };
  }
}

/** `sipe(net: …, widths: …)` in a case: the method with some settings and layers replaced. */
export function instantiateMethod(
  E: Elaboration,
  declaration: MethodDeclaration | VariantDeclaration,
  file: BoundFile,
  args: Arguments,
  at: Span,
): Value {
  const source = resolveMethod(declaration, file, E.session.diagnostics);
  if (!source) return POISON;
  const overrides = new Map<string, Value>();
  const instance = new MethodInstance(source, E.session, overrides, E);
  const known = instance.replaceableNames();
  if (args.positional.length > 0) {
    E.report('too-many-arguments', at, { callee: source.name, expected: 'named arguments only', found: args.positional.length });
    return POISON;
  }
  for (const [name, given] of args.named) {
    if (!known.includes(name)) {
      E.report(
        'unknown-argument',
        given.nameSpan,
        { callee: source.name, name },
        { hint: didYouMean(name, known) ?? `its hypers and layers are ${known.join(', ')}` },
      );
      return POISON;
    }
    if (given.value.kind === 'poison') return POISON;
    overrides.set(name, given.value);
  }
  return { kind: 'method_instance', method: instance };
}
