/** Statements of bodies: what each declaration does to the scope, the state and the graph. */

import { didYouMean } from '../diagnostics/suggest.ts';
import type { Initializer, StateDeclaration } from '../ir/program.ts';
import type { Node } from '../ops/graph.ts';
import { type Dim, show, showShape } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type {
  Expression,
  Identifier,
  LayerStatement,
  LetStatement,
  RequireStatement,
  Statement,
  StateStatement,
  TypeExpression,
  WeightStatement,
} from '../syntax/ast.ts';
import { ANY, type Elaboration, named } from './elaboration.ts';
import { dimOf, evaluate, toNode } from './evaluate.ts';
import { initializerOf } from './initializers.ts';
import { accepts, conversion, KIND_WORDS } from './kinds.ts';
import { place } from './modules.ts';
import { declarePretraining } from './pretraining.ts';
import type { Scope } from './scope.ts';
import { bindSizes, kindOfType, withKind } from './signature.ts';
import { describe, type Instance, POISON, tensor, type Value } from './values.ts';

export interface Body {
  /** The layer whose body this is; parameters belong to it. */
  readonly instance: Instance | undefined;
  /** In words, for messages. */
  readonly where: string;
}

/** Runs a body to its `return`; undefined when it has none. */
export function runBody(E: Elaboration, body: readonly Statement[], scope: Scope, context: Body): Value | undefined {
  for (const statement of body) {
    if (statement.kind === 'return') return evaluate(E, statement.value, scope);
    // Without a fact that a module rests on, whatever follows in it would be reported too.
    if (statement.kind === 'require') {
      if (!runRequire(E, statement, scope)) return POISON;
    } else runStatement(E, statement, scope, context);
  }
  return undefined;
}

function runStatement(E: Elaboration, statement: Statement, scope: Scope, context: Body): void {
  switch (statement.kind) {
    case 'let':
      runLet(E, statement, scope);
      return;
    case 'layer':
      runLayer(E, statement, scope, context);
      return;
    case 'hyper':
      scope.define(statement.name.text, evaluate(E, statement.value, scope), 'hyper', statement.name.span);
      return;
    case 'weight':
      declareState(E, statement, scope, context);
      return;
    case 'state':
      declareState(E, statement, scope, context);
      return;
    case 'after_step':
      // Statistics of a shadow are those of the layer that it follows, which alone changes them.
      if (context.instance?.shadow) return;
      for (const { name, value } of statement.assignments) {
        const key = context.instance?.path === undefined ? name.text : `${context.instance.path}.${name.text}`;
        const declared = E.session.states.get(key);
        if (!declared || declared.role === 'parameter') {
          E.report('unknown-name', name.span, { name: name.text }, { hint: 'only what is declared with state changes after a step' });
          continue;
        }
        const node = toNode(E, evaluate(E, value, scope), value.span, `the new ${name.text}`);
        if (node && E.training) E.updates.set(key, node);
      }
      return;
    case 'require':
      runRequire(E, statement, scope);
      return;
    case 'return':
      return;
    case 'no_grad':
    case 'iterate':
    case 'if':
      E.report('unfinished', statement.span, { what: `'${statement.kind}'` });
      return;
    case 'random':
      runRandom(E, statement.name.text, statement.distribution, scope, statement.span);
      return;
    case 'input':
    case 'loss':
    case 'watch':
      E.report('misplaced-declaration', statement.span, { what: `${statement.kind} ${statement.name.text}`, where: context.where });
      return;
  }
}

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
        { hint: didYouMean(word, ['let', 'layer', 'loss', ...Object.keys(KIND_WORDS)]) },
      );
      return POISON;
    }
    const node = toNode(E, value, statement.value.span, name);
    return node ? recast(E, node, kind, statement.value.span, name) : POISON;
  }
  const type = statement.type;
  if (!type || type.kind !== 'named_type') return value;
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

