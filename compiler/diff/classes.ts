/** What kinds of differences there are, and what one difference says. */
import type { Span } from '../source/source.ts';
import { positionAt } from '../source/source.ts';

/** In the order of their weight: the exit code of a comparison is that of its heaviest difference. */
export const CLASSES = [
  'none',
  'cosmetic',
  'hyper-parameter',
  'schedule',
  'loss',
  'architecture',
  'gradient flow',
  'data',
  'supervision',
  'protocol',
] as const;

export type DiffClass = (typeof CLASSES)[number];

/** 0 for `none` and `cosmetic`, else 10 and the place in the list: 12 for a hyper-parameter … 19 for the protocol. */
export function exitCodeOf(classes: Iterable<DiffClass>): number {
  const heaviest = Math.max(0, ...[...classes].map((name) => CLASSES.indexOf(name)));
  return heaviest <= CLASSES.indexOf('cosmetic') ? 0 : 10 + heaviest;
}

export interface Place {
  readonly file: string;
  readonly line: number;
}

export function placeOf(span: Span | undefined): Place | undefined {
  return span && { file: span.file.name, line: positionAt(span.file, span.start).line };
}

/** The same question asked of both sides; `undefined` where a side has nothing of the kind. */
export interface Both<T> {
  readonly from: T | undefined;
  readonly to: T | undefined;
}

/** What follows from a difference. Every effect reads the same from the other side, with `from` and `to` swapped. */
export type Effect =
  /** A number; words where it depends on sizes that are not known. */
  | ({ readonly kind: 'parameters' | 'multiply-adds' } & Both<number | string>)
  /** A tensor that has another size now. */
  | ({ readonly kind: 'shape'; readonly of: string } & Both<string>)
  /** Parameters that the gradient of a loss reaches in one version only. */
  | ({ readonly kind: 'reach'; readonly loss: string } & Both<readonly string[]>)
  /** Parameters that no loss reaches in one version only. */
  | ({ readonly kind: 'untrained' } & Both<readonly string[]>)
  /** What a reader should also know: `pretrained weights`. */
  | ({ readonly kind: 'note'; readonly of: string } & Both<string>);

/** One difference, at the level at which an author would tell it. */
export interface Row extends Both<string> {
  readonly class: DiffClass;
  /** What differs, in the words of the spec. */
  readonly what: string;
  readonly at: Both<Place>;
  readonly effects: readonly Effect[];
}

/** What a layer is that stands elsewhere in the tree of modules and is otherwise the same: cosmetic, and always shown. */
export const MOVED = 'moved';

function swapped<T extends Both<unknown>>(value: T): T {
  return { ...value, from: value.to, to: value.from };
}

/** The row as the comparison the other way round says it. */
export function inverse(row: Row): Row {
  return { ...swapped(row), at: swapped(row.at), effects: row.effects.map(inverseEffect) };
}

export function inverseEffect(effect: Effect): Effect {
  return swapped(effect);
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Heaviest class first, then by what differs: an order that both directions of a comparison share. */
export function sortRows(rows: readonly Row[]): readonly Row[] {
  const key = (row: Row): string => [row.what, ...[row.from ?? '', row.to ?? ''].sort(byText)].join('\n');
  return [...rows].sort((a, b) => CLASSES.indexOf(b.class) - CLASSES.indexOf(a.class) || byText(key(a), key(b)));
}
