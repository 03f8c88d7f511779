/** One step of a view, `crop(512, pad: zero)`, as plain data. */
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { ViewStep } from '../../ir/program.ts';
import type { CallExpression, Expression } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import type { Scope } from '../scope.ts';
import { describe, type Value } from '../values.ts';
import { type StepForm, type StepParameter, VIEW_STEPS } from './transforms.ts';

type StepArgs = Record<string, number | string | boolean | readonly number[]>;

/** Undefined after a report. */
export function readStep(E: Elaboration, expression: Expression, scope: Scope): ViewStep | undefined {
  const call: CallExpression | undefined = expression.kind === 'call' ? expression : undefined;
  const name = call?.callee.kind === 'name' ? call.callee.name.text : expression.kind === 'name' ? expression.name.text : undefined;
  const signature = name !== undefined && Object.hasOwn(VIEW_STEPS, name) ? VIEW_STEPS[name] : undefined;
  if (name === undefined || !signature) {
    if (expression.kind !== 'error')
      E.report(
        'unknown-transform',
        expression.span,
        { name: name ?? 'this' },
        {
          hint:
            name === undefined ? undefined : (didYouMean(name, Object.keys(VIEW_STEPS)) ?? `steps: ${Object.keys(VIEW_STEPS).join(', ')}`),
        },
      );
    return undefined;
  }
  const given = new Map<string, { readonly value: Value; readonly expression: Expression }>();
  let sound = true;
  (call?.args ?? []).forEach((a, i) => {
    const param = a.name ? signature.params.find((p) => p.name === a.name!.text) : signature.params[i];
    if (!param) {
      E.report(
        'unknown-argument',
        a.span,
        { callee: name, name: a.name?.text ?? `number ${i + 1}` },
        { hint: `it takes ${signature.params.map((p) => p.name).join(', ')}` },
      );
      sound = false;
      return;
    }
    if (given.has(param.name)) E.report('duplicate-argument', (a.name ?? a).span, { name: param.name, callee: name });
    given.set(param.name, { value: argument(E, param, a.value, scope), expression: a.value });
  });
  const args: StepArgs = {};
  for (const param of signature.params) {
    const found = given.get(param.name);
    if (!found) {
      if (param.optional || !sound) continue;
      E.report('missing-argument', expression.span, { callee: name, name: param.name });
      return undefined;
    }
    if (found.value.kind === 'poison') return undefined;
    if (readArgument(param, found.value, args)) continue;
    E.report('static-type', found.expression.span, {
      where: `${param.name} of ${name}`,
      wanted: wantedText(param),
      found: downwards(found.value) ?? describe(found.value),
    });
    return undefined;
  }
  if (!sound) return undefined;
  if (name === 'normalize' && (args.preset === undefined) !== (args.mean !== undefined && args.std !== undefined)) {
    E.report(
      'missing-argument',
      expression.span,
      { callee: name, name: 'preset' },
      { hint: 'normalize(imagenet), or mean: [r, g, b], std: [r, g, b]' },
    );
    return undefined;
  }
  return { op: name, args };
}

/** Words of a step (zero, imagenet …) stand for themselves, whatever the method calls so. */
function argument(E: Elaboration, { form }: StepParameter, expression: Expression, scope: Scope): Value {
  const isWord = (form === 'word' || form === 'preset') && expression.kind === 'name';
  return isWord ? { kind: 'symbol', name: expression.name.text } : evaluate(E, expression, scope);
}

/** A range whose ends are the wrong way round. */
function downwards(value: Value): string | undefined {
  const [from, to] = value.kind === 'range' ? [value.from, value.to] : [];
  if (from?.kind !== 'number' || to?.kind !== 'number' || from.value <= to.value) return undefined;
  return `${from.value}..${to.value}, which runs downwards: write the smaller number first`;
}

const FORMS: Readonly<Record<Exclude<StepForm, 'word' | 'preset'>, string>> = {
  number: 'a number',
  integer: 'a whole number',
  range: 'a number or a range such as 0.5..1.5',
  integer_range: 'a whole number or a range such as 320..640',
  factor: 'a number, a range such as 0.5..1.5, or a list of numbers',
  size: 'a whole number or (height, width)',
  triple: 'three numbers, for red, green and blue',
};

function wantedText({ form, words, within }: StepParameter): string {
  if (form === 'word' || form === 'preset') return (words ?? []).join(' or ');
  if (!within || (within[0] === 1 && within[1] === 65536)) return FORMS[form];
  if (within[0] === Number.MIN_VALUE) return `${FORMS[form]}${within[1] === 65536 ? ', above 0' : `, above 0 and at most ${within[1]}`}`;
  return within[1] === 65536 ? `${FORMS[form]}, at least ${within[0]}` : `${FORMS[form]}, from ${within[0]} to ${within[1]}`;
}

/** Writes the argument as the runtime's steps have it; false where it has another form or lies outside its bounds. */
function readArgument(param: StepParameter, value: Value, into: StepArgs): boolean {
  const [low, high] = param.within ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const numberOf = (v: Value | undefined, whole: boolean): number | undefined =>
    v?.kind === 'number' && (!whole || v.integer) && v.value >= low && v.value <= high ? v.value : undefined;
  const numbersOf = (v: Value): readonly number[] | undefined => {
    if (v.kind !== 'list') return undefined;
    const found = v.items.map((item) => numberOf(item, false));
    return found.every((n) => n !== undefined) && found.length > 0 ? found : undefined;
  };
  const put = (name: string, found: StepArgs[string] | undefined): boolean => {
    if (found === undefined) return false;
    into[name] = found;
    return true;
  };
  const putRange = (whole: boolean): boolean => {
    if (value.kind !== 'range') return false;
    const [from, to] = [numberOf(value.from, whole), numberOf(value.to, whole)];
    if (from === undefined || to === undefined || from > to) return false;
    return put(`${param.prefix ?? ''}from`, from) && put(`${param.prefix ?? ''}to`, to);
  };
  switch (param.form) {
    case 'number':
    case 'integer':
      return put(param.name, numberOf(value, param.form === 'integer'));
    case 'range':
    case 'integer_range': {
      const whole = param.form === 'integer_range';
      const one = numberOf(value, whole);
      if (one === undefined) return putRange(whole);
      return put(`${param.prefix ?? ''}from`, one) && put(`${param.prefix ?? ''}to`, one);
    }
    case 'factor':
      return value.kind === 'list' ? put('among', numbersOf(value)) : put('factor', numberOf(value, false)) || putRange(false);
    case 'word':
    case 'preset':
      return value.kind === 'symbol' && (param.words ?? []).includes(value.name) && put(param.name, value.name);
    case 'triple': {
      const three = numbersOf(value);
      return three?.length === 3 && put(param.name, three);
    }
    case 'size': {
      const one = numberOf(value, true);
      if (one !== undefined) return put('size', one);
      if (value.kind !== 'tuple' || value.items.length !== 2) return false;
      return put('height', numberOf(value.items[0], true)) && put('width', numberOf(value.items[1], true));
    }
  }
}
