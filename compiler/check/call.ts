/** Calls: which thing is called, and with which arguments. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Span } from '../source/source.ts';
import type { CallExpression, Expression, Identifier } from '../syntax/ast.ts';
import { AXIS_NAMES } from './axes.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { instantiateMethod } from './method.ts';
import { applyInstance, callModule, configure } from './modules.ts';
import { argumentName, callPrimitive, isPrimitive } from './primitives.ts';
import { callLayout, isLayout } from './references.ts';
import { Scope } from './scope.ts';
import { describe, POISON, type Value } from './values.ts';

/** A value handed to a call with the place it was written at. */
export interface Given {
  readonly value: Value;
  readonly span: Span;
}
export interface Arguments {
  readonly positional: readonly Given[];
  readonly named: ReadonlyMap<string, Given & { readonly nameSpan: Span }>;
}

export function call(E: Elaboration, expression: CallExpression, scope: Scope, first?: Given): Value {
  const callee = calleeOf(E, expression.callee, scope);
  const args = evaluateArguments(E, expression, scope, first, callee.kind === 'function' ? callee.name : undefined);
  if (callee.kind === 'poison' || !args || hidden(E, callee, expression.callee, scope)) return POISON;
  return invoke(E, callee, args, expression.span, calleeName(expression.callee));
}

function calleeOf(E: Elaboration, expression: Expression, scope: Scope): Value {
  // A primitive's name is a function unless something declared took the name.
  if (expression.kind === 'name' && !scope.find(expression.name.text) && isPrimitive(expression.name.text))
    return { kind: 'function', name: expression.name.text };
  if (E.references.active && expression.kind === 'name' && !scope.find(expression.name.text) && isLayout(expression.name.text))
    return { kind: 'function', name: expression.name.text };
  return evaluate(E, expression, scope);
}

/** A value that has taken the name of an operator is no operator; reports what hides it. */
function hidden(E: Elaboration, callee: Value, expression: Expression, scope: Scope): boolean {
  if (callee.kind !== 'tensor' || expression.kind !== 'name' || !isPrimitive(expression.name.text)) return false;
  const { text, span } = expression.name;
  const declared = scope.find(text)?.span;
  const labels = declared ? [{ span: declared, text: `this ${text} hides the operator` }] : [];
  E.report('not-callable', span, { what: describe(callee) }, { labels, hint: 'give the value a name of its own' });
  return true;
}

function calleeName(expression: Expression): string {
  if (expression.kind === 'name') return expression.name.text;
  if (expression.kind === 'member') return expression.name.text;
  return 'call';
}

function evaluateArguments(
  E: Elaboration,
  expression: CallExpression,
  scope: Scope,
  first: Given | undefined,
  /** The operator that is called, if it is one. */
  primitive: string | undefined,
): Arguments | undefined {
  const positional: Given[] = first ? [first] : [];
  const named = new Map<string, Given & { readonly nameSpan: Span }>();
  let fine = true;
  for (const arg of expression.args) {
    const parameter = primitive === undefined ? undefined : (arg.name?.text ?? argumentName(primitive, positional.length));
    if ((parameter === 'over' || parameter === 'axis') && arg.value.kind === 'name') fine = checkAxisName(E, arg.value.name, scope) && fine;
    const word = parameter !== undefined && WORD_ARGUMENTS.has(parameter) && arg.value.kind === 'name' && !scope.find(arg.value.name.text);
    // A misspelt word is told by the operator, which knows the words it takes.
    const value: Value =
      word && arg.value.kind === 'name' ? { kind: 'symbol', name: arg.value.name.text } : evaluateArgument(E, arg.value, scope);
    if (!arg.name) {
      if (named.size > 0) {
        E.report('positional-after-named', arg.span, {});
        fine = false;
      }
      positional.push({ value, span: arg.value.span });
    } else if (named.has(arg.name.text)) {
      E.report('duplicate-argument', arg.name.span, { name: arg.name.text, callee: calleeName(expression.callee) });
      fine = false;
    } else named.set(arg.name.text, { value, span: arg.value.span, nameSpan: arg.name.span });
  }
  return fine ? { positional, named } : undefined;
}

