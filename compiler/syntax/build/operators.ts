import { cover, type Span } from '../../source/source.ts';
import type { BinaryExpression, BinaryOperator, Expression, PipeExpression, RangeExpression } from '../ast.ts';
import type { Builder } from './builder.ts';

/** A value with the text it covers, its brackets included. */
export interface Operand {
  readonly expression: Expression;
  readonly span: Span;
}
export type InfixOperator = BinaryOperator | '|>' | '..';
/** One element of a flat chain such as `- a * b ^ 2`. */
export type ChainItem =
  | { readonly kind: 'prefix'; readonly operator: '-' | 'not'; readonly span: Span }
  | { readonly kind: 'infix'; readonly operator: InfixOperator; readonly span: Span }
  | { readonly kind: 'operand'; readonly operand: Operand };

/** Operators by the name of their token type; a habit such as `**` was given the type of what it means. */
export const infixByToken: Readonly<Record<string, InfixOperator>> = {
  Pipe: '|>',
  OrWord: 'or',
  AndWord: 'and',
  EqualEqual: '==',
  NotEqual: '!=',
  LessEqual: '<=',
  GreaterEqual: '>=',
  Less: '<',
  Greater: '>',
  Bar: '|',
  Ampersand: '&',
  DotDot: '..',
  Plus: '+',
  Minus: '-',
  Star: '*',
  Slash: '/',
  DivWord: '//',
  Percent: '%',
  Caret: '^',
};

/** From loose to tight. A prefix minus binds looser than `^` (so -x ^ 2 is -(x ^ 2)) and tighter than `*`. */
const levels: Readonly<Record<InfixOperator, number>> = {
  '|>': 1,
  or: 2,
  and: 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '|': 6,
  '&': 7,
  '..': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '//': 10,
  '%': 10,
  '^': 12,
};
const NOT = 4;
const COMPARISON = 5;
const NEGATION = 11;
const LOOSEST = 0;

/**
 * Folds a flat chain into a tree by precedence climbing. All infix operators group to the left but `^`.
 * `openRange`: `1..` without a right end is allowed (inside an index).
 */
export function fold(items: readonly ChainItem[], b: Builder, near: Span, openRange: boolean): Operand {
  let at = 0;

  const hole = (): Operand => {
    const before = items[at - 1];
    const expression = b.hole(before ? (before.kind === 'operand' ? before.operand.span : before.span) : near);
    return { expression, span: expression.span };
  };

  const climb = (loosest: number): Operand => {
    let left = prefixed();
    let compared = false;
    for (;;) {
      const item = items[at];
      if (item?.kind !== 'infix' || levels[item.operator] <= loosest) return left;
      at++;
      const level = levels[item.operator];
      if (level === COMPARISON) {
        if (compared) {
          b.diagnostics.reportSyntax('comparison-chain', item.span, {});
          left = { ...left, expression: { kind: 'error', span: left.span } };
        }
        compared = true;
      }
      const ended = items[at] !== undefined && items[at].kind !== 'infix';
      if (item.operator === '..' && !ended) {
        if (!openRange)
          b.diagnostics.reportSyntax('expected-expression', b.span(item.span.end, item.span.end), { found: "nothing after '..'" });
        const span = cover(left.span, item.span);
        left = { expression: { kind: 'range', span, from: left.expression, to: undefined }, span };
        continue;
      }
      const right = ended ? climb(item.operator === '^' ? level - 1 : level) : hole();
      const span = cover(left.span, right.span);
      left = { expression: join(item.operator, item.span, left.expression, right.expression, span), span };
    }
  };

  const prefixed = (): Operand => {
    const item = items[at];
    if (item?.kind === 'operand') {
      at++;
      return item.operand;
    }
    if (item?.kind !== 'prefix') return hole();
    at++;
    const operand = climb(item.operator === 'not' ? NOT - 1 : NEGATION - 1);
    const span = cover(item.span, operand.span);
    return { expression: { kind: 'unary', span, operator: item.operator, operand: operand.expression }, span };
  };

  return climb(LOOSEST);
}

function join(
  operator: InfixOperator,
  operatorSpan: Span,
  left: Expression,
  right: Expression,
  span: Span,
): BinaryExpression | PipeExpression | RangeExpression {
  if (operator === '|>') return { kind: 'pipe', span, left, right };
  if (operator === '..') return { kind: 'range', span, from: left, to: right };
  return { kind: 'binary', span, operator, operatorSpan, left, right };
}
