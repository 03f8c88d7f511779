/** `data voc.train { image, inside = source |> long_side(320..640) |> … }`: views as plain data, and which input each fills. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { BatchBinding, ViewPlan, ViewStep } from '../ir/program.ts';
import type { Node } from '../ops/graph.ts';
import type { CallExpression, DataItem, Expression } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { Scope } from './scope.ts';
import { type StepForm, type StepSignature, VIEW_STEPS } from './transforms.ts';
import { describe, type Value } from './values.ts';

export interface Views {
  readonly views: readonly ViewPlan[];
  readonly bindings: readonly BatchBinding[];
}

export function readViews(E: Elaboration, item: DataItem, method: string, scope: Scope, inputs: readonly Node[]): Views {
  const views: ViewPlan[] = [];
  const bindings: BatchBinding[] = [];
  const inputNames = inputs.map((n) => String(n.attrs.name));
  const source = sourceText(item.source);
  for (const view of item.views) {
    const name = view.names[0].text;
    const chain = unpipe(view.value);
    const base = chain[0];
    const known = base.kind === 'name' && (base.name.text === 'source' || views.some((v) => v.name === base.name.text));
    if (!known) {
      E.report(
        'unknown-name',
        base.span,
        { name: base.kind === 'name' ? base.name.text : 'this' },
        { hint: `a view starts from source${views.length > 0 ? ` or from ${views.map((v) => v.name).join(', ')}` : ''}` },
      );
      continue;
    }
    const steps = chain.slice(1).flatMap((step) => readStep(E, step, scope) ?? []);
    views.push({ name, from: base.kind === 'name' ? base.name.text : 'source', steps });
    for (const target of view.names) {
      const input = inputs.find((n) => n.attrs.name === target.text);
      if (!input) {
        // A view that only other views are made from needs no input.
        const used = item.views.some(
          (other) =>
            other !== view &&
            unpipe(other.value)[0].kind === 'name' &&
            (unpipe(other.value)[0] as { name: { text: string } }).name.text === target.text,
        );
        if (!used)
          E.report(
            'unknown-view',
            target.span,
            { name: target.text, method },
            { hint: didYouMean(target.text, inputNames) ?? `inputs: ${inputNames.join(', ')}` },
          );
        continue;
      }
      bindings.push({ input: target.text, view: name, part: partOf(input) });
    }
  }
  for (const input of inputs) {
    const name = String(input.attrs.name);
    if (bindings.some((b) => b.input === name)) continue;
    // Tags belong to the image whatever is done to it.
    if (E.session.told.inputs.has(name)) continue;
    if (input.kind === 'tags') bindings.push({ input: name, view: 'source', part: 'tags' });
    else E.report('missing-input', input.span ?? item.span, { name, source });
  }
  return { views, bindings };
}

function partOf(input: Node): BatchBinding['part'] {
  switch (input.kind) {
    case 'region':
      return 'inside';
    case 'tags':
      return 'tags';
    case 'labels':
    case 'mask':
      return 'mask';
    default:
      return 'image';
  }
}

export function sourceText(expression: Expression): string {
  if (expression.kind === 'name') return expression.name.text;
  if (expression.kind === 'member') return `${sourceText(expression.object)}.${expression.name.text}`;
  return 'this source';
}

function unpipe(expression: Expression): Expression[] {
  return expression.kind === 'pipe' ? [...unpipe(expression.left), expression.right] : [expression];
}

function readStep(E: Elaboration, expression: Expression, scope: Scope): ViewStep | undefined {
  const call: CallExpression | undefined = expression.kind === 'call' ? expression : undefined;
  const name = call?.callee.kind === 'name' ? call.callee.name.text : expression.kind === 'name' ? expression.name.text : undefined;
  const signature = name === undefined ? undefined : VIEW_STEPS[name];
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
  const args: Record<string, number | string | boolean | readonly number[]> = {};
  const given = new Map<string, { value: Value; expression: Expression }>();
  // Words of a step (zero, imagenet …) are looked up in a scope without the method's names.
  (call?.args ?? []).forEach((a, i) => {
    const param = a.name ? signature.params.find((p) => p.name === a.name!.text) : signature.params[i];
    if (!param) {
      E.report(
        'unknown-argument',
        a.span,
        { callee: name, name: a.name?.text ?? `number ${i + 1}` },
        { hint: `it takes ${signature.params.map((p) => p.name).join(', ')}` },
      );
      return;
    }
    given.set(param.name, { value: evaluate(E, a.value, param.form === 'word' ? new Scope(undefined) : scope), expression: a.value });
  });
  for (const param of signature.params) {
    const found = given.get(param.name);
    if (!found) {
      if (!param.optional) E.report('missing-argument', expression.span, { callee: name, name: param.name });
      continue;
    }
    if (found.value.kind === 'poison') continue;
    if (!readArgument(param, found.value, args))
      E.report('static-type', found.expression.span, {
        where: `${param.name} of ${name}`,
        wanted: wantedText(param.form, param.words),
        found: describe(found.value),
      });
  }
  return { op: name, args };
}

function wantedText(form: StepForm, words: readonly string[] | undefined): string {
  switch (form) {
    case 'number':
      return 'a number';
    case 'integer':
      return 'a whole number';
    case 'range':
      return 'a number or a range such as 0.5..1.5';
    case 'integer_range':
      return 'a whole number or a range such as 320..640';
    case 'word':
      return (words ?? []).join(' or ');
    case 'boolean':
      return 'true or false';
    case 'size':
      return 'a whole number or (height, width)';
  }
}

type Param = StepSignature['params'][number];

function readArgument(param: Param, value: Value, into: Record<string, number | string | boolean | readonly number[]>): boolean {
  switch (param.form) {
    case 'number':
      if (value.kind !== 'number') return false;
      into[param.name] = value.value;
      return true;
    case 'integer':
      if (value.kind !== 'number' || !value.integer) return false;
      into[param.name] = value.value;
      return true;
    case 'range':
    case 'integer_range': {
      const whole = param.form === 'integer_range';
      if (value.kind === 'number' && (!whole || value.integer)) {
        if (param.name === 'factor') into.factor = value.value;
        else {
          into.from = value.value;
          into.to = value.value;
        }
        return true;
      }
      if (value.kind !== 'range' || value.from?.kind !== 'number' || value.to?.kind !== 'number') return false;
      if (whole && !(value.from.integer && value.to.integer)) return false;
      into.from = value.from.value;
      into.to = value.to.value;
      return into.from <= into.to;
    }
    case 'word':
      if (value.kind !== 'symbol' || !(param.words ?? []).includes(value.name)) return false;
      into[param.name] = value.name;
      return true;
    case 'boolean':
      if (value.kind !== 'boolean') return false;
      into[param.name] = value.value;
      return true;
    case 'size':
      if (value.kind === 'number' && value.integer) {
        into.size = value.value;
        return true;
      }
      if (value.kind === 'tuple' && value.items.length === 2 && value.items[0].kind === 'number' && value.items[1].kind === 'number') {
        into.height = value.items[0].value;
        into.width = value.items[1].value;
        return true;
      }
      return false;
  }
}
