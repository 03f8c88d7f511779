import type {
  AssignmentCstNode,
  BareStatementCstNode,
  BlockCstNode,
  BodyCstNode,
  IfStatementCstNode,
  LetStatementCstNode,
  LossStatementCstNode,
  RequireStatementCstNode,
  StatementCstNode,
  TurnsCstNode,
} from '../../../grammar/cst-types.ts';
import type { CstNode, IToken } from '../../../grammar/read.ts';
import type { Span } from '../../source/source.ts';
import type {
  Assignment,
  BlockItem,
  Doc,
  Expression,
  Identifier,
  IfStatement,
  IterateStatement,
  LetStatement,
  LossStatement,
  Origin,
  RequireStatement,
  Statement,
} from '../ast.ts';
import { type Builder, first } from './builder.ts';
import { expression, operations } from './expressions.ts';
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
  return (node.children.statement ?? []).map((child) => bodyStatement(child, b, at)).filter((built) => built !== undefined);
}

function bodyStatement(node: StatementCstNode, b: Builder, near: Span): Statement | undefined {
  return statement(first(node.children.bareStatement), head(node, first(node.children.Origin), b, near), b);
}

function block(node: BlockCstNode | undefined, b: Builder, near: Span): readonly BlockItem[] {
  if (!node) return [];
  const at = b.spanOf(node, near);
  return (node.children.blockItem ?? [])
    .map((item): BlockItem | undefined => {
      const set = first(item.children.assignment);
      const inner = first(item.children.statement);
      return set ? assignment(set, b, at) : inner && bodyStatement(inner, b, at);
    })
    .filter((built) => built !== undefined);
}

export function assignment(node: AssignmentCstNode, b: Builder, near: Span): Assignment {
  const span = b.spanOf(node, near);
  return {
    kind: 'assignment',
    span,
    name: b.identifier(first(node.children.Word), span),
    value: expression(first(node.children.expression), b, span),
  };
}

/** `iterate m = start, s = other times 10` */
export function turns(node: TurnsCstNode | undefined, b: Builder, near: Span): Pick<IterateStatement, 'carried' | 'times'> {
  const span = node ? b.spanOf(node, near) : near;
  return {
    carried: (node?.children.assignment ?? []).map((a) => assignment(a, b, span)),
    times: expression(first(node?.children.expression), b, span),
  };
}

/** Undefined where recovery left nothing of a statement. */
export function statement(node: BareStatementCstNode | undefined, declared: Head, b: Builder): Statement | undefined {
  if (!node) return undefined;
  const { children } = node;
  const { span } = declared;
  const name = (of: { readonly Word: readonly IToken[] }) => b.identifier(first(of.Word), span);

  const letNode = first(children.letStatement);
  if (letNode) return letStatement(letNode, declared, b);
  const kind = first(children.kindStatement);
  if (kind) {
    const c = kind.children;
    return {
      kind: 'let',
      ...declared,
      word: b.identifier(first(c.KindWord), span),
      names: [name(c)],
      fields: undefined,
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
    const { fromEpoch, untilEpoch, assignment: assignments } = after.children;
    return {
      kind: 'after_step',
      ...declared,
      fromEpoch: fromEpoch && expression(first(fromEpoch), b, span),
      untilEpoch: untilEpoch && expression(first(untilEpoch), b, span),
      assignments: (assignments ?? []).map((a) => assignment(a, b, span)),
    };
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
  const noGrad = first(children.noGradStatement);
  if (noGrad) return { kind: 'no_grad', ...declared, body: block(first(noGrad.children.block), b, span) };
  const iterate = first(children.iterateStatement);
  if (iterate) {
    const c = iterate.children;
    return { kind: 'iterate', ...declared, ...turns(first(c.turns), b, span), body: block(first(c.block), b, span) };
  }
  const condition = first(children.ifStatement);
  if (condition) return ifStatement(condition, declared, b);
  return undefined;
}

function letStatement(node: LetStatementCstNode, declared: Head, b: Builder): LetStatement {
  const { span } = declared;
  const c = node.children;
  const names = (first(c.namePattern)?.children.Word ?? []).map((token) => b.identifier(token, span));
  const pattern = first(c.fieldPattern);
  const taken = (pattern?.children.fieldName ?? []).map((n): { readonly field: Identifier; readonly name: Identifier } => {
    const at = b.spanOf(n, span);
    const field = b.identifier(first(n.children.field), at);
    const alias = first(n.children.alias);
    return { field, name: alias ? b.identifier(alias, at) : field };
  });
  const all = pattern ? taken.map((t) => t.name) : names;
  return {
    kind: 'let',
    ...declared,
    word: undefined,
    names: all.length > 0 ? all : [b.identifier(undefined, span)],
    fields: pattern && taken.map((t) => t.field),
    type: optionalType(first(c.type), b, span),
    value: expression(first(c.expression), b, span),
  };
}

function ifStatement(node: IfStatementCstNode, declared: Head, b: Builder): IfStatement {
  const { span } = declared;
  const branches = (node.children.branch ?? []).map((branch) => {
    const at = b.spanOf(branch, span);
    return { condition: expression(first(branch.children.expression), b, at), body: block(first(branch.children.block), b, at) };
  });
  const otherwise = first(node.children.block);
  return { kind: 'if', ...declared, branches, otherwise: otherwise && block(otherwise, b, span) };
}

function lossStatement(node: LossStatementCstNode, declared: Head, b: Builder): LossStatement {
  const { span } = declared;
  const found: Partial<Record<LossClause, Expression>> = {};
  let off: Identifier | undefined;
  for (const clause of node.children.lossClause ?? []) {
    const at = b.spanOf(clause, span);
    const c = clause.children;
    const key = first(c.OffWord)
      ? undefined
      : first(c.WeightWord)
        ? 'weight'
        : first(c.FromWord)
          ? 'fromEpoch'
          : first(c.UntilWord)
            ? 'untilEpoch'
            : 'when';
    const known = key === undefined ? off : found[key];
    if (known) b.diagnostics.report('duplicate-setting', at, { name: key === undefined ? 'off' : CLAUSES[key] });
    else if (key === undefined) off = b.identifier(first(c.gradient), at);
    else found[key] = expression(first(c.expression), b, at);
  }
  return {
    kind: 'loss',
    ...declared,
    name: b.identifier(first(node.children.Word), span),
    weight: found.weight,
    fromEpoch: found.fromEpoch,
    untilEpoch: found.untilEpoch,
    when: found.when,
    off,
    value: expression(first(node.children.expression), b, span),
  };
}

type LossClause = 'weight' | 'fromEpoch' | 'untilEpoch' | 'when';
/** Clauses as they are written. */
const CLAUSES: Readonly<Record<LossClause, string>> = {
  weight: 'weight',
  fromEpoch: 'from epoch',
  untilEpoch: 'until epoch',
  when: 'when',
};

export function requireStatement(node: RequireStatementCstNode, declared: Head, b: Builder): RequireStatement {
  const { span } = declared;
  const fact = expression(first(node.children.expression), b, span);
  if (first(node.children.DivisibleWord)) {
    return { kind: 'require', ...declared, left: fact, relation: 'divisible by', right: operations(first(node.children.chain), b, span) };
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
