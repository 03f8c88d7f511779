import { readFile } from 'node:fs/promises';
import { writeAtomic } from './atomic.ts';
import { DataError, reason, systemCode } from './errors.ts';
import { decodeElements, elements, type NpyData, type NpyType } from './npy-types.ts';

/** Element types of safetensors that are read. F16 and BF16 are widened to Float32Array; BOOL is a Uint8Array of 0 and 1. */
export type SafetensorType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

export interface Safetensor {
  readonly dtype: SafetensorType;
  readonly shape: readonly number[];
  readonly data: NpyData;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Safetensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

const NPY_TYPES: Readonly<Record<Exclude<SafetensorType, 'BF16'>, NpyType>> = {
  F64: 'f8',
  F32: 'f4',
  F16: 'f2',
  I64: 'i8',
  I32: 'i4',
  I16: 'i2',
  I8: 'i1',
  U8: 'u1',
  BOOL: 'b1',
};
const SIZES: Readonly<Record<SafetensorType, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 };
const MAX_HEADER = 100_000_000;

/** Reads a safetensors file. Throws DataError `data-bad-safetensors`. */
export async function readSafetensors(path: string): Promise<Safetensors> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw bad(path, systemCode(error) === 'ENOENT' ? 'no such file' : reason(error), 'Check the path.');
  }
  return parseSafetensors(bytes, path);
}

/** Parses safetensors bytes; every offset is checked, tensors may neither overlap nor leave gaps. `path` is only for messages. */
export function parseSafetensors(bytes: Uint8Array, path: string): Safetensors {
  if (bytes.length < 8) throw bad(path, `a file of ${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > bytes.length) throw bad(path, `a header of ${length} bytes in a file of ${bytes.length}`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    throw bad(path, `a header that is no JSON: ${reason(error)}`);
  }
  if (!isRecord(header)) throw bad(path, 'a header that is no JSON object');
  const tensors = new Map<string, Safetensor>();
  const metadata = new Map<string, string>();
  const ranges: (readonly [number, number, string])[] = [];
  const body = bytes.subarray(8 + length);
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isRecord(entry)) throw bad(path, 'metadata that is no JSON object');
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== 'string') throw bad(path, `the metadata '${key}', which is no text`);
        metadata.set(key, value);
      }
      continue;
    }
    const { dtype, shape, from, to } = readEntry(entry, name, body.length, path);
    tensors.set(name, { dtype, shape, data: decode(body.subarray(from, to), dtype, elements(shape)) });
    ranges.push([from, to, name]);
  }
  ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let end = 0;
  for (const [from, to, name] of ranges) {
    if (from !== end) throw bad(path, `tensor '${name}' at byte ${from} of the data, where the previous one ends at ${end}`);
    end = to;
  }
  if (end !== body.length) throw bad(path, `${body.length - end} bytes after the last tensor`);
  return { tensors, metadata };
}

function readEntry(entry: unknown, name: string, available: number, path: string) {
  if (!isRecord(entry)) throw bad(path, `the entry '${name}', which is no JSON object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isType(dtype))
    throw bad(path, `tensor '${name}' of the type ${String(dtype)}`, `Convert it to one of ${Object.keys(SIZES).join(', ')}.`);
  if (!isNumbers(shape) || Number.isNaN(elements(shape))) throw bad(path, `tensor '${name}' with an impossible shape`);
  if (!isNumbers(offsets) || offsets.length !== 2) throw bad(path, `tensor '${name}' without data_offsets`);
  const [from, to] = offsets;
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from || to > available) {
    throw bad(path, `tensor '${name}' at bytes ${from} to ${to} of ${available}`);
  }
  if (to - from !== elements(shape) * SIZES[dtype])
    throw bad(path, `${to - from} bytes for tensor '${name}' of shape [${shape}] and type ${dtype}`);
  return { dtype, shape, from, to };
}

function decode(bytes: Uint8Array, dtype: SafetensorType, count: number): NpyData {
  if (dtype !== 'BF16') return decodeElements(bytes, NPY_TYPES[dtype], true, count);
  const bits = new Uint32Array(count);
  for (let i = 0; i < count; i++) bits[i] = ((bytes[2 * i] | (bytes[2 * i + 1] << 8)) << 16) >>> 0;
  return new Float32Array(bits.buffer);
}

export type WritableTensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor to write; a Uint8Array is written as U8 unless `bool` says otherwise. */
export interface WritableTensor {
  readonly shape: readonly number[];
  readonly data: WritableTensorData;
  readonly bool?: boolean;
}

/**
 * The bytes of a safetensors file, the same for the same content whatever the order of the map: wider elements first, then names by code
 * unit; header padded with spaces to a multiple of 8 so that the data is aligned. `metadata` is written in the order of its sorted keys.
 */
export function safetensorsBytes(tensors: ReadonlyMap<string, WritableTensor>, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const sorted = [...tensors].map(([name, tensor]) => ({ name, tensor, type: typeOf(tensor) }));
  sorted.sort((a, b) => SIZES[b.type] - SIZES[a.type] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const fields: string[] = [];
  if (metadata && Object.keys(metadata).length > 0) {
    const pairs = Object.keys(metadata)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`);
    fields.push(`"__metadata__":{${pairs.join(',')}}`);
  }
  let offset = 0;
  for (const { name, tensor, type } of sorted) {
    if (name === '__metadata__') throw new RangeError("'__metadata__' cannot be the name of a tensor");
    if (elements(tensor.shape) !== tensor.data.length)
      throw new RangeError(`'${name}': ${tensor.data.length} values have not the shape [${tensor.shape}]`);
    const to = offset + tensor.data.byteLength;
    fields.push(`${JSON.stringify(name)}:{"dtype":"${type}","shape":[${tensor.shape.join(',')}],"data_offsets":[${offset},${to}]}`);
    offset = to;
  }
  const text = Buffer.from(`{${fields.join(',')}}`, 'utf8');
  const headerLength = Math.ceil(text.length / 8) * 8;
  const out = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerLength), true);
  out.set(text, 8);
  let at = 8 + headerLength;
  for (const { tensor } of sorted) {
    out.set(littleEndianBytes(tensor.data), at);
    at += tensor.data.byteLength;
  }
  return out;
}

/** Writes a safetensors file atomically. Throws DataError `output-unwritable`. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, WritableTensor>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  await writeAtomic(path, safetensorsBytes(tensors, metadata));
}

function typeOf(tensor: WritableTensor): SafetensorType {
  if (tensor.data instanceof Float32Array) return 'F32';
  if (tensor.data instanceof Float64Array) return 'F64';
  if (tensor.data instanceof Int32Array) return 'I32';
  if (tensor.data instanceof BigInt64Array) return 'I64';
  return tensor.bool ? 'BOOL' : 'U8';
}

const LITTLE_ENDIAN_HOST = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function littleEndianBytes(data: WritableTensorData): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (LITTLE_ENDIAN_HOST || data.BYTES_PER_ELEMENT === 1) return bytes;
  const swapped = Buffer.from(bytes);
  if (data.BYTES_PER_ELEMENT === 4) swapped.swap32();
  else swapped.swap64();
  return swapped;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

function isType(value: unknown): value is SafetensorType {
  return typeof value === 'string' && Object.hasOwn(SIZES, value);
}

function bad(path: string, found: string, hint = 'Copy or download the file again.'): DataError {
  return new DataError('data-bad-safetensors', {
    what: 'The safetensors file cannot be read',
    file: path,
    expected: 'a complete safetensors file',
    found,
    hint,
  });
}
