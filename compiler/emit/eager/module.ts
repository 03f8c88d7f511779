/** A generated module as plain data; `writer.ts` turns it into text. */

/** The place of a spec that a generated line comes from. */
export interface Origin {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Call path, dotted; empty at the top of a program. */
  readonly path: string;
}

/** One line of a body without its line break. `depth` counts steps of indentation inside the body. */
export interface Line {
  readonly text: string;
  readonly depth: number;
  readonly origin?: Origin;
}

export interface FunctionItem {
  readonly kind: 'function';
  readonly name: string;
  readonly doc: string;
  readonly exported: boolean;
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly returns: string;
  /** Written in front of the function. */
  readonly record: RecordType | undefined;
  readonly body: readonly Line[];
}
/** The type of the record that a function returns. */
export interface RecordType {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: string }[];
}
export interface ConstantItem {
  readonly kind: 'constant';
  readonly doc: string;
  /** The whole statement. */
  readonly value: readonly Line[];
}
export type Item = FunctionItem | ConstantItem;

export interface Module {
  /** Lines of the comment at the top. */
  readonly header: readonly string[];
  /** Names taken from the runtime; types are marked. */
  readonly imports: readonly { readonly name: string; readonly type: boolean }[];
  readonly items: readonly Item[];
}
