/** Differences of what training reads: the data set, its views, and which input each fills. */
import type { CheckedMethod } from '../../check/check.ts';
import type { BatchBinding, ViewPlan, ViewStep } from '../../ir/program.ts';
import type { Span } from '../../source/source.ts';
import type { Row } from '../classes.ts';
import { longestCommon } from '../graph/longest-common.ts';
import type { Names, Side } from '../side.ts';
import { plain, row, type Spans } from './rows.ts';
import { itemsOf } from './train.ts';
import { argumentText, chainText, stepText } from './words.ts';

export function dataRows(left: Side, right: Side, names: Names): readonly Row[] {
  const [a, b] = [left.method, right.method];
  const [x, y] = [a.train, b.train];
  if (!x || !y) return [];
  const rows: Row[] = [];
  const at: Spans = { a: dataSpan(a), b: dataSpan(b) };
  if (plain(x.source) !== plain(y.source))
    rows.push(row('data', 'training data', x.source && argumentText(x.source), y.source && argumentText(y.source), at));
  const { paired, removed, added } = pairViews(x.views, y.views, x.bindings, y.bindings, names);
  const toB = new Map<string, string>([['source', 'source'], ...paired.map(([p, q]) => [p.name, q.name] as const)]);
  for (const [p, q] of paired) {
    const spans: Spans = { a: viewSpan(a, p.name), b: viewSpan(b, q.name) };
    if ((toB.get(p.from) ?? p.from) !== q.from)
      rows.push(row('data', `view ${q.name}`, chainText(p.from, p.steps), chainText(q.from, q.steps), spans));
    else if (plain(p.steps) !== plain(q.steps)) rows.push(row('data', `view ${q.name}`, ...changed(p.steps, q.steps), spans));
  }
  for (const view of removed)
    rows.push(row('data', `view ${view.name}`, chainText(view.from, view.steps), undefined, { a: viewSpan(a, view.name), b: undefined }));
  for (const view of added)
    rows.push(row('data', `view ${view.name}`, undefined, chainText(view.from, view.steps), { a: undefined, b: viewSpan(b, view.name) }));
  rows.push(...bindingRows(a, b, names, toB, new Set(removed.map((v) => v.name)), new Set(added.map((v) => v.name)), at));
  return rows;
}

/** Data sets as they are declared; of those that both sides use. */
export function datasetRows(left: Side, right: Side): readonly Row[] {
  const used = ({ method }: Side): ReadonlySet<string> =>
    new Set([...(method.train?.source ? [method.train.source.dataset] : []), ...(method.pipeline?.datasets ?? [])]);
  const [x, y] = [used(left), used(right)];
  const span = ({ method }: Side, name: string): Span | undefined => method.source.file.names.get(name)?.declaration.span;
  return [...x].flatMap((name) => {
    if (!y.has(name) || plain(left.datasets[name]) === plain(right.datasets[name])) return [];
    return [
      row('data', `data set ${name}`, argumentText(left.datasets[name]), argumentText(right.datasets[name]), {
        a: span(left, name),
        b: span(right, name),
      }),
    ];
  });
}

/** The steps that differ, as the shortest change says it. */
function changed(from: readonly ViewStep[], to: readonly ViewStep[]): [string | undefined, string | undefined] {
  const common = longestCommon(from, to, (x, y) => plain(x) === plain(y));
  const [left, right] = [new Set(common.map(([i]) => i)), new Set(common.map(([, j]) => j))];
  const text = (steps: readonly ViewStep[], kept: ReadonlySet<number>): string | undefined =>
    steps
      .filter((_, i) => !kept.has(i))
      .map(stepText)
      .join(' |> ') || undefined;
  return [text(from, left), text(to, right)];
}

interface PairedViews {
  readonly paired: readonly (readonly [ViewPlan, ViewPlan])[];
  readonly removed: readonly ViewPlan[];
  readonly added: readonly ViewPlan[];
}

/** Views of one name; of others those that fill the same inputs; of others those with the same steps. */
function pairViews(
  a: readonly ViewPlan[],
  b: readonly ViewPlan[],
  x: readonly BatchBinding[],
  y: readonly BatchBinding[],
  names: Names,
): PairedViews {
  const open = new Set(b);
  const paired: [ViewPlan, ViewPlan][] = [];
  const fills = (view: ViewPlan, bindings: readonly BatchBinding[], rename: (name: string) => string): string =>
    bindings
      .filter((binding) => binding.view === view.name)
      .map((binding) => rename(binding.input))
      .sort()
      .join(' ');
  const toB = (name: string): string => names.inputs.get(name) ?? name;
  const rules: ((p: ViewPlan, q: ViewPlan) => boolean)[] = [
    (p, q) => p.name === q.name,
    (p, q) => fills(p, x, toB) !== '' && fills(p, x, toB) === fills(q, y, (name) => name),
    (p, q) => plain(p.steps) === plain(q.steps),
  ];
  let rest = [...a];
  for (const same of rules)
    rest = rest.filter((p) => {
      const q = [...open].find((other) => same(p, other));
      if (!q) return true;
      open.delete(q);
      paired.push([p, q]);
      return false;
    });
  return { paired, removed: rest, added: [...open] };
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
  const open = new Map((b.train?.bindings ?? []).map((binding) => [binding.input, binding]));
  const text = ({ view, part }: BatchBinding): string => (view === 'source' ? part : `${part} of view ${view}`);
  for (const p of a.train?.bindings ?? []) {
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
