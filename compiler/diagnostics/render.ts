import { createColors } from 'picocolors';
import { lineText, positionAt, type SourceFile, type Span } from '../source/source.ts';
import type { Diagnostic } from './diagnostics.ts';

export interface RenderOptions {
  /** ANSI colours; off by default. */
  readonly color?: boolean;
}

/** One marked range inside a file. */
interface Mark {
  readonly span: Span;
  readonly text: string;
  readonly main: boolean;
}

const TAB = '  ';

/** Text of a file as a terminal may have it: control characters, and those that turn the direction of a line, show and do nothing. */
function visible(text: string): string {
  return text.replaceAll('\t', TAB).replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (c) => {
    const code = c.codePointAt(0) ?? 0;
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : code === 0x7f ? '\u2421' : '\ufffd';
  });
}

/**
 * The message for people, ending in a newline:
 *
 *     error[unknown-name]: nothing is called 'cnov' here
 *       --> sipe.wsss:12:21
 *        |
 *     12 | layer classify = cnov(K, kernel: 1)
 *        |                  ^^^^
 *        = hint: did you mean 'conv'?
 */
export function render(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const c = createColors(options.color ?? false);
  const tint = diagnostic.severity === 'error' ? c.red : c.yellow;
  const main: Mark = { span: diagnostic.span, text: diagnostic.label ?? '', main: true };
  const marks: readonly Mark[] = [main, ...diagnostic.labels.map((l) => ({ span: l.span, text: l.text, main: false }))];
  const width = Math.max(...marks.map((m) => String(lastLine(m.span)).length));
  const bar = c.blue('|');
  const empty = `${' '.repeat(width)} ${bar}`;
  const out = [`${tint(c.bold(`${diagnostic.severity}[${diagnostic.code}]`))}${c.bold(`: ${visible(diagnostic.message)}`)}`];

  for (const [i, [file, group]] of [...byFile(marks)].entries()) {
    const { line, column } = positionAt(file, group[0].span.start);
    out.push(`${' '.repeat(width)}${c.blue(i === 0 ? '-->' : ':::')} ${visible(file.name)}:${line}:${column}`, empty);
    let previous: number | undefined;
    for (const [number, here] of byLine(group)) {
      if (previous !== undefined && number > previous + 2) out.push(c.blue('...'));
      else if (previous !== undefined && number === previous + 2) out.push(source(file, previous + 1, width, c.blue));
      previous = number;
      out.push(source(file, number, width, c.blue));
      for (const mark of here) {
        const { indent, length } = underline(mark.span, number);
        const paint = mark.main ? tint : c.blue;
        const text = mark.text === '' ? '' : ` ${visible(mark.text)}`;
        out.push(`${empty} ${indent}${paint((mark.main ? '^' : '-').repeat(length) + text)}`);
      }
    }
  }
  const extra = (word: string, text: string): void => {
    const lead = `${' '.repeat(width)} ${c.blue('=')} ${c.bold(`${word}:`)} `;
    out.push(
      lead +
        text
          .split('\n')
          .map(visible)
          .join(`\n${' '.repeat(width + 5 + word.length)}`),
    );
  };
  if (diagnostic.hint !== undefined) extra('hint', diagnostic.hint);
  for (const note of diagnostic.notes) extra('note', note);
  return `${out.join('\n')}\n`;
}

/** All messages with an empty line between them, and a count at the end; the empty text when there are none. */
export function renderAll(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  if (diagnostics.length === 0) return '';
  return `${diagnostics.map((d) => render(d, options)).join('\n')}\n${summary(diagnostics)}\n`;
}

/** `2 errors, 1 warning` */
export function summary(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity']): string | undefined => {
    const n = diagnostics.filter((d) => d.severity === severity).length;
    return n === 0 ? undefined : `${n} ${severity}${n === 1 ? '' : 's'}`;
  };
  return [count('error'), count('warning')].filter((t) => t !== undefined).join(', ');
}

/** Marks by file, the main mark's file first; inside a file the main mark leads, so that the header names its place. */
function byFile(marks: readonly Mark[]): ReadonlyMap<SourceFile, Mark[]> {
  const files = new Map<SourceFile, Mark[]>();
  for (const mark of marks) {
    const group = files.get(mark.span.file);
    if (group) group.push(mark);
    else files.set(mark.span.file, [mark]);
  }
  return files;
}

/** Marks by the line they start on, lines ascending, columns ascending inside a line. */
function byLine(marks: readonly Mark[]): readonly (readonly [number, readonly Mark[]])[] {
  const lines = new Map<number, Mark[]>();
  for (const mark of marks) {
    const { line } = positionAt(mark.span.file, mark.span.start);
    const group = lines.get(line);
    if (group) group.push(mark);
    else lines.set(line, [mark]);
  }
  for (const group of lines.values()) group.sort((a, b) => a.span.start - b.span.start || Number(b.main) - Number(a.main));
  return [...lines].sort((a, b) => a[0] - b[0]);
}

function source(file: SourceFile, line: number, width: number, paint: (text: string) => string): string {
  const text = visible(lineText(file, line));
  return `${paint(`${String(line).padStart(width)} |`)}${text === '' ? '' : ` ${text}`}`;
}

/** Where the carets stand below a source line: a range over several lines is marked to the end of its first, at least one caret wide. */
function underline(at: Span, line: number): { readonly indent: string; readonly length: number } {
  const text = lineText(at.file, line);
  const { column } = positionAt(at.file, at.start);
  const from = Math.min(column - 1, text.length);
  const to = Math.min(text.length, from + (at.end - at.start));
  const shown = (part: string): number => visible(part).length;
  return { indent: ' '.repeat(shown(text.slice(0, from))), length: Math.max(1, shown(text.slice(from, to))) };
}

/** The last line a mark is drawn on (its first), which sets the width of the gutter. */
function lastLine(at: Span): number {
  return positionAt(at.file, at.start).line;
}
