/**
 * Blocks inside bodies. `no_grad` cuts the gradient of what leaves it; `iterate` is written out turn by turn, with a call path for each, so that
 * its turns are what calls of one module would be; `if` keeps the branch that is taken.
 */

import { didYouMean } from '../diagnostics/suggest.ts';
import { compare } from '../shape/compare.ts';
import { showShape } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { Assignment, BlockItem, IfStatement, IterateStatement, NoGradStatement } from '../syntax/ast.ts';
import { type Elaboration, named } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { toNode } from './nodes.ts';
import { Scope } from './scope.ts';
import { withKind } from './signature.ts';
import { type Body, runBody } from './statements.ts';
import { describe, POISON, type Value } from './values.ts';

/** One turn of an `iterate`: what it carries, and the values for the next turn as far as they are set. */
export interface Turn {
  readonly carried: ReadonlySet<string>;
  readonly next: Map<string, { readonly value: Value; readonly assignment: Assignment }>;
}

/** Turns are written out one by one. */
const TURN_LIMIT = 1000;

export function runNoGrad(E: Elaboration, statement: NoGradStatement, scope: Scope, context: Body): void {
  const inner = new Scope(scope);
  runBody(E, statement.body, inner, { ...context, noGrad: statement.span, returns: false });
  for (const [name, entry] of [...inner.entries()]) {
    const value = detached(E, entry.value(), entry.span ?? statement.span, statement.span);
    // Functions made inside read the scope inside when they are called outside.
    inner.define(name, value, entry.what, entry.span);
    scope.define(name, value, entry.what, entry.span);
  }
}

/** The value with the gradient of every tensor in it cut. */
function detached(E: Elaboration, value: Value, at: Span, block: Span): Value {
  switch (value.kind) {
    case 'tensor': {
      const cut = E.op('detach', [value.node], {}, at);
      if (cut.kind === 'tensor') E.cutByBlock.set(cut.node, block);
      return named(E, cut, value.node.name ?? 'detached');
    }
    case 'list':
    case 'tuple':
      return { kind: value.kind, items: value.items.map((item) => detached(E, item, at, block)) };
    case 'record':
      return { kind: 'record', fields: new Map([...value.fields].map(([name, item]) => [name, detached(E, item, at, block)])) };
    default:
      return value;
  }
}

/** The statements of the branch that is taken; undefined where no condition holds, and after a report (`names` then stand for nothing). */
export function branchTaken(E: Elaboration, statement: IfStatement, scope: Scope): readonly BlockItem[] | undefined {
  for (const { condition, body } of statement.branches) {
    const value = evaluate(E, condition, scope);
    if (value.kind === 'boolean') {
      if (!value.value) continue;
      rememberOthers(statement, body, scope);
      return body;
    }
    if (value.kind !== 'poison')
      E.report(
        'not-static',
        condition.span,
        { where: 'the condition of an if', what: describe(value) },
        { hint: 'use where(condition, a, b) to choose element by element' },
      );
    for (const { name, span } of namesOf(statement)) scope.define(name, POISON, 'let', span);
    return undefined;
  }
  rememberOthers(statement, statement.otherwise, scope);
  return statement.otherwise;
}

/** Names of branches that are not taken: a use of theirs has a message of its own. */
function rememberOthers(statement: IfStatement, taken: readonly BlockItem[] | undefined, scope: Scope): void {
  for (const { name, span, branch } of namesOf(statement)) if (branch !== taken) scope.leaveOut(name, span);
}

/** What the branches of an `if` declare. */
export function namesOf(
  statement: IfStatement,
): readonly { readonly name: string; readonly span: Span; readonly branch: readonly BlockItem[] }[] {
  const branches = [...statement.branches.map((b) => b.body), ...(statement.otherwise ? [statement.otherwise] : [])];
  return branches.flatMap((branch) => declaredIn(branch).map(({ text, span }) => ({ name: text, span, branch })));
}

/** Names that stay visible after these statements. */
export function declaredIn(body: readonly BlockItem[]): readonly { readonly text: string; readonly span: Span }[] {
  return body.flatMap((item) => {
    switch (item.kind) {
      case 'let':
        return item.names;
      case 'no_grad':
        return declaredIn(item.body);
      case 'if':
        return namesOf(item).map(({ name, span }) => ({ text: name, span }));
      case 'iterate':
        return item.carried.map((c) => c.name);
      case 'assignment':
        return [];
      default:
        return 'name' in item ? [item.name] : [];
    }
  });
}

export function runIf(E: Elaboration, statement: IfStatement, scope: Scope, context: Body): Value | undefined {
  const branch = branchTaken(E, statement, scope);
  return branch && runBody(E, branch, scope, context);
}

/** `m = …` in a turn: the value that m has in the next one. */
export function runAssignment(E: Elaboration, statement: Assignment, scope: Scope, context: Body): void {
  const { name } = statement;
  const { turn } = context;
  const value = evaluate(E, statement.value, scope);
  if (!turn?.carried.has(name.text)) {
    if (!name.missing)
      E.report(
        'not-carried',
        name.span,
        { name: name.text },
        {
          hint:
            didYouMean(name.text, turn?.carried ?? []) ??
            (scope.find(name.text) ? `carry it: iterate ${name.text} = … times …` : `to declare a value, write let ${name.text} = …`),
        },
      );
    return;
  }
  const first = turn.next.get(name.text);
  if (first) {
    E.report('set-twice', name.span, { name: name.text }, { labels: [{ span: first.assignment.span, text: 'set here before' }] });
    return;
  }
  const kept = context.noGrad ? detached(E, value, statement.span, context.noGrad) : value;
  turn.next.set(name.text, { value: kept, assignment: statement });
}

