/** What is certain about the value of a dimension, from the least value of each name. Sound, not complete: `-Infinity` and `Infinity` are always allowed answers. */
import type { Atom, Dim } from './normal-form.ts';
import { add, constant, constantTerm, fromTerms, multiply, scale, variable } from './normal-form.ts';

/** Least value a name can have; sizes are at least 1 unless told otherwise. */
export type LeastValue = (name: string) => number;

const sizes: LeastValue = () => 1;

interface Interval {
  readonly low: number;
  readonly high: number;
}

const anything: Interval = { low: -Infinity, high: Infinity };

function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

function times(a: Interval, b: Interval): Interval {
  const corners = [product(a.low, b.low), product(a.low, b.high), product(a.high, b.low), product(a.high, b.high)];
  return { low: Math.min(...corners), high: Math.max(...corners) };
}

function quotient(a: Interval, b: Interval): Interval {
  if (b.low < 1) return anything;
  const corner = (n: number, d: number): number => (Number.isFinite(d) ? Math.floor(n / d) : n < 0 ? -1 : 0);
  const corners = [a.low, a.high].flatMap((n) => (Number.isFinite(n) ? [corner(n, b.low), corner(n, b.high)] : [n]));
  return { low: Math.min(...corners), high: Math.max(...corners) };
}

function ofAtom(atom: Atom, least: LeastValue): Interval {
  switch (atom.kind) {
    case 'variable':
      return { low: least(atom.name), high: Infinity };
    case 'exact':
      return { low: Math.ceil(least(atom.name) / atom.by), high: Infinity };
    case 'floor':
      return quotient(interval(atom.numerator, least), interval(atom.divisor, least));
    case 'max':
    case 'min': {
      const parts = atom.of.map((d) => interval(d, least));
      const pick = atom.kind === 'max' ? Math.max : Math.min;
      return { low: pick(...parts.map((p) => p.low)), high: pick(...parts.map((p) => p.high)) };
    }
    case 'round':
    case 'int': {
      // Rounding is monotone; a margin of one covers both directions of it.
      const scaled = times(interval(atom.of, least), { low: atom.factor, high: atom.factor });
      return { low: Math.floor(scaled.low), high: Math.ceil(scaled.high) };
    }
  }
}

function interval(d: Dim, least: LeastValue): Interval {
  let low = 0;
  let high = 0;
  for (const { coefficient, atoms } of d.terms) {
    let part: Interval = { low: coefficient, high: coefficient };
    for (const atom of atoms) part = times(part, ofAtom(atom, least));
    low += part.low;
    high += part.high;
  }
  return { low, high };
}

/** Writes each atom as its least value plus something not negative; then a sum without negative terms is at least its constant. */
function shifted(d: Dim, least: LeastValue): number {
  let sum = constant(0);
  for (const { coefficient, atoms } of d.terms) {
    let part = constant(coefficient);
    for (const atom of atoms) {
      const { low } = ofAtom(atom, least);
      if (!Number.isFinite(low)) return -Infinity;
      part = multiply(part, add(variable(`#${atom.key}`), constant(low)));
    }
    sum = add(sum, part);
  }
  return sum.terms.every((term) => term.atoms.length === 0 || term.coefficient > 0) ? constantTerm(sum) : -Infinity;
}

/** The greatest number that `d` is known not to fall below. */
export function lowerBound(d: Dim, least: LeastValue = sizes): number {
  let best = Math.max(interval(d, least).low, shifted(d, least));
  for (const term of d.terms) {
    if (term.atoms.length !== 1) continue;
    const [atom] = term.atoms;
    const k = term.coefficient;
    const rest = fromTerms(d.terms.filter((other) => other !== term));
    if (
      atom.kind === 'floor' &&
      constantTerm(atom.divisor) >= 1 &&
      atom.divisor.terms.length === 1 &&
      atom.divisor.terms[0].atoms.length === 0
    ) {
      // (n - b + 1) / b <= floor(n / b) <= n / b removes the floor at the price of a factor b.
      const b = constantTerm(atom.divisor);
      const n = k > 0 ? add(atom.numerator, constant(1 - b)) : atom.numerator;
      best = Math.max(best, Math.ceil(lowerBound(add(scale(rest, b), scale(n, k)), least) / b));
      break;
    }
    if ((atom.kind === 'max' && k > 0) || (atom.kind === 'min' && k < 0)) {
      for (const part of atom.of) best = Math.max(best, lowerBound(add(rest, scale(part, k)), least));
      break;
    }
    // -max(a, b) is the smaller of -a and -b.
    if (atom.kind === 'max' || atom.kind === 'min') {
      best = Math.max(best, Math.min(...atom.of.map((part) => lowerBound(add(rest, scale(part, k)), least))));
      break;
    }
  }
  return best === 0 ? 0 : best;
}

/** The least number that `d` is known not to exceed. */
export function upperBound(d: Dim, least: LeastValue = sizes): number {
  return -lowerBound(scale(d, -1), least);
}
