/** Differences of train blocks: length, optimiser, schedule, weights and times of losses, what is frozen. */
import type { CheckedMethod } from '../../check/check.ts';
import type { CheckedTrain } from '../../check/train.ts';
import type { LossDeclaration } from '../../ir/program.ts';
import type { Span } from '../../source/source.ts';
import type { TrainItem } from '../../syntax/ast.ts';
import type { DiffClass, Row } from '../classes.ts';
import type { Names } from '../side.ts';
import { textOf } from '../text/excerpt.ts';
import { groupRows } from './groups.ts';
import { plain, row, type Spans } from './rows.ts';
import { argumentText, numberText, scheduleText, weightText } from './words.ts';

/** Fields of a plan that have rows of their own. */
const TOLD: ReadonlySet<string> = new Set([
  'epochs',
  'steps',
  'batch',
  'accumulate',
  'views',
  'bindings',
  'source',
  'optimizer',
  'schedule',
  'frozen',
  'span',
]);

/** Classes of the other fields, by name. */
const OTHERS: Readonly<Record<string, DiffClass>> = {
  validate: 'protocol',
  validation: 'protocol',
  keep: 'protocol',
  pair: 'data',
  pairs: 'data',
  excluded: 'gradient flow',
  shadows: 'schedule',
};

export function itemsOf({ source }: CheckedMethod): readonly TrainItem[] {
  return source.members.flatMap((m) => (m.kind === 'train' ? m.items : []));
}

function settingSpan(method: CheckedMethod, name: string): Span | undefined {
  const items = itemsOf(method);
  return items.find((item) => item.kind === 'setting' && item.name.text === name)?.span ?? method.train?.span;
}

export function trainRows(a: CheckedMethod, b: CheckedMethod, names: Names): readonly Row[] {
  const [x, y] = [a.train, b.train];
  if (!x || !y) return x || y ? [row('schedule', 'train block', x && 'train { … }', y && 'train { … }', { a: x?.span, b: y?.span })] : [];
  const at = (name: string): Spans => ({ a: settingSpan(a, name), b: settingSpan(b, name) });
  const rows: Row[] = [];
  const length = (train: CheckedTrain): string =>
    [train.epochs === undefined ? [] : `${train.epochs} epochs`, train.steps === undefined ? [] : `${train.steps} steps`].flat().join(', ');
  if (length(x) !== length(y)) {
    const spans = (m: CheckedMethod): Span | undefined => settingSpan(m, m.train?.epochs === undefined ? 'steps' : 'epochs');
    rows.push(row('schedule', 'length', length(x), length(y), { a: spans(a), b: spans(b) }));
  }
  const scalar = (kind: DiffClass, what: string, name: string, from: number | undefined, to: number | undefined): void => {
    if (from !== to)
      rows.push(row(kind, what, from === undefined ? 'none' : numberText(from), to === undefined ? 'none' : numberText(to), at(name)));
  };
  scalar('hyper-parameter', 'batch', 'batch', x.batch, y.batch);
  scalar('hyper-parameter', 'gradient clipping', 'clip', x.optimizer.clipNorm, y.optimizer.clipNorm);
  scalar('schedule', 'warm-up', 'warmup', x.schedule.warmup, y.schedule.warmup);
  if (plain(x.schedule.shape) !== plain(y.schedule.shape))
    rows.push(row('schedule', 'rate schedule', scheduleText(x.schedule), scheduleText(y.schedule), at('schedule')));
  rows.push(...groupRows(a, b, names, at('optimizer')), ...frozenRows(a, b, x, y, names));
  const others = (train: CheckedTrain): ReadonlyMap<string, unknown> =>
    new Map(Object.entries(train).filter(([key, value]) => !TOLD.has(key) && value !== undefined));
  const [left, right] = [others(x), others(y)];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    if (plain(left.get(key)) === plain(right.get(key))) continue;
    const text = (value: unknown): string | undefined => (value === undefined ? undefined : argumentText(value));
    rows.push(
      row(OTHERS[key] ?? 'schedule', key, text(left.get(key)), text(right.get(key)), {
        a: spanOf(left.get(key)) ?? x.span,
        b: spanOf(right.get(key)) ?? y.span,
      }),
    );
  }
  const accumulated = (train: CheckedTrain): number =>
    'accumulate' in train && typeof train.accumulate === 'number' ? train.accumulate : 1;
  scalar('hyper-parameter', 'accumulated batches', 'accumulate', accumulated(x), accumulated(y));
  return rows;
}

