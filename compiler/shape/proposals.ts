/** Which facts would prove that two sizes are the same. */
import { compare } from './compare.ts';
import { constant, constantOf, type Dim, nameOf, show, subtract, variable, variablesOf } from './dim.ts';
import type { Facts, Relation } from './facts.ts';

export interface Fact {
  readonly left: Dim;
  readonly relation: Relation;
  readonly right: Dim;
}

/** `H divisible by 16`, as a spec says it. */
export function showFact({ left, relation, right }: Fact): string {
  return `${show(left)} ${relation} ${show(right)}`;
}

/** Bounds that are tried for a name: enough for windows and paddings. */
const LARGEST_BOUND = 64;

/**
 * The weakest facts of some simple forms under which all pairs are proved equal, beside the facts that hold already: one name or several divisible by a
 * number that divides in them, a name at least some number, or two names the same. Undefined where none of these proves all of them. Each answer has
 * been tried: with it `compare` says equal.
 */
export function proposeFacts(pairs: readonly { readonly left: Dim; readonly right: Dim }[], facts: Facts): readonly Fact[] | undefined {
  const chosen: Fact[] = [];
  let known = facts;
  for (const { left, right } of pairs) {
    if (compare(left, right, known) === 'equal') continue;
    const found = proposal(left, right, known);
    if (!found) return undefined;
    chosen.push(...found);
    known = extended(known, found) ?? known;
  }
  return chosen.length > 0 ? chosen : undefined;
}

function proposal(left: Dim, right: Dim, facts: Facts): readonly Fact[] | undefined {
  const names = variablesOf(subtract(facts.normalize(left), facts.normalize(right)));
  const proves = (candidate: readonly Fact[]): boolean => {
    const tried = extended(facts, candidate);
    return tried !== undefined && compare(left, right, tried) === 'equal';
  };
  const divisible = (name: string, by: number): Fact => ({ left: variable(name), relation: 'divisible by', right: constant(by) });
  const by = divisorsIn([left, right, facts.normalize(left), facts.normalize(right)]);
  for (const d of by) {
    const one = names.map((name) => [divisible(name, d)]).find(proves);
    if (one) return one;
    const all = names.map((name) => divisible(name, d));
    if (all.length > 1 && proves(all)) return all;
  }
  // Two sizes that only have different names.
  const [a, b] = [nameOf(left), nameOf(right)];
  if (a !== undefined && b !== undefined) {
    const same: readonly Fact[] = [{ left, relation: '==', right }];
    if (proves(same)) return same;
  }
  for (const name of names)
    for (let least = 2; least <= LARGEST_BOUND; least++) {
      const bound: readonly Fact[] = [{ left: variable(name), relation: '>=', right: constant(least) }];
      if (proves(bound)) return bound;
    }
  // A name in terms of the others: C == 4*D.
  for (const [one, other] of [
    [left, right],
    [right, left],
  ]) {
    const name = nameOf(one);
    if (name === undefined || variablesOf(other).includes(name)) continue;
    const same: readonly Fact[] = [{ left: one, relation: '==', right: other }];
    if (proves(same)) return same;
  }
  return undefined;
}

/**
 * The weakest fact under which one size is proved to be at least another: a bound of one name where that suffices, else the inequality itself. Undefined
 * where neither proves it. The answer has been tried.
 */
export function proposeBound(large: Dim, small: Dim, facts: Facts): Fact | undefined {
  const difference = subtract(large, small);
  const proves = (fact: Fact): boolean => (extended(facts, [fact])?.lower(difference) ?? -1) >= 0;
  for (const name of variablesOf(facts.normalize(difference))) {
    const exactly = constantOf(subtract(variable(name), difference));
    if (exactly !== undefined) return { left: variable(name), relation: '>=', right: constant(exactly) };
    for (let least = 2; least <= LARGEST_BOUND; least++) {
      const bound: Fact = { left: variable(name), relation: '>=', right: constant(least) };
      if (proves(bound)) return bound;
    }
  }
  const itself: Fact = { left: large, relation: '>=', right: small };
  return proves(itself) ? itself : undefined;
}

/** The facts with more; undefined where one of them cannot hold. */
function extended(facts: Facts, more: readonly Fact[]): Facts | undefined {
  const copy = facts.copy();
  for (const { left, relation, right } of more) if (copy.add(left, relation, right) !== undefined) return undefined;
  return copy;
}

/** Numbers by which something is divided, and their common multiples, smallest first. */
function divisorsIn(sizes: readonly Dim[]): readonly number[] {
  const found = new Set<number>();
  const visit = (d: Dim): void => {
    for (const term of d.terms)
      for (const atom of term.atoms) {
        if (atom.kind === 'floor') {
          const by = constantOf(atom.divisor);
          if (by !== undefined && by > 1) found.add(by);
          visit(atom.numerator);
          visit(atom.divisor);
        } else if (atom.kind === 'max' || atom.kind === 'min') for (const part of atom.of) visit(part);
        else if (atom.kind === 'round' || atom.kind === 'int') {
          visit(atom.of);
          const by = Math.round(1 / Math.abs(atom.factor));
          if (by > 1) found.add(by);
        }
      }
  };
  for (const d of sizes) visit(d);
  const all = [...found].reduce((product, d) => (product * d) / gcd(product, d), 1);
  if (all > 1) found.add(all);
  return [...found].sort((a, b) => a - b);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
