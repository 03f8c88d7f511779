/** Differences of pipelines: stages that are new, gone, or told otherwise. */
import type { CheckedMethod } from '../../check/check.ts';
import type { StageDraft } from '../../check/pipeline.ts';
import type { Span } from '../../source/source.ts';
import { CLASSES, type DiffClass, type Row } from '../classes.ts';
import { textOf } from '../text/excerpt.ts';
import { fingerprint, isTree, partsOf } from '../text/fingerprint.ts';
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
  // A stage put between two others, or taken from between them, says itself why the second reads another one now.
  const fresh = new Set([...removed, ...added].map(({ name }) => name));
  const explained = (value: unknown): boolean => typeof value === 'string' && fresh.has(value);
  const rows: Row[] = [];
  for (const [p, q] of paired) {
    const [left, right] = [told(p, (name) => toB.get(name) ?? name), told(q, (name) => name)];
    // What both methods call themselves is no difference.
    if (left.get('method') === a.name && right.get('method') === b.name) left.set('method', b.name);
    const different = [...new Set([...left.keys(), ...right.keys()])].filter(
      (key) => plain(left.get(key)) !== plain(right.get(key)) && !explained(left.get(key)) && !explained(right.get(key)),
    );
    if (different.length === 0) continue;
    const classes = different.map((key) => classOf(q.op, key));
    const kind = CLASSES[Math.max(...classes.map((c) => CLASSES.indexOf(c)))];
    const text = (values: ReadonlyMap<string, unknown>): string | undefined =>
      different.flatMap((key) => (values.has(key) ? [`${key}: ${argumentText(values.get(key))}`] : [])).join(', ') || 'not set';
    rows.push(row(kind, `stage ${q.name}`, text(left), text(right), { a: stageSpan(a, p.name), b: stageSpan(b, q.name) }));
  }
  const kind = (stage: StageDraft): DiffClass => (stage.op === 'report' ? 'cosmetic' : 'protocol');
  for (const stage of removed)
    rows.push(row(kind(stage), `stage ${stage.name}`, written(a, stage), undefined, { a: stageSpan(a, stage.name), b: undefined }));
  for (const stage of added)
    rows.push(row(kind(stage), `stage ${stage.name}`, undefined, written(b, stage), { a: undefined, b: stageSpan(b, stage.name) }));
  return rows;
}

function classOf(op: string, argument: string): DiffClass {
  return op === 'report' ? 'cosmetic' : (ARGUMENTS[op]?.[argument] ?? 'protocol');
}

/** Everything a stage is told, other stages under the names of the other side. A report lists what the pipeline has: that follows from it. */
function told(stage: StageDraft, rename: (name: string) => string): Map<string, unknown> {
  const { name: _, op, inputs, args, program, ...rest } = stage;
  const renamed = (value: unknown): unknown =>
    typeof value === 'string' ? rename(value) : Array.isArray(value) ? value.map(renamed) : value;
  const all = new Map<string, unknown>();
  for (const [key, value] of Object.entries(inputs)) if (op !== 'report') all.set(key, renamed(value));
  for (const [key, value] of Object.entries(args)) all.set(key, value);
  for (const [key, value] of Object.entries(rest)) if (key !== 'span') all.set(key, value);
  if (program !== undefined && op === 'train') all.set('method', program);
  return all;
}

interface PairedStages {
  readonly paired: readonly (readonly [StageDraft, StageDraft])[];
  readonly removed: readonly StageDraft[];
  readonly added: readonly StageDraft[];
}

/** Stages of one name and kind; of others, those that are told the same; of others, the only one of its kind. */
function pairStages(a: readonly StageDraft[], b: readonly StageDraft[]): PairedStages {
  const open = new Set(b);
  const paired: [StageDraft, StageDraft][] = [];
  let rest = [...a];
  const alone = (list: Iterable<StageDraft>, op: string): boolean => [...list].filter((s) => s.op === op).length === 1;
  const rules: ((p: StageDraft, q: StageDraft) => boolean)[] = [
    (p, q) => p.op === q.op && p.name === q.name,
    (p, q) => p.op === q.op && plain(p.args) === plain(q.args),
    (p, q) => p.op === q.op && alone(rest, p.op) && alone(open, q.op),
  ];
  for (const same of rules)
    rest = rest.filter((p) => {
      const q = [...open].find((other) => same(p, other));
      if (!q) return true;
      open.delete(q);
      paired.push([p, q]);
      return false;
    });
  return { paired: paired.sort(([p], [q]) => a.indexOf(p) - a.indexOf(q)), removed: rest, added: [...open] };
}

/** The statement of a stage; stages of rounds have names with the round behind them. */
function stageTree(method: CheckedMethod, name: string): { readonly span: Span; readonly value: { readonly span: Span } } | undefined {
  const plainName = name.replace(/\[.*$/, '');
  const find = (tree: unknown): { readonly span: Span; readonly value: { readonly span: Span } } | undefined => {
    if (Array.isArray(tree)) {
      for (const item of tree) {
        const found = find(item);
        if (found) return found;
      }
      return undefined;
    }
    if (typeof tree !== 'object' || tree === null) return undefined;
    if (isTree(tree) && tree.kind === 'stage' && 'name' in tree && 'value' in tree && isTree(tree.value))
      return fingerprint(tree.name, (n) => n) === plainName ? { span: tree.span, value: tree.value } : undefined;
    return find(partsOf(tree).map(([, value]) => value));
  };
  return find(method.source.members.filter((m) => m.kind === 'pipeline'));
}

function stageSpan(method: CheckedMethod, name: string): Span | undefined {
  return stageTree(method, name)?.span;
}

function written(method: CheckedMethod, stage: StageDraft): string {
  const tree = stageTree(method, stage.name);
  return tree ? textOf(tree.value.span) : `${stage.op}(…)`;
}
