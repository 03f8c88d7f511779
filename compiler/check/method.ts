/** Methods: their members after variants, the graph of a training step, and the graphs of their inference programs. */
import type { BoundFile } from '../bind/bind.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { variable } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { InferBlock, MethodDeclaration, MethodMember, TrainBlock, TrainItem, VariantDeclaration } from '../syntax/ast.ts';
import type { Arguments } from './call.ts';
import { declareInput } from './data/inputs.ts';
import { Elaboration, type Session } from './elaboration.ts';
import { evaluate, toNode } from './evaluate.ts';
import { elaborateInfer, type InferProgram } from './infer.ts';
import { fileScope, place } from './modules.ts';
import { declarePretraining } from './pretraining.ts';
import { Scope, TRAINING_INPUT } from './scope.ts';
import { shadowValue } from './shadows.ts';
import { runBody, runLet, runRequire } from './statements.ts';
import { runLoss } from './training/losses.ts';
import { describe, POISON, size, type Value } from './values.ts';

/** The dimension that counts foreground classes. */
export const CLASS_DIM = 'K';

/** A method with its variants applied: what the rest of the checker reads. */
export interface MethodSource {
  readonly name: string;
  readonly span: Span;
  readonly file: BoundFile;
  readonly members: readonly MethodMember[];
  /** Whether it is a variant of another method: its members may have been written there. */
  readonly variant: boolean;
}

/** Name under which a member can be replaced or removed. */
function memberName(member: MethodMember): string | undefined {
  switch (member.kind) {
    case 'let':
      return member.names.map((n) => n.text).join(',');
    case 'layer':
    case 'hyper':
    case 'weight':
    case 'state':
    case 'input':
    case 'random':
    case 'loss':
    case 'watch':
    case 'infer':
      return member.name.text;
    case 'paper':
    case 'supervision':
    case 'train':
    case 'pipeline':
      return `(${member.kind})`;
    default:
      return undefined;
  }
}

/** Follows `variant … of …` to the method and applies the changes in order. */
export function resolveMethod(
  declaration: MethodDeclaration | VariantDeclaration,
  file: BoundFile,
  diagnostics: Diagnostics,
  seen: readonly string[] = [],
): MethodSource | undefined {
  if (declaration.kind === 'method')
    return { name: declaration.name.text, span: declaration.name.span, file, members: declaration.members, variant: false };
  const name = declaration.name.text;
  if (seen.includes(name)) {
    diagnostics.report('variant-cycle', declaration.name.span, { cycle: [...seen, name].join(' → ') });
    return undefined;
  }
  const target = file.names.get(declaration.of.text);
  if (!target || (target.declaration.kind !== 'method' && target.declaration.kind !== 'variant')) {
    const candidates = [...file.names]
      .filter(([, b]) => b.declaration.kind === 'method' || b.declaration.kind === 'variant')
      .map(([n]) => n);
    diagnostics.report(
      'unknown-name',
      declaration.of.span,
      { name: declaration.of.text },
      { hint: didYouMean(declaration.of.text, candidates) ?? `methods here: ${candidates.join(', ')}` },
    );
    return undefined;
  }
  const base = resolveMethod(target.declaration, target.file, diagnostics, [...seen, name]);
  if (!base) return undefined;
  let members = [...base.members];
  for (const removal of declaration.removals) {
    const at = members.findIndex(
      (m) =>
        (removal.what.text === m.kind ||
          ('word' in m && m.word?.text === removal.what.text) ||
          ('role' in m && m.role === removal.what.text)) &&
        memberName(m) === removal.name.text,
    );
    if (at < 0) {
      const candidates = members.flatMap((m) => (m.kind === removal.what.text ? [memberName(m) ?? ''] : []));
      diagnostics.report(
        'unknown-variant-target',
        removal.span,
        { what: removal.what.text, name: removal.name.text, method: base.name },
        { hint: didYouMean(removal.name.text, candidates) },
      );
      continue;
    }
    members.splice(at, 1);
  }
  for (const member of declaration.members) {
    const key = memberName(member);
    const at = key === undefined ? -1 : members.findIndex((m) => memberName(m) === key);
    if (at < 0) members.push(member);
    else {
      const old = members[at];
      members = members.with(at, old.kind === 'train' && member.kind === 'train' ? mergeTrain(old, member) : member);
    }
  }
  return { name, span: declaration.name.span, file: mergeFiles(base.file, file), members, variant: true };
}

/**
 * What a variant in another file sees: its own file's names, then those of its method. What it takes over from the method keeps the meaning it has
 * in the file where it was written.
 */
function mergeFiles(base: BoundFile, own: BoundFile): BoundFile {
  if (base === own) return base;
  return { ...own, names: new Map([...base.names, ...own.names]), bases: new Map([...(base.bases ?? []), [base.name, base]]) };
}

