/** Plain data as a TypeScript literal: on one line where it fits, lists of plain values filled, everything else one entry a line. */
import { numberLiteral, property, stringLiteral } from './escape.ts';
import type { Line } from './module.ts';

export const WIDTH = 138;

/** Source text written as it is, in place of a value. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A row of a table: on one line however long. */
export class Row {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** A value written with its type behind it, where the checker would not find it from the outside. */
export class Typed {
  readonly value: Value;
  readonly type: string;
  constructor(value: Value, type: string) {
    this.value = value;
    this.type = type;
  }
}

export type Value = number | string | boolean | undefined | Raw | Row | Typed | readonly Value[] | { readonly [key: string]: Value };

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function flat(value: Value): string {
  if (typeof value === 'number') return numberLiteral(value);
  if (typeof value === 'string') return stringLiteral(value);
  if (typeof value === 'boolean' || value === undefined) return String(value);
  if (value instanceof Raw) return value.text;
  if (value instanceof Row) return flat(value.value);
  if (value instanceof Typed) return `${flat(value.value)} as ${value.type}`;
  if (isList(value)) return `[${value.map(flat).join(', ')}]`;
  const entries = fields(value).map(([key, entry]) => `${property(key)}: ${flat(entry)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function fields(value: { readonly [key: string]: Value }): readonly (readonly [string, Value])[] {
  return Object.entries(value).filter(([, entry]) => entry !== undefined);
}

/** The lines of a value; `before` stands in front of it and `after` behind. */
export function literal(value: Value, depth = 0, before = '', after = ''): readonly Line[] {
  const one = `${before}${flat(value)}${after}`;
  if (value instanceof Row || one.length + depth * 2 <= WIDTH) return [{ text: one, depth }];
  if (value instanceof Typed) return literal(value.value, depth, before, ` as ${value.type}${after}`);
  if (isList(value)) {
    const plain = value.every((entry) => typeof entry !== 'object');
    const inner = plain ? fill(value.map(flat), depth + 1) : value.flatMap((entry) => literal(entry, depth + 1, '', ','));
    return [{ text: `${before}[`, depth }, ...inner, { text: `]${after}`, depth }];
  }
  if (typeof value === 'object' && !(value instanceof Raw)) {
    const inner = fields(value).flatMap(([key, entry]) => literal(entry, depth + 1, `${property(key)}: `, ','));
    return [{ text: `${before}{`, depth }, ...inner, { text: `}${after}`, depth }];
  }
  return [{ text: one, depth }];
}

/** Several values a line. */
function fill(texts: readonly string[], depth: number): readonly Line[] {
  const lines: Line[] = [];
  let current = '';
  for (const text of texts) {
    const next = current === '' ? `${text},` : `${current} ${text},`;
    if (current !== '' && next.length + depth * 2 > WIDTH) {
      lines.push({ text: current, depth });
      current = `${text},`;
    } else current = next;
  }
  if (current !== '') lines.push({ text: current, depth });
  return lines;
}

/** `head(a, b, c)tail` on one line, or the arguments on lines of their own, several a line. */
export function call(head: string, args: readonly string[], tail: string, depth: number, brackets = '()'): readonly Line[] {
  const [open, close] = brackets;
  const pad = brackets === '{}' && args.length > 0 ? ' ' : '';
  const one = `${head}${open}${pad}${args.join(', ')}${pad}${close}${tail}`;
  if (one.length + depth * 2 <= WIDTH) return [{ text: one, depth }];
  return [{ text: `${head}${open}`, depth }, ...fill(args, depth + 1), { text: `${close}${tail}`, depth }];
}
