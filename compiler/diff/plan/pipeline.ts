/** Differences of pipelines: stages that are new, gone, or told otherwise. */
import type { CheckedMethod } from '../../check/check.ts';
import type { StageDraft } from '../../check/pipeline.ts';
import type { Span } from '../../source/source.ts';
import type { Assignment, PipelineItem, RoundsStatement, StageStatement } from '../../syntax/ast.ts';
import { CLASSES, type DiffClass, type Row } from '../classes.ts';
import { contains } from '../text/bodies.ts';
import { textOf } from '../text/excerpt.ts';
import { fingerprint } from '../text/fingerprint.ts';
import { type Pairing, pairUp } from './pairing.ts';
import { plain, row } from './rows.ts';
import { argumentText } from './words.ts';

/** What an argument of a stage means; of stages that are not here, the protocol. */
const ARGUMENTS: Readonly<Record<string, Readonly<Record<string, DiffClass>>>> = {
  train: { epochs: 'schedule', steps: 'schedule', on: 'data', weights: 'data', init: 'data', masks: 'supervision' },
  evaluate: { label: 'cosmetic' },
};

export function pipelineRows(a: CheckedMethod, b: CheckedMethod): readonly Row[] {
  const [x, y] = [a.pipeline?.stages ?? [], b.pipeline?.stages ?? []];
  const { paired, removed, added } = pairStages(x, y);
  const toB = new Map(paired.map(([p, q]) => [p.name, q.name]));
  const wordsOf = new Map([...toB].map(([from, to]) => [written(from), written(to)]));
  const inB = (word: string): string => wordsOf.get(word) ?? word;
  const rounds = roundsRows(a, b, inB);
  // A stage put between two others, or taken from between them, says itself why the second reads another one now.
  const fresh = new Set([...removed, ...added].map(({ name }) => name));
  const explained = (value: unknown): boolean => typeof value === 'string' && fresh.has(value);
  const rows: Row[] = [];
  const told = new Set<string>();
  for (const [p, q] of paired) {
    const [left, right] = [settingsOf(p, (name) => renamed(name, toB)), settingsOf(q, (name) => name)];
    // What both methods call themselves is no difference.
    if (left.get('method') === a.name && right.get('method') === b.name) left.set('method', b.name);
    const different = [...new Set([...left.keys(), ...right.keys()])].filter(
      (key) => plain(left.get(key)) !== plain(right.get(key)) && !explained(left.get(key)) && !explained(right.get(key)),
    );
    const [from, to] = [stageTree(a, p.name), stageTree(b, q.name)];
    // What a round hands on has other makers in other rounds; that the rounds are otherwise is a row of its own.
    const inputsOnly = different.every((key) => key in p.inputs || key in q.inputs);
    if (rounds.length > 0 && inputsOnly && from && to && fingerprint(from.value, inB) === fingerprint(to.value, (name) => name)) continue;
    if (different.length === 0 || told.has(`${q.op} ${written(q.name)}`)) continue;
    if (inRound(q.name)) told.add(`${q.op} ${written(q.name)}`);
    const classes = different.map((key) => classOf(q.op, key));
    const kind = CLASSES[Math.max(...classes.map((c) => CLASSES.indexOf(c)))];
    const text = (stage: StageDraft, tree: StageStatement | undefined, values: ReadonlyMap<string, unknown>): string | undefined =>
      different
        .flatMap((key) => {
          // In a round, names are those of the round.
          const own = inRound(stage.name) && key in stage.inputs ? argumentOf(tree, key) : undefined;
          return values.has(key) ? [`${key}: ${own ?? argumentText(values.get(key))}`] : [];
        })
        .join(', ') || 'not set';
    rows.push(row(kind, `stage ${written(q.name)}`, text(p, from, left), text(q, to, right), { a: from?.span, b: to?.span }));
  }
  return [...rounds, ...rows, ...aloneRows('removed', removed, a, b), ...aloneRows('added', added, b, a)];
}

/** Stages that one side has alone, those of all rounds as one; rounds that are new, gone or more say so themselves. */
function aloneRows(side: 'removed' | 'added', stages: readonly StageDraft[], own: CheckedMethod, other: CheckedMethod): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const stage of stages) {
    const name = written(stage.name);
    const tree = stageTree(own, stage.name);
    const inOwnRounds = tree && roundsOf(own).some((r) => contains(r.span, tree.span) && !counterpart(r, roundsOf(own), roundsOf(other)));
    if (rows.has(name) || inOwnRounds || (inRound(stage.name) && stageTree(other, stage.name))) continue;
    const text = tree ? textOf(tree.value.span) : `${stage.op}(…)`;
    const kind = stage.op === 'report' ? 'cosmetic' : 'protocol';
    rows.set(
      name,
      side === 'removed'
        ? row(kind, `stage ${name}`, text, undefined, { a: tree?.span, b: undefined })
        : row(kind, `stage ${name}`, undefined, text, { a: undefined, b: tree?.span }),
    );
  }
  return [...rows.values()];
}