/** Settings replace those of the same name; data, groups and freezes replace all of their kind. */
function mergeTrain(base: TrainBlock, change: TrainBlock): TrainBlock {
  const replaced = (item: TrainItem): boolean =>
    change.items.some((other) =>
      item.kind === 'setting'
        ? other.kind === 'setting' && other.name.text === item.name.text
        : item.kind !== 'require' && other.kind === item.kind,
    );
  return { ...change, items: [...base.items.filter((item) => !replaced(item)), ...change.items] };
}

/** A method with its layers placed; `member` gives what cases and pipelines name. */
export class MethodInstance {
  readonly name: string;
  readonly source: MethodSource;
  readonly session: Session;
  readonly overrides: ReadonlyMap<string, Value>;
  readonly #layers = new Map<string, Value>();
  readonly #asker: Elaboration;

  constructor(source: MethodSource, session: Session, overrides: ReadonlyMap<string, Value>, asker?: Elaboration) {
    this.source = source;
    this.name = source.name;
    this.session = session;
    this.overrides = overrides;
    this.#asker = asker ?? new Elaboration(session, true);
  }

  memberNames(): readonly string[] {
    return this.source.members.flatMap((m) => (m.kind === 'layer' || m.kind === 'hyper' ? [m.name.text] : []));
  }

  member(name: string): Value | undefined {
    return this.memberNames().includes(name) ? this.scope(this.#asker, false).find(name)?.value() : undefined;
  }

  /** Names of the method for one graph: settings and layers always, values only where they are computed. */
  scope(E: Elaboration, training: boolean): Scope {
    const scope = new Scope(fileScope(E, this.source.file));
    scope.define(CLASS_DIM, size(variable(CLASS_DIM)), 'size');
    for (const member of this.source.members) {
      if (member.kind === 'hyper')
        scope.defineLazy(
          member.name.text,
          () => this.#setting(E, member.name.text, () => evaluate(E, member.value, scope)),
          'hyper',
          member.name.span,
        );
      else if (member.kind === 'layer') {
        const name = member.name.text;
        scope.defineLazy(
          name,
          () => {
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
            if (!this.overrides.has(name)) declarePretraining(E, member, name);
            this.session.told.layers.set(name, member.name.span);
            this.#layers.set(name, placed);
            return placed;
          },
          'layer',
          member.name.span,
        );
      } else if (member.kind === 'shadow') {
        const name = member.name.text;
        scope.defineLazy(
          name,
          () => {
            const known = this.#layers.get(name);
            if (known) return known;
            const made = shadowValue(E, member, scope);
            this.#layers.set(name, made);
            this.session.told.layers.set(name, member.name.span);
            return made;
          },
          'layer',
          member.name.span,
        );
      } else if (!training && member.kind === 'input') scope.define(member.name.text, POISON, TRAINING_INPUT, member.name.span);
      else if (!training && member.kind === 'let' && member.names.length === 1) {
        const inner = member;
        scope.defineLazy(
          inner.names[0].text,
          () => {
            const local = new Scope(scope);
            runLet(E, inner, local);
            return local.own(inner.names[0].text)?.value() ?? POISON;
          },
          'let',
          inner.names[0].span,
        );
      }
    }
    return scope;
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
    const supervision = this.source.members.find((m) => m.kind === 'supervision');
    for (const member of this.source.members) {
      switch (member.kind) {
        case 'input':
          declareInput(E, member, scope, supervision?.kind === 'supervision' ? supervision.levels.map((l) => l.text) : undefined);
          break;
        case 'hyper':
        case 'layer':
        case 'shadow':
          scope.find(member.name.text)?.value();
          break;
        case 'let':
          runLet(E, member, scope);
          break;
        case 'loss':
          runLoss(E, member, scope);
          break;
        case 'watch': {
          const node = toNode(E, evaluate(E, member.value, scope), member.value.span, member.name.text);
          if (node) E.watches.push({ name: member.name.text, node });
          break;
        }
        case 'require':
          runRequire(E, member, scope);
          break;
        case 'random':
        case 'weight':
        case 'state':
        case 'after_step':
          runBody(E, [member], scope, { instance: undefined, where: `the method ${this.name}` });
          break;
        case 'return':
          E.report('misplaced-return', member.span, {});
          break;
        case 'module':
        case 'no_grad':
        case 'iterate':
        case 'if':
          E.report('unfinished', member.span, { what: `'${member.kind}'` });
          break;
        default:
          break;
      }
    }
    return { E, scope };
  }

  /** Elaborates one inference program in a graph of its own; undefined after a report. */
  infer(block: InferBlock): (InferProgram & { readonly E: Elaboration }) | undefined {
    const E = new Elaboration(this.session, false);
    const program = elaborateInfer(E, this, block);
    return program && { ...program, E };
  }
}

/** `sipe(net: …, widths: …)` in a case: the method with some settings and layers replaced. */
export function instantiateMethod(E: Elaboration, declaration: MethodDeclaration, file: BoundFile, args: Arguments, at: Span): Value {
  const source = resolveMethod(declaration, file, E.session.diagnostics);
  if (!source) return POISON;
  const overrides = new Map<string, Value>();
  const instance = new MethodInstance(source, E.session, overrides, E);
  const known = instance.memberNames();
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
