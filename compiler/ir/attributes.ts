/** Attributes of nodes as JSON and as keys: sizes are tagged, numbers that JSON cannot hold are spelt out. */
import type { Attrs, AttrValue } from '../ops/graph.ts';
import { type Dim, type DimJson, fromJson, isDim, toJson } from '../shape/dim.ts';

export type NumberJson = number | { readonly number: 'Infinity' | '-Infinity' | 'NaN' | '-0' };
export type AttrJson = NumberJson | string | boolean | { readonly dim: DimJson } | readonly AttrJson[];

/** A number, also where JSON has no form for it. */
export function numberToJson(value: number): NumberJson {
  if (Number.isNaN(value)) return { number: 'NaN' };
  if (value === Number.POSITIVE_INFINITY) return { number: 'Infinity' };
  if (value === Number.NEGATIVE_INFINITY) return { number: '-Infinity' };
  return Object.is(value, -0) ? { number: '-0' } : value;
}

export function numberFromJson(json: NumberJson): number {
  return typeof json === 'number' ? json : Number(json.number);
}

/** `size` turns a dimension into JSON; the default is its own form. */
export function attrToJson(value: AttrValue, size: (d: Dim) => DimJson = toJson): AttrJson {
  if (typeof value === 'number') return numberToJson(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (isDim(value)) return { dim: size(value) };
  return value.map((item) => attrToJson(item, size));
}

export function attrFromJson(json: AttrJson): AttrValue {
  if (typeof json === 'number' || typeof json === 'string' || typeof json === 'boolean') return json;
  if ('dim' in json) return fromJson(json.dim);
  if ('number' in json) return numberFromJson(json);
  return json.map(attrFromJson);
}

/** Attributes in the order of their names. */
export function attrsToJson(attrs: Attrs, size?: (d: Dim) => DimJson): Readonly<Record<string, AttrJson>> {
  return Object.fromEntries(
    Object.keys(attrs)
      .sort()
      .map((name) => [name, attrToJson(attrs[name], size)]),
  );
}

const keys = new WeakMap<Attrs, string>();

/** Equal texts mean equal attributes. Attributes are never written to, so that the text is made once. */
export function attrsKey(attrs: Attrs): string {
  let key = keys.get(attrs);
  if (key === undefined) {
    key = JSON.stringify(attrsToJson(attrs));
    keys.set(attrs, key);
  }
  return key;
}
