/** Named values of a method as people read them. */
import { createColors } from 'picocolors';
import type { NamedValue } from '../describe/values.ts';
import { alignedLines, type TableCell } from './columns.ts';

/** `own`: values inside a module that the method calls are one line a call. */
export function valueLines(method: string, values: readonly NamedValue[], which: 'own' | 'all', colour: boolean): readonly string[] {
  const paint = createColors(colour);
  const dim = (text: string): TableCell => ({ text, paint: paint.dim });
  const graphs = [...new Set(values.map((value) => value.graph))];
  const row = (value: NamedValue): readonly TableCell[] => [
    value.path === '' ? { text: value.name, paint: paint.bold } : `${value.path}.${value.name}`,
    { text: value.kind, paint: value.kind === 'tensor' ? paint.dim : paint.cyan },
    value.shape,
    rangeText(value.range),
    value.dtype,
    dim(value.place ?? ''),
  ];
  const rowsOf = (all: readonly NamedValue[]): readonly (readonly TableCell[])[] => {
    if (which === 'all') return all.map(row);
    const inside = new Map<string, number>();
    for (const { path } of all) if (path !== '') inside.set(callOf(path), (inside.get(callOf(path)) ?? 0) + 1);
    const told = new Set<string>();
    return all.flatMap((value) => {
      if (value.path === '') return [row(value)];
      const call = callOf(value.path);
      if (told.has(call)) return [];
      told.add(call);
      const count = inside.get(call) ?? 0;
      return [[dim(`${call}: ${count} ${count === 1 ? 'value' : 'values'} inside`), dim('--all-kinds')]];
    });
  };
  return graphs.flatMap((graph, i) => [
    ...(i > 0 ? [''] : []),
    `${paint.bold(method)}, ${graph}`,
    ...alignedLines([
      [dim('value'), dim('kind'), dim('shape'), dim('range'), dim('type'), dim('place')],
      ...rowsOf(values.filter((value) => value.graph === graph)),
    ]).map((line) => `  ${line}`),
  ]);
}

/** The call of the method that a value is made in: the first name of its path. */
function callOf(path: string): string {
  return path.split('.', 1)[0];
}

/** `0 … 1`, `at least 0`, nothing where no bound is known. */
function rangeText({ low, high }: NamedValue['range']): string {
  if (low !== null && high !== null) return low === high ? String(low) : `${short(low)} … ${short(high)}`;
  if (low !== null) return `at least ${short(low)}`;
  return high !== null ? `at most ${short(high)}` : '';
}

function short(x: number): string {
  return String(Number(x.toPrecision(6)));
}
