/** The train block: what is read, for how long, and which optimiser moves which parameters. */
import { didYouMean, suggestions } from '../diagnostics/suggest.ts';
import type { OptimizerPlan, OptimizerRule, ParameterGroup, SchedulePlan, StateDeclaration } from '../ir/program.ts';
import type { Node } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';
import type { CallExpression, Expression, GroupItem, SettingItem, TrainBlock } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import type { Scope } from './scope.ts';
import { runRequire } from './statements.ts';
import { describe, type Value } from './values.ts';
import { readViews, sourceText, type Views } from './views.ts';

export interface CheckedTrain extends Views {
  readonly epochs: number | undefined;
  readonly steps: number | undefined;
  readonly batch: number;
  readonly source: { readonly dataset: string; readonly split: string } | undefined;
  readonly optimizer: OptimizerPlan;
  readonly schedule: SchedulePlan;
  /** Keys of parameters that never change. */
  readonly frozen: ReadonlySet<string>;
  readonly span: Span;
}

const SETTINGS = ['epochs', 'steps', 'batch', 'optimizer', 'schedule', 'warmup', 'clip'] as const;
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

export function readTrain(
  E: Elaboration,
  block: TrainBlock,
  method: string,
  scope: Scope,
  inputs: readonly Node[],
  /** False where the forward pass has a mistake: layers may lack the parameters that they would have. */
  sound = true,
): CheckedTrain | undefined {
  for (const item of block.items) if (item.kind === 'require') runRequire(E, item, scope);
  const settings = new Map<string, SettingItem>();
  /** What misspelt settings may have meant: these are not also missing. */
  const meant = new Set<string>();
  for (const item of block.items) {
    if (item.kind !== 'setting') continue;
    const name = item.name.text;
    if (!SETTINGS.includes(name as (typeof SETTINGS)[number])) {
      for (const near of suggestions(name, SETTINGS)) meant.add(near);
      E.report(
        'unknown-setting',
        item.name.span,
        { block: 'train', name },
        { hint: didYouMean(name, SETTINGS) ?? `settings: ${SETTINGS.join(', ')}` },
      );
    } else if (settings.has(name)) E.report('duplicate-setting', item.name.span, { name });
    else settings.set(name, item);
  }
  const data = block.items.filter((item) => item.kind === 'data');
  const views = data.length > 0 ? readViews(E, data[0], method, scope, inputs) : undefined;
  if (!views)
    E.report(
      'missing-setting',
      block.span,
      { block: 'train', name: 'data' },
      { hint: 'data voc.train { image = source |> normalize(imagenet) }' },
    );
  const epochs = count(E, settings.get('epochs'), scope);
  const steps = count(E, settings.get('steps'), scope);
  const batch = count(E, settings.get('batch'), scope);
  // A misspelt setting is one mistake, not also a missing one.
  const misspelt = block.items.some((item) => item.kind === 'setting' && !(SETTINGS as readonly string[]).includes(item.name.text));
  if (!misspelt && !settings.has('epochs') && !settings.has('steps'))
    E.report('missing-setting', block.span, { block: 'train', name: 'epochs (or steps)' });
  if (!settings.has('batch') && !meant.has('batch')) E.report('missing-setting', block.span, { block: 'train', name: 'batch' });
  const optimizer = settings.get('optimizer');
  if (!optimizer && !meant.has('optimizer'))
    E.report(
      'missing-setting',
      block.span,
      { block: 'train', name: 'optimizer' },
      { hint: 'optimizer sgd(lr: 0.1, momentum: 0.9, weight_decay: 1e-4)' },
    );
  const base = optimizer && readOptimizer(E, optimizer.value, scope);
  const frozen = new Set<string>();
  for (const item of block.items)
    if (item.kind === 'freeze') for (const member of item.members) for (const key of keysOf(E, member, scope, 'frozen')) frozen.add(key);
  const parameters = [...E.session.states.values()].filter((s) => s.role === 'parameter' && !frozen.has(s.key));
  const groups = base ? readGroups(E, block, base, parameters, scope, sound) : [];
  const schedule = readSchedule(E, settings.get('schedule'), settings.get('warmup'), scope);
  const clip = settings.get('clip');
  const source = data[0] && sourceText(data[0].source).split('.');
  if (!views || batch === undefined || !base) return undefined;
  return {
    ...views,
    epochs,
    steps,
    batch,
    source: source?.length === 2 ? { dataset: source[0], split: source[1] } : undefined,
    optimizer: { clipNorm: clip && positive(E, clip, scope), groups },
    schedule,
    frozen,
    span: block.span,
  };
}

function count(E: Elaboration, item: SettingItem | undefined, scope: Scope): number | undefined {
  if (!item) return undefined;
  const value = evaluate(E, item.value, scope);
  if (value.kind === 'number' && value.integer && value.value >= 1) return value.value;
  if (value.kind !== 'poison')
    E.report('bad-setting', item.value.span, { name: item.name.text, expected: 'a whole number of at least 1', found: describe(value) });
  return undefined;
}

function positive(E: Elaboration, item: SettingItem, scope: Scope): number | undefined {
  const value = evaluate(E, item.value, scope);
  if (value.kind === 'number' && value.value > 0) return value.value;
  if (value.kind !== 'poison')
    E.report('bad-setting', item.value.span, { name: item.name.text, expected: 'a number above 0', found: describe(value) });
  return undefined;
}

