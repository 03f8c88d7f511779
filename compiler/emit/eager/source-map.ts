/** Maps between generated lines and the spec. */
import type { Origin } from './module.ts';

/** Generated line (counted from 1) → place in the spec. */
export type LineMap = Readonly<Record<string, Origin>>;

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** From the `mappings` of a version 3 source map: for each generated line (from 0) the first source line it comes from. */
export function sourceLines(mappings: string): readonly (number | undefined)[] {
  let source = 0;
  return mappings.split(';').map((line) => {
    let first: number | undefined;
    for (const segment of line.split(',')) {
      if (segment === '') continue;
      const fields = decode(segment);
      if (fields.length < 4) continue;
      source += fields[2];
      first ??= source;
    }
    return first;
  });
}

function decode(segment: string): readonly number[] {
  const values: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value += (digit & 31) * 2 ** shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    values.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2);
    value = 0;
    shift = 0;
  }
  return values;
}

/** The map of a transpiled file, given the map of its source. */
export function through(mappings: string, lines: LineMap): LineMap {
  const result: Record<string, Origin> = {};
  sourceLines(mappings).forEach((source, i) => {
    const origin = source === undefined ? undefined : lines[String(source + 1)];
    if (origin) result[String(i + 1)] = origin;
  });
  return result;
}
