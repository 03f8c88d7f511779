/**
 * Two methods compared: rows, one for each thing that an author did. What differs is read from the graphs and plans that the checker made; the text
 * is asked only where a difference was written, and how to quote it.
 */
import type { BoundFile } from '../bind/bind.ts';
import type { CheckedInfer, CheckedMethod } from '../check/check.ts';
import { inputName, isInput } from '../ir/paths.ts';
import { type DiffClass, type Effect, inverse, inverseEffect, type Row, sortRows } from './classes.ts';
import { cosmeticRows } from './cosmetic.ts';
import { type Effects, effectsOf } from './effects/causes.ts';
import { commonSizes, totalEffects } from './effects/measure.ts';
import { reachEffects } from './effects/reach.ts';
import { type Compared, compareGraphs, type Traced } from './graph/compare.ts';
import { Groups } from './graph/groups.ts';
import { type SettledRow, settle } from './hypers.ts';
import { type Marks, marksOf, tracedTraining } from './marks.ts';
import { gridRows } from './plan/grids.ts';
import { pipelineRows } from './plan/pipeline.ts';
import { row } from './plan/rows.ts';
import { lossRows, trainRows } from './plan/train.ts';
import { dataRows, datasetRows } from './plan/views.ts';
import { stepText } from './plan/words.ts';
import type { Names, Side } from './side.ts';
import { structureRow } from './structure.ts';
import { Blame, valueText } from './text/blame.ts';
import { Bodies, type Body } from './text/bodies.ts';
import type { BodyPair } from './text/body-pair.ts';

export interface Comparison {
  readonly rows: readonly Row[];
  /** Of the whole forward pass with all losses, for one image of this height and width. */
  readonly total: readonly Effect[];
  readonly image: readonly [number, number];
  /** What a drawing of either side marks; asked for by few, so found when it is. */
  readonly marks: () => { readonly from: Marks; readonly to: Marks };
}

/** Compares two methods. The same two the other way round give the same rows, with `from` and `to` swapped. */
export function compareMethods(left: Side, right: Side): Comparison {
  if (orderKey(left) <= orderKey(right)) return inOrder(left, right);
  const { rows, total, image, marks } = inOrder(right, left);
  const swapped = (): ReturnType<typeof marks> => {
    const { from, to } = marks();
    return { from: to, to: from };
  };
  return { rows: sortRows(rows.map(inverse)), total: total.map(inverseEffect), image, marks: swapped };
}

/** Where structure leaves a choice, it must not depend on which side comes first. */
function orderKey({ method }: Side): string {
  const texts = (file: BoundFile): string => [file.spec.source.text, ...file.imports.map(texts)].join('\n');
  return [method.name, ...method.hypers.map(({ name, value }) => `${name} ${valueText(value)}`), texts(method.source.file)].join('\n');
}

