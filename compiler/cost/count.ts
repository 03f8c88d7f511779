/** Counts in sizes of which some may not be known: the known part as a number, the rest as a polynomial. */
import type { Sizes } from '../ir/storage.ts';
import { add, constant, constantOf, type Dim, DimError, evaluate, show, substitute, subtract, variablesOf } from '../shape/dim.ts';

export interface Count {
  readonly known: number;
  readonly open: Dim;
}

export const NONE: Count = { known: 0, open: constant(0) };

/** A size as a number; undefined where it depends on what is not known, or does not exist for these sizes. */
export function numberOf(d: Dim, sizes: Sizes): number | undefined {
  if (!variablesOf(d).every((name) => name in sizes)) return undefined;
  try {
    return evaluate(d, sizes);
  } catch (error) {
    if (error instanceof DimError) return undefined;
    throw error;
  }
}

export function countOf(d: Dim, sizes: Sizes): Count {
  const known = numberOf(d, sizes);
  if (known !== undefined) return { known, open: NONE.open };
  const numbers = new Map(Object.entries(sizes).map(([name, value]) => [name, constant(value)] as const));
  try {
    return { known: 0, open: substitute(d, numbers) };
  } catch (error) {
    // Not a whole number for these sizes: told with all its names.
    if (error instanceof DimError) return { known: 0, open: d };
    throw error;
  }
}

export function plus(a: Count, b: Count): Count {
  return { known: a.known + b.known, open: b.open === NONE.open ? a.open : add(a.open, b.open) };
}

export function isKnown({ open }: Count): boolean {
  return constantOf(open) === 0;
}

/** Whether two counts differ by a number. */
export function sameOpen(a: Count, b: Count): boolean {
  return constantOf(subtract(a.open, b.open)) === 0;
}

/** A polynomial longer than this says less than the names in it. */
const SHORT = 40;

/** The number; else the polynomial, or the sizes that it depends on where that is shorter. */
export function countValue(count: Count): number | string {
  if (isKnown(count)) return count.known;
  const text = show(add(count.open, constant(count.known)));
  return text.length <= SHORT ? text : `depends on ${variablesOf(count.open).join(', ')}`;
}
