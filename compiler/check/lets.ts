/** `let` and its kin: values that get a name. */
import { statementHabit } from '../diagnostics/habits.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Node } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';
import type { Identifier, LetStatement } from '../syntax/ast.ts';
import { type Elaboration, named } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { accepts, conversion, KIND_WORDS } from './kinds.ts';
import { toNode } from './nodes.ts';
import type { Scope } from './scope.ts';
import { bindSizes, kindOfType, withKind } from './signature.ts';
import { describe, POISON, type Value } from './values.ts';

export function runLet(E: Elaboration, statement: LetStatement, scope: Scope): void {
  const value = evaluate(E, statement.value, scope);
  const { names } = statement;
  if (statement.fields) {
    runPattern(E, statement.fields, statement, value, scope);
    return;
  }
  if (names.length > 1) {
    const parts =
      value.kind === 'tuple' || value.kind === 'list' ? value.items : value.kind === 'record' ? [...value.fields.values()] : undefined;
    if (value.kind !== 'poison' && parts?.length !== names.length)
      E.report('static-type', statement.value.span, {
        where: `the value of ${names.map((n) => n.text).join(', ')}`,
        wanted: `${names.length} values`,
        found: describe(value),
      });
    for (const [i, n] of names.entries()) scope.define(n.text, parts?.length === names.length ? parts[i] : POISON, 'let', n.span);
    return;
  }
  scope.define(names[0].text, named(E, declared(E, statement, value, scope), names[0].text), 'let', names[0].span);
}

/** `let { cam, features as deep } = view(x)` */
function runPattern(E: Elaboration, fields: readonly Identifier[], statement: LetStatement, value: Value, scope: Scope): void {
  if (value.kind !== 'record' && value.kind !== 'poison')
    E.report('static-type', statement.value.span, { where: 'a pattern in braces', wanted: 'a record', found: describe(value) });
  for (const [i, field] of fields.entries()) {
    const found = value.kind === 'record' ? value.fields.get(field.text) : undefined;
    if (value.kind === 'record' && !found && !field.missing)
      E.report(
        'unknown-member',
        field.span,
        { object: 'this record', name: field.text },
        { hint: didYouMean(field.text, value.fields.keys()) ?? `it has ${[...value.fields.keys()].join(', ')}` },
      );
    const { text, span } = statement.names[i];
    scope.define(text, found ? named(E, found, text) : POISON, 'let', span);
  }
}

/** Applies the kind word or the type of a declaration. */
function declared(E: Elaboration, statement: LetStatement, value: Value, scope: Scope): Value {
  if (value.kind === 'poison') return POISON;
  const name = statement.names[0].text;
  const word = statement.word?.text;
  if (word !== undefined) {
    const kind = KIND_WORDS[word];
    if (!kind) {
      E.report(
        'unknown-kind',
        statement.word!.span,
        { name: word },
        { hint: statementHabit(word) ?? didYouMean(word, ['let', 'layer', 'loss', ...Object.keys(KIND_WORDS)]) },
      );
      return POISON;
    }
    const node = toNode(E, value, statement.value.span, name);
    return node ? recast(E, node, kind, statement.value.span, name) : POISON;
  }
  const type = statement.type;
  if (type?.kind !== 'named_type') return value;
  const kind = kindOfType(E, type);
  const node = kind && toNode(E, value, statement.value.span, name);
  if (!kind || !node) return POISON;
  if (type.dims && !bindSizes(E, name, type.dims, node, scope, statement.value.span)) return POISON;
  return recast(E, node, kind, statement.value.span, name);
}

function recast(E: Elaboration, node: Node, kind: Parameters<typeof withKind>[2], at: Span, name: string): Value {
  const known = node.kind !== 'tensor' && node.kind !== 'features' && node.kind !== kind;
  if (known && !accepts(kind, node.kind)) {
    E.report('silent-recast', at, { name, wanted: kind, found: node.kind }, { hint: conversion(kind, node.kind) });
    return POISON;
  }
  return withKind(E, node, kind, at, `'${name}'`);
}
