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
import { numberText, scheduleText, validationClauses, weightText } from './words.ts';

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
  rows.push(...validationRows(a, b), ...shadowRows(a, b, names), ...updateRows(a, b, names));
  scalar('hyper-parameter', 'accumulated batches', 'accumulate', x.accumulate ?? 1, y.accumulate ?? 1);
  return rows;
}

/** Validations of the same program, else of the same place in the block. */
function validationRows(a: CheckedMethod, b: CheckedMethod): readonly Row[] {
  const [x, y] = [a.train?.validate ?? [], b.train?.validate ?? []];
  const span = (method: CheckedMethod, i: number): Span | undefined =>
    itemsOf(method).filter((item) => item.kind === 'validate')[i]?.span ?? method.train?.span;
  return Array.from({ length: Math.max(x.length, y.length) }, (_, i) => {
    const [left, right] = [x[i] && validationClauses(x[i]), y[i] && validationClauses(y[i])];
    const text = (own: readonly string[] | undefined, other: readonly string[] | undefined): string | undefined =>
      own?.filter((clause) => !other?.includes(clause)).join(' ');
    const [from, to] = [text(left, right), text(right, left)];
    return from === to ? [] : [row('protocol', 'validation', from, to, { a: x[i] && span(a, i), b: y[i] && span(b, i) })];
  }).flat();
}

/** State that changes after a step in other epochs. */
function updateRows(a: CheckedMethod, b: CheckedMethod, names: Names): readonly Row[] {
  const text = (method: CheckedMethod, key: string): string => {
    const span = method.forward.E.updateSpans.get(key);
    if (!span) return 'all epochs';
    const until = span.untilEpoch === undefined ? [] : [`until epoch ${span.untilEpoch}`];
    return [...(span.fromEpoch > 0 ? [`from epoch ${span.fromEpoch}`] : []), ...until].join(' ');
  };
  return [...names.state].flatMap(([from, to]) => {
    if (!a.forward.E.updates.has(from) || !b.forward.E.updates.has(to)) return [];
    const at = { a: a.states.get(from)?.span, b: b.states.get(to)?.span };
    return text(a, from) === text(b, to) ? [] : [row('schedule', `changes of ${to}`, text(a, from), text(b, to), at)];
  });
}

/** Shadows that follow otherwise: how fast, or another layer. */
function shadowRows(a: CheckedMethod, b: CheckedMethod, names: Names): readonly Row[] {
  const found = new Map<string, Row>();
  for (const [from, to] of names.state) {
    const [x, y] = [a.states.get(from)?.average, b.states.get(to)?.average];
    if (!x || !y) continue;
    const followed = (names.state.get(x.of) ?? x.of) === y.of;
    if (followed && x.momentum === y.momentum) continue;
    const member = (method: CheckedMethod, key: string) =>
      method.source.members.find((m) => m.kind === 'shadow' && m.name.text === key.split('.')[0]);
    const [left, right] = [member(a, from), member(b, to)];
    const text = (m: typeof left): string | undefined => (m?.kind === 'shadow' ? textOf(m.value.span) : undefined);
    const name = `shadow ${to.split('.')[0]}`;
    if (!found.has(name))
      found.set(name, row(followed ? 'hyper-parameter' : 'architecture', name, text(left), text(right), { a: left?.span, b: right?.span }));
  }
  return [...found.values()];
}

/** Parameters that are frozen on one side only; what the other side does not have at all says nothing. */
function frozenRows(a: CheckedMethod, b: CheckedMethod, x: CheckedTrain, y: CheckedTrain, names: Names): readonly Row[] {
  const changed = [...names.state].some(([from, to]) => x.frozen.has(from) !== y.frozen.has(to));
  const toA = new Map([...names.state].map(([from, to]) => [to, from]));
  const alone = (frozen: ReadonlySet<string>, known: ReadonlyMap<string, string>): boolean => [...frozen].some((key) => !known.has(key));
  const dropped = (x.frozen.size === 0) !== (y.frozen.size === 0) && (alone(x.frozen, names.state) || alone(y.frozen, toA));
  const spans = (train: CheckedTrain, key: string): string => plain(train.freezing.get(key) ?? null);
  const timed = [...names.state].some(([from, to]) => spans(x, from) !== spans(y, to));
  if (!changed && !dropped && !timed) return [];
  const text = (method: CheckedMethod): string =>
    itemsOf(method)
      .flatMap((item) => {
        if (item.kind !== 'freeze') return [];
        const until = item.untilEpoch ? ` until epoch ${textOf(item.untilEpoch.span)}` : '';
        const clauses = `${item.fromEpoch ? ` from epoch ${textOf(item.fromEpoch.span)}` : ''}${until}`;
        return `${item.members.map((m) => textOf(m.span)).join(', ')}${clauses}`;
      })
      .join(', ') || 'none';
  const at = (method: CheckedMethod): Span | undefined =>
    itemsOf(method).find((item) => item.kind === 'freeze')?.span ?? method.train?.span;
  // In both frozen for a while, only for another: nothing else trains, and at another time.
  const moved = !changed && !dropped && [...names.state].every(([from, to]) => x.freezing.has(from) === y.freezing.has(to));
  return [row(moved ? 'schedule' : 'gradient flow', 'frozen', text(a), text(b), { a: at(a), b: at(b) })];
}

/** Whether a ramp has the same ends, at other times. */
function sameEnds({ weight: x }: LossDeclaration, { weight: y }: LossDeclaration): boolean {
  return typeof x === 'object' && typeof y === 'object' && x.from === y.from && x.to === y.to;
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
    if (plain(p.weight) !== plain(q.weight))
      rows.push(row(sameEnds(p, q) ? 'schedule' : 'loss', `weight of loss ${to}`, weightText(p.weight), weightText(q.weight), at));
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
