/** Edits of text that several kinds of mistakes make. */
import type { Node } from '../../../compiler/syntax/visit.ts';
import type { Site } from '../kind.ts';
import { declaredAt, type Place, type Spec, textOf, wordsOf } from '../spec.ts';

interface Ranged {
  readonly span: { readonly start: number; readonly end: number };
}

/** Another text in the place of a node. */
export function replaced(place: Place, node: Ranged, text: string, blames = declaredAt(place)): Site {
  return { start: node.span.start, end: node.span.end, text, blames };
}

/** A statement or setting left out, with the doc comment above it. */
export function removed(spec: Spec, node: Ranged, blames: readonly string[]): Site {
  let start = node.span.start;
  for (;;) {
    const line = /(^|\n)[ \t]*\/\/\/[^\n]*\n[ \t]*$/.exec(spec.text.slice(0, start));
    if (!line) break;
    start = line.index + line[1].length;
  }
  return { start, end: node.span.end, text: '', blames };
}

/** One item of a list taken out, with the comma that belongs to it. */
export function withoutItem(spec: Spec, items: readonly Ranged[], index: number, blames: readonly string[]): Site {
  const { start, end } = items[index].span;
  if (index > 0) return { start: items[index - 1].span.end, end, text: '', blames };
  if (items.length > 1) return { start, end: items[1].span.start, text: '', blames };
  return { start, end, text: spec.text.slice(end, end), blames };
}

/** Two nodes exchanged. */
export function swapped(spec: Spec, place: Place, a: Ranged, b: Ranged): Site {
  const between = spec.text.slice(a.span.end, b.span.start);
  return {
    start: a.span.start,
    end: b.span.end,
    text: textOf(spec, b) + between + textOf(spec, a),
    blames: declaredAt(place),
  };
}

/** The commonest typing errors of a word that give no other word of the spec: two letters exchanged, one left out, one doubled. */
export function misspellings(spec: Spec, word: string): readonly string[] {
  if (word.length < 3) return [];
  const middle = Math.floor(word.length / 2);
  const known = wordsOf(spec);
  const found = [
    word.slice(0, middle - 1) + word[middle] + word[middle - 1] + word.slice(middle + 1),
    word.slice(0, middle) + word.slice(middle + 1),
    word.slice(0, middle) + word[middle] + word.slice(middle),
  ];
  return [...new Set(found)].filter((typo) => typo !== word && !known.has(typo) && /^[A-Za-z_]\w*$/.test(typo));
}

/** Sites at which one word of the text, an identifier, is misspelt. */
export function misspelt(spec: Spec, place: Place, node: Ranged, blames = declaredAt(place)): readonly Site[] {
  return misspellings(spec, textOf(spec, node)).map((typo) => replaced(place, node, typo, blames));
}

export const isIn = (node: Ranged, outer: Ranged): boolean => node.span.start >= outer.span.start && node.span.end <= outer.span.end;

/** Whether the place is the callee of a call. */
export function isCallee(place: Place): boolean {
  const parent: Node | undefined = place.above.at(-1);
  return parent?.kind === 'call' && parent.callee === place.node;
}
