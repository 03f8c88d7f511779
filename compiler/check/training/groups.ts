/** Which parameters a group, or a freeze, names; rates and decay by group. */
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { EpochSpan, ParameterGroup, SchedulePlan, StateDeclaration } from '../../ir/program.ts';
import type { Expression, FreezeItem, GroupItem, GroupSetting, TrainBlock } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import { evaluate } from '../evaluate.ts';
import { checkBounds, type NumberTypeName } from '../number-types.ts';
import type { Scope } from '../scope.ts';
import { describe, type Instance, type Value } from '../values.ts';
import { sourceText } from '../views.ts';
import { epochSpan } from './epochs.ts';
import { type BaseRule, readOptimizer, readSchedule } from './rules.ts';

/** Parameters by what they are, where no declaration has the name. */
export const ROLES: Readonly<Record<string, (state: StateDeclaration, pretrained: ReadonlyMap<string, unknown>) => boolean>> = {
  kernels: (state) => state.parameterRole === 'kernel',
  biases: (state) => state.parameterRole === 'bias',
  norms: (state) => state.parameterRole === 'norm',
  weights: (state) => state.parameterRole !== 'bias',
  pretrained: isPretrained,
  new: (state, pretrained) => !isPretrained(state, pretrained),
};

/** Whether a parameter is part of a backbone that starts from weights trained before. */
function isPretrained({ key }: StateDeclaration, pretrained: ReadonlyMap<string, unknown>): boolean {
  return [...pretrained.keys()].some((backbone) => key.startsWith(`${backbone}.`));
}

/** Settings of a group that are no numbers to multiply. */
const APART: ReadonlySet<string> = new Set(['optimizer', 'schedule', 'warmup']);

/** What a group moves by; without a schedule of its own that of the block. */
type GroupRule = BaseRule & Pick<ParameterGroup, 'schedule'>;

/** What a group states, or multiplies: a rate of 0 holds a group still. */
const GROUP_NUMBERS: Readonly<Record<'lr' | 'weight_decay', NumberTypeName>> = { lr: 'amount', weight_decay: 'amount' };

/**
 * Keys of the state that a member names: a layer (all inside it), a list of layers, a tensor, a role (`norms`, `biases`, `kernels`, `weights`,
 * `pretrained`, `new`), or what has a role inside a layer (`head.biases`) or among those of a role (`new.biases`).
 */
export function keysOf(E: Elaboration, expression: Expression, scope: Scope, lenient?: 'frozen' | 'mistaken'): readonly string[] {
  // `freeze none` in a variant: nothing is frozen any more.
  if (expression.kind === 'name' && expression.name.text === 'none') return [];
  const withRole = (name: string): readonly string[] =>
    [...E.session.states.values()].filter((s) => s.role === 'parameter' && ROLES[name](s, E.session.pretrained)).map((s) => s.key);
  const isRole = (e: Expression): boolean => e.kind === 'name' && !scope.find(e.name.text) && Object.hasOwn(ROLES, e.name.text);
  if (expression.kind === 'name' && isRole(expression)) return withRole(expression.name.text);
  if (expression.kind === 'member' && Object.hasOwn(ROLES, expression.name.text)) {
    const whole = isRole(expression.object) ? undefined : evaluate(E, expression.object, scope);
    if (!whole || whole.kind === 'list' || (whole.kind === 'instance' && !declares(whole.instance, expression.name.text))) {
      const inside = new Set(whole ? keysOfValue(E, whole) : keysOf(E, expression.object, scope, lenient));
      const keys = withRole(expression.name.text).filter((key) => inside.has(key));
      if (keys.length > 0 || inside.size === 0) return keys;
      E.report('unknown-group-member', expression.span, { member: `what is called ${sourceText(expression)}` }, { hint: 'it has none' });
      return [];
    }
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
      {
        hint: 'name a layer, a part of one (net.layer1), a tensor (head.weight), or norms, biases, kernels, weights, pretrained, new, also of a layer (net.biases)',
      },
    );
  return keys;
}

function declares({ declaration }: Instance, name: string): boolean {
  return declaration.body.some((s) => (s.kind === 'layer' || s.kind === 'weight' || s.kind === 'state') && s.name.text === name);
}

export function keysOfValue(E: Elaboration, value: Value): readonly string[] {
  if (value.kind === 'list') return value.items.flatMap((item) => keysOfValue(E, item));
  if (value.kind === 'tensor') return value.node.attrs.role === 'state' ? [String(value.node.attrs.name)] : [];
  if (value.kind !== 'instance' || value.instance.path === undefined) return [];
  const prefix = `${value.instance.path}.`;
  return [...E.session.states.keys()].filter((key) => key.startsWith(prefix));
}

