/** `object.name` */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { MemberExpression } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { memberOfInstance } from './modules.ts';
import type { Scope } from './scope.ts';
import { describe, number, POISON, type Value } from './values.ts';

export function member(E: Elaboration, expression: MemberExpression, scope: Scope): Value {
  const object = evaluate(E, expression.object, scope);
  const name = expression.name.text;
  if (object.kind === 'poison' || expression.name.missing) return POISON;
  if (object.kind === 'record' || object.kind === 'stage') {
    const found = object.fields.get(name);
    if (found) return found;
    const what = object.kind === 'record' ? 'this record' : describe(object);
    const hint = didYouMean(name, object.fields.keys()) ?? `it has ${[...object.fields.keys()].join(', ')}`;
    E.report('unknown-member', expression.name.span, { object: what, name }, { hint });
    return POISON;
  }
  if (object.kind === 'instance') return memberOfInstance(E, object.instance, name, expression.name.span);
  if (object.kind === 'method_instance') {
    const found = object.method.member(name);
    if (found) return found;
    E.report(
      'unknown-member',
      expression.name.span,
      { object: describe(object), name },
      { hint: didYouMean(name, object.method.memberNames()) },
    );
    return POISON;
  }
  if (object.kind === 'list' && name === 'length') return number(object.items.length, true);
  E.report('unknown-member', expression.name.span, { object: describe(object), name }, { hint: memberHint(object, name) });
  return POISON;
}

/** What an author may have meant who asks a tensor for a member. */
function memberHint(object: Value, name: string): string | undefined {
  if (object.kind !== 'tensor') return undefined;
  if (name === 'shape' || name === 'size') return 'the length of an axis is size(x, height), or a name in the signature of a module';
  if (OPERATOR_MEMBERS.has(name)) return `operators are called: ${name}(x)`;
  return 'a tensor has no members: take its axes with x[channel: 0..1], or call an operator';
}
const OPERATOR_MEMBERS: ReadonlySet<string> = new Set(
  'mean sum max min detach relu sigmoid softmax abs exp log sqrt square flip reshape'.split(' '),
);
