/** Division of dimensions. Everything here is an identity of integers for positive divisors. */
import { lowerBound } from './bounds.ts';
import type { Dim, Term } from './normal-form.ts';
import {
  add,
  constant,
  constantOf,
  constantTerm,
  DimError,
  fromTerms,
  monomialKey,
  multiply,
  ofAtom,
  scale,
  subtract,
} from './normal-form.ts';

function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y) [x, y] = [y, x % y];
  return x;
}

function floorAtom(numerator: Dim, divisor: Dim): Dim {
  return ofAtom({ kind: 'floor', key: `floor(${numerator.key}|${divisor.key})`, numerator, divisor });
}

/** `a / b` as one term, where every atom of b occurs in a and the coefficients divide. */
function divideTerm(a: Term, b: Term): Term | undefined {
  if (a.coefficient % b.coefficient !== 0) return undefined;
  const rest = [...a.atoms];
  for (const atom of b.atoms) {
    const at = rest.findIndex((other) => other.key === atom.key);
    if (at < 0) return undefined;
    rest.splice(at, 1);
  }
  return { coefficient: a.coefficient / b.coefficient, atoms: rest };
}

/** `a / b` where the polynomials divide without rest, else undefined: then facts are needed. */
export function exactDiv(a: Dim, b: Dim): Dim | undefined {
  if (b.terms.length === 0) throw new DimError('division by zero');
  let rest = a;
  let quotient = constant(0);
  const bound = (a.terms.length + 1) * (b.terms.length + 1) * 4;
  for (let step = 0; rest.terms.length > 0; step++) {
    const term = step < bound ? divideTerm(rest.terms[0], b.terms[0]) : undefined;
    if (!term) return undefined;
    const part = fromTerms([term]);
    quotient = add(quotient, part);
    rest = subtract(rest, multiply(part, b));
  }
  return quotient;
}

function floorByConstant(a: Dim, n: number): Dim {
  if (n === 1) return a;
  const whole: Term[] = [];
  const left: Term[] = [];
  for (const { coefficient, atoms } of a.terms) {
    const q = atoms.length === 0 ? Math.floor(coefficient / n) : Math.trunc(coefficient / n);
    whole.push({ coefficient: q, atoms });
    left.push({ coefficient: coefficient - q * n, atoms });
  }
  const outside = fromTerms(whole);
  const inside = fromTerms(left);
  const known = constantOf(inside);
  if (known !== undefined) return outside; // 0 <= known < n
  const c = constantTerm(inside);
  const named = subtract(inside, constant(c));
  const common = named.terms.reduce((g, term) => gcd(g, term.coefficient), n);
  if (common > 1) {
    const smaller = fromTerms(named.terms.map((term) => ({ coefficient: term.coefficient / common, atoms: term.atoms })));
    return add(outside, floorByConstant(add(smaller, constant(Math.floor(c / common))), n / common));
  }
  // floor((floor(x / m) + c) / n) = floor((x + c m) / (m n))
  if (named.terms.length === 1 && named.terms[0].coefficient === 1 && named.terms[0].atoms.length === 1) {
    const [atom] = named.terms[0].atoms;
    const m = atom.kind === 'floor' ? constantOf(atom.divisor) : undefined;
    if (atom.kind === 'floor' && m !== undefined) return add(outside, floorByConstant(add(atom.numerator, constant(c * m)), m * n));
  }
  return add(outside, floorAtom(inside, constant(n)));
}

/** `floor(a / b)`; b is positive, or a number. Throws DimError where b is zero. */
export function floorDiv(a: Dim, b: Dim): Dim {
  const n = constantOf(b);
  if (n === 0) throw new DimError('division by zero');
  if (n !== undefined) return n > 0 ? floorByConstant(a, n) : floorByConstant(scale(a, -1), -n);
  const exact = exactDiv(a, b);
  if (exact) return exact;
  let whole = constant(0);
  let rest = a;
  for (const term of a.terms) {
    const part = b.terms.length === 1 ? divideTerm(term, b.terms[0]) : undefined;
    if (!part) continue;
    whole = add(whole, fromTerms([part]));
    rest = subtract(rest, fromTerms([term]));
  }
  if (lowerBound(rest) >= 0 && lowerBound(subtract(b, rest)) >= 1) return whole;
  // ceil(a / b) of a multiple of b: floor((x b + b - 1) / b) = x, for divisors of several terms too.
  const below = exactDiv(subtract(rest, subtract(b, constant(1))), b);
  if (below && lowerBound(b) >= 1) return add(whole, below);
  return add(whole, floorAtom(rest, b));
}

/** `ceil(a / b)`; b is positive, or a number. Throws DimError where b is zero. */
export function ceilDiv(a: Dim, b: Dim): Dim {
  const n = constantOf(b);
  if (n !== undefined && n < 0) return ceilDiv(scale(a, -1), constant(-n));
  return floorDiv(add(a, b, constant(-1)), b);
}

/** Text of a quotient's parts for `show`: a ceiling where the numerator ends in `divisor - 1`. */
export function asCeiling(numerator: Dim, divisor: Dim): Dim | undefined {
  const above = subtract(numerator, subtract(divisor, constant(1)));
  return above.terms.length < numerator.terms.length && above.terms.every((t) => monomialKey(t.atoms) !== '') ? above : undefined;
}
