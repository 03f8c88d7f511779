/**
 * How much a check may compute. Modules inline, lists and loops are written out, so a few lines can ask for more work than any machine has:
 * what counts is counted, and a method that asks for more than its text can mean ends with one message at the line that explodes.
 */
import type { SourceFile, Span } from '../source/source.ts';

/** Ends the check of a method; never leaves the checker. */
export class TooMuchWork extends Error {}

/** Steps that any method may take, however short its text: the largest methods of the package take a twentieth of it. */
const BASE = 1_000_000;
/** Further steps for each character that it is written in. */
const PER_CHARACTER = 20;

/** What an operator costs beside an expression: its checks, its type, its node. */
export const OPERATOR_STEPS = 5;

/** Steps for a program of so many characters, the library that it imports included. */
export function stepsFor(characters: number): number {
  return BASE + PER_CHARACTER * characters;
}

/** Steps taken for one method: expressions evaluated, statements run, elements of lists made, operators added. */
export class Work {
  readonly limit: number;
  #steps = 0;
  readonly #open: { readonly span: Span; readonly from: number }[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Throws TooMuchWork beyond the limit. */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.limit) throw new TooMuchWork();
  }

  /** Begins a statement or a call; what it returns ends it. */
  enter(span: Span): number {
    this.spend(1);
    this.#open.push({ span, from: this.#steps });
    return this.#open.length - 1;
  }

  leave(mark: number): void {
    this.#open.length = mark;
  }

  /** After TooMuchWork: the innermost line of `file` that took at least half of all steps by itself. */
  heaviest(file: SourceFile): Span | undefined {
    let found: Span | undefined;
    for (const { span, from } of this.#open) if (span.file === file && (!found || this.#steps - from >= this.#steps / 2)) found = span;
    return found;
  }
}
