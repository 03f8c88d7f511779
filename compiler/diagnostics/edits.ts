/** Edits that take something out of a text and leave no hole: no empty line, no comma too many. */
import { lineText, positionAt, type Span } from '../source/source.ts';
import type { Edit } from './diagnostics.ts';

/** Takes a place away: with its whole lines where nothing else stands on them, else with the blanks before it. */
export function removedLines(at: Span): Edit {
  const { file } = at;
  const from = file.lineStarts[positionAt(file, at.start).line - 1];
  const last = positionAt(file, at.end).line;
  const rest = file.lineStarts[last - 1] + lineText(file, last).length;
  const alone = file.text.slice(from, at.start).trim() === '' && file.text.slice(at.end, rest).trim() === '';
  if (alone) return { span: { file, start: from, end: file.lineStarts[last] ?? file.text.length }, text: '' };
  let start = at.start;
  while (start > from && /[ \t]/.test(file.text[start - 1])) start--;
  return { span: { file, start, end: at.end }, text: '' };
}

/** Takes a place away together with the word before it (`as Cam`, `off untouched`); undefined where something else stands between them. */
export function removedWith(word: string, at: Span): Edit | undefined {
  const before = new RegExp(`\\s+${word}\\s+$`).exec(at.file.text.slice(0, at.start));
  return before ? { span: { file: at.file, start: before.index, end: at.end }, text: '' } : undefined;
}

/** Takes one of several items of a list away, with the comma before or behind it. */
export function removedItem(items: readonly Span[], index: number): Edit {
  const { file, start, end } = items[index];
  const after = items[index + 1];
  return { span: after ? { file, start, end: after.start } : { file, start: items[index - 1]?.end ?? start, end }, text: '' };
}
