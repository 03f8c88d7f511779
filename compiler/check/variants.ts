/** Methods and what their variants make of them. */
import { type BoundFile, lacks } from '../bind/bind.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Span } from '../source/source.ts';
import type { MethodDeclaration, MethodMember, PipelineItem, TrainBlock, TrainItem, VariantDeclaration } from '../syntax/ast.ts';
import { visit } from '../syntax/visit.ts';
import { readingOf } from './readings.ts';
import { sourceText } from './views.ts';

/** A method with its variants applied: what the rest of the checker reads. */
export interface MethodSource {
  readonly name: string;
  readonly span: Span;
  readonly file: BoundFile;
  readonly members: readonly MethodMember[];
  /** Where it is written, if it is a variant of another method: members outside are those of that method. */
  readonly variant: Span | undefined;
  /** What is marked `@inferred` as a whole: the method, the variants applied to it. */
  readonly readings: readonly string[];
}

/** Name under which a member can be replaced or removed. */
export function memberName(member: MethodMember): string | undefined {
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
    case 'module':
    case 'shadow':
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
    return {
      name: declaration.name.text,
      span: declaration.name.span,
      file,
      members: declaration.members,
      variant: undefined,
      readings: readingOf(declaration),
    };
  const name = declaration.name.text;
  if (seen.includes(name)) {
    diagnostics.report('variant-cycle', declaration.name.span, { cycle: [...seen, name].join(' → ') }, { cause: [...seen].sort().join() });
    return undefined;
  }
  const target = file.names.get(declaration.of.text);
  if (!target || (target.declaration.kind !== 'method' && target.declaration.kind !== 'variant')) {
    if (!target && lacks(file, declaration.of.text)) return undefined;
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
    const without = withoutPart(members, removal.what.text, removal.name.text);
    if (without) {
      members = without;
      continue;
    }
    const at = members.findIndex(
      (m) =>
        (removal.what.text === m.kind ||
          ('word' in m && m.word?.text === removal.what.text) ||
          ('role' in m && m.role === removal.what.text)) &&
        memberName(m) === removal.name.text,
    );
    if (at < 0) {
      const candidates = [
        ...members.flatMap((m) => (m.kind === removal.what.text ? [memberName(m) ?? ''] : [])),
        ...members.flatMap((m) => partsOf(m).flatMap((part) => (part.what === removal.what.text ? [part.name] : []))),
      ];
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
  const added: MethodMember[] = [];
  for (const member of declaration.members) {
    const key = memberName(member);
    const at = key === undefined ? -1 : members.findIndex((m) => memberName(m) === key);
    if (at < 0) {
      added.push(member);
      continue;
    }
    const old = members[at];
    members = members.with(at, old.kind === 'train' && member.kind === 'train' ? mergeTrain(old, member) : member);
  }
  return {
    name,
    span: declaration.name.span,
    file: mergeFiles(base.file, file),
    members: beforeReaders([...members, ...added], added, new Set(declaration.members)),
    variant: declaration.span,
    readings: [...base.readings, ...readingOf(declaration)],
  };
}

/** What a variant adds stands at the end, or before the first of the variant's own members (`own`) that reads it. */
function beforeReaders(
  members: readonly MethodMember[],
  added: readonly MethodMember[],
  own: ReadonlySet<MethodMember>,
): readonly MethodMember[] {
  const ordered = [...members];
  // One that moves may read others that are new: again until all stand before their readers. A cycle is told where its names are looked up.
  for (let moved = true, turn = 0; moved && turn <= added.length; turn++) {
    moved = false;
    for (const member of added) {
      const names = namesOf(member);
      const reader = ordered.findIndex((m) => m !== member && own.has(m) && reads(m, names));
      const at = ordered.indexOf(member);
      if (reader < 0 || reader > at) continue;
      ordered.splice(reader, 0, ...ordered.splice(at, 1));
      moved = true;
    }
  }
  return ordered;
}

function namesOf(member: MethodMember): readonly string[] {
  if (member.kind === 'let') return member.names.map((n) => n.text);
  return memberName(member) === undefined || !('name' in member) ? [] : [memberName(member) ?? ''];
}

function reads(member: MethodMember, names: readonly string[]): boolean {
  let found = false;
  visit(member, (node) => {
    if (node.kind === 'name' && names.includes(node.name.text)) found = true;
  });
  return found;
}

interface Part {
  readonly what: string;
  readonly name: string;
  readonly item: TrainItem | PipelineItem;
}

/** What stands inside a train block or a pipeline and can be removed by its name: `remove group sides`, `remove stage page`. */
function partsOf(
  member: MethodMember,
): readonly { readonly what: string; readonly name: string; readonly item: TrainItem | PipelineItem }[] {
  if (member.kind === 'pipeline')
    return member.items.flatMap((item) => (item.kind === 'stage' ? [{ what: 'stage', name: item.name.text, item }] : []));
  if (member.kind !== 'train') return [];
  return member.items.flatMap((item): readonly Part[] => {
    switch (item.kind) {
      case 'setting':
      case 'pair':
        return [{ what: item.kind, name: item.name.text, item }];
      case 'group':
      case 'freeze':
        return item.members.map((of) => ({ what: item.kind === 'freeze' ? item.role : 'group', name: sourceText(of), item }));
      default:
        return [];
    }
  });
}

/** The members without one such part; undefined where there is none of that name. */
function withoutPart(members: readonly MethodMember[], what: string, name: string): MethodMember[] | undefined {
  for (const [i, member] of members.entries()) {
    const found = partsOf(member).find((part) => part.what === what && part.name === name);
    if (!found) continue;
    if (member.kind === 'train') return members.with(i, { ...member, items: member.items.filter((item) => item !== found.item) });
    if (member.kind === 'pipeline') return members.with(i, { ...member, items: member.items.filter((item) => item !== found.item) });
  }
  return undefined;
}

/** Warns of a variant that is its method again: nothing removed, and whatever it writes stands there already; and of a train block that says nothing. */
export function checkUnchanged(variant: VariantDeclaration, file: BoundFile, diagnostics: Diagnostics): void {
  const name = variant.name.text;
  const method = variant.of.text;
  const target = file.names.get(method);
  if (!target || (target.declaration.kind !== 'method' && target.declaration.kind !== 'variant')) return;
  const base = variant.removals.length > 0 ? undefined : resolveMethod(target.declaration, target.file, new Diagnostics());
  if (base && variant.members.every((member) => standsIn(base.members, member))) {
    diagnostics.report('variant-unchanged', variant.name.span, { name, method });
    return;
  }
  for (const member of variant.members)
    if (member.kind === 'train' && member.items.length === 0)
      diagnostics.report('variant-unchanged', member.span, { name, method: `the training of ${method}` });
}

function standsIn(members: readonly MethodMember[], member: MethodMember): boolean {
  const key = memberName(member);
  const before = key === undefined ? undefined : members.find((old) => memberName(old) === key);
  if (before?.kind !== 'train' || member.kind !== 'train') return before !== undefined && textOf(before.span) === textOf(member.span);
  const items = before.items.map((item) => textOf(item.span));
  return member.items.every((item) => items.includes(textOf(item.span)));
}

function textOf({ file, start, end }: Span): string {
  return file.text.slice(start, end).replace(/\s+/g, ' ').trim();
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
