/** `wsss fmt`: one layout for every spec, whatever its author's. */
import { printer } from 'prettier/doc';
import { readText } from '../../grammar/read.ts';
import { layout } from './layout.ts';
import { type Leaf, leaves, treeOf } from './tree.ts';

/** Characters of a line, where there is a choice. */
export const LINE_WIDTH = 120;

export type Formatted =
  | { readonly ok: true; readonly text: string }
  /** The text has syntax errors, which `parse` tells. */
  | { readonly ok: false };

/**
 * The text in the standard layout: the same tokens and comments in the same order. A text with syntax errors is refused. What comes out is
 * read again and held against what went in.
 *
 * @throws Error where the layout would change a token: a defect of the formatter, never of the text.
 */
export function format(text: string): Formatted {
  const before = read(text);
  if (!before) return { ok: false };
  const printed = printer.printDocToString(layout(before), { printWidth: LINE_WIDTH, tabWidth: 2, useTabs: false }).formatted;
  const after = read(printed);
  if (!after || words(after) !== words(before)) throw new Error('the layout of this file would change what it says');
  return { ok: true, text: printed };
}

function read(text: string): ReturnType<typeof treeOf> | undefined {
  const { cst, comments, facts } = readText(text);
  return facts.length > 0 ? undefined : treeOf(text, cst, comments);
}

/** Every token with its kind, and every comment, in order. */
function words(tree: ReturnType<typeof treeOf>): string {
  return leaves(tree)
    .map((l: Leaf) => [...l.before.map((note) => note.text), `${l.rule}/${l.type} ${l.text}`, l.after ?? ''].join('\n'))
    .join('\n');
}