export function runIterate(E: Elaboration, statement: IterateStatement, scope: Scope, context: Body): void {
  let values = new Map<string, Value>();
  for (const { name, value } of statement.carried) {
    const found = evaluate(E, value, scope);
    if (values.has(name.text)) E.report('duplicate-name', name.span, { name: name.text });
    values.set(name.text, found);
  }
  const times = turnCount(E, statement, scope);
  const carried = new Set(values.keys());
  const assigned = setIn(statement.body);
  const loop = E.callPath(statement.carried[0]?.name.text ?? 'turn');
  for (let i = 0; i < (times ?? 0); i++) {
    const inner = new Scope(scope);
    for (const { name } of statement.carried) inner.define(name.text, values.get(name.text) ?? POISON, 'carried value', name.span);
    const turn: Turn = { carried, next: new Map() };
    E.inTurn(`${loop}[${i}]`, () => runBody(E, statement.body, inner, { ...context, turn, returns: false }));
    const next = new Map<string, Value>();
    let set = true;
    for (const { name } of statement.carried) {
      const before = values.get(name.text) ?? POISON;
      const given = turn.next.get(name.text);
      if (!given && i === 0 && !assigned.includes(name.text)) {
        // A misspelt one has been told.
        if (assigned.every((other) => carried.has(other)))
          E.report(
            'carried-unset',
            name.span,
            { name: name.text },
            { hint: `write ${name.text} = … in the block, or declare it above with let` },
          );
        set = false;
      }
      next.set(name.text, given ? kept(E, name.text, before, given.value, given.assignment) : before);
    }
    values = next;
    if (!set || [...values.values()].some((v) => v.kind === 'poison')) break;
  }
  for (const { name } of statement.carried)
    scope.define(name.text, times === undefined ? POISON : (values.get(name.text) ?? POISON), 'let', name.span);
}

/** Names that are set anywhere in a block, those of branches that are not taken among them; a nested iterate sets its own. */
function setIn(body: readonly BlockItem[]): readonly string[] {
  return body.flatMap((item) => {
    if (item.kind === 'assignment') return [item.name.text];
    if (item.kind === 'no_grad') return setIn(item.body);
    return item.kind === 'if' ? [...item.branches.map((b) => b.body), item.otherwise ?? []].flatMap(setIn) : [];
  });
}

function turnCount(E: Elaboration, statement: IterateStatement, scope: Scope): number | undefined {
  const value = evaluate(E, statement.times, scope);
  const { span } = statement.times;
  if (value.kind === 'poison') return undefined;
  if (value.kind === 'tensor' || value.kind === 'dim' || value.kind === 'scaled' || value.kind === 'ratio') {
    E.report('not-static', span, { where: 'the number of turns', what: describe(value) });
    return undefined;
  }
  if (value.kind !== 'number' || !value.integer || value.value < 0) {
    E.report('static-type', span, { where: 'the number of turns', wanted: 'a whole number, 0 or more', found: describe(value) });
    return undefined;
  }
  if (value.value > TURN_LIMIT) {
    E.report('static-limit', span, { what: 'iterate', count: value.value, limit: TURN_LIMIT });
    return undefined;
  }
  return value.value;
}

/** The value of the next turn, held against that of the turn before: what is carried keeps its kind and its sizes. */
function kept(E: Elaboration, name: string, before: Value, after: Value, assignment: Assignment): Value {
  const at = assignment.value.span;
  if (before.kind === 'poison' || after.kind === 'poison') return POISON;
  // A sum may begin with a plain number.
  if (before.kind === 'number' && after.kind === 'tensor' && after.node.type.shape.length === 0) return after;
  if (before.kind === 'tensor' && after.kind !== 'tensor') {
    const node = toNode(E, after, at, name, before.node);
    if (!node) return POISON;
    return kept(E, name, before, { kind: 'tensor', node }, assignment);
  }
  if (before.kind === 'tensor' && after.kind === 'tensor') {
    const [a, b] = [before.node.type.shape, after.node.type.shape];
    const fits = a.length === b.length && a.every((d, i) => compare(d, b[i], E.session.facts) !== 'different');
    if (!fits || before.node.type.dtype !== after.node.type.dtype) {
      E.report(
        'carried-changed',
        at,
        { name, before: describe(before), after: describe(after) },
        { hint: `bring it back to ${showShape(a)} before the turn ends, or start with a value of the other size` },
      );
      return POISON;
    }
    for (const [i, d] of a.entries()) E.same(d, b[i], `${name} keeps its size from turn to turn`, at);
    return withKind(E, after.node, before.node.kind, at, `the next value of ${name}`);
  }
  if ((before.kind === 'list' || before.kind === 'tuple') && before.kind === after.kind && before.items.length === after.items.length)
    return { kind: before.kind, items: before.items.map((item, i) => kept(E, `${name}[${i}]`, item, after.items[i], assignment)) };
  if (
    before.kind === 'record' &&
    after.kind === 'record' &&
    [...before.fields.keys()].sort().join() === [...after.fields.keys()].sort().join()
  )
    return {
      kind: 'record',
      fields: new Map([...before.fields].map(([f, item]) => [f, kept(E, `${name}.${f}`, item, after.fields.get(f) ?? POISON, assignment)])),
    };
  const size = (v: Value): boolean => v.kind === 'number' || v.kind === 'dim';
  if (
    (size(before) && size(after)) ||
    (before.kind === after.kind && before.kind !== 'list' && before.kind !== 'tuple' && before.kind !== 'record')
  )
    return after;
  E.report('carried-changed', at, { name, before: describe(before), after: describe(after) });
  return POISON;
}
