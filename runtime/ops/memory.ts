/** Measuring memory: a hook after every kernel, and the exact peak of a piece of work. */
import { type DataStorage, engine, memory } from '@tensorflow/tfjs-core';

/** Called after every kernel with the bytes tfjs counts as held (views are counted as often as they exist). */
export type Meter = (heldBytes: number) => void;

let meter: Meter | undefined;

/** Installs the hook, or removes it; returns the one that was there. */
export function setMeter(next: Meter | undefined): Meter | undefined {
  const previous = meter;
  meter = next;
  return previous;
}

export function afterKernel(): void {
  if (meter !== undefined) meter(memory().numBytes);
}

export interface PeakMeasurement<R> {
  readonly result: R;
  /** Largest growth over the bytes held at the start; what kernels hold only while they run is included on `wasm` and `cpu`. */
  readonly peak: number;
  /** Growth that remains at the end: results that live on, and new constant tables. */
  readonly kept: number;
  /** True where every allocation was seen (views counted once); false where the meter was read after each kernel. */
  readonly exact: boolean;
}

/**
 * Measures bytes of tensor data. On `wasm` and `cpu` the backend's table of buffers is watched, so that views count once and temporary buffers
 * inside kernels count; elsewhere the meter is read after each kernel. What XNNPACK keeps for itself (packed filters) is not tensor data.
 */
export function measurePeak<R>(fn: () => R): PeakMeasurement<R> {
  const storage = bufferTable();
  return storage === undefined ? sampled(fn) : watched(storage, fn);
}

function sampled<R>(fn: () => R): PeakMeasurement<R> {
  const start = memory().numBytes;
  let peak = 0;
  const previous = setMeter((held) => {
    peak = Math.max(peak, held - start);
    previous?.(held);
  });
  try {
    const result = fn();
    return { result, peak, kept: memory().numBytes - start, exact: false };
  } finally {
    setMeter(previous);
  }
}

function watched<R>(storage: DataStorage<unknown>, fn: () => R): PeakMeasurement<R> {
  let held = 0;
  let peak = 0;
  const set = storage.set.bind(storage);
  const remove = storage.delete.bind(storage);
  storage.set = (id, value) => {
    if (!storage.has(id)) held += bytesOf(value);
    peak = Math.max(peak, held);
    set(id, value);
  };
  storage.delete = (id) => {
    if (storage.has(id)) held -= bytesOf(storage.get(id));
    return remove(id);
  };
  try {
    const result = fn();
    return { result, peak, kept: held, exact: true };
  } finally {
    // The methods of the class come back: they were never the instance's own.
    Reflect.deleteProperty(storage, 'set');
    Reflect.deleteProperty(storage, 'delete');
  }
}

/** The table of buffers of the `wasm` or `cpu` backend. */
function bufferTable(): DataStorage<unknown> | undefined {
  const backend: object = engine().backend;
  const table: unknown = 'dataIdMap' in backend ? backend.dataIdMap : 'data' in backend ? backend.data : undefined;
  return isStorage(table) ? table : undefined;
}

function isStorage(value: unknown): value is DataStorage<unknown> {
  return typeof value === 'object' && value !== null && 'set' in value && 'delete' in value && 'has' in value && 'numDataIds' in value;
}

/** Bytes of one entry: `cpu` holds values, `wasm` a shape and a type. */
function bytesOf(entry: unknown): number {
  if (typeof entry !== 'object' || entry === null) return 0;
  // A part of another buffer owns nothing.
  if ('window' in entry) return 0;
  if ('values' in entry && ArrayBuffer.isView(entry.values)) return entry.values.byteLength;
  if ('shape' in entry && Array.isArray(entry.shape) && 'dtype' in entry) {
    const size = entry.shape.reduce((product: number, n: number) => product * n, 1);
    return size * (entry.dtype === 'bool' ? 1 : 4);
  }
  return 0;
}
