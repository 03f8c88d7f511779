/** Comprehensions, and what can be gone through when a file is compiled. */
import type { Span } from '../source/source.ts';
import type { ComprehensionClause, Expression } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { Scope } from './scope.ts';
import { describe, number, POISON, type Value } from './values.ts';

const STATIC_LIMIT = 100_000;

/** Adds the elements of a comprehension to `into`; false after a report. */
export function comprehend(
  E: Elaboration,
  clauses: readonly ComprehensionClause[],
  depth: number,
  scope: Scope,
  element: Expression,
  into: Value[],
): boolean {
  if (depth === clauses.length) {
    if (into.length >= STATIC_LIMIT) {
      E.report('static-limit', element.span, { what: 'this list', count: `more than ${STATIC_LIMIT}`, limit: STATIC_LIMIT });
      return false;
    }
    into.push(evaluate(E, element, scope));
    return true;
  }
  const clause = clauses[depth];
  const items = iterate(E, evaluate(E, clause.iterable, scope), clause.iterable.span);
  if (!items) return false;
  for (const item of items) {
    E.session.work.spend(1);
    const inner = new Scope(scope);
    if (clause.names.length === 1) inner.define(clause.names[0].text, item, 'loop variable', clause.names[0].span);
    else {
      const parts = item.kind === 'tuple' || item.kind === 'list' ? item.items : undefined;
      if (!parts || parts.length !== clause.names.length) {
        E.report('static-type', clause.iterable.span, {
          where: 'this loop',
          wanted: `tuples of ${clause.names.length}`,
          found: describe(item),
        });
        return false;
      }
      for (const [i, n] of clause.names.entries()) inner.define(n.text, parts[i], 'loop variable', n.span);
    }
    let keep = true;
    for (const condition of clause.conditions) {
      const value = evaluate(E, condition, inner);
      if (value.kind === 'poison') return false;
      if (value.kind !== 'boolean') {
        E.report('not-static', condition.span, { where: 'a condition in a list', what: describe(value) });
        return false;
      }
      keep &&= value.value;
    }
    if (keep && !comprehend(E, clauses, depth + 1, inner, element, into)) return false;
  }
  return true;
}

/** A list, tuple or record, unless it holds more than a list may: one value inside many others counts each time it is met. */
export function weighed(E: Elaboration, value: Value, at: Span): Value {
  if (value.kind !== 'list' && value.kind !== 'tuple' && value.kind !== 'record') return value;
  let weight = 1;
  for (const item of value.kind === 'record' ? value.fields.values() : value.items) weight += weights.get(item) ?? 1;
  if (weight > STATIC_LIMIT) {
    // A list of what was too large is as large again.
    E.report('static-limit', at, { what: 'this list', count: `more than ${STATIC_LIMIT}`, limit: STATIC_LIMIT }, { cause: 'weight' });
    return POISON;
  }
  weights.set(value, weight);
  return value;
}
const weights = new WeakMap<Value, number>();

/** The elements of a list or of a range of whole numbers (its end left out). */
export function iterate(E: Elaboration, value: Value, at: Span): readonly Value[] | undefined {
  if (value.kind === 'list' || value.kind === 'tuple') return value.items;
  if (value.kind === 'range' && value.to?.kind === 'number' && (value.from === undefined || value.from.kind === 'number')) {
    const from = value.from?.kind === 'number' ? value.from.value : 0;
    const count = Math.max(0, Math.floor(value.to.value) - from);
    if (count > STATIC_LIMIT) {
      E.report('static-limit', at, { what: 'this range', count, limit: STATIC_LIMIT });
      return undefined;
    }
    E.session.work.spend(count);
    return Array.from({ length: count }, (_, i) => number(from + i, true));
  }
  if (value.kind !== 'poison') E.report('not-iterable', at, { found: describe(value) });
  return undefined;
}