function spanOf(value: unknown): Span | undefined {
  return typeof value === 'object' && value !== null && 'span' in value ? (value.span as Span) : undefined;
}

/** Parameters that are frozen on one side only; what the other side does not have at all says nothing. */
function frozenRows(a: CheckedMethod, b: CheckedMethod, x: CheckedTrain, y: CheckedTrain, names: Names): readonly Row[] {
  const changed = [...names.state].some(([from, to]) => x.frozen.has(from) !== y.frozen.has(to));
  const toA = new Map([...names.state].map(([from, to]) => [to, from]));
  const alone = (frozen: ReadonlySet<string>, known: ReadonlyMap<string, string>): boolean => [...frozen].some((key) => !known.has(key));
  const dropped = (x.frozen.size === 0) !== (y.frozen.size === 0) && (alone(x.frozen, names.state) || alone(y.frozen, toA));
  if (!changed && !dropped) return [];
  const text = (method: CheckedMethod): string =>
    itemsOf(method)
      .flatMap((item) => (item.kind === 'freeze' ? item.members.map((m) => textOf(m.span)) : []))
      .join(', ') || 'none';
  const at = (method: CheckedMethod): Span | undefined =>
    itemsOf(method).find((item) => item.kind === 'freeze')?.span ?? method.train?.span;
  return [row('gradient flow', 'frozen', text(a), text(b), { a: at(a), b: at(b) })];
}

/** Weights and times of losses that both have, and losses that one has alone. */
export function lossRows(a: CheckedMethod, b: CheckedMethod, names: Names): readonly Row[] {
  const of = (method: CheckedMethod): ReadonlyMap<string, LossDeclaration> =>
    new Map(method.forward.losses.map((loss) => [loss.name, loss]));
  const written = (method: CheckedMethod, name: string): string => {
    const member = method.source.members.find((m) => m.kind === 'loss' && m.name.text === name);
    return member?.kind === 'loss' ? textOf(member.value.span) : name;
  };
  const [x, y] = [of(a), of(b)];
  const rows: Row[] = [];
  for (const [from, to] of names.losses) {
    const [p, q] = [x.get(from), y.get(to)];
    if (!p || !q) continue;
    const at: Spans = { a: p.span, b: q.span };
    if (plain(p.weight) !== plain(q.weight)) rows.push(row('loss', `weight of loss ${to}`, weightText(p.weight), weightText(q.weight), at));
    const times = ({ fromEpoch, untilEpoch }: LossDeclaration): string =>
      `from epoch ${fromEpoch}${untilEpoch === undefined ? '' : ` until epoch ${untilEpoch}`}`;
    if (times(p) !== times(q)) rows.push(row('schedule', `loss ${to}`, times(p), times(q), at));
    if (p.off !== q.off) rows.push(row('loss', `loss ${to} while off`, p.off ?? 'zero', q.off ?? 'zero', at));
  }
  const told = { a: new Set(names.losses.map(([from]) => from)), b: new Set(names.losses.map(([, to]) => to)) };
  for (const loss of x.values())
    if (!told.a.has(loss.name))
      rows.push(row('loss', `loss ${loss.name}`, written(a, loss.name), undefined, { a: loss.span, b: undefined }));
  for (const loss of y.values())
    if (!told.b.has(loss.name))
      rows.push(row('loss', `loss ${loss.name}`, undefined, written(b, loss.name), { a: undefined, b: loss.span }));
  return rows;
}
