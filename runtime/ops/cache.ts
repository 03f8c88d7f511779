/**
 * Constant tables that depend on sizes only (interpolation weights, index lists, divisor maps), kept between steps. Bounded: the tables used
 * longest ago go first. Their bytes are no part of a step's balance; the memory plan counts them by `constantCache.bytes`.
 */
import { engine, keep } from '@tensorflow/tfjs-core';
import type { Tensor } from './tensor.ts';

const LIMIT_BYTES = 64 * 1024 * 1024;
/** One operator holds at most this many tables at once, so the newest ones are never dropped under its feet. */
const ALWAYS_KEPT = 8;

interface Entry {
  readonly bytes: number;
  readonly tensor: boolean;
  readonly dispose: () => void;
  readonly value: unknown;
}

const entries = new Map<string, Entry>();
let bytes = 0;

export const constantCache = {
  /** Bytes of all tables held. */
  get bytes(): number {
    return bytes;
  },
  /** Bytes of the tensors held (tables that are plain arrays do not count). */
  get tensorBytes(): number {
    let total = 0;
    for (const entry of entries.values()) if (entry.tensor) total += entry.bytes;
    return total;
  },
  /** Number of tensors held (tables that are plain arrays do not count). */
  get tensors(): number {
    let count = 0;
    for (const entry of entries.values()) if (entry.tensor) count++;
    return count;
  },
  /** Disposes every table; the next use makes them again. */
  clear(): void {
    for (const key of [...entries.keys()]) evict(key);
  },
};

/** A tensor made once for each key and backend. The caller must not dispose it. */
export function cachedTensor(
  key: string,
  make: () => { readonly shape: readonly number[]; readonly values: Float32Array | Int32Array },
): Tensor {
  return recall(`tensor ${engine().backendName} ${key}`, () => {
    const { shape, values } = make();
    const value = keep(engine().makeTensor(values, [...shape], values instanceof Int32Array ? 'int32' : 'float32'));
    return { value, tensor: true, bytes: values.byteLength, dispose: () => value.dispose() };
  });
}

/** A plain table (typed arrays) made once for each key. */
export function cachedTable<T>(key: string, make: () => { readonly value: T; readonly bytes: number }): T {
  return recall(`table ${key}`, () => ({ ...make(), tensor: false, dispose: () => {} }));
}

function recall<T>(key: string, make: () => Entry & { readonly value: T }): T {
  const found = entries.get(key);
  if (found !== undefined) {
    entries.delete(key);
    entries.set(key, found);
    // Keys name the kind of entry, and each kind is stored by one function only.
    return found.value as T;
  }
  const made = make();
  entries.set(key, made);
  bytes += made.bytes;
  for (const old of entries.keys()) {
    if (bytes <= LIMIT_BYTES || entries.size <= ALWAYS_KEPT) break;
    evict(old);
  }
  return made.value;
}

function evict(key: string): void {
  const entry = entries.get(key);
  if (entry === undefined) return;
  entries.delete(key);
  bytes -= entry.bytes;
  entry.dispose();
}