/** Rounds of pipelines: how many, what they start from, and what each hands on to the next. */
function roundsRows(a: CheckedMethod, b: CheckedMethod, inB: (word: string) => string): readonly Row[] {
  const [x, y] = [roundsOf(a), roundsOf(b)];
  const rows: Row[] = [];
  const what = ({ carried }: RoundsStatement): string => `rounds of ${carried.map((c) => c.name.text).join(', ')}`;
  for (const p of x) {
    const q = counterpart(p, x, y);
    if (!q) rows.push(row('protocol', what(p), headOf(p), undefined, { a: p.span, b: undefined }));
    else {
      const [left, right] = [clausesOf(p, inB), clausesOf(q, (word) => word)];
      const said = (own: typeof left, other: typeof left): string =>
        own.flatMap(({ meant, text }) => (other.some((clause) => clause.meant === meant) ? [] : [text])).join(', ');
      const [from, to] = [said(left, right), said(right, left)];
      if (from !== to) rows.push(row('protocol', what(q), from || 'not set', to || 'not set', { a: p.span, b: q.span }));
    }
  }
  for (const q of y) if (!counterpart(q, y, x)) rows.push(row('protocol', what(q), undefined, headOf(q), { a: undefined, b: q.span }));
  return rows;
}

function roundsOf({ source }: CheckedMethod): readonly RoundsStatement[] {
  const within = (items: readonly (PipelineItem | Assignment)[]): readonly RoundsStatement[] =>
    items.flatMap((item) => (item.kind === 'rounds' ? [item, ...within(item.body)] : []));
  return source.members.flatMap((m) => (m.kind === 'pipeline' ? within(m.items) : []));
}

/** The rounds of the other side that stand in the same place. */
function counterpart(
  of: RoundsStatement,
  own: readonly RoundsStatement[],
  others: readonly RoundsStatement[],
): RoundsStatement | undefined {
  return others[own.indexOf(of)];
}

function headOf({ carried, times }: RoundsStatement): string {
  return `iterate ${carried.map(({ span }) => textOf(span)).join(', ')} times ${textOf(times.span)}`;
}

/** `times 3`, `start: seeds`, `then: next`, as they are written and as the other side would write them. */
function clausesOf(
  { carried, times, body }: RoundsStatement,
  rename: (word: string) => string,
): readonly { readonly text: string; readonly meant: string }[] {
  const clause = (word: string, { span }: { readonly span: Span }): { readonly text: string; readonly meant: string } => {
    const text = textOf(span);
    return { text: `${word} ${text}`, meant: `${word} ${text.replace(/^[A-Za-z_]\w*/, rename)}` };
  };
  return [
    clause('times', times),
    ...carried.map(({ value }) => clause('start:', value)),
    ...body.flatMap((item) => (item.kind === 'assignment' ? [clause('then:', item.value)] : [])),
  ];
}

/** The name of a stage, or of a part of what it makes (`seeds.cam`), on the other side. */
function renamed(name: string, toB: ReadonlyMap<string, string>): string {
  const [stage, ...part] = name.split('.');
  return [toB.get(stage) ?? stage, ...part].join('.');
}

/** Stages of rounds are called after the round: `net-1`, and `net-1-2` where rounds stand in rounds. */
const ROUND = /(-\d+)+$/;

function inRound(name: string): boolean {
  return ROUND.test(name);
}

/** The name that the spec has for a stage. */
function written(name: string): string {
  return name.replace(ROUND, '');
}

function classOf(op: string, argument: string): DiffClass {
  return op === 'report' ? 'cosmetic' : (ARGUMENTS[op]?.[argument] ?? 'protocol');
}

/** Everything a stage is told, other stages under the names of the other side. What a report lists beside its panels follows from the pipeline. */
function settingsOf(stage: StageDraft, rename: (name: string) => string): Map<string, unknown> {
  const { name: _, op, inputs, args, program, ...rest } = stage;
  const renamed = (value: unknown): unknown =>
    typeof value === 'string'
      ? rename(value)
      : Array.isArray(value)
        ? value.map(renamed)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, renamed(part)]))
          : value;
  const all = new Map<string, unknown>();
  for (const [key, value] of Object.entries(inputs)) if (op !== 'report' || key === 'panels') all.set(key, renamed(value));
  for (const [key, value] of Object.entries(args)) all.set(key, value);
  for (const [key, value] of Object.entries(rest)) if (key !== 'span') all.set(key, value);
  if (program !== undefined && op === 'train') all.set('method', program);
  return all;
}

/** Stages of one name and kind; of others, those that are told the same; of others, the only one of its kind. */
function pairStages(a: readonly StageDraft[], b: readonly StageDraft[]): Pairing<StageDraft> {
  const alone = (list: Iterable<StageDraft>, op: string): boolean => [...list].filter((s) => s.op === op).length === 1;
  const found = pairUp(a, b, [
    (p, q) => p.op === q.op && p.name === q.name,
    (p, q) => p.op === q.op && plain(p.args) === plain(q.args),
    (p, q, { rest, open }) => p.op === q.op && alone(rest, p.op) && alone(open, q.op),
  ]);
  return { ...found, paired: [...found.paired].sort(([p], [q]) => a.indexOf(p) - a.indexOf(q)) };
}

/** The statement of a stage. */
function stageTree(method: CheckedMethod, name: string): StageStatement | undefined {
  const find = (items: readonly (PipelineItem | Assignment)[]): StageStatement | undefined => {
    for (const item of items) {
      const found = item.kind === 'rounds' ? find(item.body) : item.kind === 'stage' && item.name.text === written(name) ? item : undefined;
      if (found) return found;
    }
    return undefined;
  };
  return find(method.source.members.flatMap((m) => (m.kind === 'pipeline' ? m.items : [])));
}

/** An argument as it is written, where it has its name. */
function argumentOf(tree: StageStatement | undefined, name: string): string | undefined {
  const found = tree?.value.kind === 'call' ? tree.value.args.find((arg) => arg.name?.text === name) : undefined;
  return found && textOf(found.value.span);
}
