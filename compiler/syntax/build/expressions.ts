import type {
  ArgumentCstNode,
  ChainCstNode,
  ExpressionCstNode,
  IndexItemCstNode,
  ListCstNode,
  OperandCstNode,
  ParensCstNode,
  PostfixCstNode,
  PrimaryCstNode,
  RecordCstNode,
  TailCstNode,
} from '../../../grammar/cst-types.ts';
import type { IToken } from '../../../grammar/read.ts';
import { cover, type Span } from '../../source/source.ts';
import type { Argument, ComprehensionClause, Expression, IndexItem, RecordField } from '../ast.ts';
import { type Builder, first, real } from './builder.ts';
import { booleanLiteral, numberLiteral, stringLiteral } from './literals.ts';
import { type ChainItem, fold, infixByToken, type Operand } from './operators.ts';

/** The value of an expression rule; a hole at the end of `near` where recovery left nothing. */
export function expression(node: ExpressionCstNode | undefined, b: Builder, near: Span, openRange = false): Expression {
  return bracketed(node, b, near, openRange).expression;
}

function bracketed(node: ExpressionCstNode | undefined, b: Builder, near: Span, openRange: boolean): Operand {
  const lambda = first(node?.children.lambda);
  if (lambda) {
    const span = b.spanOf(lambda, near);
    const params = (lambda.children.Word ?? []).map((token) => b.identifier(token, near));
    return { expression: { kind: 'lambda', span, params, body: expression(first(lambda.children.expression), b, span) }, span };
  }
  const conditional = first(node?.children.conditional);
  if (!conditional) return empty(b, near);
  const condition = chain(first(conditional.children.chain), b, near, openRange);
  if (!first(conditional.children.Question)) return condition;
  const span = b.spanOf(conditional, near);
  const whenTrue = expression(first(conditional.children.whenTrue), b, span);
  const whenFalse = expression(first(conditional.children.whenFalse), b, span);
  return { expression: { kind: 'conditional', span, condition: condition.expression, whenTrue, whenFalse }, span };
}

function empty(b: Builder, near: Span): Operand {
  const hole = b.hole(near);
  return { expression: hole, span: hole.span };
}

/** A value of a clause: operands and operators, without `? :` and `=>`. */
export function operations(node: ChainCstNode | undefined, b: Builder, near: Span): Expression {
  return chain(node, b, near, false).expression;
}

function chain(node: ChainCstNode | undefined, b: Builder, near: Span, openRange: boolean): Operand {
  if (!node) return empty(b, near);
  const items: ChainItem[] = [];
  // Holes stand where the text broke off, so that they lie inside the chain.
  const { start } = b.spanOf(node, near);
  addOperand(first(node.children.operand), b, b.span(start, start), items);
  for (const link of node.children.link ?? []) {
    const token = real(first(link.children.DotDot) ?? first(link.children.BinaryOperator));
    const operator = token && infixByToken[token.tokenType.name];
    if (!token || !operator) continue;
    items.push({ kind: 'infix', operator, span: b.tokenSpan(token) });
    const right = first(link.children.operand);
    if (right) addOperand(right, b, b.tokenSpan(token), items);
  }
  return fold(items, b, near, openRange);
}

function addOperand(node: OperandCstNode | undefined, b: Builder, near: Span, items: ChainItem[]): void {
  let before = near;
  for (const token of node?.children.prefix ?? []) {
    before = b.tokenSpan(token);
    items.push({ kind: 'prefix', operator: token.tokenType.name === 'Minus' ? '-' : 'not', span: before });
  }
  if (node) items.push({ kind: 'operand', operand: recast(node, b, before) });
}

/** An operand alone, its prefixes folded: the right side of `divisible by` and of `0.1 poly 0.9`. */
function operand(node: OperandCstNode | undefined, b: Builder, near: Span): Expression {
  const items: ChainItem[] = [];
  addOperand(node, b, near, items);
  return fold(items, b, near, false).expression;
}

function recast(node: OperandCstNode, b: Builder, near: Span): Operand {
  let value = postfixOperand(first(node.children.postfix), b, near);
  for (const cast of node.children.recast ?? []) {
    const castSpan = b.spanOf(cast, value.span);
    const span = cover(value.span, castSpan);
    value = { expression: { kind: 'as', span, value: value.expression, target: b.identifier(first(cast.children.Word), castSpan) }, span };
  }
  return value;
}

export function postfix(node: PostfixCstNode | undefined, b: Builder, near: Span): Expression {
  return postfixOperand(node, b, near).expression;
}

function postfixOperand(node: PostfixCstNode | undefined, b: Builder, near: Span): Operand {
  let value = primary(first(node?.children.primary), b, near);
  for (const tail of node?.children.tail ?? []) value = applyTail(value, tail, b);
  return value;
}

function applyTail(object: Operand, tail: TailCstNode, b: Builder): Operand {
  const tailSpan = b.spanOf(tail, object.span);
  const span = cover(object.span, tailSpan);
  const call = first(tail.children.callTail);
  if (call) {
    const args = (call.children.argument ?? []).map((a) => argument(a, b, tailSpan));
    return { expression: { kind: 'call', span, callee: object.expression, args }, span };
  }
  const index = first(tail.children.indexTail);
  if (index) {
    const items = (index.children.indexItem ?? []).map((item) => indexItem(item, b, tailSpan));
    return { expression: { kind: 'index', span, object: object.expression, items }, span };
  }
  const member = first(tail.children.memberTail);
  const name = b.identifier(first(member?.children.Word), tailSpan);
  return { expression: { kind: 'member', span, object: object.expression, name }, span };
}

