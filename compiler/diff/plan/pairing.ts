/** Things of two plans that belong together, by one rule after the other. */

/** What no rule has paired yet. */
export interface Unpaired<T> {
  readonly rest: readonly T[];
  readonly open: ReadonlySet<T>;
}

export interface Pairing<T> {
  readonly paired: readonly (readonly [T, T])[];
  readonly removed: readonly T[];
  readonly added: readonly T[];
}

/** Pairs each of `a` with the first of `b` that is still free and to which a rule holds it the same; earlier rules go first for all. */
export function pairUp<T>(
  a: readonly T[],
  b: readonly T[],
  rules: readonly ((p: T, q: T, unpaired: Unpaired<T>) => boolean)[],
): Pairing<T> {
  const open = new Set(b);
  const paired: [T, T][] = [];
  let rest = [...a];
  for (const same of rules) {
    const unpaired = { rest, open };
    rest = rest.filter((p) => {
      const q = [...open].find((other) => same(p, other, unpaired));
      if (q === undefined) return true;
      open.delete(q);
      paired.push([p, q]);
      return false;
    });
  }
  return { paired, removed: rest, added: [...open] };
}
