/** What went wrong while reading, as facts; the compiler's `syntax` room turns them into messages. Offsets are UTF-16, ends exclusive. */

/** Habits from Python, YAML and C that the reader understands well enough to name, and reads on. */
export type Habit =
  | 'def'
  | 'class'
  | 'self'
  | 'none'
  | 'boolean'
  | 'power'
  | 'comment'
  | 'assign'
  | 'quote'
  | 'lambda'
  | 'logic'
  | 'augmented'
  | 'else';

export interface FoundToken {
  /** Name of the token type: `Identifier`, `EOF`, … */
  readonly type: string;
  readonly image: string;
  readonly start: number;
  readonly end: number;
  readonly firstOnLine: boolean;
}

export interface CharacterFact {
  readonly kind: 'character';
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
export interface OpenStringFact {
  readonly kind: 'open-string';
  readonly start: number;
  readonly end: number;
}
export interface HabitFact {
  readonly kind: 'habit';
  readonly habit: Habit;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
/** The text is nested deeper than anything that a person writes; nothing of it was read. */
export interface NestedFact {
  readonly kind: 'nested';
  readonly start: number;
  readonly end: number;
  readonly what: 'brackets' | 'operators';
  readonly limit: number;
}
/** The text holds what no text holds: a file of another encoding or no text at all. Nothing of it was read. */
export interface NotTextFact {
  readonly kind: 'not-text';
  readonly start: number;
  readonly end: number;
}
/** The parser met `found` in `rule`. `expected` holds labels of what could have stood there; empty when a value, type or item was due. */
export interface UnexpectedFact {
  readonly kind: 'unexpected';
  readonly start: number;
  readonly rule: string;
  readonly cause: 'token' | 'alternative' | 'rest';
  readonly expected: readonly string[];
  readonly found: FoundToken;
  readonly next: FoundToken | undefined;
  /** Undefined at the start of the file. */
  readonly previous: FoundToken | undefined;
  /** The innermost bracket that is open where the parser stopped. */
  readonly open: FoundToken | undefined;
}
/** A bracket that is never closed, or closes nothing: what the parser met after it follows from that. */
export interface BracketFact {
  readonly kind: 'bracket';
  readonly fault: 'unclosed' | 'unopened';
  readonly start: number;
  readonly bracket: FoundToken;
  /** Where an unclosed bracket shows. */
  readonly found: FoundToken;
  readonly previous: FoundToken | undefined;
}
export type SyntaxFact = BracketFact | CharacterFact | NestedFact | NotTextFact | OpenStringFact | HabitFact | UnexpectedFact;
