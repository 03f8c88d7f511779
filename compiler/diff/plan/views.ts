/** Differences of what training reads: the data set, its views, and which input each fills. */
import type { CheckedMethod } from '../../check/check.ts';
import type { Json } from '../../check/pipeline.ts';
import type { CheckedTrain } from '../../check/train.ts';
import type { BatchBinding, ViewPlan, ViewStep } from '../../ir/program.ts';
import type { Span } from '../../source/source.ts';
import type { Row } from '../classes.ts';
import { longestCommon } from '../graph/longest-common.ts';
import type { Names, Side } from '../side.ts';
import { textOf } from '../text/excerpt.ts';
import { type Pairing, pairUp } from './pairing.ts';
import { plain, row, type Spans } from './rows.ts';
import { itemsOf } from './train.ts';
import { argumentText, chainText, drawClauses, sourcesText, stepText } from './words.ts';

export function dataRows(left: Side, right: Side, names: Names): readonly Row[] {
  const [a, b] = [left.method, right.method];
  const [x, y] = [a.train, b.train];
  if (!x || !y) return [];
  const rows: Row[] = [];
  const at: Spans = { a: dataSpan(a), b: dataSpan(b) };
  const sources = (train: CheckedTrain): string | undefined =>
    sourcesText([...(train.source ? [train.source] : []), ...(train.also ?? [])]);
  if (sources(x) !== sources(y)) rows.push(row('data', 'training data', sources(x), sources(y), at));
  rows.push(...pairRows(a, b));
  const { paired, removed, added } = pairViews(x.views, y.views, x.bindings, y.bindings, names);
  const toB = new Map<string, string>([['source', 'source'], ...paired.map(([p, q]) => [p.name, q.name] as const)]);
  for (const [p, q] of paired) {
    const spans: Spans = { a: viewSpan(a, p.name), b: viewSpan(b, q.name) };
    if ((toB.get(p.from) ?? p.from) !== q.from)
      rows.push(row('data', `view ${q.name}`, chainText(p.from, p.steps), chainText(q.from, q.steps), spans));
    else if (plain(p.steps) !== plain(q.steps)) {
      const order = otherOrder(p.steps, q.steps);
      if (order) rows.push(row('data', `order of view ${q.name}`, ...order, spans));
      else rows.push(row('data', `view ${q.name}`, ...changed(p.steps, q.steps), spans));
    }
  }
  // Views and inputs of a pair that one side has alone need no rows of their own.
  const alone = new Set([...(x.pairs ?? []), ...(y.pairs ?? [])].flatMap(({ name }) => (isShared(name, x, y) ? [] : [name])));
  const told = (name: string): boolean => alone.has(name.split('.')[0]);
  for (const view of removed.filter(({ name }) => !told(name)))
    rows.push(row('data', `view ${view.name}`, chainText(view.from, view.steps), undefined, { a: viewSpan(a, view.name), b: undefined }));
  for (const view of added.filter(({ name }) => !told(name)))
    rows.push(row('data', `view ${view.name}`, undefined, chainText(view.from, view.steps), { a: undefined, b: viewSpan(b, view.name) }));
  const lonely = { removed: new Set([...removed.map((v) => v.name), ...alone]), added: new Set([...added.map((v) => v.name), ...alone]) };
  rows.push(...bindingRows(a, b, names, toB, lonely.removed, lonely.added, at));
  return rows;
}

function isShared(pair: string, x: CheckedTrain, y: CheckedTrain): boolean {
  return [x, y].every(({ pairs }) => pairs?.some(({ name }) => name === pair));
}

/** How partners are drawn. */
function pairRows(a: CheckedMethod, b: CheckedMethod): readonly Row[] {
  const [x, y] = [a.train?.pairs ?? [], b.train?.pairs ?? []];
  const item = (method: CheckedMethod, name: string) => itemsOf(method).find((i) => i.kind === 'pair' && i.name.text === name);
  return [...new Set([...x, ...y].map(({ name }) => name))].flatMap((name) => {
    const [p, q] = [x.find((pair) => pair.name === name), y.find((pair) => pair.name === name)];
    const [left, right] = [p && item(a, name), q && item(b, name)];
    const written = (own: typeof left): string | undefined => (own?.kind === 'pair' ? textOf(own.draw.span) : undefined);
    const [from, to] =
      p && q
        ? [drawClauses(p).filter((c) => !drawClauses(q).includes(c)), drawClauses(q).filter((c) => !drawClauses(p).includes(c))].map((c) =>
            c.join(', '),
          )
        : [written(left), written(right)];
    return from === to ? [] : [row('data', `pair ${name}`, from, to, { a: left?.span, b: right?.span })];
  });
}

/** Data sets as they are declared; of those that both sides use. */
export function datasetRows(left: Side, right: Side): readonly Row[] {
  const used = ({ method }: Side): ReadonlySet<string> =>
    new Set([...(method.train?.source ? [method.train.source.dataset] : []), ...(method.pipeline?.datasets ?? [])]);
  const [x, y] = [used(left), used(right)];
  const span = ({ method }: Side, name: string): Span | undefined => method.source.file.names.get(name)?.declaration.span;
  return [...x].flatMap((name) => {
    if (!y.has(name) || plain(left.datasets[name]) === plain(right.datasets[name])) return [];
    const [p, q] = [settingsOf(left.datasets[name]), settingsOf(right.datasets[name])];
    const text = (own: ReadonlyMap<string, Json>, other: ReadonlyMap<string, Json>): string =>
      [...own].flatMap(([key, value]) => (plain(value) === plain(other.get(key)) ? [] : [`${key} ${argumentText(value)}`])).join(', ') ||
      'not set';
    return [row('data', `data set ${name}`, text(p, q), text(q, p), { a: span(left, name), b: span(right, name) })];
  });
}

