/**
 * Dimensions as polynomials with integer coefficients over atoms, in a normal form that is shared: two equal normal forms are the same object.
 * Terms and atoms are ordered by what they are, never by when they were made, so that printing and hashing do not depend on history.
 */

/** A number of elements along an axis. Compare with `===` for equality of normal forms; see `compare.ts` for the full question. */
export interface Dim {
  readonly dim: true;
  /** Injective text of the normal form; the key under which it is shared. */
  readonly key: string;
  readonly terms: readonly Term[];
}

/** An integer times a product of atoms (repeated for powers); no atoms for the constant term. */
export interface Term {
  readonly coefficient: number;
  readonly atoms: readonly Atom[];
}

export type Atom =
  | { readonly kind: 'variable'; readonly key: string; readonly name: string }
  /** `name / by`, known to be whole because a fact says so. */
  | { readonly kind: 'exact'; readonly key: string; readonly name: string; readonly by: number }
  /** `floor(numerator / divisor)`; ceilings are written `floor((numerator + divisor - 1) / divisor)`, so that both combine. */
  | { readonly kind: 'floor'; readonly key: string; readonly numerator: Dim; readonly divisor: Dim }
  | { readonly kind: 'max' | 'min'; readonly key: string; readonly of: readonly Dim[] }
  /** float64 `factor × of`, rounded half to even or truncated. */
  | { readonly kind: 'round' | 'int'; readonly key: string; readonly factor: number; readonly of: Dim };

/** A dimension that cannot exist: a size that is not an integer, a division by zero, a name without a value. */
export class DimError extends Error {}

const shared = new Map<string, Dim>();

/** Key of the product of atoms; empty for the constant term. */
export function monomialKey(atoms: readonly Atom[]): string {
  return atoms.map((atom) => atom.key).join('*');
}

function byKey(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Higher degree first, then by key; the constant comes last, as authors write it. */
function order(a: Term, b: Term): number {
  return b.atoms.length - a.atoms.length || byKey(monomialKey(a.atoms), monomialKey(b.atoms));
}

/** The shared object for these terms, which need not be sorted, merged or free of zeros. */
export function fromTerms(terms: readonly Term[]): Dim {
  // Plain numbers and bare names are most of what is asked for.
  if (terms.length === 1 && terms[0].atoms.length <= 1) return ofKept(terms[0].coefficient === 0 ? [] : terms);
  const merged = new Map<string, Term>();
  for (const term of terms) {
    const atoms = [...term.atoms].sort((a, b) => byKey(a.key, b.key));
    const key = monomialKey(atoms);
    merged.set(key, { coefficient: (merged.get(key)?.coefficient ?? 0) + term.coefficient, atoms });
  }
  return ofKept([...merged.values()].filter((term) => term.coefficient !== 0).sort(order));
}

/** The shared object for terms that are in order already. */
function ofKept(kept: readonly Term[]): Dim {
  for (const { coefficient } of kept)
    if (!Number.isSafeInteger(coefficient)) throw new DimError(`a size must be a whole number, found ${coefficient}`);
  const key = kept.map((term) => `${term.coefficient}:${monomialKey(term.atoms)}`).join('+');
  let dim = shared.get(key);
  if (!dim) {
    dim = { dim: true, key, terms: kept };
    shared.set(key, dim);
  }
  return dim;
}

export function ofAtom(atom: Atom): Dim {
  bounded(atom.key.length);
  return fromTerms([{ coefficient: 1, atoms: [atom] }]);
}

/** Characters of the normal form of a size that a product or a quotient makes: beyond, no proof ends and no message can be read. */
const LONGEST = 4000;

function bounded(length: number): void {
  if (length > LONGEST) throw new DimError('it is made of too many others');
}

export function isDim(value: unknown): value is Dim {
  return typeof value === 'object' && value !== null && 'dim' in value && value.dim === true;
}

/** An integer as a dimension. */
export function constant(value: number): Dim {
  let dim = constants.get(value);
  if (!dim) {
    dim = fromTerms([{ coefficient: value, atoms: [] }]);
    constants.set(value, dim);
  }
  return dim;
}
const constants = new Map<number, Dim>();

/** A named size; at least 1 unless facts say more. */
export function variable(name: string): Dim {
  const key = /^[\w$?'#.]+$/.test(name) ? name : JSON.stringify(name);
  return ofAtom({ kind: 'variable', key, name });
}

/** `name / by` under the fact that it is whole. */
export function exactQuotient(name: string, by: number): Dim {
  if (!Number.isSafeInteger(by) || by < 1) throw new DimError(`a divisor must be a positive whole number, found ${by}`);
  if (by === 1) return variable(name);
  return ofAtom({ kind: 'exact', key: `exact(${variable(name).key},${by})`, name, by });
}

/** The value where no name is involved. */
export function constantOf(d: Dim): number | undefined {
  if (d.terms.length === 0) return 0;
  if (d.terms.length === 1 && d.terms[0].atoms.length === 0) return d.terms[0].coefficient;
  return undefined;
}

/** The name where the dimension is one bare name. */
export function nameOf(d: Dim): string | undefined {
  if (d.terms.length !== 1 || d.terms[0].coefficient !== 1 || d.terms[0].atoms.length !== 1) return undefined;
  const [atom] = d.terms[0].atoms;
  return atom.kind === 'variable' ? atom.name : undefined;
}

export function add(...ds: readonly Dim[]): Dim {
  if (ds.length === 1) return ds[0];
  if (ds.length !== 2) return fromTerms(ds.flatMap((d) => d.terms));
  const [a, b] = ds;
  return remembered(sums, a, b, () => fromTerms([...a.terms, ...b.terms]));
}

/** Results by both operands: sizes are shared, and the same few are combined again and again. */
type Pairs = Map<Dim, Map<Dim, Dim>>;
const sums: Pairs = new Map();
const products: Pairs = new Map();

function remembered(pairs: Pairs, a: Dim, b: Dim, compute: () => Dim): Dim {
  let row = pairs.get(a);
  if (!row) {
    row = new Map();
    pairs.set(a, row);
  }
  let result = row.get(b);
  if (!result) {
    result = compute();
    row.set(b, result);
  }
  return result;
}

/** `factor × d` for an integer factor. */
export function scale(d: Dim, factor: number): Dim {
  return factor === 1 ? d : fromTerms(d.terms.map((term) => ({ coefficient: term.coefficient * factor, atoms: term.atoms })));
}

export function subtract(a: Dim, b: Dim): Dim {
  return a === b ? constant(0) : add(a, scale(b, -1));
}

/** Product of any number of dimensions; 1 for none. */
export function multiply(...ds: readonly Dim[]): Dim {
  let product = constant(1);
  for (const d of ds) {
    const left = product;
    product = remembered(products, left, d, () => {
      bounded((left.key.length + d.key.length) * Math.min(left.terms.length, d.terms.length));
      return fromTerms(
        left.terms.flatMap((a) => d.terms.map((b) => ({ coefficient: a.coefficient * b.coefficient, atoms: [...a.atoms, ...b.atoms] }))),
      );
    });
  }
  return product;
}

/** The constant term; 0 where there is none. */
export function constantTerm(d: Dim): number {
  const last = d.terms.at(-1);
  return last && last.atoms.length === 0 ? last.coefficient : 0;
}
