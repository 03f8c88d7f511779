/** Facts an author states about sizes: `require H divisible by 16`, `require C >= 2`, `require C == K + 1`. */
import { lowerBound } from './bounds.ts';
import { constant, constantOf, type Dim, exactDiv, multiply, nameOf, scale, show, substitute, subtract, variablesOf } from './dim.ts';
import { constantTerm, exactQuotient, fromTerms } from './normal-form.ts';

export type Relation = 'divisible by' | '>=' | '==';

/** Facts in the order they were stated. A divisible name is written as `by × (name/by)`, so that the normal form does the proofs. */
export class Facts {
  readonly #names = new Map<string, Dim>();
  readonly #least = new Map<string, number>();
  /** Stated to be zero or more, where no name could take the fact up. */
  readonly #nonNegative: Dim[] = [];
  /** As they were stated; those that cannot hold left out. */
  readonly #stated: { readonly left: Dim; readonly relation: Relation; readonly right: Dim }[] = [];

  /** Adds a fact; returns why it cannot hold, where that is known. */
  add(left: Dim, relation: Relation, right: Dim): string | undefined {
    const refused = this.#add(left, relation, right);
    if (refused === undefined) this.#stated.push({ left, relation, right });
    return refused;
  }

  /** The same facts, to which others can be added. */
  copy(): Facts {
    return this.#those(() => true);
  }

  /** Those facts that speak of these names alone. */
  about(names: ReadonlySet<string>): Facts {
    return this.#those((sides) => sides.every((side) => variablesOf(side).every((name) => names.has(name))));
  }

  #those(keep: (sides: readonly Dim[]) => boolean): Facts {
    const facts = new Facts();
    for (const { left, relation, right } of this.#stated) if (keep([left, right])) facts.add(left, relation, right);
    return facts;
  }

  #add(left: Dim, relation: Relation, right: Dim): string | undefined {
    const a = this.normalize(left);
    const b = this.normalize(right);
    switch (relation) {
      case 'divisible by':
        return this.#divisible(a, b);
      case '>=':
        if (this.upper(subtract(a, b)) < 0) return `${show(left)} is always below ${show(right)}`;
        this.#atLeast(a, b);
        return undefined;
      case '==':
        return this.#equal(a, b);
    }
  }

  /** The size with every fact applied. */
  normalize(d: Dim): Dim {
    let current = d;
    // Facts may name each other; each pass replaces at least one name for good, so a few passes reach the end.
    for (let pass = 0; pass <= this.#names.size; pass++) {
      const next = substitute(current, this.#names);
      if (next === current) return current;
      current = next;
    }
    return current;
  }

  /** The greatest number that `d` is known not to fall below; -Infinity where nothing is known. */
  lower(d: Dim): number {
    const known = this.normalize(d);
    let best = lowerBound(known, this.#leastOf);
    // What differs from a stated inequality by a constant is bounded by it.
    for (const stated of this.#nonNegative) {
      const rest = constantOf(subtract(known, this.normalize(stated)));
      if (rest !== undefined) best = Math.max(best, rest);
    }
    return best;
  }

  /** The least number that `d` is known not to exceed; Infinity where nothing is known. */
  upper(d: Dim): number {
    return 0 - this.lower(scale(d, -1));
  }

  readonly #leastOf = (name: string): number => this.#least.get(name) ?? 1;

  #divisible(a: Dim, b: Dim): string | undefined {
    const by = constantOf(b);
    if (by === undefined) return undefined;
    if (by < 1) return `a size cannot be divisible by ${by}`;
    if (exactDiv(a, b)) return undefined;
    const value = constantOf(a);
    if (value !== undefined) return `${value} is not divisible by ${by}`;
    // A name, or a name that another fact has already divided: then both divisors hold.
    const atom = a.terms.length === 1 && a.terms[0].atoms.length === 1 ? a.terms[0].atoms[0] : undefined;
    const bare = atom?.kind === 'variable' || (atom?.kind === 'exact' && atom.by === a.terms[0].coefficient);
    if (bare && (atom.kind === 'exact' || a.terms[0].coefficient === 1)) {
      const both = atom.kind === 'exact' ? leastCommonMultiple(atom.by, by) : by;
      this.#names.set(atom.name, multiply(constant(both), exactQuotient(atom.name, both)));
    }
    return undefined;
  }

  #atLeast(a: Dim, b: Dim): void {
    const name = nameOf(a);
    const least = constantOf(b);
    if (name !== undefined && least !== undefined) this.#least.set(name, Math.max(least, this.#leastOf(name)));
    else this.#nonNegative.push(subtract(a, b));
  }

  #equal(a: Dim, b: Dim): string | undefined {
    const difference = subtract(a, b);
    const rest = constantTerm(difference);
    const step = difference.terms.reduce((g, term) => (term.atoms.length === 0 ? g : greatestCommonDivisor(g, term.coefficient)), 0);
    const never = step === 0 ? rest !== 0 : rest % step !== 0;
    if (never || this.lower(difference) > 0 || this.upper(difference) < 0) return `${show(a)} and ${show(b)} are never equal`;
    if (difference.terms.length === 0) return undefined;
    // A name on its own is replaced by the other side, the left one first; names that occur on both sides are not.
    for (const [one, other] of [
      [a, b],
      [b, a],
    ]) {
      const name = nameOf(one);
      if (name === undefined || variablesOf(other).includes(name)) continue;
      this.#names.set(name, other);
      return undefined;
    }
    for (const term of difference.terms) {
      const [atom] = term.atoms;
      if (term.atoms.length !== 1 || (atom.kind !== 'variable' && atom.kind !== 'exact')) continue;
      const others = subtract(difference, fromTerms([term]));
      const value = exactDiv(others, constant(-term.coefficient));
      if (!value || variablesOf(others).includes(atom.name)) continue;
      this.#names.set(atom.name, atom.kind === 'exact' ? multiply(constant(atom.by), value) : value);
      return undefined;
    }
    this.#nonNegative.push(difference, scale(difference, -1));
    return undefined;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestCommonDivisor(b, a % b);
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}
