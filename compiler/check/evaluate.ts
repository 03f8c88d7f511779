/** Expressions: from syntax to values. */
import { removedWith } from '../diagnostics/edits.ts';
import { calledHabit } from '../diagnostics/habits.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Span } from '../source/source.ts';
import type { BinaryExpression, Expression } from '../syntax/ast.ts';
import { call } from './call.ts';
import { type Elaboration, named } from './elaboration.ts';
import { index } from './indexing.ts';
import { KIND_WORDS } from './kinds.ts';
import { comprehend, weighed } from './lists.ts';
import { member } from './members.ts';
import { toNode } from './nodes.ts';
import { binary } from './operators.ts';
import { isPrimitive, primitiveNames, takesOne } from './primitives.ts';
import { type Scope, TRAINING_INPUT } from './scope.ts';
import { describe, list, number, POISON, record, tensor, type Value } from './values.ts';
import { WORDS } from './words.ts';

export function evaluate(E: Elaboration, expression: Expression, scope: Scope): Value {
  E.session.work.spend(1);
  switch (expression.kind) {
    case 'number':
      return number(expression.value, expression.integer);
    case 'string':
      return { kind: 'string', value: expression.value };
    case 'boolean':
      return { kind: 'boolean', value: expression.value };
    case 'name':
      return lookUp(E, expression.name.text, expression.span, scope, expression.name.missing);
    case 'list':
      return weighed(E, list(expression.items.map((item) => evaluate(E, item, scope))), expression.span);
    case 'tuple':
      return weighed(E, { kind: 'tuple', items: expression.items.map((item) => evaluate(E, item, scope)) }, expression.span);
    case 'comprehension': {
      const items: Value[] = [];
      return comprehend(E, expression.clauses, 0, scope, expression.element, items) ? weighed(E, list(items), expression.span) : POISON;
    }
    case 'range':
      return {
        kind: 'range',
        from: expression.from && evaluate(E, expression.from, scope),
        to: expression.to && evaluate(E, expression.to, scope),
      };
    case 'record':
      return weighed(
        E,
        record(expression.fields.map((f) => [f.name.text, named(E, evaluate(E, f.value, scope), f.name.text)] as const)),
        expression.span,
      );
    case 'call':
      return call(E, expression, scope);
    case 'member':
      return member(E, expression, scope);
    case 'index':
      return index(E, expression, scope);
    case 'unary': {
      const value = evaluate(E, expression.operand, scope);
      if (value.kind === 'poison') return POISON;
      if (expression.operator === 'not') {
        if (value.kind === 'boolean') return { kind: 'boolean', value: !value.value };
        const node = toNode(E, value, expression.span, 'not');
        return node ? E.op('logical_not', [node], {}, expression.span) : POISON;
      }
      if (value.kind === 'number') return number(-value.value, value.integer);
      if (value.kind === 'dim') return binary(E, '-', number(0), value, expression.span);
      const node = toNode(E, value, expression.span, 'the minus sign');
      return node ? E.op('neg', [node], {}, expression.span) : POISON;
    }
    case 'binary':
      return binaryOf(E, expression, scope);
    case 'pipe': {
      const left = evaluate(E, expression.left, scope);
      if (expression.right.kind === 'call') return call(E, expression.right, scope, { value: left, span: expression.left.span });
      // `x |> relu`: a name alone is called with the left side.
      return call(E, { kind: 'call', span: expression.span, callee: expression.right, args: [] }, scope, {
        value: left,
        span: expression.left.span,
      });
    }
    case 'conditional': {
      const condition = evaluate(E, expression.condition, scope);
      if (condition.kind === 'poison') return POISON;
      if (condition.kind !== 'boolean') {
        notACondition(E, condition, expression.condition.span);
        return POISON;
      }
      return evaluate(E, condition.value ? expression.whenTrue : expression.whenFalse, scope);
    }
    case 'as': {
      const value = evaluate(E, expression.value, scope);
      const kind = KIND_WORDS[expression.target.text] ?? (expression.target.text === 'loss' ? 'loss' : undefined);
      if (!kind) {
        E.report(
          'unknown-kind',
          expression.target.span,
          { name: expression.target.text },
          { hint: didYouMean(expression.target.text, Object.keys(KIND_WORDS)) },
        );
        return POISON;
      }
      const node = toNode(E, value, expression.span, `as ${kind}`);
      if (!node) return POISON;
      if (node.kind === kind) {
        // Inside a module the kind depends on the call, and `as` may be needed for another.
        if (E.calls === 0) {
          const edit = removedWith('as', expression.target.span);
          const fix = edit && { title: `take 'as ${expression.target.text}' away`, edits: [edit] };
          E.report('needless-as', expression.target.span, { kind }, { fix });
        }
        return tensor(node);
      }
      return E.op('identity', [node], { kind }, expression.span);
    }
    case 'lambda':
      return { kind: 'lambda', params: expression.params, body: expression.body, scope };
    case 'error':
      return POISON;
  }
}

