/** Tables for terminals and for Markdown. */

/** A cell: text, and how it is painted where there is colour. */
export interface Painted {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export type TableCell = string | Painted;

const textOf = (cell: TableCell): string => (typeof cell === 'string' ? cell : cell.text);

/**
 * Lines of an aligned table, two spaces between columns, lines without a blank end. A cell with several lines grows downwards. `right` tells
 * which columns end at their right edge.
 */
export function alignedLines(rows: readonly (readonly TableCell[])[], right: readonly number[] = []): readonly string[] {
  const split = rows.flatMap(lines);
  const widths: number[] = [];
  for (const row of split) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, textOf(cell).length);
  return split.map((row) => {
    const end = row.findLastIndex((cell) => textOf(cell) !== '');
    return row
      .slice(0, end + 1)
      .map((cell, i) => {
        const text = textOf(cell);
        const gap = ' '.repeat(i === end && !right.includes(i) ? 0 : widths[i] - text.length);
        const shown = typeof cell === 'string' || !cell.paint ? text : cell.paint(text);
        return right.includes(i) ? gap + shown : shown + gap;
      })
      .join('  ');
  });
}

/** A row whose cells hold line breaks, as rows of single lines. */
function lines(row: readonly TableCell[]): readonly (readonly TableCell[])[] {
  const parts = row.map((cell) => textOf(cell).split('\n'));
  const height = Math.max(1, ...parts.map((part) => part.length));
  return Array.from({ length: height }, (_, y) =>
    row.map((cell, x) => (typeof cell === 'string' ? (parts[x][y] ?? '') : { ...cell, text: parts[x][y] ?? '' })),
  );
}

/** Lines of a Markdown table; the first row is its head. */
export function markdownLines(rows: readonly (readonly TableCell[])[], right: readonly number[] = []): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const escaped = rows.map((row) => row.map((cell) => textOf(cell).replaceAll('|', '\\|').replaceAll('\n', '<br>')));
  const [head = [], ...body] = escaped;
  return [line(head), line(head.map((_, i) => (right.includes(i) ? '---:' : '---'))), ...body.map(line)];
}
