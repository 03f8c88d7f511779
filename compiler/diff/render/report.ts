/** What `wsss diff` tells: pairs of methods, each with its rows. */
import { CLASSES, type DiffClass, type Effect, exitCodeOf, type Place, type Row } from '../classes.ts';
import { totalText } from './words.ts';

export interface MethodReport {
  /** `FILE#METHOD` of both sides, as the user named the files. */
  readonly from: string;
  readonly to: string;
  /** Files that rows need not name, because the head does. */
  readonly files: { readonly from: string; readonly to: string };
  readonly rows: readonly Row[];
  readonly total: readonly Effect[];
  /** Height and width of the image for which multiply-adds and sizes are told. */
  readonly image: readonly [number, number] | undefined;
  /** Cosmetic rows that were left out. */
  readonly hidden: number;
}

export function heaviest(rows: readonly Row[]): DiffClass {
  return CLASSES[Math.max(0, ...rows.map((row) => CLASSES.indexOf(row.class)))];
}

export function reportExit(reports: readonly MethodReport[]): number {
  return exitCodeOf(reports.flatMap(({ rows }) => rows.map((row) => row.class)));
}

/** `35 → 112`, `35 →` for what is gone; files other than those of the head by name. */
export function whereText({ at }: Row, files: MethodReport['files']): string {
  const text = (place: Place | undefined, file: string): string =>
    place ? (place.file === file ? String(place.line) : `${place.file}:${place.line}`) : '';
  const [from, to] = [text(at.from, files.from), text(at.to, files.to)];
  if (from === '' || to === '') return from === '' ? (to === '' ? '' : `→ ${to}`) : `${from} →`;
  return from === to && at.from?.file === at.to?.file ? from : `${from} → ${to}`;
}

export function summary({ rows, hidden }: MethodReport): string {
  const count = rows.length === 0 ? 'no difference' : `${rows.length} difference${rows.length === 1 ? '' : 's'}`;
  return hidden === 0 ? count : `${count}; cosmetic ones left out: ${hidden}`;
}

/** `parameters 24.4 M → 23.5 M, multiply-adds 36.3 G → 32.5 G (one image of 512 × 512)`; nothing where both weigh the same. */
export function totalsText({ total, image }: MethodReport): string {
  const texts = total.map(totalText).join(', ');
  const counted = total.some(({ kind }) => kind === 'multiply-adds');
  return image && counted ? `${texts} (one image of ${image.join(' × ')})` : texts;
}

export function reportJson(reports: readonly MethodReport[]): unknown {
  return {
    exit: reportExit(reports),
    class: heaviest(reports.flatMap(({ rows }) => rows)),
    methods: reports.map(({ from, to, rows, total, image, hidden }) => ({ from, to, class: heaviest(rows), rows, total, image, hidden })),
  };
}
