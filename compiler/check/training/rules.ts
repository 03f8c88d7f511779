/** Optimisers and schedules: calls with named numbers. */
import { argumentHabit } from '../../diagnostics/habits.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { OptimizerRule, SchedulePlan } from '../../ir/program.ts';
import type { CallExpression, Expression, SettingItem } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import { type NumberTypeName, numberOf } from '../number-types.ts';
import type { Scope } from '../scope.ts';
import { describe, type Value } from '../values.ts';
import { settingNumber } from './numbers.ts';

/** The type of every argument, in order. `flag` is true or false, `places` a list of places in the training. */
type ArgumentType = NumberTypeName | 'flag' | 'places';
type Arguments = Readonly<Record<string, ArgumentType>>;

const MOMENTS = { lr: 'positive', beta1: 'fraction', beta2: 'fraction', epsilon: 'positive', weight_decay: 'amount' } as const;
export const OPTIMIZERS: Readonly<Record<string, Arguments>> = {
  sgd: { lr: 'positive', momentum: 'fraction', weight_decay: 'amount', nesterov: 'flag' },
  adam: MOMENTS,
  adamw: MOMENTS,
  muon: { lr: 'positive', momentum: 'fraction', weight_decay: 'amount', nesterov: 'flag', iterations: 'count' },
};
export const SCHEDULES: Readonly<Record<string, Arguments>> = {
  constant: {},
  poly: { power: 'positive', every: 'count' },
  cosine: { final: 'share' },
  step_down: { at: 'places', factor: 'positive' },
};
/** A setting of the train block, or of a group. */
type Setting = Pick<SettingItem, 'name' | 'value'>;

/** What a group of parameters starts from: the rule, its rate and its decay. */
export interface BaseRule {
  readonly rule: OptimizerRule;
  readonly rate: number;
  readonly weightDecay: number;
}

/** Arguments of a call such as `sgd(lr: 0.1, momentum: 0.9)`. */
function readCall(
  E: Elaboration,
  expression: Expression,
  known: Readonly<Record<string, Arguments>>,
  what: 'optimizer' | 'schedule',
  scope: Scope,
): { name: string; args: ReadonlyMap<string, Value>; given: ReadonlySet<string>; misnamed: boolean } | undefined {
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
  const types = known[name];
  const params = Object.keys(types);
  const args = new Map<string, Value>();
  const named = new Set<string>();
  let misnamed = false;
  (call?.args ?? []).forEach((a, i) => {
    const key = a.name?.text ?? params[i];
    if (key !== undefined && named.has(key)) E.report('duplicate-argument', (a.name ?? a).span, { name: key, callee: name });
    if (key !== undefined) named.add(key);
    if (key === undefined || !params.includes(key)) {
      // A foreign or misspelt name of an argument is not also a missing one.
      misnamed = true;
      E.report(
        'unknown-argument',
        a.span,
        { callee: name, name: key ?? `number ${i + 1}` },
        { hint: (key && (argumentHabit(key, params) ?? didYouMean(key, params))) || `it takes ${params.join(', ') || 'nothing'}` },
      );
      return;
    }
    const value = evaluate(E, a.value, scope);
    const type = types[key];
    const where = `${key} of ${name}`;
    if (type === 'flag' || type === 'places') {
      const points = value.kind === 'list' ? value.items : [];
      const fits = value.kind === (type === 'flag' ? 'boolean' : 'list') || value.kind === 'poison';
      if (fits && points.every((point) => numberOf(E, `an entry of ${where}`, point, 'progress', a.value.span) !== undefined))
        args.set(key, value);
      else if (fits) return;
      else {
        const wanted = type === 'flag' ? 'true or false' : 'a list of numbers';
        E.report('static-type', a.value.span, { where, wanted, found: describe(value) });
      }
    } else if (numberOf(E, where, value, type, a.value.span) !== undefined) args.set(key, value);
  });
  return { name, args, given: named, misnamed };
}

function given(args: ReadonlyMap<string, Value>, key: string, fallback: number): number {
  const value = args.get(key);
  return value?.kind === 'number' ? value.value : fallback;
}

/** `sgd(lr: 0.1, momentum: 0.9)` as a rule; undefined after a report. */
export function readOptimizer(E: Elaboration, expression: Expression, scope: Scope): BaseRule | undefined {
  const call = readCall(E, expression, OPTIMIZERS, 'optimizer', scope);
  if (!call) return undefined;
  const { name, args } = call;
  if (!args.has('lr') && (call.given.has('lr') || call.misnamed)) return undefined;
  if (!args.has('lr')) {
    E.report('missing-argument', expression.span, { callee: name, name: 'lr' });
    return undefined;
  }
  const rate = given(args, 'lr', 0);
  const decay = given(args, 'weight_decay', 0);
  const nesterov = args.get('nesterov');
  const flag = nesterov?.kind === 'boolean' ? nesterov.value : name === 'muon';
  const rule: OptimizerRule =
    name === 'sgd'
      ? { kind: 'sgd', momentum: given(args, 'momentum', 0), nesterov: flag }
      : name === 'muon'
        ? { kind: 'muon', momentum: given(args, 'momentum', 0.95), nesterov: flag, iterations: given(args, 'iterations', 5) }
        : {
            kind: name === 'adam' ? 'adam' : 'adamw',
            beta1: given(args, 'beta1', 0.9),
            beta2: given(args, 'beta2', 0.999),
            epsilon: given(args, 'epsilon', 1e-8),
          };
  return { rule, rate, weightDecay: decay };
}

/** `schedule poly(0.9)` and `warmup 0.1`. */
export function readSchedule(E: Elaboration, item: Setting | undefined, warmup: Setting | undefined, scope: Scope): SchedulePlan {
  const warm = settingNumber(E, warmup, 'progress', scope) ?? 0;
  const call = item && readCall(E, item.value, SCHEDULES, 'schedule', scope);
  switch (call?.name) {
    case 'poly':
      return { shape: { kind: 'poly', power: given(call.args, 'power', 0.9), every: given(call.args, 'every', 1) }, warmup: warm };
    case 'cosine':
      return { shape: { kind: 'cosine', final: given(call.args, 'final', 0) }, warmup: warm };
    case 'step_down': {
      const at = call.args.get('at');
      return {
        shape: {
          kind: 'steps',
          at: at?.kind === 'list' ? at.items.flatMap((v) => (v.kind === 'number' ? [v.value] : [])) : [],
          factor: given(call.args, 'factor', 0.1),
        },
        warmup: warm,
      };
    }
    default:
      return { shape: { kind: 'constant' }, warmup: warm };
  }
}
