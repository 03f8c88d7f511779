/** Infix operators, on static values and on tensors. */
import type { Label } from '../diagnostics/diagnostics.ts';
import type { Span } from '../source/source.ts';
import type { BinaryOperator } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { toNode } from './nodes.ts';
import { staticBinary } from './statics.ts';
import { describe, POISON, type Value } from './values.ts';

const TENSOR_OPERATORS: Readonly<Partial<Record<BinaryOperator, string>>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '==': 'equal',
  '!=': 'not_equal',
  '<': 'less',
  '<=': 'less_equal',
  '>': 'greater',
  '>=': 'greater_equal',
  and: 'logical_and',
  or: 'logical_or',
  '&': 'logical_and',
  '|': 'logical_or',
};

export function binary(
  E: Elaboration,
  operator: BinaryOperator,
  left: Value,
  right: Value,
  at: Span,
  labels: readonly Label[] = [],
): Value {
  if (left.kind === 'poison' || right.kind === 'poison') return POISON;
  if (left.kind !== 'tensor' && right.kind !== 'tensor') {
    const result = E.sized(operator, at, () => staticBinary(operator, left, right));
    if (!result) return POISON;
    if ('value' in result) return result.value;
    if (result.problem === 'zero') E.report('division-by-zero', at, { what: 'this' });
    else E.report('static-operands', at, { operator, left: describe(left), right: describe(right) }, { labels });
    return POISON;
  }
  if (operator === '^') {
    const base = toNode(E, left, at, '^');
    if (!base) return POISON;
    if (right.kind !== 'number') {
      E.report('not-static', at, { where: 'the exponent after ^', what: describe(right) });
      return POISON;
    }
    return right.value === 2 ? E.op('square', [base], {}, at) : E.op('pow', [base], { exponent: right.value }, at);
  }
  const op = TENSOR_OPERATORS[operator];
  if (!op) {
    E.report('static-operands', at, { operator, left: describe(left), right: describe(right) });
    return POISON;
  }
  const like = left.kind === 'tensor' ? left.node : right.kind === 'tensor' ? right.node : undefined;
  const a = toNode(E, left, at, operator, like, labels);
  const b = toNode(E, right, at, operator, like, labels);
  return a && b ? E.op(op, [a, b], {}, at) : POISON;
}
