/** Unique identifiers. */
import { identifier } from './escape.ts';

/** The names of one scope. A name of an inner scope never hides one of its outer scope, whichever of the two was given first. */
export class Names {
  readonly #taken: Set<string>;
  readonly #inner = new Set<string>();
  readonly #outer: Names | undefined;

  constructor(taken: Iterable<string>, outer?: Names) {
    this.#taken = new Set(taken);
    this.#outer = outer;
  }

  #has(name: string): boolean {
    for (let scope: Names | undefined = this; scope; scope = scope.#outer) if (scope.#taken.has(name)) return true;
    return false;
  }

  #use(name: string): void {
    this.#taken.add(name);
    for (let outer = this.#outer; outer; outer = outer.#outer) outer.#inner.add(name);
  }

  /** Names that inner scopes have as their parameters: never given in this scope from now on. */
  leave(names: Iterable<string>): void {
    for (const name of names) this.#inner.add(name);
  }

  /** The wanted name made an identifier, with a number behind it where it is taken. */
  take(wanted: string): string {
    const base = identifier(wanted);
    let name = base;
    for (let n = 2; this.#has(name) || this.#inner.has(name); n++) name = `${base}_${n}`;
    this.#use(name);
    return name;
  }
}
