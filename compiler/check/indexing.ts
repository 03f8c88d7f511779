/** `x[…]`: elements of lists, and parts of tensors along named axes. */
import type { Node } from '../ops/graph.ts';
import { add, constant, type Dim, show } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { Identifier, IndexExpression, NumberLiteral } from '../syntax/ast.ts';
import { axisOf } from './axes.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { toNode } from './nodes.ts';
import type { Scope } from './scope.ts';
import { asDim, staticBinary } from './statics.ts';
import { describe, number, POISON, size, tensor, type Value } from './values.ts';

export function index(E: Elaboration, expression: IndexExpression, scope: Scope): Value {
  const object = evaluate(E, expression.object, scope);
  if (object.kind === 'poison') return POISON;
  if (object.kind === 'list' || object.kind === 'tuple') {
    const only = expression.items.length === 1 && !expression.items[0].axis ? evaluate(E, expression.items[0].value, scope) : POISON;
    if (only.kind === 'range') {
      const from = only.from?.kind === 'number' ? only.from.value : 0;
      const to = only.to?.kind === 'number' ? only.to.value : object.items.length;
      return { kind: object.kind, items: object.items.slice(from, to) };
    }
    if (only.kind !== 'number' || !only.integer) {
      if (only.kind !== 'poison')
        E.report('static-type', expression.span, { where: 'the index', wanted: 'a whole number', found: describe(only) });
      return POISON;
    }
    const at = only.value < 0 ? only.value + object.items.length : only.value;
    const found = object.items[at];
    if (found) return found;
    E.report('index-out-of-range', expression.span, { index: only.value, what: 'a list', length: object.items.length });
    return POISON;
  }
  const node = toNode(E, object, expression.object.span, 'slicing');
  return node ? slice(E, node, expression, scope) : POISON;
}

/** `cam[background]`, `cam[foreground]`, `x[h: 1.., w: 0..n]`, `x[:, 0]`-like positions by order; a single number drops its axis. */
function slice(E: Elaboration, node: Node, expression: IndexExpression, scope: Scope): Value {
  const rank = node.type.shape.length;
  const starts: Dim[] = node.type.shape.map(() => constant(0));
  const sizes: Dim[] = [...node.type.shape];
  const dropped = new Set<number>();
  let position = 0;
  for (const item of expression.items) {
    let axis: number | undefined;
    let value: Value;
    if (
      !item.axis &&
      item.value.kind === 'name' &&
      (item.value.name.text === 'background' || item.value.name.text === 'foreground') &&
      !scope.find(item.value.name.text)
    ) {
      axis = rank - 1;
      const zero = number(0, true);
      const one = number(1, true);
      value = item.value.name.text === 'background' ? { kind: 'range', from: zero, to: one } : { kind: 'range', from: one, to: undefined };
    } else {
      axis = item.axis ? axisOf(E, axisValue(item.axis), node, item.axis.span) : position;
      value = evaluate(E, item.value, scope);
    }
    position++;
    if (axis === undefined || value.kind === 'poison') return POISON;
    if (axis >= rank) {
      E.report('bad-axis', item.span, { what: describe(tensor(node)), axis });
      return POISON;
    }
    if (value.kind === 'range') {
      if (value.from?.kind === 'poison' || value.to?.kind === 'poison') return POISON;
      const length = node.type.shape[axis];
      const from = value.from ? fromStart(value.from, length) : constant(0);
      const to = value.to ? fromStart(value.to, length) : length;
      if (!from || !to) {
        E.report('not-static', item.span, { where: 'the bounds of a slice', what: describe(value) });
        return POISON;
      }
      const count = asDim(staticOr(staticBinary('-', size(to), size(from))));
      if (!count) return POISON;
      starts[axis] = from;
      sizes[axis] = count;
      if (value.from && !holds(E, from, constant(0), `a slice starts at ${show(from)}`, item.span, asDim(value.from) ?? from, length))
        return POISON;
      if (value.to && !holds(E, length, to, `a slice ends at ${show(to)} of ${show(length)}`, item.span, to, length)) return POISON;
      // A slice of nothing is refused by the operator.
      E.obligations.atLeast(to, add(from, constant(1)), `a slice from ${show(from)} to ${show(to)} has an element`, item.span);
    } else {
      const at = fromStart(value, node.type.shape[axis]);
      if (!at) {
        E.report(
          'not-static',
          item.span,
          { where: 'an index', what: describe(value) },
          { hint: 'use gather(x, index, over: axis) for indices that are computed' },
        );
        return POISON;
      }
      const length = node.type.shape[axis];
      const written = asDim(value) ?? at;
      const reason = `there is an element ${show(written)} in ${show(length)}`;
      const below = at !== written && !holds(E, at, constant(0), reason, item.span, written, length);
      if (below || !holds(E, length, add(at, constant(1)), reason, item.span, written, length)) return POISON;
      starts[axis] = at;
      sizes[axis] = constant(1);
      dropped.add(axis);
    }
  }
  const cut = E.node('slice', [node], { starts, sizes }, expression.span);
  if (!cut) return POISON;
  if (dropped.size === 0) return tensor(cut);
  return E.op('reshape', [cut], { shape: sizes.filter((_, i) => !dropped.has(i)) }, expression.span);
}

/** Whether one size is at least another, as far as can be said when the spec is checked; false after a report of the position. */
function holds(E: Elaboration, large: Dim, small: Dim, reason: string, at: Span, position: Dim, length: Dim): boolean {
  if (E.obligations.atLeast(large, small, reason, at)) return true;
  E.report('index-out-of-range', at, { index: show(position), what: 'an axis', length: show(length) });
  return false;
}

function axisValue(axis: Identifier | NumberLiteral): Value {
  return axis.kind === 'number' ? number(axis.value, axis.integer) : { kind: 'symbol', name: axis.text };
}

/** A position as counted from the start of its axis: a negative number counts from the end. */
function fromStart(value: Value, length: Dim): Dim | undefined {
  if (value.kind === 'number' && value.value < 0) return asDim(staticOr(staticBinary('+', size(length), value)));
  return asDim(value);
}

function staticOr(result: ReturnType<typeof staticBinary>): Value {
  return 'value' in result ? result.value : POISON;
}