/** Names of axes are words; a value of such a name would be taken for the number of an axis. */
function checkAxisName(E: Elaboration, name: Identifier, scope: Scope): boolean {
  if (!AXIS_NAMES.has(name.text)) return true;
  const entry = scope.find(name.text);
  const value = entry?.value();
  if (!entry || !value || value.kind === 'symbol' || value.kind === 'poison') return true;
  const labels = entry.span ? [{ span: entry.span, text: `${name.text} is ${describe(value)}` }] : [];
  E.report('axis-hidden', name.span, { name: name.text, what: describe(value) }, { labels, hint: 'call the value something else' });
  return false;
}

/** Functions inside functions go no deeper than this. */
const DEPTH_LIMIT = 100;

/** Arguments of operators that are words or axes. */
const WORD_ARGUMENTS: ReadonlySet<string> = new Set(['mode', 'convention', 'filter', 'preset', 'how', 'over', 'axis']);

/** As `evaluate`, but the bare name of a primitive is that primitive: `norm: relu`. */
function evaluateArgument(E: Elaboration, expression: Expression, scope: Scope): Value {
  if (
    expression.kind === 'name' &&
    !scope.find(expression.name.text) &&
    isPrimitive(expression.name.text) &&
    !isWordToo(expression.name.text)
  )
    return { kind: 'function', name: expression.name.text };
  return evaluate(E, expression, scope);
}

/** Reductions are words in patterns (`reduce(x, "…", sum)`). */
function isWordToo(name: string): boolean {
  return name === 'sum' || name === 'mean' || name === 'max' || name === 'min' || name === 'zeros' || name === 'ones' || name === 'all';
}

export function invoke(E: Elaboration, callee: Value, args: Arguments, at: Span, name: string): Value {
  switch (callee.kind) {
    case 'poison':
      return POISON;
    case 'function':
      return isPrimitive(callee.name) ? callPrimitive(E, callee.name, args, at) : callLayout(E, callee.name, args, at);
    case 'module':
      return callee.declaration.config ? configure(E, callee, args, at) : callModule(E, callee, args, at);
    case 'instance':
      return applyInstance(E, callee.instance, args, at);
    case 'list': {
      // A list of layers is applied one after the other.
      if (args.positional.length !== 1 || args.named.size > 0) {
        E.report('too-many-arguments', at, {
          callee: 'a list of layers',
          expected: 'one tensor',
          found: args.positional.length + args.named.size,
        });
        return POISON;
      }
      let value = args.positional[0].value;
      for (const layer of callee.items)
        value = invoke(E, layer, { positional: [{ value, span: args.positional[0].span }], named: new Map() }, at, name);
      return value;
    }
    case 'lambda': {
      if (args.positional.length !== callee.params.length || args.named.size > 0) {
        E.report(
          'too-many-arguments',
          at,
          {
            callee: `the function ${name}`,
            expected: callee.params.length === 1 ? 'one argument' : `${callee.params.length} arguments`,
            found: args.positional.length + args.named.size,
          },
          { labels: [{ span: callee.body.span, text: `(${callee.params.map((p) => p.text).join(', ')}) => … is called` }] },
        );
        return POISON;
      }
      const inner = new Scope(callee.scope);
      for (const [i, p] of callee.params.entries()) inner.define(p.text, args.positional[i].value, 'parameter', p.span);
      if (E.depth >= DEPTH_LIMIT) {
        E.report('recursive-module', at, { name, cycle: `${name} → ${name}` }, { cause: name });
        return POISON;
      }
      E.depth++;
      try {
        return evaluate(E, callee.body, inner);
      } finally {
        E.depth--;
      }
    }
    case 'method':
      return instantiateMethod(E, callee.declaration, callee.file, args, at);
    default:
      E.report('not-callable', at, { what: describe(callee) }, { hint: didYouMean(name, []) });
      return POISON;
  }
}
