/** A half-open range of UTF-16 offsets in one source file. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** A place for people: both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One text with its name and a lazily built table of line starts. */
export interface SourceFile {
  /** Name shown in messages: as the user wrote it, or `std/…` for the standard library. */
  readonly name: string;
  readonly text: string;
  /** Offsets of the first character of each line. */
  readonly lineStarts: readonly number[];
}

export function sourceFile(name: string, text: string): SourceFile {
  let starts: number[] | undefined;
  return {
    name,
    text,
    get lineStarts() {
      if (!starts) {
        starts = [0];
        for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === 10) starts.push(i + 1);
      }
      return starts;
    },
  };
}

export function positionAt(file: SourceFile, offset: number): Position {
  const starts = file.lineStarts;
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - starts[low] + 1 };
}

/** Text of one line (counted from 1) without its end of line. */
export function lineText(file: SourceFile, line: number): string {
  const start = file.lineStarts[line - 1] ?? file.text.length;
  const end = file.lineStarts[line] ?? file.text.length + 1;
  return file.text
    .slice(start, end)
    .replace(/\r?\n$/, '')
    .replace(/\n$/, '');
}

export function span(file: SourceFile, start: number, end: number): Span {
  return { file, start, end };
}

/** The smallest span that holds both; they lie in the same file. */
export function cover(a: Span, b: Span): Span {
  return { file: a.file, start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** `file:line:column`, the form editors make clickable. */
export function showPlace(at: Span): string {
  const { line, column } = positionAt(at.file, at.start);
  return `${at.file.name}:${line}:${column}`;
}
