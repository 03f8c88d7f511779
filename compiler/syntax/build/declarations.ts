import type {
  CaseItemCstNode,
  DeclarationCstNode,
  FileCstNode,
  GridAxisCstNode,
  ImportDeclarationCstNode,
  MemberCstNode,
  NamingLineCstNode,
} from '../../../grammar/cst-types.ts';
import type { Span } from '../../source/source.ts';
import type { CaseItem, Declaration, GridAxis, ImportDeclaration, MethodMember, NamingLine, StringLiteral } from '../ast.ts';
import { type Builder, first, real } from './builder.ts';
import { expression } from './expressions.ts';
import { stringLiteral } from './literals.ts';
import { member, setting } from './methods.ts';
import { moduleDeclaration } from './modules.ts';
import { head } from './statements.ts';
import { parameters, returnType } from './types.ts';

/** Imports, reporting those that stand after a declaration. An import whose path is missing is left out: it was reported. */
export function imports(node: FileCstNode, b: Builder, near: Span): readonly ImportDeclaration[] {
  const firstDeclaration = first(node.children.declaration)?.location?.startOffset;
  const out: ImportDeclaration[] = [];
  for (const child of node.children.importDeclaration ?? []) {
    const built = importDeclaration(child, b, near);
    if (!built) continue;
    if (firstDeclaration !== undefined && built.span.start > firstDeclaration) b.diagnostics.reportSyntax('late-import', built.span, {});
    out.push(built);
  }
  return out;
}

function importDeclaration(node: ImportDeclarationCstNode, b: Builder, near: Span): ImportDeclaration | undefined {
  const span = b.spanOf(node, near);
  const path = real(first(node.children.Text));
  if (!path) return undefined;
  const names = first(node.children.LCurly)
    ? (node.children.importName ?? []).map((n) => {
        const at = b.spanOf(n, span);
        const alias = first(n.children.alias);
        return { name: b.identifier(first(n.children.name), at), alias: alias && b.identifier(alias, at) };
      })
    : undefined;
  return { kind: 'import', span, names, from: stringLiteral(path, b) };
}

/** One declaration of a file; undefined where recovery left nothing. */
export function declaration(node: DeclarationCstNode, b: Builder, near: Span): Declaration | undefined {
  const { children } = node;
  const declared = head(node, first(children.Origin), b, near);
  const { span } = declared;

  const method = first(children.methodDeclaration);
  if (method) {
    const name = b.identifier(first(method.children.Word), span);
    return { kind: 'method', ...declared, name, members: members(method.children.member, b, span) };
  }
  const module = first(children.moduleDeclaration);
  if (module) return moduleDeclaration(module, declared, b);
  const extern = first(children.externDeclaration);
  if (extern) {
    return {
      kind: 'extern',
      ...declared,
      name: b.identifier(first(extern.children.Word), span),
      params: parameters(first(extern.children.parameterList), b, span),
      returns: returnType(first(extern.children.returnType), b, span),
    };
  }
  const variant = first(children.variantDeclaration);
  if (variant) {
    const removals = (variant.children.removal ?? []).map((removal) => {
      const at = b.spanOf(removal, span);
      return { span: at, what: b.identifier(first(removal.children.what), at), name: b.identifier(first(removal.children.name), at) };
    });
    return {
      kind: 'variant',
      ...declared,
      name: b.identifier(first(variant.children.name), span),
      of: b.identifier(first(variant.children.base), span),
      removals,
      members: members(variant.children.member, b, span),
    };
  }
  const grid = first(children.gridDeclaration);
  if (grid) {
    const axes = (grid.children.gridAxis ?? []).map((axis) => gridAxis(axis, b, span));
    return {
      kind: 'grid',
      ...declared,
      name: b.identifier(first(grid.children.name), span),
      of: b.identifier(first(grid.children.base), span),
      axes,
    };
  }
  const dataset = first(children.datasetDeclaration);
  if (dataset) {
    const settings = (dataset.children.setting ?? []).map((s) => setting(s, b, span));
    return { kind: 'dataset', ...declared, name: b.identifier(first(dataset.children.Word), span), settings };
  }
  const naming = first(children.namingDeclaration);
  if (naming) {
    const lines = (naming.children.namingLine ?? []).flatMap((line) => namingLine(line, b, span) ?? []);
    return {
      kind: 'naming',
      ...declared,
      name: b.identifier(first(naming.children.name), span),
      of: b.identifier(first(naming.children.base), span),
      lines,
    };
  }
  const comparison = first(children.caseDeclaration);
  if (comparison) {
    const items = (comparison.children.caseItem ?? []).map((item) => caseItem(item, b, span)).filter((item) => item !== undefined);
    // A case needs no name of its own; it then goes by its word.
    const name = b.identifier(first(comparison.children.Word) ?? first(comparison.children.CaseWord), span);
    return { kind: 'case', ...declared, name, items };
  }
  return undefined;
}

function gridAxis(node: GridAxisCstNode, b: Builder, near: Span): GridAxis {
  const whole = b.spanOf(node, near);
  const name = b.identifier(first(node.children.Word), whole);
  const values = expression(first(node.children.expression), b, whole);
  // The comma after it is no part of its text.
  return { kind: 'grid_axis', span: b.span(whole.start, Math.max(name.span.end, values.span.end)), name, values };
}

function namingLine(node: NamingLineCstNode, b: Builder, near: Span): NamingLine | undefined {
  const theirs = real(first(node.children.theirs));
  if (!theirs) return undefined;
  const ours = real(first(node.children.ours));
  const span = b.spanOf(node, near);
  return {
    kind: 'naming_line',
    span,
    theirs: stringLiteral(theirs, b),
    ours: ours ? stringLiteral(ours, b) : b.identifier(first(node.children.none), span),
  };
}

function members(nodes: readonly MemberCstNode[] | undefined, b: Builder, near: Span): readonly MethodMember[] {
  return (nodes ?? []).map((node) => member(node, b, near)).filter((m) => m !== undefined);
}

function caseItem(node: CaseItemCstNode, b: Builder, near: Span): CaseItem | undefined {
  const { children } = node;
  const span = b.spanOf(node, near);
  const word = b.identifier(first(children.word), span);
  if (word.missing) return undefined;
  const value = expression(first(children.expression), b, span);
  const key = real(first(children.key));
  if (key) {
    const text: StringLiteral = stringLiteral(key, b);
    return { kind: 'case_binding', span, word, key: text, value };
  }
  const name = first(children.name);
  return { kind: 'case_setting', span, word, name: name && b.identifier(name, span), value };
}
