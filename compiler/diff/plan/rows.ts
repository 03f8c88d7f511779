/** Short forms for rows of plans. */
import type { Span } from '../../source/source.ts';
import { type DiffClass, type Effect, placeOf, type Row } from '../classes.ts';

export interface Spans {
  readonly a: Span | undefined;
  readonly b: Span | undefined;
}

export function row(
  kind: DiffClass,
  what: string,
  from: string | undefined,
  to: string | undefined,
  spans: Spans,
  effects: readonly Effect[] = [],
): Row {
  return { class: kind, what, from, to, at: { from: placeOf(spans.a), to: placeOf(spans.b) }, effects };
}

/** JSON with sorted keys and without places: equal texts mean equal plans. */
export function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(',')}]`;
  if (value instanceof Map) return plain([...value]);
  if (value instanceof Set) return plain([...value].sort());
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : (JSON.stringify(value) ?? String(value));
  const fields = Object.entries(value).filter(([key, field]) => key !== 'span' && field !== undefined);
  return `{${fields
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([key, field]) => `${key}:${plain(field)}`)
    .join(',')}}`;
}
