/**
 * Symbolic dimensions: what shapes are made of. This file is the room's face for dimensions: it adds extrema, scaling, evaluation and
 * substitution to the normal form, and passes on the arithmetic.
 */
import { lowerBound } from './bounds.ts';
import type { Atom, Dim } from './normal-form.ts';
import { add, constant, constantOf, DimError, exactQuotient, multiply, ofAtom, scale, subtract, variable } from './normal-form.ts';
import { exactDiv, floorDiv } from './quotient.ts';

export type { DimJson } from './dim-json.ts';
export { fromJson, toJson } from './dim-json.ts';
export type { Atom, Dim, Term } from './normal-form.ts';
export { add, constant, constantOf, DimError, isDim, multiply, nameOf, scale, subtract, variable } from './normal-form.ts';
export { ceilDiv, exactDiv, floorDiv } from './quotient.ts';
export { show, showShape } from './show.ts';

function extremum(kind: 'max' | 'min', ds: readonly Dim[]): Dim {
  const flat = ds.flatMap((d): readonly Dim[] => {
    const only = d.terms.length === 1 && d.terms[0].coefficient === 1 && d.terms[0].atoms.length === 1 ? d.terms[0].atoms[0] : undefined;
    return only && (only.kind === 'max' || only.kind === 'min') && only.kind === kind ? only.of : [d];
  });
  if (flat.length === 0) throw new DimError(`${kind} of no dimensions`);
  const kept: Dim[] = [];
  const covers = (a: Dim, b: Dim): boolean => lowerBound(kind === 'max' ? subtract(a, b) : subtract(b, a)) >= 0;
  for (const d of flat) {
    if (kept.some((other) => covers(other, d))) continue;
    for (let i = kept.length - 1; i >= 0; i--) if (covers(d, kept[i])) kept.splice(i, 1);
    kept.push(d);
  }
  if (kept.length === 1) return kept[0];
  kept.sort((a, b) => (a.key < b.key ? -1 : 1));
  return ofAtom({ kind, key: `${kind}(${kept.map((d) => d.key).join('|')})`, of: kept });
}

export function maxDim(...ds: readonly Dim[]): Dim {
  return extremum('max', ds);
}

export function minDim(...ds: readonly Dim[]): Dim {
  return extremum('min', ds);
}

/** Rounds half to even, as Python's `round` and IEEE do. */
export function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}

function scaled(kind: 'round' | 'int', factor: number, d: Dim): Dim {
  if (!Number.isFinite(factor)) throw new DimError(`a size cannot be scaled by ${factor}`);
  if (Number.isSafeInteger(factor)) return scale(d, factor);
  const value = constantOf(d);
  if (value !== undefined) return constant((kind === 'round' ? roundHalfEven : Math.trunc)(factor * value) + 0);
  return ofAtom({ kind, key: `${kind}(${factor}|${d.key})`, factor, of: d });
}

/** `round(factor * d)` in float64, half to even. */
export function roundScaled(factor: number, d: Dim): Dim {
  return scaled('round', factor, d);
}

/** `int(factor * d)` in float64, towards zero. */
export function intScaled(factor: number, d: Dim): Dim {
  return scaled('int', factor, d);
}

function collect(d: Dim, names: Set<string>): void {
  for (const { atoms } of d.terms) {
    for (const atom of atoms) {
      if (atom.kind === 'variable' || atom.kind === 'exact') names.add(atom.name);
      else if (atom.kind === 'floor') {
        collect(atom.numerator, names);
        collect(atom.divisor, names);
      } else if (atom.kind === 'max' || atom.kind === 'min') {
        for (const part of atom.of) collect(part, names);
      } else if (atom.kind === 'round' || atom.kind === 'int') collect(atom.of, names);
    }
  }
}

/** Names that occur anywhere in it, sorted. */
export function variablesOf(d: Dim): readonly string[] {
  const names = new Set<string>();
  collect(d, names);
  return [...names].sort();
}

function floorNumber(a: number, b: number): number {
  if (b === 0) throw new DimError('division by zero');
  return (a - (((a % b) + b) % b)) / b;
}

function evaluateAtom(atom: Atom, env: Readonly<Record<string, number>>): number {
  switch (atom.kind) {
    case 'variable':
    case 'exact': {
      const value = Object.hasOwn(env, atom.name) ? env[atom.name] : undefined;
      if (value === undefined) throw new DimError(`size ${atom.name} has no value`);
      if (atom.kind === 'variable') return value;
      if (value % atom.by !== 0) throw new DimError(`${atom.name} must be divisible by ${atom.by}, found ${value}`);
      return value / atom.by;
    }
    case 'floor':
      return floorNumber(evaluate(atom.numerator, env), evaluate(atom.divisor, env));
    case 'max':
      return Math.max(...atom.of.map((d) => evaluate(d, env)));
    case 'min':
      return Math.min(...atom.of.map((d) => evaluate(d, env)));
    case 'round':
      return roundHalfEven(atom.factor * evaluate(atom.of, env)) + 0;
    case 'int':
      return Math.trunc(atom.factor * evaluate(atom.of, env)) + 0;
  }
}

/** The number for given sizes. Throws DimError for a name without a value and for a fact that does not hold. */
export function evaluate(d: Dim, env: Readonly<Record<string, number>>): number {
  let sum = 0;
  for (const { coefficient, atoms } of d.terms) {
    let part = coefficient;
    for (const atom of atoms) part *= evaluateAtom(atom, env);
    sum += part;
  }
  return sum;
}

function substituteAtom(atom: Atom, map: ReadonlyMap<string, Dim>): Dim {
  switch (atom.kind) {
    case 'variable':
      return map.get(atom.name) ?? ofAtom(atom);
    case 'exact': {
      const by = map.get(atom.name);
      if (!by || by === variable(atom.name)) return exactQuotient(atom.name, atom.by);
      return exactDiv(by, constant(atom.by)) ?? floorDiv(by, constant(atom.by));
    }
    case 'floor':
      return floorDiv(substitute(atom.numerator, map), substitute(atom.divisor, map));
    case 'max':
    case 'min':
      return extremum(
        atom.kind,
        atom.of.map((d) => substitute(d, map)),
      );
    case 'round':
    case 'int':
      return scaled(atom.kind, atom.factor, substitute(atom.of, map));
  }
}

/** Replaces names at once (values are not substituted again) and brings the result to normal form. */
export function substitute(d: Dim, map: ReadonlyMap<string, Dim>): Dim {
  if (map.size === 0) return d;
  return add(
    constant(0),
    ...d.terms.map(({ coefficient, atoms }): Dim => multiply(constant(coefficient), ...atoms.map((a) => substituteAtom(a, map)))),
  );
}
