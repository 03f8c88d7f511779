import type { NpyArray } from './npy-types.ts';

/** A value that the pickle reader can make. Tuples and lists are arrays; dictionaries keep the kind and order of their keys. */
export type PickleValue = null | boolean | number | bigint | string | Uint8Array | NpyArray | PickleObjects | PickleList | PickleDict;
export interface PickleList extends ReadonlyArray<PickleValue> {}
export interface PickleDict extends ReadonlyMap<PickleValue, PickleValue> {}

/** A NumPy array of objects (dtype `O`), row-major. */
export interface PickleObjects {
  readonly kind: 'objects';
  readonly shape: readonly number[];
  readonly values: PickleList;
}

export function isDict(value: PickleValue): value is PickleDict {
  return value instanceof Map;
}

export function isList(value: PickleValue): value is PickleList {
  return Array.isArray(value);
}

export function isArray(value: PickleValue): value is NpyArray {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'array';
}

export function isObjects(value: PickleValue): value is PickleObjects {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'objects';
}
