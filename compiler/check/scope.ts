import type { Node } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';
import { POISON, type Value } from './values.ts';

/** A name in a body. A lazy entry is computed when it is first read, so that an infer program pays only for what it uses. */
export interface Entry {
  readonly span: Span | undefined;
  /** What kind of declaration, in words: `hyper`, `layer`, `input` … */
  readonly what: string;
  readonly value: () => Value;
  used: boolean;
  /** While its value is being computed: a reader then asks for what the value is made from. */
  computing?: boolean;
  /** The tensor that bound a size. */
  readonly from?: Node;
}

/** What an input of a method is to its inference programs: a name that may not be read. */
export const TRAINING_INPUT = 'training input';

/** Nested tables of names. */
export class Scope {
  readonly parent: Scope | undefined;
  /** Names that an import failed to bring, or `all` where it was to bring a whole file: no use of theirs is reported again. */
  missing: ReadonlySet<string> | 'all' | undefined;
  /** In the names of a file: those of other files, by the name of the file that a member was written in. */
  elsewhere: ReadonlyMap<string, Scope> | undefined;
  /** Sizes that a signature names for itself: those of the same name around it are others. */
  ownSizes: ReadonlySet<string> | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #leftOut = new Map<string, Span>();

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  define(name: string, value: Value, what: string, span?: Span, from?: Node): void {
    this.#entries.set(name, { span, what, value: () => value, used: false, from });
  }

  defineLazy(name: string, compute: () => Value, what: string, span?: Span): void {
    let known: Value | undefined;
    const entry: Entry = {
      span,
      what,
      value: () => {
        // Who asks from inside the computation has been told (`lookUp`).
        if (entry.computing) return POISON;
        if (known) return known;
        entry.computing = true;
        try {
          known = compute();
        } finally {
          entry.computing = false;
        }
        return known;
      },
      used: false,
      computing: false,
    };
    this.#entries.set(name, entry);
  }

  /** The entry declared in this very scope. */
  own(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** The nearest entry; `at` says where the name is written, which decides where two files have names of their own for a body. */
  find(name: string, at?: Span): Entry | undefined {
    const there = at && this.elsewhere?.get(at.file.name);
    if (there) return there.own(name);
    const entry = this.#entries.get(name) ?? this.parent?.find(name, at);
    return entry?.what === 'size' && this.ownSizes?.has(name) ? undefined : entry;
  }

  /** A name that stands in a branch of an `if` that is not taken. */
  leaveOut(name: string, at: Span): void {
    this.#leftOut.set(name, at);
  }

  /** Where a name was declared that a branch not taken has left out. */
  leftOut(name: string): Span | undefined {
    return this.#leftOut.get(name) ?? this.parent?.leftOut(name);
  }

  /** Whether a failed import may have been meant to declare the name. */
  lacks(name: string): boolean {
    if (this.missing === 'all' || this.missing?.has(name)) return true;
    return this.parent?.lacks(name) ?? false;
  }

  names(): string[] {
    return [...this.#entries.keys(), ...(this.parent?.names() ?? [])];
  }

  entries(): IterableIterator<[string, Entry]> {
    return this.#entries.entries();
  }
}