interface Base {
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

function readOptimizer(E: Elaboration, expression: Expression, scope: Scope): Base | undefined {
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

function readSchedule(E: Elaboration, item: SettingItem | undefined, warmup: SettingItem | undefined, scope: Scope): SchedulePlan {
  const warm = warmup ? (positive(E, warmup, scope) ?? 0) : 0;
  const call = item && readCall(E, item.value, SCHEDULES, 'schedule', scope);
  switch (call?.name) {
    case 'poly':
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

const ROLES: Readonly<Record<string, StateDeclaration['parameterRole']>> = { kernels: 'kernel', biases: 'bias', norms: 'norm' };

/** Keys of the state that a member names: a layer (all inside it), a list of layers, a tensor, or a role (`norms`, `biases`, `kernels`). */
export function keysOf(E: Elaboration, expression: Expression, scope: Scope, lenient?: 'frozen' | 'mistaken'): readonly string[] {
  // `freeze none` in a variant: nothing is frozen any more.
  if (expression.kind === 'name' && expression.name.text === 'none') return [];
  if (expression.kind === 'name' && !scope.find(expression.name.text) && Object.hasOwn(ROLES, expression.name.text)) {
    const role = ROLES[expression.name.text];
    return [...E.session.states.values()].filter((s) => s.role === 'parameter' && s.parameterRole === role).map((s) => s.key);
  }
  const value = evaluate(E, expression, scope);
  const keys = keysOfValue(E, value);
  // A layer that only inference calls has no tensors yet, and may be frozen; after a mistake, none may have them.
  const uncalled = lenient !== undefined && (value.kind === 'instance' || value.kind === 'list');
  if (keys.length === 0 && value.kind !== 'poison' && !uncalled)
    E.report(
      'unknown-group-member',
      expression.span,
      { member: describe(value) },
      { hint: 'name a layer, a part of one (net.layer1), a tensor (head.weight), or norms, biases, kernels' },
    );
  return keys;
}

export function keysOfValue(E: Elaboration, value: Value): readonly string[] {
  if (value.kind === 'list') return value.items.flatMap((item) => keysOfValue(E, item));
  if (value.kind === 'tensor') return value.node.attrs.role === 'state' ? [String(value.node.attrs.name)] : [];
  if (value.kind !== 'instance' || value.instance.path === undefined) return [];
  const prefix = `${value.instance.path}.`;
  return [...E.session.states.keys()].filter((key) => key.startsWith(prefix));
}

function readGroups(
  E: Elaboration,
  block: TrainBlock,
  base: Base,
  parameters: readonly StateDeclaration[],
  scope: Scope,
  sound: boolean,
): readonly ParameterGroup[] {
  const owner = new Map<string, GroupItem>();
  const groups: ParameterGroup[] = [];
  for (const item of block.items) {
    if (item.kind !== 'group') continue;
    const name = item.members.map(sourceText).join('_').replaceAll('.', '_');
    const wanted = new Set(item.members.flatMap((m) => keysOf(E, m, scope, sound ? undefined : 'mistaken')));
    const keys: string[] = [];
    for (const p of parameters) {
      if (!wanted.has(p.key)) continue;
      const other = owner.get(p.key);
      if (other !== undefined)
        E.report(
          'group-overlap',
          item.span,
          { parameter: p.key, first: membersText(other), second: membersText(item) },
          { labels: [{ span: other.span, text: 'it is here already' }], hint: 'name the parts that are left: a parameter has one rate' },
        );
      else {
        owner.set(p.key, item);
        keys.push(p.key);
      }
    }
    if (keys.length === 0 && wanted.size > 0 && sound && parameters.length > 0) E.report('group-empty', item.span, { group: name });
    const settings = groupSettings(E, item, base, scope);
    if (keys.length > 0) groups.push({ name, keys, ...settings });
  }
  const rest = parameters.filter((p) => !owner.has(p.key)).map((p) => p.key);
  return rest.length > 0 ? [{ name: 'base', keys: rest, ...base }, ...groups] : groups;
}

function membersText(item: GroupItem): string {
  return `'${item.members.map(sourceText).join(', ')}'`;
}

function groupSettings(E: Elaboration, item: GroupItem, base: Base, scope: Scope): Base {
  let result = base;
  const override = item.settings.find((s) => s.name.text === 'optimizer');
  if (override) result = readOptimizer(E, override.value, scope) ?? result;
  for (const s of item.settings) {
    if (s.name.text === 'optimizer') continue;
    const value = evaluate(E, s.value, scope);
    if (value.kind !== 'number') {
      if (value.kind !== 'poison')
        E.report('bad-setting', s.value.span, {
          name: s.name.text,
          expected: 'a number, or a multiplier such as x10',
          found: describe(value),
        });
      continue;
    }
    if ((s.name.text === 'lr' || s.name.text === 'weight_decay') && value.value < 0) {
      E.report('bad-setting', s.value.span, { name: s.name.text, expected: 'a number of at least 0', found: String(value.value) });
      continue;
    }
    if (s.name.text === 'lr') result = { ...result, rate: s.multiplier ? result.rate * value.value : value.value };
    else if (s.name.text === 'weight_decay')
      result = { ...result, weightDecay: s.multiplier ? result.weightDecay * value.value : value.value };
    else
      E.report(
        'unknown-setting',
        s.name.span,
        { block: 'group', name: s.name.text },
        { hint: didYouMean(s.name.text, ['lr', 'weight_decay', 'optimizer']) ?? 'a group sets lr, weight_decay and optimizer' },
      );
  }
  return result;
}
