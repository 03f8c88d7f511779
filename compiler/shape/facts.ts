/** Facts an author states about sizes: `require H divisible by 16`, `require C >= 2`, `require C == K + 1`. */
import { lowerBound, upperBound } from './bounds.ts';
import { constantOf, type Dim, exactDiv, nameOf, show, substitute, subtract } from './dim.ts';
import { exactQuotient, multiply } from './normal-form.ts';

export type Relation = 'divisible by' | '>=' | '==';

/** Facts in the order they were stated. A divisible name is written as `by × (name/by)`, so that the normal form does the proofs. */
export class Facts {
  readonly #names = new Map<string, Dim>();
  readonly #least = new Map<string, number>();

  /** Adds a fact; returns why it cannot hold, where that is known. */
  add(left: Dim, relation: Relation, right: Dim): string | undefined {
    const a = this.normalize(left);
    const b = this.normalize(right);
    switch (relation) {
      case 'divisible by':
        return this.#divisible(a, b);
      case '>=':
        if (this.upper(subtract(a, b)) < 0) return `${show(left)} is always below ${show(right)}`;
        this.#atLeast(a, constantOf(b));
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

  lower(d: Dim): number {
    return lowerBound(this.normalize(d), (name) => this.#least.get(name) ?? 1);
  }

  upper(d: Dim): number {
    return upperBound(this.normalize(d), (name) => this.#least.get(name) ?? 1);
  }

  #divisible(a: Dim, b: Dim): string | undefined {
    const by = constantOf(b);
    if (by === undefined || by < 1 || exactDiv(a, b)) return undefined;
    const value = constantOf(a);
    if (value !== undefined) return value % by === 0 ? undefined : `${value} is not divisible by ${by}`;
    const name = nameOf(a);
    if (name !== undefined) this.#names.set(name, multiply(b, exactQuotient(name, by)));
    return undefined;
  }

  #atLeast(a: Dim, least: number | undefined): void {
    const name = nameOf(a);
    if (name !== undefined && least !== undefined) this.#least.set(name, Math.max(least, this.#least.get(name) ?? 1));
  }

  #equal(a: Dim, b: Dim): string | undefined {
    const difference = subtract(a, b);
    if (this.lower(difference) > 0 || this.upper(difference) < 0) return `${show(a)} and ${show(b)} are never equal`;
    const left = nameOf(a);
    const right = nameOf(b);
    if (left !== undefined && left !== right) this.#names.set(left, b);
    else if (right !== undefined && left !== right) this.#names.set(right, a);
    return undefined;
  }
}
