/** The table of an ablation as Markdown and as CSV. */
import type { AblationCell, AblationColumn, AblationRow, AblationTable } from '../../../runtime/report/ablation.ts';
import { alignedLines, markdownLines } from '../columns.ts';

export interface AblationText {
  readonly title: string;
  readonly seeds: readonly number[];
  /** As the user gave it, so that the table can be made again. */
  readonly command: string;
}

/** For the terminal: rows and numbers alone. */
export function ablationLines(table: AblationTable): readonly string[] {
  return alignedLines(cells(table), columnNumbers(table));
}

/** A page: the table, what each column was measured with, what failed, trivial predictions. */
export function ablationMarkdown(table: AblationTable, { title, seeds, command }: AblationText): string {
  const lines = [`# ${title}`, '', `Made by \`${command}\`. Seeds ${seeds.join(', ')}: mean ± standard deviation over them`];
  lines[lines.length - 1] += table.rows.length > 1 ? '; in brackets the mean difference to the first row, seed by seed.' : '.';
  lines.push('', ...markdownLines(cells(table), columnNumbers(table)), '');
  const about = table.rows.filter((row) => row.about !== undefined);
  if (about.length > 0) lines.push(...about.map(({ name, about: text }) => `* **${name}**: ${text}`), '');
  lines.push(...protocolLines(table.columns));
  if (table.trivial.length > 0) {
    lines.push('', 'Predictions that need no training, on the same images:', '');
    lines.push(...table.trivial.map(({ name, split, metric, value }) => `* ${name}: ${number(value)} ${metric} on ${split}`));
  }
  const read = table.rows.filter(({ readings }) => readings.length > 0);
  if (read.length > 0) {
    lines.push('', 'Our reading, where neither the paper nor the code of the authors says it (rows with *):', '');
    lines.push(...read.map(({ name, readings }) => `* ${name}: ${readings.join('; ')}`));
  }
  const failed = table.rows.flatMap((row) => row.failed.map((failure) => ({ row: row.name, ...failure })));
  if (failed.length > 0) {
    lines.push('', 'Failed:', '');
    lines.push(...failed.map(({ row, seed, message }) => `* ${row}, seed ${seed}: ${message.replaceAll('\n', ' ')}`));
  }
  return `${lines.join('\n')}\n`;
}

/** One line a number: what a data frame reads. */
export function ablationCsv(rows: readonly AblationRow[]): string {
  const lines = [['row', 'seed', 'state', 'scored', 'split', 'metric', 'value', 'role', 'protocol', 'our_reading']];
  for (const { name, runs } of rows)
    for (const run of runs) {
      if ('failed' in run) lines.push([name, String(run.seed), 'failed', '', '', '', '', '', run.failed, '']);
      else if ('pending' in run) lines.push([name, String(run.seed), 'pending', '', '', '', '', '', '', '']);
      else
        for (const { stage, split, metric, value, role = 'result', protocol, readings = [] } of run.scores)
          lines.push([
            name,
            String(run.seed),
            'done',
            stage,
            split,
            metric,
            value === null ? '' : String(value),
            role,
            JSON.stringify(protocol),
            readings.join('; '),
          ]);
    }
  return `${lines.map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`;
}

/** RFC 4180. */
function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function cells(table: AblationTable): readonly (readonly string[])[] {
  const head = ['', ...headings(table.columns)];
  const body = table.rows.map(({ name, cells: numbers, failed, pending, readings }) => {
    const empty = failed.length > 0 ? 'failed' : pending.length > 0 ? '…' : '–';
    const incomplete = failed.length > 0 ? ` (${failed.length} failed)` : pending.length > 0 ? ` (${pending.length} to run)` : '';
    return [
      `${name}${readings.length > 0 ? ' *' : ''}${numbers.some((cell) => cell !== undefined) ? incomplete : ''}`,
      ...numbers.map((cell) => (cell ? shown(cell) : empty)),
    ];
  });
  return [head, ...body];
}

/** What all columns share is said once. */
function protocolLines(columns: readonly AblationColumn[]): readonly string[] {
  const [first] = columns;
  if (!first) return [];
  const shared = Object.entries(first.protocol).filter(([name, fact]) => columns.every(({ protocol }) => protocol[name] === fact));
  const facts = (entries: readonly (readonly [string, string])[]): string => entries.map(([name, fact]) => `${name} ${fact}`).join(', ');
  const own = columns.map(({ protocol }) => Object.entries(protocol).filter(([name]) => !shared.some(([other]) => other === name)));
  const lines = [`How it was measured: ${facts(shared)}. Numbers of different columns are different quantities.`];
  if (own.some((entries) => entries.length > 0))
    lines.push('', ...headings(columns).map((heading, i) => `* **${heading}**: ${facts(own[i]) || 'nothing else'}`));
  return lines;
}

/** Columns by what was scored; those that differ only in protocol get letters. */
function headings(columns: readonly AblationColumn[]): readonly string[] {
  const plain = columns.map(({ label, metric, split }) => `${label}, ${metric}, ${split}`);
  return plain.map((text, i) => {
    if (plain.filter((other) => other === text).length === 1) return text;
    return `${text} (${String.fromCharCode(97 + plain.slice(0, i).filter((other) => other === text).length)})`;
  });
}

function columnNumbers(table: AblationTable): readonly number[] {
  return table.columns.map((_, i) => i + 1);
}

function shown({ mean, spread, gain }: AblationCell): string {
  const about = spread === undefined ? number(mean) : `${number(mean)} ± ${number(spread)}`;
  return gain === undefined ? about : `${about} (${gain < 0 ? '−' : '+'}${number(Math.abs(gain))})`;
}

function number(value: number | null): string {
  return value === null ? '–' : value.toFixed(1);
}
