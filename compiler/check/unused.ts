/**
 * Declarations that nothing uses, found in the text alone: a name counts as used wherever an expression of the same body, of a variant of the
 * method or (for imports) of the file says it. That misses a few and accuses none.
 */
import { type BoundFile, resolveImport } from '../bind/bind.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { removedItem, removedLines } from '../diagnostics/edits.ts';
import { cover } from '../source/source.ts';
import type {
  BlockItem,
  Declaration,
  ImportDeclaration,
  MethodDeclaration,
  MethodMember,
  ModuleDeclaration,
  Statement,
  VariantDeclaration,
} from '../syntax/ast.ts';
import { type Node, visit } from '../syntax/visit.ts';

/** Warns of imports, settings, layers and values of a file that nothing uses. */
export function checkUnused(file: BoundFile, diagnostics: Diagnostics): void {
  const { declarations, imports } = file.spec;
  const everywhere = new Set<string>();
  for (const declaration of declarations) {
    addUses(declaration, everywhere);
    if (declaration.kind !== 'variant') continue;
    everywhere.add(declaration.of.text);
    // What the method says in a file of its own is looked up here for the variant: the methods that its stages train.
    for (const base of basesOf(declaration, file, new Set())) addUses(base, everywhere);
  }
  for (const item of imports) checkImport(file, item, everywhere, diagnostics);
  for (const declaration of declarations) {
    if (declaration.kind === 'module') checkModule(declaration, diagnostics);
    else if (declaration.kind === 'method' || declaration.kind === 'variant') checkMethod(declaration, declarations, file, diagnostics);
  }
}

/** Names that expressions below a node say. */
function addUses(node: Node, into: Set<string>): void {
  visit(node, (n) => {
    if (n.kind === 'name') into.add(n.name.text);
    // What a case names by words alone.
    else if (n.kind === 'case_setting') visit(n, (inner) => void (inner.kind === 'identifier' && into.add(inner.text)));
    else if (n.kind === 'assignment') into.add(n.name.text);
    return true;
  });
}

function checkImport(file: BoundFile, item: ImportDeclaration, used: ReadonlySet<string>, diagnostics: Diagnostics): void {
  const path = item.from.value;
  const away = { hint: 'take the import away', fix: { title: 'take the import away', edits: [removedLines(item.span)] } };
  if (!item.names) {
    const target = file.imports.find((f) => f.name === resolveImport(file.name, path));
    if (target && !target.declared.some((b) => used.has(b.declaration.name.text)))
      diagnostics.report('unused-import', item.span, { what: `nothing of "${path}"` }, away);
    return;
  }
  const owns = item.names.map((n) => n.alias ?? n.name);
  const idle = owns.filter((own) => !used.has(own.text));
  if (idle.length === owns.length && idle.length > 1)
    diagnostics.report('unused-import', item.span, { what: `nothing of what comes from "${path}"` }, away);
  else {
    const items = item.names.map(({ name, alias }) => (alias ? cover(name.span, alias.span) : name.span));
    for (const own of idle) {
      const fix =
        owns.length === 1 ? away.fix : { title: `take '${own.text}' out of the import`, edits: [removedItem(items, owns.indexOf(own))] };
      diagnostics.report('unused-import', own.span, { what: `nothing called '${own.text}'` }, { hint: 'take it out of the import', fix });
    }
  }
}

function checkModule(module: ModuleDeclaration, diagnostics: Diagnostics): void {
  const used = new Set<string>();
  addUses(module, used);
  for (const statement of module.body) report(statement, used, diagnostics);
}

function checkMethod(
  method: MethodDeclaration | VariantDeclaration,
  declarations: readonly Declaration[],
  file: BoundFile,
  diagnostics: Diagnostics,
): void {
  const used = new Set<string>();
  const [, ...bases] = basesOf(method, file, new Set());
  for (const related of [method, ...bases, ...variantsOf(method.name.text, declarations)])
    for (const member of related.members) addMemberUses(member, used);
  checkStates(method, [...bases, ...variantsOf(method.name.text, declarations)], diagnostics);
  // What a variant replaces is used where it was declared first.
  const replaced = new Set(bases.flatMap(memberNames));
  for (const member of method.members) {
    if (member.kind === 'infer') {
      const inner = new Set<string>();
      addUses(member, inner);
      for (const statement of member.body) report(statement, inner, diagnostics);
    } else if (member.kind === 'module') {
      if (!used.has(member.name.text))
        diagnostics.report('unused-declaration', member.name.span, { what: 'the module', name: member.name.text });
      checkModule(member, diagnostics);
    } else if (!('name' in member) || !replaced.has(member.name.text)) report(member, used, diagnostics);
  }
}

