/** Differences as a table for a terminal. */
import { createColors } from 'picocolors';
import type { DiffClass, Row } from '../classes.ts';
import { heaviest, type MethodReport, summary, totalsText, whereText } from './report.ts';
import { effectTexts, NOTHING } from './words.ts';

/** Columns where nothing is known of the terminal, and the fewest and the most that a table is set in. */
const COLUMNS = { usual: 100, least: 60, most: 160 };
const GAP = 2;

/** Cuts at spaces; longer words behind a sign that opens or ends something, and else anywhere. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  const put = (part: string, gap: string): void => {
    if (line !== '' && line.length + gap.length + part.length > width) {
      lines.push(line);
      line = part;
    } else line = line === '' ? part : `${line}${gap}${part}`;
  };
  for (const word of text.split(' ')) {
    const parts = word.length > width ? word.split(/(?<=[([{,._])/) : [word];
    for (const [i, part] of parts.entries()) {
      put(part, i === 0 ? ' ' : '');
      while (line.length > width) {
        lines.push(line.slice(0, width));
        line = line.slice(width);
      }
    }
  }
  return [...lines, line];
}

/** Columns as wide as they need, the widest made narrower until all fit. */
function columnWidths(cells: readonly (readonly string[])[], width: number): readonly number[] {
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const room = width - GAP * (widths.length - 1);
  const fixed = [true, false, false, false, true];
  while (widths.reduce((sum, w) => sum + w, 0) > room) {
    const loose = widths.map((w, i) => (fixed[i] && w <= 24 ? 0 : w));
    const at = loose.indexOf(Math.max(...loose));
    widths[at]--;
  }
  return widths;
}

/** `columns`: how wide the terminal is. */
export function terminalText(reports: readonly MethodReport[], colour: boolean, columns: number = COLUMNS.usual): string {
  const width = Math.min(COLUMNS.most, Math.max(COLUMNS.least, columns));
  const all = reports.map((report) => methodText(report, colour, width));
  return [...all, ...(reports.length > 1 ? [overview(reports, colour)] : [])].join('\n\n');
}

/** One line for each pair: how much differs, and what it weighs. */
function overview(reports: readonly MethodReport[], colour: boolean): string {
  const short = (name: string): string => name.slice(name.lastIndexOf('#') + 1);
  const amount = (report: MethodReport, kind: 'parameters' | 'multiply-adds'): string =>
    report.total.filter((effect) => effect.kind === kind).map((effect) => effectTexts([effect])[0].replace(` ${kind}`, ''))[0] ?? NOTHING;
  const cells = [
    ['from', 'to', 'differences', 'class', 'parameters', 'multiply-adds'],
    ...reports.map((report) => [
      short(report.from),
      short(report.to),
      String(report.rows.length),
      heaviest(report.rows),
      amount(report, 'parameters'),
      amount(report, 'multiply-adds'),
    ]),
  ];
  const widths = cells[0].map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const [head, ...body] = cells.map((row) =>
    row
      .map((text, i) => text.padEnd(widths[i]))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
  return [createColors(colour).dim(head), ...body].join('\n');
}

function methodText(report: MethodReport, colour: boolean, width: number): string {
  const c = createColors(colour);
  const { from, to, rows, files } = report;
  const head = (from.length + to.length + 3 <= width ? [`${from} → ${to}`] : [from, `→ ${to}`]).map((text) => c.bold(text));
  if (rows.length === 0) return [...head, summary(report)].join('\n');
  const cells = rows.map((row) => [row.class, row.what, row.from ?? NOTHING, row.to ?? NOTHING, whereText(row, files)]);
  const titles = ['class', 'what', 'from', 'to', 'line'];
  const widths = columnWidths([titles, ...cells], width);
  const line = (parts: readonly string[], paint: (text: string, i: number) => string): string =>
    parts
      .map((text, i) => paint(text.padEnd(widths[i]), i))
      .join(' '.repeat(GAP))
      .trimEnd();
  const out = [...head, '', line(titles, (text) => c.dim(text))];
  const indent = widths[0] + GAP;
  for (const [n, row] of rows.entries()) {
    const wrapped = cells[n].map((cell, i) => wrap(cell, widths[i]));
    for (let y = 0; y < Math.max(...wrapped.map((lines) => lines.length)); y++)
      out.push(
        line(
          wrapped.map((lines) => lines[y] ?? ''),
          (text, i) =>
            i === 0 ? tint(row.class, c)(text) : i === 2 ? c.red(text) : i === 3 ? c.green(text) : i === 4 ? c.dim(text) : text,
        ),
      );
    for (const text of effectLines(row, width - indent - 2)) out.push(c.dim(`${' '.repeat(indent)}${text}`));
  }
  const totals = totalsText(report);
  return [...out, '', ...wrap(`${summary(report)}${totals === '' ? '' : `; ${totals}`}`, width)].join('\n');
}

function effectLines(row: Row, width: number): readonly string[] {
  const texts = effectTexts(row.effects);
  if (texts.length === 0) return [];
  return wrap(texts.join('; '), width).map((line, i) => (i === 0 ? `↳ ${line}` : `  ${line}`));
}

function tint(of: DiffClass, c: ReturnType<typeof createColors>): (text: string) => string {
  if (of === 'cosmetic') return c.dim;
  return of === 'supervision' || of === 'protocol' || of === 'data'
    ? c.magenta
    : of === 'gradient flow' || of === 'architecture'
      ? c.yellow
      : c.cyan;
}
