/** Differences of the optimiser: its rule and numbers, and what groups of parameters have of their own. */
import type { CheckedMethod } from '../../check/check.ts';
import type { ParameterGroup } from '../../ir/program.ts';
import type { Span } from '../../source/source.ts';
import type { Row } from '../classes.ts';
import type { Names } from '../side.ts';
import { textOf } from '../text/excerpt.ts';
import { plain, row, type Spans } from './rows.ts';
import { itemsOf } from './train.ts';
import { argumentText, numberText, ruleText, scheduleText } from './words.ts';

const NUMBERS: Readonly<Record<string, string>> = { rate: 'learning rate', weightDecay: 'weight decay' };

export function groupRows(a: CheckedMethod, b: CheckedMethod, names: Names, at: Spans): readonly Row[] {
  const [x, y] = [a.train?.optimizer.groups ?? [], b.train?.optimizer.groups ?? []];
  const [p, q] = [base(x), base(y)];
  const rows: Row[] = [];
  if (!p || !q) return rows;
  if (p.rule.kind !== q.rule.kind)
    rows.push(row('hyper-parameter', 'optimizer', ruleText(p.rule, p.rate, p.weightDecay), ruleText(q.rule, q.rate, q.weightDecay), at));
  else {
    const numbers = (group: ParameterGroup): Readonly<Record<string, unknown>> => ({
      rate: group.rate,
      weightDecay: group.weightDecay,
      ...group.rule,
    });
    const [left, right] = [numbers(p), numbers(q)];
    for (const key of Object.keys(left))
      if (plain(left[key]) !== plain(right[key]))
        rows.push(row('hyper-parameter', NUMBERS[key] ?? key, argumentText(left[key]), argumentText(right[key]), at));
  }
  return [...rows, ...memberRows(a, b, names, p, q)];
}

/** The group of what no other group names; where all are named, the first. */
function base(groups: readonly ParameterGroup[]): ParameterGroup | undefined {
  return groups.find(({ name }) => name === 'base') ?? groups[0];
}

/** What a group has of its own, against the base: `lr x10, decay x0`. */
function own(group: ParameterGroup, of: ParameterGroup): string {
  const factor = (what: string, value: number, from: number): string[] =>
    value === from ? [] : [from === 0 ? `${what} ${numberText(value)}` : `${what} x${numberText(value / from)}`];
  const schedule = group.schedule ? [`schedule ${scheduleText(group.schedule)}`, ...warmupText(group.schedule.warmup, of)] : [];
  if (plain(group.rule) !== plain(of.rule)) return [ruleText(group.rule, group.rate, group.weightDecay), ...schedule].join(', ');
  return [...schedule, ...factor('lr', group.rate, of.rate), ...factor('weight_decay', group.weightDecay, of.weightDecay)].join(', ');
}

function warmupText(warmup: number, of: ParameterGroup): readonly string[] {
  return warmup === (of.schedule?.warmup ?? 0) ? [] : [`warmup ${numberText(warmup)}`];
}

/** Whether two groups stand alike to their bases. Nothing is any multiple of nothing. */
function sameFactors(left: ParameterGroup, p: ParameterGroup, right: ParameterGroup, q: ParameterGroup): boolean {
  const inherits = plain(left.rule) === plain(p.rule) && plain(right.rule) === plain(q.rule);
  const alike = (a: number, of: number, b: number, by: number): boolean => Math.abs(a * by - b * of) <= 1e-12 * Math.abs(of * by);
  const scheduled = plain(left.schedule ?? null) === plain(right.schedule ?? null);
  return (
    inherits &&
    scheduled &&
    alike(left.rate, p.rate, right.rate, q.rate) &&
    alike(left.weightDecay, p.weightDecay, right.weightDecay, q.weightDecay)
  );
}

function numbersOf({ rule, rate, weightDecay, schedule }: ParameterGroup): string {
  return plain([rule, rate, weightDecay, schedule ?? null]);
}

/** Parameters that both sides train, in the groups of either: compared by what their groups do, not by what these are called. */
function memberRows(a: CheckedMethod, b: CheckedMethod, names: Names, p: ParameterGroup, q: ParameterGroup): readonly Row[] {
  const groupsByKey = (method: CheckedMethod): ReadonlyMap<string, ParameterGroup> =>
    new Map((method.train?.optimizer.groups ?? []).flatMap((group) => group.keys.map((key) => [key, group] as const)));
  const [keysA, keysB] = [groupsByKey(a), groupsByKey(b)];
  const [x, y] = [a, b].map((method) => method.train?.optimizer.groups ?? []);
  const found = new Map<string, { from: ParameterGroup; to: ParameterGroup }>();
  for (const [from, to] of names.state) {
    const [left, right] = [keysA.get(from), keysB.get(to)];
    if (!left || !right) continue;
    // One side keeps the absolute numbers, or the factors: then nothing was said about this group.
    const absolute = numbersOf(left) === numbersOf(right);
    if ((left === p && right === q) || absolute || sameFactors(left, p, right, q)) continue;
    found.set(`${left.name}\n${right.name}`, { from: left, to: right });
  }
  const item = (method: CheckedMethod, group: ParameterGroup): { text: string | undefined; span: Span | undefined } => {
    const items = itemsOf(method).filter((i) => i.kind === 'group');
    const same = items.find(
      (i) =>
        i.members
          .map((m) => textOf(m.span))
          .join('_')
          .replaceAll('.', '_') === group.name,
    );
    return { text: same?.members.map((m) => textOf(m.span)).join(', '), span: same?.span ?? method.train?.span };
  };
  const rows = new Map<string, Row>();
  for (const { from, to } of found.values()) {
    const told = [own(from, p), own(to, q)];
    // One of the two is the rest, and the other side has a group with the same settings: that group has other members.
    const twin = told[0] === '' ? x.find((g) => own(g, p) === told[1]) : told[1] === '' ? y.find((g) => own(g, q) === told[0]) : undefined;
    const [left, right] = [item(a, told[0] === '' && twin ? twin : from), item(b, told[1] === '' && twin ? twin : to)];
    const at = { a: left.span, b: right.span };
    const what = twin ? `group with ${told.join('')}` : `group ${right.text ?? left.text ?? to.name}`;
    const [before, after] = twin ? [left.text, right.text] : told.map((text) => text || 'as the rest');
    const onlyTimes = numbersOf({ ...from, schedule: undefined }) === numbersOf({ ...to, schedule: undefined });
    const r = row(onlyTimes ? 'schedule' : 'hyper-parameter', what, before, after, at);
    rows.set(plain([what, before, after]), r);
  }
  return [...rows.values()];
}
