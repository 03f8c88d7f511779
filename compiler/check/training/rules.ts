/** Optimisers and schedules: calls with named numbers. */
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { OptimizerRule, SchedulePlan } from '../../ir/program.ts';
import type { CallExpression, Expression, SettingItem } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import type { Scope } from '../scope.ts';
import { describe, type Value } from '../values.ts';
import { positive } from './numbers.ts';

const OPTIMIZERS: Readonly<Record<string, readonly string[]>> = {
  sgd: ['lr', 'momentum', 'weight_decay', 'nesterov'],
  adam: ['lr', 'beta1', 'beta2', 'epsilon', 'weight_decay'],
  adamw: ['lr', 'beta1', 'beta2', 'epsilon', 'weight_decay'],
  muon: ['lr', 'momentum', 'weight_decay', 'nesterov', 'iterations'],
};
const SCHEDULES: Readonly<Record<string, readonly string[]>> = {
  constant: [],
  poly: ['power', 'every'],
  cosine: ['final'],
  step_down: ['at', 'factor'],
};
/** What a group of parameters starts from: the rule, its rate and its decay. */
export interface BaseRule {
  readonly rule: OptimizerRule;
  readonly rate: number;
  readonly weightDecay: number;
}

/** Named numeric arguments of a call such as `sgd(lr: 0.1, momentum: 0.9)`. */
function readCall(
  E: Elaboration,
  expression: Expression,
  known: Readonly<Record<string, readonly string[]>>,
  what: 'optimizer' | 'schedule',
  scope: Scope,
): { name: string; args: ReadonlyMap<string, Value>; given: ReadonlySet<string> } | undefined {
  const call: CallExpression | undefined = expression.kind === 'call' ? expression : undefined;
  const callee = call ? call.callee : expression;
  const name = callee.kind === 'name' ? callee.name.text : undefined;
  if (name === undefined || !Object.hasOwn(known, name)) {
    if (expression.kind !== 'error')
      E.report(
        what === 'optimizer' ? 'unknown-optimizer' : 'unknown-schedule',
        callee.span,
        { name: name ?? 'this' },
        { hint: (name && didYouMean(name, Object.keys(known))) || `there are ${Object.keys(known).join(', ')}` },
      );
    return undefined;
  }
  const params = known[name];
  const args = new Map<string, Value>();
  const given = new Set<string>();
  (call?.args ?? []).forEach((a, i) => {
    const key = a.name?.text ?? params[i];
    if (key !== undefined && given.has(key)) E.report('duplicate-argument', (a.name ?? a).span, { name: key, callee: name });
    if (key !== undefined) given.add(key);
    if (key === undefined || !params.includes(key)) {
      E.report(
        'unknown-argument',
        a.span,
        { callee: name, name: key ?? `number ${i + 1}` },
        { hint: (key && didYouMean(key, params)) || `it takes ${params.join(', ') || 'nothing'}` },
      );
      return;
    }
    const value = evaluate(E, a.value, scope);
    const fits =
      value.kind === 'number' ||
      value.kind === 'poison' ||
      (key === 'nesterov' && value.kind === 'boolean') ||
      (key === 'at' && value.kind === 'list');
    if (!fits) E.report('static-type', a.value.span, { where: `${key} of ${name}`, wanted: 'a number', found: describe(value) });
    else args.set(key, value);
  });
  return { name, args, given };
}

function numberOf(args: ReadonlyMap<string, Value>, key: string, fallback: number): number {
  const value = args.get(key);
  return value?.kind === 'number' ? value.value : fallback;
}

/** `sgd(lr: 0.1, momentum: 0.9)` as a rule; undefined after a report. */
export function readOptimizer(E: Elaboration, expression: Expression, scope: Scope): BaseRule | undefined {
  const call = readCall(E, expression, OPTIMIZERS, 'optimizer', scope);
  if (!call) return undefined;
  const { name, args } = call;
  if (!args.has('lr') && call.given.has('lr')) return undefined;
  if (!args.has('lr')) {
    E.report('missing-argument', expression.span, { callee: name, name: 'lr' });
    return undefined;
  }
  const rate = numberOf(args, 'lr', 0);
  const decay = numberOf(args, 'weight_decay', 0);
  if (rate <= 0) wrongNumber(E, expression, 'lr', 'a number above 0', rate);
  if (decay < 0) wrongNumber(E, expression, 'weight_decay', 'a number of at least 0', decay);
  for (const moment of ['momentum', 'beta1', 'beta2']) {
    const value = numberOf(args, moment, 0);
    if (value < 0 || value >= 1) wrongNumber(E, expression, moment, 'a number from 0 to below 1', value);
  }
  const nesterov = args.get('nesterov');
  const flag = nesterov?.kind === 'boolean' ? nesterov.value : name === 'muon';
  const rule: OptimizerRule =
    name === 'sgd'
      ? { kind: 'sgd', momentum: numberOf(args, 'momentum', 0), nesterov: flag }
      : name === 'muon'
        ? { kind: 'muon', momentum: numberOf(args, 'momentum', 0.95), nesterov: flag, iterations: numberOf(args, 'iterations', 5) }
        : {
            kind: name === 'adam' ? 'adam' : 'adamw',
            beta1: numberOf(args, 'beta1', 0.9),
            beta2: numberOf(args, 'beta2', 0.999),
            epsilon: numberOf(args, 'epsilon', 1e-8),
          };
  return { rule, rate, weightDecay: decay };
}

/** Reports an argument of an optimizer at its own place. */
function wrongNumber(E: Elaboration, call: Expression, name: string, expected: string, found: number): void {
  const given = call.kind === 'call' ? call.args.find((a) => a.name?.text === name) : undefined;
  E.report('bad-setting', (given?.value ?? call).span, { name, expected, found: String(found) });
}

/** `schedule poly(0.9)` and `warmup 0.1`. */
export function readSchedule(E: Elaboration, item: SettingItem | undefined, warmup: SettingItem | undefined, scope: Scope): SchedulePlan {
  const warm = warmup ? (positive(E, warmup, scope) ?? 0) : 0;
  const call = item && readCall(E, item.value, SCHEDULES, 'schedule', scope);
  switch (call?.name) {
    case 'poly':
      if (!(numberOf(call.args, 'every', 1) >= 1))
        wrongNumber(E, item!.value, 'every', 'a number of steps', numberOf(call.args, 'every', 1));
      return { shape: { kind: 'poly', power: numberOf(call.args, 'power', 0.9), every: numberOf(call.args, 'every', 1) }, warmup: warm };
    case 'cosine':
      return { shape: { kind: 'cosine', final: numberOf(call.args, 'final', 0) }, warmup: warm };
    case 'step_down': {
      const at = call.args.get('at');
      return {
        shape: {
          kind: 'steps',
          at: at?.kind === 'list' ? at.items.flatMap((v) => (v.kind === 'number' ? [v.value] : [])) : [],
          factor: numberOf(call.args, 'factor', 0.1),
        },
        warmup: warm,
      };
    }
    default:
      return { shape: { kind: 'constant' }, warmup: warm };
  }
}