/** What one line freezes. A member that holds another of the same line says that one of the two was not meant. */
export function frozenKeys(E: Elaboration, item: FreezeItem, scope: Scope): readonly string[] {
  const members = item.members.map((member) => ({ member, keys: new Set(keysOf(E, member, scope, 'frozen')) }));
  for (const { member, keys } of members) {
    const whole = members.find(
      (o) => o.keys !== keys && o.keys.size > keys.size && keys.size > 0 && [...keys].every((key) => o.keys.has(key)),
    );
    if (whole)
      E.report(
        'frozen-twice',
        member.span,
        { part: sourceText(member), whole: sourceText(whole.member) },
        { cause: sourceText(whole.member) },
      );
  }
  return members.flatMap(({ keys }) => [...keys]);
}

/** The epochs in which a line freezes; undefined where it does in all. Warns where `epochs` leave it nothing, or everything, to freeze. */
export function freezeSpan(E: Elaboration, item: FreezeItem, epochs: number | undefined, scope: Scope): EpochSpan | undefined {
  if (!item.fromEpoch && !item.untilEpoch) return undefined;
  const what = `${item.role} ${item.members.map(sourceText).join(', ')}`;
  const span = epochSpan(E, item, { short: `'${what}'`, whole: `'${what}'` }, scope);
  if (epochs !== undefined && span.fromEpoch >= epochs)
    E.report('freeze-never', item.span, { what, from: span.fromEpoch, epochs: epochs === 1 ? '1 epoch' : `${epochs} epochs` });
  return span.fromEpoch === 0 && span.untilEpoch === undefined ? undefined : span;
}

/** Groups in the order of the block, and `base` for what is left. Reports overlaps and groups of nothing. */
export function readGroups(
  E: Elaboration,
  block: TrainBlock,
  { base, schedule }: { readonly base: BaseRule; readonly schedule: SchedulePlan },
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
          {
            cause: `${membersText(other)} and ${membersText(item)}`,
            labels: [{ span: other.span, text: 'it is here already' }],
            hint: 'name the parts that are left: a parameter has one rate',
          },
        );
      else {
        owner.set(p.key, item);
        keys.push(p.key);
      }
    }
    const taken = parameters.some((p) => wanted.has(p.key) && owner.get(p.key) !== item);
    if (keys.length === 0 && wanted.size > 0 && !taken && sound && parameters.length > 0)
      E.report('group-empty', item.span, { group: name });
    const settings = groupSettings(E, item, base, schedule, scope);
    if (keys.length > 0) groups.push({ name, keys, ...settings });
  }
  const rest = parameters.filter((p) => !owner.has(p.key)).map((p) => p.key);
  return rest.length > 0 ? [{ name: 'base', keys: rest, ...base }, ...groups] : groups;
}

function membersText(item: GroupItem): string {
  return `'${item.members.map(sourceText).join(', ')}'`;
}

function groupSettings(E: Elaboration, item: GroupItem, base: BaseRule, schedule: SchedulePlan, scope: Scope): GroupRule {
  let result: GroupRule = base;
  const setting = (name: string): GroupSetting | undefined => item.settings.find((s) => s.name.text === name);
  if (setting('schedule') || setting('warmup')) {
    const own = readSchedule(E, setting('schedule'), setting('warmup'), scope);
    const { shape } = setting('schedule') ? own : schedule;
    result = { ...result, schedule: { shape, warmup: setting('warmup') ? own.warmup : schedule.warmup } };
  }
  const override = item.settings.find((s) => s.name.text === 'optimizer');
  if (override) result = { ...result, ...readOptimizer(E, override.value, scope) };
  for (const s of item.settings) {
    if (APART.has(s.name.text)) continue;
    const name = s.name.text === 'decay' ? 'weight_decay' : s.name.text;
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
    if ((name === 'lr' || name === 'weight_decay') && !checkBounds(E, s.name.text, value, GROUP_NUMBERS[name], s.value.span)) continue;
    // Rates of groups are most often multiples: one above 1 that is not is the same number without its x.
    if (name === 'lr' && !s.multiplier && value.value > 1) {
      const title = `write 'x${value.value}'`;
      E.report(
        'large-rate',
        s.value.span,
        { rate: value.value },
        {
          hint: `${value.value} times the rate of the others is written lr x${value.value}`,
          fix:
            s.value.kind === 'number' ? { title, edits: [{ span: { ...s.value.span, end: s.value.span.start }, text: 'x' }] } : undefined,
        },
      );
    }
    if (name === 'lr') result = { ...result, rate: s.multiplier ? result.rate * value.value : value.value };
    else if (name === 'weight_decay') result = { ...result, weightDecay: s.multiplier ? result.weightDecay * value.value : value.value };
    else
      E.report(
        'unknown-setting',
        s.name.span,
        { block: 'group', name: s.name.text },
        {
          hint:
            didYouMean(s.name.text, ['lr', 'decay', 'weight_decay', ...APART]) ??
            'a group sets lr, decay (weight_decay), optimizer, schedule and warmup',
        },
      );
  }
  return result;
}
