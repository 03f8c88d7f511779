/** `layer`, `weight` and `state`: what a method keeps from step to step, and how it is called in a checkpoint. */
import type { Initializer, StateDeclaration } from '../ir/program.ts';
import type { Node } from '../ops/graph.ts';
import { type Dim, showShape } from '../shape/dim.ts';
import type { Expression, LayerStatement, StateStatement, TypeExpression, WeightStatement } from '../syntax/ast.ts';
import { ANY, type Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { initializerOf } from './initializers.ts';
import { place } from './modules.ts';
import { dimOf } from './nodes.ts';
import { declarePretraining } from './pretraining.ts';
import type { Scope } from './scope.ts';
import { kindOfType } from './signature.ts';
import type { Body } from './statements.ts';
import { describe, type Instance, POISON, tensor } from './values.ts';

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
  if (!shadow) declarePretraining(E, statement, path, placed);
  instance?.members.set(name, placed);
  scope.define(name, placed, 'layer', statement.name.span);
}

/** `weight` and `state`: one tensor of the state, keyed by its declaration path; calling the layer again finds the same one. */
export function declareState(E: Elaboration, statement: WeightStatement | StateStatement, scope: Scope, context: Body): void {
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