export function runLayer(E: Elaboration, statement: LayerStatement, scope: Scope, context: Body): void {
  const name = statement.name.text;
  const instance = context.instance;
  const made = instance?.members.get(name);
  if (made) {
    scope.define(name, made, 'layer', statement.name.span);
    return;
  }
  const value = evaluate(E, statement.value, scope);
  const backbone = statement.role === 'backbone' || (instance?.backbone ?? false);
  if (value.kind !== 'poison' && value.kind !== 'instance' && value.kind !== 'list') {
    E.report(
      'not-a-module',
      statement.value.span,
      { name, what: describe(value) },
      { hint: 'a layer is made by a module with two parentheses: layer head = conv(20, kernel: 1)' },
    );
    scope.define(name, POISON, 'layer', statement.name.span);
    return;
  }
  const path = instance?.path === undefined ? name : `${instance.path}.${name}`;
  const shadow = instance?.shadow;
  const placed = place(value, path, backbone, shadow && { ...shadow, of: `${shadow.of}.${name}` });
  if (!shadow) declarePretraining(E, statement, path);
  instance?.members.set(name, placed);
  scope.define(name, placed, 'layer', statement.name.span);
}

/** `weight` and `state`: one tensor of the state, keyed by its declaration path; calling the layer again finds the same one. */
function declareState(E: Elaboration, statement: WeightStatement | StateStatement, scope: Scope, context: Body): void {
  const name = statement.name.text;
  const owner = context.instance?.path;
  const shadow = context.instance?.shadow;
  const followed = shadow && `${shadow.of}.${name}`;
  const key = followed !== undefined && statement.kind === 'state' ? followed : keyOf(context.instance, name);
  if (statement.kind === 'weight' && statement.init && isNone(E, statement.init, scope)) {
    scope.define(name, { kind: 'symbol', name: 'none' }, statement.kind, statement.name.span);
    return;
  }
  const shape = shapeOf(E, statement.type, scope);
  if (!shape) {
    scope.define(name, POISON, statement.kind, statement.name.span);
    return;
  }
  const known = E.session.states.get(key);
  if (known) {
    const other = known.type.shape.find((d, i) => d !== shape[i]);
    if (known.type.shape.length !== shape.length || other) {
      const layer = key.split('.')[0];
      const first = known.span && known.span.file === E.session.root.spec.source ? [{ span: known.span, text: 'first called here' }] : [];
      if (!E.session.told.refitted.has(layer))
        E.report(
          'dimension-mismatch',
          E.place(statement.span).span,
          { where: `${key} in a second call`, expected: showShape(known.type.shape), found: showShape(shape) },
          { labels: first, hint: 'a layer has one set of parameters: inputs of all its calls need the same number of channels' },
        );
      E.session.told.refitted.add(layer);
      scope.define(name, POISON, statement.kind, statement.name.span);
      return;
    }
  } else {
    const init = initializerOf(E, statement.init, scope);
    const span = E.place(statement.span).span;
    const type = { dtype: 'f32', shape } as const;
    const declaration: StateDeclaration =
      followed !== undefined && statement.kind === 'weight'
        ? {
            key,
            role: 'average',
            type,
            init: { kind: 'constant', value: 0 },
            average: { of: followed, momentum: shadow?.momentum ?? 0 },
            backbone: false,
            parameterRole: undefined,
            span,
          }
        : {
            key,
            role: statement.kind === 'weight' ? 'parameter' : 'statistic',
            type,
            init: init ?? { kind: 'constant', value: 0 },
            backbone: context.instance?.backbone ?? false,
            parameterRole: statement.kind === 'weight' ? roleOf(name, shape, init) : undefined,
            span,
          };
    E.session.states.set(key, declaration);
  }
  if (owner === undefined) E.session.told.layers.set(name, statement.name.span);
  const node = stateNode(E, key);
  scope.define(name, tensor(node), statement.kind, statement.name.span);
}

/** The key of a tensor of a layer, put together once: a network is called again for every scale of every program. */
function keyOf(instance: Instance | undefined, name: string): string {
  if (instance?.path === undefined) return name;
  let keys = keysOfLayers.get(instance);
  if (!keys) {
    keys = new Map();
    keysOfLayers.set(instance, keys);
  }
  let key = keys.get(name);
  if (key === undefined) {
    key = `${instance.path}.${name}`;
    keys.set(name, key);
  }
  return key;
}
const keysOfLayers = new WeakMap<Instance, Map<string, string>>();

/** `init none`: a weight that a configuration leaves out. */
function isNone(E: Elaboration, init: Expression, scope: Scope): boolean {
  if (init.kind !== 'conditional') return init.kind === 'name' && init.name.text === 'none';
  const condition = evaluate(E, init.condition, scope);
  return condition.kind === 'boolean' && isNone(E, condition.value ? init.whenTrue : init.whenFalse, scope);
}