/** States that no `after step` changes, in the method itself or in what it is a variant of. */
function checkStates(
  method: MethodDeclaration | VariantDeclaration,
  related: readonly (MethodDeclaration | VariantDeclaration)[],
  diagnostics: Diagnostics,
): void {
  const changed = new Set<string>();
  for (const { members } of [method, ...related])
    for (const member of members)
      visit(member, (n) => {
        if (n.kind === 'after_step') for (const { name } of n.assignments) changed.add(name.text);
        return true;
      });
  for (const member of method.members)
    if (member.kind === 'state' && !changed.has(member.name.text))
      diagnostics.report(
        'state-unchanged',
        member.name.span,
        { name: member.name.text },
        { hint: `say how it changes: after step { ${member.name.text} = … }; what training learns is a weight` },
      );
}

/** In a pipeline the names of stages mean the stages. */
function addMemberUses(member: MethodMember, into: Set<string>): void {
  if (member.kind !== 'pipeline') {
    addUses(member, into);
    return;
  }
  const said = new Set<string>();
  addUses(member, said);
  visit(member, (n) => {
    if (n.kind === 'stage' || n.kind === 'assignment') said.delete(n.name.text);
    return true;
  });
  for (const name of said) into.add(name);
}

function variantsOf(name: string, declarations: readonly Declaration[]): readonly VariantDeclaration[] {
  const direct = declarations.filter((d): d is VariantDeclaration => d.kind === 'variant' && d.of.text === name && d.name.text !== name);
  return direct.flatMap((d) => [
    d,
    ...variantsOf(
      d.name.text,
      declarations.filter((other) => other !== d),
    ),
  ]);
}

/** The declaration itself, if it is a method or variant, and those it is a variant of. */
function basesOf(declaration: Declaration, file: BoundFile, seen: Set<Declaration>): readonly (MethodDeclaration | VariantDeclaration)[] {
  if (seen.has(declaration) || (declaration.kind !== 'method' && declaration.kind !== 'variant')) return [];
  seen.add(declaration);
  const base = declaration.kind === 'variant' ? file.names.get(declaration.of.text) : undefined;
  return [declaration, ...(base ? basesOf(base.declaration, base.file, seen) : [])];
}

function memberNames(declaration: MethodDeclaration | VariantDeclaration): readonly string[] {
  return declaration.members.flatMap((m) => (m.kind === 'let' ? m.names.map((n) => n.text) : 'name' in m ? [m.name.text] : []));
}

function report(statement: Statement | MethodMember | BlockItem, used: ReadonlySet<string>, diagnostics: Diagnostics): void {
  switch (statement.kind) {
    case 'let': {
      // Of several values that come together, one is enough.
      const [first] = statement.names;
      if (statement.names.some((n) => used.has(n.text) || n.text.startsWith('_') || n.missing)) return;
      diagnostics.report('unused-declaration', first.span, { what: 'the value', name: statement.names.map((n) => n.text).join(', ') });
      return;
    }
    case 'layer':
      if (!used.has(statement.name.text))
        diagnostics.report(
          'unused-declaration',
          statement.name.span,
          { what: `the ${statement.role}`, name: statement.name.text },
          { hint: 'a layer that nothing calls has no parameters and does nothing: call it, or take it away' },
        );
      return;
    case 'shadow':
      if (!used.has(statement.name.text))
        diagnostics.report(
          'unused-declaration',
          statement.name.span,
          { what: 'the shadow', name: statement.name.text },
          { hint: `nothing calls it: ${statement.name.text}(…) gives what the averaged parameters give` },
        );
      return;
    case 'no_grad':
    case 'iterate':
      for (const inner of statement.body) report(inner, used, diagnostics);
      return;
    case 'if':
      for (const inner of [...statement.branches.flatMap((branch) => branch.body), ...(statement.otherwise ?? [])])
        report(inner, used, diagnostics);
      return;
    case 'hyper':
    case 'weight':
    case 'state':
    case 'random':
    case 'input':
      if (!used.has(statement.name.text))
        diagnostics.report('unused-declaration', statement.name.span, { what: `the ${WORDS[statement.kind]}`, name: statement.name.text });
      return;
    default:
      return;
  }
}

const WORDS = { hyper: 'setting', weight: 'weight', state: 'state', random: 'draw', input: 'input' } as const;