/** Settings under the names that a declaration has for them. */
function settingsOf(dataset: Json): ReadonlyMap<string, Json> {
  const words: Readonly<Record<string, string>> = { kind: 'format', tagsFromMasks: 'tags_from_masks' };
  return new Map(
    Object.entries(typeof dataset === 'object' && dataset !== null ? dataset : {}).map(([key, value]) => [words[key] ?? key, value]),
  );
}

/** The same steps in another order: those between the first and the last that stand elsewhere. */
function otherOrder(from: readonly ViewStep[], to: readonly ViewStep[]): [string, string] | undefined {
  const [x, y] = [from.map(plain), to.map(plain)];
  if (plain([...x].sort()) !== plain([...y].sort())) return undefined;
  const first = x.findIndex((step, i) => step !== y[i]);
  const last = x.findLastIndex((step, i) => step !== y[i]);
  const text = (steps: readonly ViewStep[]): string =>
    steps
      .slice(first, last + 1)
      .map((step) => stepText(step))
      .join(', then ');
  return [text(from), text(to)];
}

/** The steps that differ, as the shortest change says it. */
function changed(from: readonly ViewStep[], to: readonly ViewStep[]): [string | undefined, string | undefined] {
  const common = longestCommon(from, to, (x, y) => plain(x) === plain(y));
  const [left, right] = [new Set(common.map(([i]) => i)), new Set(common.map(([, j]) => j))];
  const [x, y] = [from.filter((_, i) => !left.has(i)), to.filter((_, i) => !right.has(i))];
  const text = (own: readonly ViewStep[], other: readonly ViewStep[]): string | undefined =>
    own
      .map((step) =>
        stepText(
          step,
          other.find(({ op }) => op === step.op),
        ),
      )
      .join(' |> ') || undefined;
  // Steps one by one, each no more than it has otherwise; of others, the whole.
  const alike = x.length === y.length && x.every(({ op }, i) => op === y[i].op) && new Set(x.map(({ op }) => op)).size === x.length;
  return [text(x, alike ? y : []), text(y, alike ? x : [])];
}

/** Views of one name; of others those that fill the same inputs; of others those with the same steps. */
function pairViews(
  a: readonly ViewPlan[],
  b: readonly ViewPlan[],
  x: readonly BatchBinding[],
  y: readonly BatchBinding[],
  names: Names,
): Pairing<ViewPlan> {
  const fills = (view: ViewPlan, bindings: readonly BatchBinding[], rename: (name: string) => string): string =>
    bindings
      .filter((binding) => binding.view === view.name)
      .map((binding) => rename(binding.input))
      .sort()
      .join(' ');
  const toB = (name: string): string => names.inputs.get(name) ?? name;
  return pairUp(a, b, [
    (p, q) => p.name === q.name,
    (p, q) => fills(p, x, toB) !== '' && fills(p, x, toB) === fills(q, y, (name) => name),
    (p, q) => plain(p.steps) === plain(q.steps),
  ]);
}

/** Inputs that are filled otherwise; views that are new or gone say so themselves. */
function bindingRows(
  a: CheckedMethod,
  b: CheckedMethod,
  names: Names,
  views: ReadonlyMap<string, string>,
  removed: ReadonlySet<string>,
  added: ReadonlySet<string>,
  at: Spans,
): readonly Row[] {
  const rows: Row[] = [];
  // The geometry of a view comes with the call that asks for it, which has a row of its own.
  const bindingsOf = (method: CheckedMethod): readonly BatchBinding[] =>
    (method.train?.bindings ?? []).filter(({ part }) => part !== 'geometry');
  const text = ({ view, part }: BatchBinding): string => (view === 'source' ? part : `${part} of view ${view}`);
  const open = new Map(bindingsOf(b).map((binding) => [binding.input, binding]));
  for (const p of bindingsOf(a)) {
    const input = names.inputs.get(p.input) ?? p.input;
    const q = open.get(input);
    open.delete(input);
    if (!q) {
      if (!removed.has(p.view)) rows.push(row('data', `input ${p.input}`, text(p), undefined, at));
    } else if (((views.get(p.view) ?? p.view) !== q.view && !removed.has(p.view) && !added.has(q.view)) || p.part !== q.part)
      rows.push(row('data', `input ${q.input}`, text(p), text(q), at));
  }
  for (const q of open.values()) if (!added.has(q.view)) rows.push(row('data', `input ${q.input}`, undefined, text(q), at));
  return rows;
}

function dataSpan(method: CheckedMethod): Span | undefined {
  const item = itemsOf(method).find((i) => i.kind === 'data');
  return item?.kind === 'data' ? item.source.span : method.train?.span;
}

function viewSpan(method: CheckedMethod, name: string): Span | undefined {
  for (const item of itemsOf(method))
    if (item.kind === 'data') for (const view of item.views) if (view.names[0].text === name) return view.span;
  return dataSpan(method);
}