export function stateNode(E: Elaboration, key: string): Node {
  const known = E.stateNodes.get(key);
  if (known) return known;
  const declaration = E.session.states.get(key)!;
  const node = E.input('state', key, declaration.type, 'tensor', ANY, declaration.span);
  E.stateNodes.set(key, node);
  return node;
}

/** Kernels have axes; vectors that start at 1 scale a normalisation, and so do those at 0, with which a residual branch starts as nothing. */
function roleOf(name: string, shape: readonly Dim[], init: Initializer | undefined): StateDeclaration['parameterRole'] {
  if (shape.length >= 2) return 'kernel';
  if (name === 'bias') return 'bias';
  if (init?.kind === 'constant' && (init.value === 1 || init.value === 0)) return 'norm';
  return 'other';
}

export function shapeOf(E: Elaboration, type: TypeExpression, scope: Scope): Dim[] | undefined {
  if (type.kind !== 'named_type' || !type.dims) {
    E.report('type-mismatch', type.span, { where: 'a tensor of the state', wanted: 'a shape in brackets', found: 'none' });
    return undefined;
  }
  if (!kindOfType(E, type)) return undefined;
  const shape: Dim[] = [];
  for (const d of type.dims) {
    const value = evaluate(E, d, scope);
    const dim = dimOf(E, value, d.span, 'a size');
    if (!dim) return undefined;
    shape.push(dim);
  }
  return shape;
}

/** A fact about sizes: used for proofs from here on, and checked when the program starts. */
export function runRequire(E: Elaboration, statement: RequireStatement, scope: Scope): boolean {
  const left = dimOf(E, evaluate(E, statement.left, scope), statement.left.span, 'a fact');
  const right = dimOf(E, evaluate(E, statement.right, scope), statement.right.span, 'a fact');
  if (!left || !right) return false;
  const fact = `${show(left)} ${statement.relation} ${show(right)}`;
  const reason = E.session.facts.add(left, statement.relation, right);
  if (reason) {
    const { callees } = E;
    const { file, start, end } = statement.span;
    const written = file.text.slice(start, end).replace(/^require\s+/, '');
    if (callees.length > 0) E.report('fact-unmet', statement.span, { callee: callees[callees.length - 1], fact: written, reason });
    else E.report('fact-contradiction', statement.span, { fact, reason });
    return false;
  }
  E.assertions.push({ left, right, relation: statement.relation, reason: 'required', span: E.place(statement.span).span });
  return true;
}

/** `random gate ~ uniform(like: x)`: a named draw in [0, 1) (or normal) that a comparison can inject. */
function runRandom(E: Elaboration, name: string, distribution: Expression, scope: Scope, at: Span): void {
  const call = distribution.kind === 'call' && distribution.callee.kind === 'name' ? distribution : undefined;
  const how = call?.callee.kind === 'name' ? call.callee.name.text : undefined;
  const likeArg = call?.args.find((a) => a.name?.text === 'like');
  const like = likeArg && toNode(E, evaluate(E, likeArg.value, scope), likeArg.span, 'like');
  if (!call || !like || (how !== 'uniform' && how !== 'normal' && how !== 'bernoulli')) {
    E.report('bad-setting', at, {
      name: `random ${name}`,
      expected: 'uniform(like: x), normal(like: x) or bernoulli(p, like: x)',
      found: 'this',
    });
    scope.define(name, POISON, 'random');
    return;
  }
  const path = E.path ? `${E.path}.${name}` : name;
  const draw = E.input(
    'draw',
    `${path}~${how === 'normal' ? 'normal' : 'uniform'}`,
    { dtype: 'f32', shape: like.type.shape },
    'tensor',
    how === 'normal' ? ANY : { low: 0, high: 1 },
    at,
  );
  if (how !== 'bernoulli') {
    scope.define(name, tensor(draw), 'random');
    return;
  }
  const p = call.args[0] && toNode(E, evaluate(E, call.args[0].value, scope), call.args[0].span, 'the probability');
  const below = p && E.node('less', [draw, p], {}, at);
  scope.define(name, below ? E.op('cast', [below], { dtype: 'f32' }, at) : POISON, 'random');
}
