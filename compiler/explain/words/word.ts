/** A word of the language that is no module: a kind, an optimiser, a step of a view … with its page. */
export interface Word {
  readonly name: string;
  /** How it is written. */
  readonly form: string;
  /** What it means: a line or two, without Markdown blocks. */
  readonly text: string;
}

export interface WordGroup {
  /** `optimisers`: also the page that lists them. */
  readonly name: string;
  readonly title: string;
  readonly intro: string;
  readonly words: readonly Word[];
}

/** Rows `[name, form, text]`. */
export function words(rows: readonly (readonly [name: string, form: string, text: string])[]): readonly Word[] {
  return rows.map(([name, form, text]) => ({ name, form, text }));
}