function inOrder(left: Side, right: Side): Comparison {
  const a = left.method;
  const { b, rows: hypers } = settle(left, right);
  const settled: Side = { ...right, method: b };
  const states = { a: a.states, b: b.states };
  const training = compareGraphs(tracedTraining(a), tracedTraining(b), states);
  const infer = pairedPrograms(a, b);
  const inferred = infer.paired.map(([x, y]) => ({ x, y, compared: compareGraphs(tracedInfer(x), tracedInfer(y), states) }));
  const bodies = { a: new Bodies(a), b: new Bodies(b) };
  const pairs = new Map<Body, Map<Body, BodyPair>>();
  const same = new Set(hypers.map((h) => h.name));
  const groups = new Groups();
  groups.add(training, new Blame(bodies.a, bodies.b, undefined, pairs, same));
  for (const { x, y, compared } of inferred) groups.add(compared, new Blame(bodies.a, bodies.b, { a: x.name, b: y.name }, pairs, same));
  const names = namesOf(
    training,
    inferred.map(({ compared }) => compared),
    a,
    b,
  );
  const all = groups.all();
  const effects = effectsOf(training, all, a, b);
  const structure = all.map((group) => {
    const r = structureRow(group, a, b, training);
    return { ...r, effects: [...(effects.of.get(group) ?? []), ...pretrainingNotes(r, a, b)] };
  });
  const rows = [
    ...hyperRows(hypers, b, right),
    ...structure,
    ...lossRows(a, b, names).map((r) => withLossEffects(r, effects)),
    ...trainRows(a, b, names),
    ...dataRows(left, settled, names),
    ...datasetRows(left, settled),
    ...supervisionRows(a, b),
    ...pretrainingRows(a, b, structure),
    ...infer.removed.map((p) => row('protocol', `infer ${p.name}`, 'infer { … }', undefined, { a: p.block.span, b: undefined })),
    ...infer.added.map((p) => row('protocol', `infer ${p.name}`, undefined, 'infer { … }', { a: undefined, b: p.block.span })),
    ...pipelineRows(a, b),
    ...gridRows(a, b),
    ...cosmeticRows(a, b, names, replacedLayers(structure)),
  ];
  // Graphs that differ are never called the same, even where no statement was found that says why.
  if (groups.derived.length > 0 && rows.every((r) => r.class === 'cosmetic'))
    rows.push(structureRow({ landing: { a: undefined, b: undefined }, found: groups.derived }, a, b, training));
  return {
    rows: sortRows(withReach(rows, reachEffects(a, b, names, replacedLayers(structure)))),
    total: totalEffects(a, right.method),
    image: commonSizes(a, right.method).image,
    marks: () => marksOf(a, right.method, names),
  };
}

/** What each setting alone changes of the second method. */
function hyperRows(hypers: readonly SettledRow[], settled: CheckedMethod, right: Side): readonly Row[] {
  const { method } = right;
  if (totalEffects(settled, method).length === 0) return hypers.map((h) => h.row);
  return hypers.map((h) => {
    const alone = hypers.length === 1 ? settled : right.under(new Map([[h.name, h.from]]));
    return alone ? { ...h.row, effects: totalEffects(alone, method) } : h.row;
  });
}

/** Layers of the method that have a row of their own. */
function replacedLayers(structure: readonly Row[]): ReadonlySet<string> {
  return new Set(structure.flatMap(({ what }) => /^(?:layer|backbone) (\S+)$/.exec(what)?.[1] ?? []));
}

/** What only this loss needs goes with it. Where several come or go, none is told apart. */
function withLossEffects(r: Row, effects: Effects): Row {
  if (r.from !== undefined && r.to !== undefined) return r;
  return { ...r, effects: [...r.effects, ...effects.ofLoss(r.from === undefined ? 'to' : 'from')] };
}

/** Gradients that a loss gained or lost, at the row that explains them: the loss itself, else what stops gradients, else the only other change. */
function withReach(rows: readonly Row[], { byLoss, untrained }: ReturnType<typeof reachEffects>): readonly Row[] {
  const result = [...rows];
  const put = (at: number, effect: Effect): void => {
    if (at >= 0) result[at] = { ...result[at], effects: [...result[at].effects, effect] };
  };
  const whole = (r: Row): boolean => r.class === 'loss' && (r.from === undefined || r.to === undefined);
  const only = (kind: DiffClass): number => {
    const found = result.flatMap((r, i) => (r.class === kind && !(kind === 'loss' && whole(r)) ? [i] : []));
    return found.length === 1 ? found[0] : -1;
  };
  const other = (): number => [only('gradient flow'), only('architecture'), only('loss')].find((i) => i >= 0) ?? -1;
  for (const { loss, effect } of byLoss) {
    const own = result.findIndex((r) => whole(r) && r.what === `loss ${loss}`);
    // That a new loss reaches all there is needs no words.
    put(own >= 0 ? own : other(), effect);
  }
  const losses = result.flatMap((r, i) => (whole(r) ? [i] : []));
  for (const effect of untrained) put(losses.length === 1 ? losses[0] : other(), effect);
  return result;
}