function argument(node: ArgumentCstNode, b: Builder, near: Span): Argument {
  const span = b.spanOf(node, near);
  const nameToken = first(node.children.name);
  const name = nameToken && b.identifier(nameToken, span);
  const equals = real(first(node.children.Equals));
  if (name && equals) {
    const at = b.tokenSpan(equals);
    const colon = /\s/.test(at.file.text.charAt(at.end)) ? ':' : ': ';
    b.diagnostics.reportSyntax(
      'foreign-argument',
      at,
      { name: name.text },
      { hint: `write ${name.text}: …`, fix: { title: 'use a colon', edits: [{ span: b.span(name.span.end, at.end), text: colon }] } },
    );
  }
  let value = expression(first(node.children.expression), b, span);
  const infix = first(node.children.infix);
  if (infix) {
    // `0.1 poly 0.9` is `poly(0.1, 0.9)`.
    const right = operand(first(node.children.operand), b, span);
    const callee: Expression = { kind: 'name', span: b.tokenSpan(infix), name: b.identifier(infix, span) };
    const args = [value, right].map((v): Argument => ({ span: v.span, name: undefined, value: v }));
    value = { kind: 'call', span: cover(cover(value.span, right.span), callee.span), callee, args };
  }
  return { span, name, value };
}

function indexItem(node: IndexItemCstNode, b: Builder, near: Span): IndexItem {
  const span = b.spanOf(node, near);
  const word = first(node.children.Word);
  const position = real(first(node.children.NumberValue));
  const axis = word ? b.identifier(word, span) : position && numberLiteral(position, b);
  const dots = real(first(node.children.DotDot));
  if (!dots) return { span, axis, value: expression(first(node.children.expression), b, span, true) };
  const dotsSpan = b.tokenSpan(dots);
  const to = first(node.children.chain);
  const end = to && chain(to, b, dotsSpan, false);
  const value: Expression = { kind: 'range', span: end ? cover(dotsSpan, end.span) : dotsSpan, from: undefined, to: end?.expression };
  return { span, axis, value };
}

function primary(node: PrimaryCstNode | undefined, b: Builder, near: Span): Operand {
  if (!node) return empty(b, near);
  const { children } = node;
  const token = (of: readonly IToken[] | undefined): IToken | undefined => real(first(of));
  const here = (value: Expression): Operand => ({ expression: value, span: value.span });
  const number = token(children.NumberValue);
  if (number) return here(numberLiteral(number, b));
  const text = token(children.Text);
  if (text) return here(stringLiteral(text, b));
  const yes = token(children.TrueWord);
  if (yes) return here(booleanLiteral(yes, true, b));
  const no = token(children.FalseWord);
  if (no) return here(booleanLiteral(no, false, b));
  const word = token(children.Word);
  if (word) return here({ kind: 'name', span: b.tokenSpan(word), name: b.identifier(word, near) });
  const reported = token(children.Reported);
  if (reported) return here({ kind: 'error', span: b.tokenSpan(reported) });
  const parens = first(children.parens);
  if (parens) return tuple(parens, b, near);
  const items = first(children.list);
  if (items) return here(list(items, b, near));
  const fields = first(children.record);
  if (fields) {
    const span = b.spanOf(fields, near);
    return here({ kind: 'record', span, fields: recordFields(fields, b, span) });
  }
  return empty(b, near);
}

function tuple(node: ParensCstNode, b: Builder, near: Span): Operand {
  const span = b.spanOf(node, near);
  const items = (node.children.expression ?? []).map((e) => expression(e, b, span));
  if (items.length > 1) return { expression: { kind: 'tuple', span, items }, span };
  return { expression: items[0] ?? b.hole(span), span };
}

function list(node: ListCstNode, b: Builder, near: Span): Expression {
  const span = b.spanOf(node, near);
  const clauses = node.children.forClause ?? [];
  const values = (node.children.expression ?? []).map((e) => expression(e, b, span));
  if (clauses.length === 0) return { kind: 'list', span, items: values };
  return {
    kind: 'comprehension',
    span,
    element: values[0] ?? b.hole(span),
    clauses: clauses.map((clause): ComprehensionClause => {
      const at = b.spanOf(clause, span);
      return {
        names: (clause.children.Word ?? []).map((token) => b.identifier(token, at)),
        iterable: expression(first(clause.children.iterable), b, at),
        conditions: (clause.children.condition ?? []).map((e) => expression(e, b, at)),
      };
    }),
  };
}

/** `{ a: e, b }`: a field without a value is the name itself. */
export function recordFields(node: RecordCstNode | undefined, b: Builder, near: Span): readonly RecordField[] {
  return (node?.children.recordField ?? []).map((field) => {
    const at = b.spanOf(field, near);
    const name = b.identifier(first(field.children.Word), at);
    const value = first(field.children.expression);
    if (!value && !first(field.children.Colon)) return { name, value: { kind: 'name', span: name.span, name } };
    return { name, value: expression(value, b, at) };
  });
}
