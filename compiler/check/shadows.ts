/** `shadow teacher = ema(net, 0.996)`: a second set of a layer's parameters that follows the first, called like the layer. */
import type { ShadowClause } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import type { Scope } from './scope.ts';
import { describe, type Instance, POISON, type Value } from './values.ts';

/** Makes the copy of a layer that a shadow names; POISON after a report. */
export function shadowValue(E: Elaboration, clause: ShadowClause, scope: Scope): Value {
  const { value, name } = clause;
  const call = value.kind === 'call' && value.callee.kind === 'name' && value.callee.name.text === 'ema' ? value : undefined;
  if (call?.args.length !== 2) {
    if (value.kind !== 'error')
      E.report('bad-setting', value.span, { name: `shadow ${name.text}`, expected: 'ema(layer, momentum)', found: 'this' });
    return POISON;
  }
  const [layer, momentum] = call.args.map((argument) => evaluate(E, argument.value, scope));
  const [layerAt, momentumAt] = call.args.map((argument) => argument.value.span);
  if (layer.kind === 'poison' || momentum.kind === 'poison') return POISON;
  if (momentum.kind !== 'number' || momentum.value < 0 || momentum.value > 1) {
    E.report('bad-setting', momentumAt, {
      name: 'the momentum of ema',
      expected: 'a number from 0 to 1, such as 0.996',
      found: describe(momentum),
    });
    return POISON;
  }
  if (!isPlaced(layer)) {
    E.report(
      'not-a-module',
      layerAt,
      { name: name.text, what: describe(layer) },
      { hint: 'ema follows a layer or a backbone that the method declares' },
    );
    return POISON;
  }
  return copyOf(layer, name.text, momentum.value);
}

function isPlaced(value: Value): boolean {
  if (value.kind === 'list') return value.items.length > 0 && value.items.every(isPlaced);
  return value.kind === 'instance' && value.instance.path !== undefined && value.instance.shadow === undefined;
}

/** The same layers under another path; layers that they were configured with, and that have a place of their own, are followed too. */
function copyOf(value: Value, path: string, momentum: number): Value {
  if (value.kind === 'list') return { kind: 'list', items: value.items.map((item, i) => copyOf(item, `${path}.${i}`, momentum)) };
  if (value.kind !== 'instance' || value.instance.path === undefined) return value;
  const { instance } = value;
  const copy: Instance = {
    ...instance,
    path,
    backbone: false,
    members: new Map(),
    config: new Map([...instance.config].map(([name, given]) => [name, copyOf(given, `${path}.${name}`, momentum)])),
    shadow: { of: value.instance.path, momentum },
  };
  return { kind: 'instance', instance: copy };
}