function tracedInfer({ graph, E }: CheckedInfer): Traced {
  return {
    graph,
    E,
    steps: (input) =>
      E.inferInputs
        .get(input)
        ?.steps.map((step) => stepText(step))
        .join(' |> '),
  };
}

interface PairedPrograms {
  readonly paired: readonly (readonly [CheckedInfer, CheckedInfer])[];
  readonly removed: readonly CheckedInfer[];
  readonly added: readonly CheckedInfer[];
}

/** Inference programs of one name; the only ones of both sides under any name. */
function pairedPrograms(a: CheckedMethod, b: CheckedMethod): PairedPrograms {
  const paired = a.infer.flatMap((x) => {
    const y = b.infer.find((other) => other.name === x.name);
    return y ? [[x, y] as const] : [];
  });
  const removed = a.infer.filter((x) => !paired.some(([p]) => p === x));
  const added = b.infer.filter((y) => !paired.some(([, q]) => q === y));
  if (removed.length === 1 && added.length === 1) return { paired: [...paired, [removed[0], added[0]]], removed: [], added: [] };
  return { paired, removed, added };
}

/** Keys and inputs of the one as the other has them: matched ones, then those of the same name. */
function namesOf(training: Compared, infer: readonly Compared[], a: CheckedMethod, b: CheckedMethod): Names {
  const state = new Map<string, string>();
  const inputs = new Map<string, string>();
  const taken = new Set<string>();
  for (const compared of [training, ...infer])
    for (const [p, q] of compared.matching.pairs) {
      if (!isInput(p.node)) continue;
      const [from, to] = [inputName(p.node), inputName(q.node)];
      if (from.role === 'state' && !state.has(from.name) && !taken.has(to.name)) {
        state.set(from.name, to.name);
        taken.add(to.name);
      } else if (from.role === 'batch' && compared === training) inputs.set(from.name, to.name);
    }
  for (const key of a.states.keys()) if (!state.has(key) && b.states.has(key) && !taken.has(key)) state.set(key, key);
  return { state, inputs, losses: training.losses };
}

function supervisionRows(a: CheckedMethod, b: CheckedMethod): readonly Row[] {
  const text = ({ supervision }: CheckedMethod): string => [...supervision].sort().join(' + ') || 'none';
  const span = ({ source }: CheckedMethod) => source.members.find((m) => m.kind === 'supervision')?.span;
  return text(a) === text(b) ? [] : [row('supervision', 'supervision', text(a), text(b), { a: span(a), b: span(b) })];
}

const pretrainedOn = (method: CheckedMethod): ReadonlyMap<string, string> =>
  new Map((method.pretrained ?? []).map((p) => [p.backbone, p.on]));

/** Where backbones start from, unless a row about the backbone itself tells it. */
function pretrainingRows(a: CheckedMethod, b: CheckedMethod, told: readonly Row[]): readonly Row[] {
  const span = ({ source }: CheckedMethod, name: string) => source.members.find((m) => m.kind === 'layer' && m.name.text === name)?.span;
  const [x, y] = [pretrainedOn(a), pretrainedOn(b)];
  return [...new Set([...x.keys(), ...y.keys()])].flatMap((name) => {
    if (x.get(name) === y.get(name) || told.some((r) => r.what === `backbone ${name}`)) return [];
    const at = { a: span(a, name), b: span(b, name) };
    return [row('data', `first weights of ${name}`, x.get(name) ?? 'random', y.get(name) ?? 'random', at)];
  });
}

function pretrainingNotes({ what }: Row, a: CheckedMethod, b: CheckedMethod): readonly Effect[] {
  const name = /^backbone (\S+)$/.exec(what)?.[1];
  if (name === undefined) return [];
  const [from, to] = [pretrainedOn(a).get(name), pretrainedOn(b).get(name)];
  return from === to ? [] : [{ kind: 'note', of: 'first weights', from: from ?? 'random', to: to ?? 'random' }];
}
