/** `object.name` */
import { calledHabit, isLibrary } from '../diagnostics/habits.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { MemberExpression } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { memberOfInstance } from './modules.ts';
import { isPrimitive } from './primitives.ts';
import type { Scope } from './scope.ts';
import { describe, number, POISON, type Value } from './values.ts';

export function member(E: Elaboration, expression: MemberExpression, scope: Scope): Value {
  const name = expression.name.text;
  const library = libraryOf(expression, scope);
  if (library !== undefined) {
    const written = `${library}.${name}`;
    const ours = { text: `operators have plain names: ${name}`, wrong: written, right: isPrimitive(name) ? name : undefined };
    const hint =
      calledHabit(name, written) ?? (isPrimitive(name) ? ours : 'layers and operators have plain names: conv(64, kernel: 3), relu(x)');
    E.report('unknown-name', expression.span, { name: written }, { cause: library, hint });
    return POISON;
  }
  const object = evaluate(E, expression.object, scope);
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

/** `nn` of `nn.Conv2d` and of `nn.functional.relu`, where nothing here has that name. */
function libraryOf({ object }: MemberExpression, scope: Scope): string | undefined {
  if (object.kind === 'member') {
    const outer = libraryOf(object, scope);
    return outer === undefined ? undefined : `${outer}.${object.name.text}`;
  }
  return object.kind === 'name' && isLibrary(object.name.text) && !scope.find(object.name.text) ? object.name.text : undefined;
}

/** What an author may have meant who asks a tensor for a member. */
function memberHint(object: Value, name: string): string | undefined {
  if (object.kind !== 'tensor') return undefined;
  if (name === 'size') return calledHabit('shape')?.text;
  if (isPrimitive(name)) return `operators are called: ${name}(x)`;
  const habit = calledHabit(name);
  if (habit) return habit.text;
  return 'a tensor has no members: take its axes with x[channel: 0..1], or call an operator';
}