function binaryOf(E: Elaboration, { operator, left, right, span }: BinaryExpression, scope: Scope): Value {
  const operands = [left, right].map((expression) => ({ expression, value: evaluate(E, expression, scope) }));
  // A setting that is no number is most often wrong where it is declared.
  const labels = operands.flatMap(({ expression, value }) => {
    const entry = value.kind === 'string' && expression.kind === 'name' ? scope.find(expression.name.text) : undefined;
    return entry?.span && entry.what === 'hyper' ? [{ span: entry.span, text: `it is ${describe(value)} here` }] : [];
  });
  return binary(E, operator, operands[0].value, operands[1].value, span, labels);
}

function lookUp(E: Elaboration, name: string, at: Span, scope: Scope, missing: boolean): Value {
  const entry = scope.find(name, at);
  if (entry) {
    entry.used = true;
    if (entry.computing) E.report('circular-name', at, { name });
    if (entry.what === TRAINING_INPUT) trainingInput(E, name, at);
    return E.asking(name, at, entry.value);
  }
  if (name === 'training') return { kind: 'boolean', value: E.training };
  if (WORDS.has(name)) return { kind: 'symbol', name };
  const leftOut = scope.leftOut(name);
  if (leftOut) {
    E.report('branch-not-taken', at, { name }, { labels: [{ span: leftOut, text: 'it stands in a branch that is not taken here' }] });
    return POISON;
  }
  if (!missing && isPrimitive(name) && !scope.lacks(name)) {
    const call = `x => ${name}(x)`;
    const fix = { title: `write ${call}`, edits: [{ span: at, text: call }] };
    E.report('operator-as-value', at, { name }, { hint: `call it: ${name}(x)`, fix: takesOne(name) ? fix : undefined });
    return POISON;
  }
  if (!missing && !scope.lacks(name)) {
    // What is being declared is not what its own value meant.
    const known = scope.names().filter((other) => !scope.find(other, at)?.computing);
    unknownName(E, name, at, [...known, ...primitiveNames(), ...WORDS]);
  }
  return POISON;
}

/** An inference program reads an input of training, itself or by a value of the method: told where the program says the name. */
function trainingInput(E: Elaboration, name: string, at: Span): void {
  const by = E.asked;
  const labels = by ? [{ span: at, text: `'${by.name}' is computed from '${name}' here` }] : [];
  const hint = by
    ? `compute it anew from the parameters of the program, as training does from '${name}'`
    : 'an infer program reads its own parameters: the photo, and tags where they are given';
  E.report('training-input', by?.at ?? at, { name }, { labels, hint });
}

/** What stands before `?` and is neither true nor false: elements of a tensor are chosen by `where`, numbers and words are compared. */
function notACondition(E: Elaboration, found: Value, at: Span): void {
  const what = describe(found);
  const where = 'the condition before ?';
  if (found.kind === 'tensor')
    E.report('not-static', at, { where, what }, { hint: 'use where(condition, a, b) to choose element by element' });
  else E.report('static-type', at, { where, wanted: 'true or false', found: what }, { hint: 'compare it: x > 0 ? a : b' });
}

/** A name of the library that no import brings, or one that nothing has: told once, however often it is used. */
function unknownName(E: Elaboration, name: string, at: Span, candidates: readonly string[]): void {
  const home = E.session.homeOf?.(name);
  if (home === undefined) {
    E.report('unknown-name', at, { name }, { cause: name, hint: calledHabit(name) ?? didYouMean(name, candidates) });
    return;
  }
  const last = E.session.root.spec.imports.at(-1);
  const line = `import "${home}"`;
  const edit = last && { span: { file: last.span.file, start: last.span.end, end: last.span.end }, text: `\n${line}` };
  E.report(
    'missing-import',
    at,
    { name, file: home },
    { cause: home, hint: `at the top of the file: ${line}`, fix: edit && { title: line, edits: [edit] } },
  );
}
