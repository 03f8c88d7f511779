/** Dimensions as plain JSON: a number, a name, or one operation; part of the IR's file format. */
import { intScaled, maxDim, minDim, roundScaled } from './dim.ts';
import type { Atom, Dim } from './normal-form.ts';
import { add, constant, constantOf, DimError, exactQuotient, multiply, nameOf, variable } from './normal-form.ts';
import { floorDiv } from './quotient.ts';

/** `sum` holds terms, each an integer coefficient followed by its factors. */
export type DimJson =
  | number
  | string
  | { readonly sum: readonly (readonly DimJson[])[] }
  | { readonly floor: readonly [DimJson, DimJson] }
  | { readonly exact: readonly [string, number] }
  | { readonly max: readonly DimJson[] }
  | { readonly min: readonly DimJson[] }
  | { readonly round: readonly [number, DimJson] }
  | { readonly int: readonly [number, DimJson] };

function atomToJson(atom: Atom): DimJson {
  switch (atom.kind) {
    case 'variable':
      return atom.name;
    case 'exact':
      return { exact: [atom.name, atom.by] };
    case 'floor':
      return { floor: [toJson(atom.numerator), toJson(atom.divisor)] };
    case 'max':
      return { max: atom.of.map(toJson) };
    case 'min':
      return { min: atom.of.map(toJson) };
    case 'round':
      return { round: [atom.factor, toJson(atom.of)] };
    case 'int':
      return { int: [atom.factor, toJson(atom.of)] };
  }
}

export function toJson(d: Dim): DimJson {
  const value = constantOf(d);
  if (value !== undefined) return value;
  const name = nameOf(d);
  if (name !== undefined) return name;
  if (d.terms.length === 1 && d.terms[0].coefficient === 1 && d.terms[0].atoms.length === 1) return atomToJson(d.terms[0].atoms[0]);
  return { sum: d.terms.map((term) => [term.coefficient, ...term.atoms.map(atomToJson)]) };
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new DimError(`dimension: ${what} must be a list`);
  return value;
}

function pair(value: unknown, what: string): readonly [unknown, unknown] {
  const items = list(value, what);
  if (items.length !== 2) throw new DimError(`dimension: ${what} must hold two values`);
  return [items[0], items[1]];
}

function number(value: unknown, what: string): number {
  if (typeof value !== 'number') throw new DimError(`dimension: ${what} must be a number`);
  return value;
}

/** Reads what `toJson` wrote. Throws DimError for anything else. */
export function fromJson(json: unknown): Dim {
  if (typeof json === 'number') return constant(json);
  if (typeof json === 'string') return variable(json);
  if (typeof json !== 'object' || json === null) throw new DimError('dimension: expected a number, a name or an operation');
  const entries = Object.entries(json);
  if (entries.length !== 1) throw new DimError('dimension: expected exactly one operation');
  const [key, value]: [string, unknown] = entries[0];
  switch (key) {
    case 'sum':
      return add(constant(0), ...list(value, key).map((term) => multiply(...list(term, 'a term').map(fromJson))));
    case 'floor': {
      const [a, b] = pair(value, key);
      return floorDiv(fromJson(a), fromJson(b));
    }
    case 'exact': {
      const [name, by] = pair(value, key);
      if (typeof name !== 'string') throw new DimError('dimension: exact wants a name and a number');
      return exactQuotient(name, number(by, key));
    }
    case 'max':
      return maxDim(...list(value, key).map(fromJson));
    case 'min':
      return minDim(...list(value, key).map(fromJson));
    case 'round':
    case 'int': {
      const [factor, of] = pair(value, key);
      return (key === 'round' ? roundScaled : intScaled)(number(factor, key), fromJson(of));
    }
    default:
      throw new DimError(`dimension: unknown operation ${JSON.stringify(key)}`);
  }
}
