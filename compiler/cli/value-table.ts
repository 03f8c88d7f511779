/** Named values of a method as people read them. */
import { createColors } from 'picocolors';
import type { NamedValue } from '../describe/values.ts';
import { alignedLines, type TableCell } from './columns.ts';

export function valueLines(method: string, values: readonly NamedValue[], colour: boolean): readonly string[] {
  const paint = createColors(colour);
  const dim = (text: string): TableCell => ({ text, paint: paint.dim });
  const graphs = [...new Set(values.map((value) => value.graph))];
  return graphs.flatMap((graph, i) => [
    ...(i > 0 ? [''] : []),
    `${paint.bold(method)}, ${graph}`,
    ...alignedLines([
      [dim('value'), dim('kind'), dim('shape'), dim('range'), dim('type'), dim('place')],
      ...values
        .filter((value) => value.graph === graph)
        .map((value): readonly TableCell[] => [
          value.path === '' ? { text: value.name, paint: paint.bold } : `${value.path}.${value.name}`,
          { text: value.kind, paint: value.kind === 'tensor' ? paint.dim : paint.cyan },
          value.shape,
          rangeText(value.range),
          value.dtype,
          dim(value.place ?? ''),
        ]),
    ]).map((line) => `  ${line}`),
  ]);
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
