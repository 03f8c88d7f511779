import { cases } from './catalogue/cases.ts';
import { gradients } from './catalogue/gradients.ts';
import { kinds } from './catalogue/kinds.ts';
import { names } from './catalogue/names.ts';
import { pipelines } from './catalogue/pipelines.ts';
import { shapes } from './catalogue/shapes.ts';
import { statics } from './catalogue/statics.ts';
import { supervision } from './catalogue/supervision.ts';
import { syntax } from './catalogue/syntax.ts';
import { training } from './catalogue/training.ts';
import type { CatalogueEntry, Message } from './entry.ts';

/** Every problem the compiler can report, by code. A new one is a line in the file of its phase under `catalogue/`. */
export const catalogue = {
  ...syntax,
  ...names,
  ...shapes,
  ...kinds,
  ...statics,
  ...gradients,
  ...supervision,
  ...training,
  ...pipelines,
  ...cases,
} as const;

export type Code = keyof typeof catalogue;

type HolesOf<C extends Code> = (typeof catalogue)[C]['message'] extends Message<infer Hole> ? Hole : never;

/** The values that the message of this code needs: one for each hole. */
export type ArgumentsOf<C extends Code> = { readonly [H in HolesOf<C>]: string | number };

/** The entry of a code, seen without its hole names. */
export function entryOf(code: Code): CatalogueEntry {
  return catalogue[code];
}

export function isCode(text: string): text is Code {
  return Object.hasOwn(catalogue, text);
}
