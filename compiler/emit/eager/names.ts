/** Unique identifiers. */
import { identifier } from './escape.ts';

export class Names {
  readonly #taken: Set<string>;
  readonly #outer: readonly Names[];

  /** `outer` are other sets of names that must not be shadowed. */
  constructor(taken: Iterable<string>, outer: readonly Names[] = []) {
    this.#taken = new Set(taken);
    this.#outer = outer;
  }

  has(name: string): boolean {
    return this.#taken.has(name) || this.#outer.some((names) => names.has(name));
  }

  /** The wanted name made an identifier, with a number behind it where it is taken. */
  take(wanted: string): string {
    const base = identifier(wanted);
    let name = base;
    for (let n = 2; this.has(name); n++) name = `${base}_${n}`;
    this.#taken.add(name);
    return name;
  }
}
