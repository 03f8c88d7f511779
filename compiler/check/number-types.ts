/**
 * Types of numbers that a spec states, each with its bounds: `kernel: count`, `rate: fraction`. Signatures of modules and operators, optimisers,
 * schedules, settings, stages and data sets name them in their tables, and what is given is held against them here.
 */
import { constantOf } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { Elaboration } from './elaboration.ts';
import { describe, type Value } from './values.ts';

interface NumberType {
  readonly whole: boolean;
  readonly holds: (value: number) => boolean;
  /** For messages: what a number of this type is. */
  readonly words: string;
}

const anything = (): boolean => true;

const NUMBER_TYPES = {
  int: { whole: true, holds: anything, words: 'a whole number' },
  float: { whole: false, holds: anything, words: 'a number' },
  natural: { whole: true, holds: (x) => x >= 0, words: 'a whole number of at least 0' },
  count: { whole: true, holds: (x) => x >= 1, words: 'a whole number of at least 1' },
  positive: { whole: false, holds: (x) => x > 0, words: 'a number above 0' },
  amount: { whole: false, holds: (x) => x >= 0, words: 'a number of at least 0' },
  share: { whole: false, holds: (x) => x >= 0 && x <= 1, words: 'a number from 0 to 1' },
  fraction: { whole: false, holds: (x) => x >= 0 && x < 1, words: 'a number from 0 to below 1' },
  /** A place in a training: as `runtime/train/schedule.ts` reads it. */
  progress: {
    whole: false,
    holds: (x) => x >= 0 && (x <= 1 || Number.isInteger(x)),
    words: 'a share of the training (0 to 1) or a whole number of steps',
  },
} as const satisfies Readonly<Record<string, NumberType>>;

export type NumberTypeName = keyof typeof NUMBER_TYPES;

export const NUMBER_TYPE_NAMES: readonly string[] = Object.keys(NUMBER_TYPES);

export function isNumberType(name: string): name is NumberTypeName {
  return Object.hasOwn(NUMBER_TYPES, name);
}

/** What a number of the type is, in words. */
export function wordsOf(type: NumberTypeName): string {
  return NUMBER_TYPES[type].words;
}

/** Whether a number lies within the bounds of the type; `whole`: it was written, or computed, as a whole number. */
export function within(type: NumberTypeName, value: number, whole: boolean): boolean {
  const { whole: wanted, holds } = NUMBER_TYPES[type];
  return Number.isFinite(value) && (whole || !wanted) && holds(value);
}

/** Reports a number outside its bounds, a size among them where it is the same for every image. False after a report. */
export function checkBounds(E: Elaboration, where: string, value: Value, type: NumberTypeName, at: Span): boolean {
  const fixed = value.kind === 'dim' ? constantOf(value.dim) : value.kind === 'number' ? value.value : undefined;
  if (fixed === undefined || within(type, fixed, value.kind === 'dim' || (value.kind === 'number' && value.integer))) return true;
  E.report('bad-setting', at, { name: where, expected: wordsOf(type), found: String(fixed) });
  return false;
}

/** The number that a value is; undefined after a report (of poison nothing is said again). */
export function numberOf(E: Elaboration, where: string, value: Value, type: NumberTypeName, at: Span): number | undefined {
  if (value.kind === 'poison') return undefined;
  if (value.kind === 'number') return checkBounds(E, where, value, type, at) ? value.value : undefined;
  E.report('static-type', at, { where, wanted: wordsOf(type), found: describe(value) });
  return undefined;
}
