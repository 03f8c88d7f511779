/** A comparison as people and as programs read it. */
import type { Row } from '../../runtime/compare/rows.ts';
import type { Comparison } from './compare-files.ts';

const HEAD = ['key', 'shape', 'absolute', 'relative', 'allowed', ''];

/** A row per key and build: shape, largest absolute and relative difference, what is allowed, and pass or how much it is too far. */
export function comparisonText(comparison: Comparison, casePath: string, referencePath: string, backend: string): string {
  const lines = [`${casePath} against ${referencePath} on ${backend}`];
  let rows = 0;
  let failed = 0;
  for (const built of comparison.built) {
    lines.push('', `${built.results}:`);
    const cells = built.rows.map((row) => [row.key, shapeText(row), short(row.absolute), short(row.relative), row.rule, verdict(row)]);
    const widths = HEAD.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i].length)));
    for (const line of [HEAD, ...cells])
      lines.push(
        `  ${line.map((cell, i) => (i === 2 || i === 3 ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ')}`.trimEnd(),
      );
    if (built.held !== 0) lines.push(`  FAIL: ${built.held} bytes are still held after the step`);
    for (const row of built.rows) if (row.note !== undefined) lines.push(`  ${row.key}: ${row.note}`);
    rows += built.rows.length;
    failed += built.rows.filter((row) => !row.passed).length;
  }
  if (comparison.unconsumed.length > 0)
    lines.push(
      '',
      `FAIL: the case does not use ${comparison.unconsumed.length === 1 ? 'this key' : 'these keys'} of the reference: ${comparison.unconsumed.join(', ')}`,
    );
  lines.push('', `${comparison.passed ? 'PASS' : 'FAIL'}: ${comparison.case}: ${rows - failed} of ${rows} rows pass`);
  return lines.join('\n');
}

/** The same as data. Differences that are no finite number are null. */
export function comparisonJson(
  comparison: Comparison,
  casePath: string,
  referencePath: string,
  backend: string,
): Readonly<Record<string, unknown>> {
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    case: casePath,
    name: comparison.case,
    reference: referencePath,
    backend,
    passed: comparison.passed,
    unconsumed: comparison.unconsumed,
    built: comparison.built.map(({ results, held, rows }) => ({
      results,
      heldBytes: held,
      rows: rows.map((row) => ({
        key: row.key,
        shape: row.shape,
        absolute: finite(row.absolute),
        relative: finite(row.relative),
        excess: finite(row.excess),
        allowed: row.rule,
        passed: row.passed,
        ...(row.note === undefined ? {} : { note: row.note }),
      })),
    })),
  };
}

const shapeText = (row: Row): string => `[${row.shape.join(', ')}]`;

function verdict(row: Row): string {
  if (row.passed) return 'pass';
  return Number.isFinite(row.excess) ? `FAIL by ${short(row.excess)}` : 'FAIL';
}

function short(value: number): string {
  if (value === 0) return '0';
  return Number.isFinite(value) ? value.toExponential(1) : '-';
}
