import type { BareStatementCstNode, BodyCstNode, LossStatementCstNode, RequireStatementCstNode } from '../../../grammar/cst-types.ts';
import type { CstNode, IToken } from '../../../grammar/read.ts';
import type { Span } from '../../source/source.ts';
import type { Doc, Expression, LossStatement, Origin, RequireStatement, Statement } from '../ast.ts';
import { type Builder, first } from './builder.ts';
import { expression, operand } from './expressions.ts';
import { optionalType, type } from './types.ts';

/** What every declared thing carries: its text with the origin before it, its doc comment, its origin. */
export interface Head {
  readonly span: Span;
  readonly doc: Doc;
  readonly origin: Origin | undefined;
}

export function head(node: CstNode, origin: IToken | undefined, b: Builder, near: Span): Head {
  const span = b.spanOf(node, near);
  return { span, doc: b.takeDoc(span.start), origin: b.origin(origin) };
}

export function body(node: BodyCstNode | undefined, b: Builder, near: Span): readonly Statement[] {
  if (!node) return [];
  const at = b.spanOf(node, near);
  const out: Statement[] = [];
  for (const child of node.children.statement ?? []) {
    const built = statement(first(child.children.bareStatement), head(child, first(child.children.Origin), b, at), b);
    if (built) out.push(built);
  }
  return out;
}

/** Undefined where recovery left nothing of a statement. */
export function statement(node: BareStatementCstNode | undefined, declared: Head, b: Builder): Statement | undefined {
  if (!node) return undefined;
  const { children } = node;
  const { span } = declared;
  const name = (of: { readonly Word: readonly IToken[] }) => b.identifier(first(of.Word), span);

  const letNode = first(children.letStatement);
  if (letNode) {
    const c = letNode.children;
    const names = (c.Word ?? []).map((token) => b.identifier(token, span));
    return {
      kind: 'let',
      ...declared,
      word: undefined,
      names: names.length > 0 ? names : [b.identifier(undefined, span)],
      type: optionalType(first(c.type), b, span),
      value: expression(first(c.expression), b, span),
    };
  }
  const kind = first(children.kindStatement);
  if (kind) {
    const c = kind.children;
    return {
      kind: 'let',
      ...declared,
      word: b.identifier(first(c.KindWord), span),
      names: [name(c)],
      type: optionalType(first(c.type), b, span),
      value: expression(first(c.expression), b, span),
    };
  }
  const layer = first(children.layerStatement);
  if (layer) {
    const role = first(layer.children.BackboneWord) ? 'backbone' : 'layer';
    const c = layer.children;
    const pretraining = first(c.pretraining);
    return {
      kind: 'layer',
      ...declared,
      role,
      name: name(c),
      value: expression(first(c.expression), b, span),
      pretraining: pretraining && b.identifier(first(pretraining.children.Word), span),
    };
  }
  const hyper = first(children.hyperStatement);
  if (hyper) {
    const c = hyper.children;
    return {
      kind: 'hyper',
      ...declared,
      name: name(c),
      type: optionalType(first(c.type), b, span),
      value: expression(first(c.expression), b, span),
    };
  }
  const weight = first(children.weightStatement);
  if (weight) {
    const c = weight.children;
    const init = first(c.InitWord) ? expression(first(c.expression), b, span) : undefined;
    return { kind: 'weight', ...declared, name: name(c), type: type(first(c.type), b, span), init };
  }
  const state = first(children.stateStatement);
  if (state) {
    const c = state.children;
    return {
      kind: 'state',
      ...declared,
      name: name(c),
      type: type(first(c.type), b, span),
      init: expression(first(c.expression), b, span),
    };
  }
  const after = first(children.afterStepStatement);
  if (after) {
    const assignments = (after.children.assignment ?? []).map((a) => {
      const at = b.spanOf(a, span);
      return { name: b.identifier(first(a.children.Word), at), value: expression(first(a.children.expression), b, at) };
    });
    return { kind: 'after_step', ...declared, assignments };
  }
  const input = first(children.inputStatement);
  if (input) return { kind: 'input', ...declared, name: name(input.children), type: type(first(input.children.type), b, span) };
  const random = first(children.randomStatement);
  if (random)
    return {
      kind: 'random',
      ...declared,
      name: name(random.children),
      distribution: expression(first(random.children.expression), b, span),
    };
  const loss = first(children.lossStatement);
  if (loss) return lossStatement(loss, declared, b);
  const watch = first(children.watchStatement);
  if (watch)
    return { kind: 'watch', ...declared, name: name(watch.children), value: expression(first(watch.children.expression), b, span) };
  const require = first(children.requireStatement);
  if (require) return requireStatement(require, declared, b);
  const result = first(children.returnStatement);
  if (result) return { kind: 'return', span, value: expression(first(result.children.expression), b, span) };
  return undefined;
}

function lossStatement(node: LossStatementCstNode, declared: Head, b: Builder): LossStatement {
  const { span } = declared;
  const found: { weight?: Expression; fromEpoch?: Expression; when?: Expression } = {};
  for (const clause of node.children.lossClause ?? []) {
    const at = b.spanOf(clause, span);
    const key = first(clause.children.WeightWord) ? 'weight' : first(clause.children.FromWord) ? 'fromEpoch' : 'when';
    if (found[key]) b.diagnostics.report('duplicate-setting', at, { name: key === 'fromEpoch' ? 'from epoch' : key });
    else found[key] = expression(first(clause.children.expression), b, at);
  }
  return {
    kind: 'loss',
    ...declared,
    name: b.identifier(first(node.children.Word), span),
    weight: found.weight,
    fromEpoch: found.fromEpoch,
    when: found.when,
    value: expression(first(node.children.expression), b, span),
  };
}

export function requireStatement(node: RequireStatementCstNode, declared: Head, b: Builder): RequireStatement {
  const { span } = declared;
  const fact = expression(first(node.children.expression), b, span);
  if (first(node.children.DivisibleWord)) {
    return { kind: 'require', ...declared, left: fact, relation: 'divisible by', right: operand(first(node.children.operand), b, span) };
  }
  if (fact.kind === 'binary' && (fact.operator === '>=' || fact.operator === '==')) {
    return { kind: 'require', ...declared, left: fact.left, relation: fact.operator, right: fact.right };
  }
  if (fact.kind !== 'error') {
    const [at, found] =
      fact.kind === 'binary' ? [fact.operatorSpan, `'${fact.operator}'`] : [b.span(fact.span.end, fact.span.end), 'the end of the fact'];
    b.diagnostics.reportSyntax('expected-one-of', at, { expected: "'divisible by', '>=' or '=='", found });
  }
  return { kind: 'require', ...declared, left: fact, relation: '==', right: b.hole(span) };
}
