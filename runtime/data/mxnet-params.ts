/**
 * Lists of arrays by name as MXNet saves them (`.params`): a magic number, the arrays, their names (`arg:conv1a_weight`). Arrays of three ages are
 * read: without a magic number of their own (sides of 32 bits), with the first (sides of 64 bits), and with the second and third (a storage type
 * before, dense alone). All numbers are little-endian.
 */
import { decodeElements } from './npy-types.ts';
import { PickleSource } from './pickle-source.ts';
import type { Safetensor } from './safetensors.ts';

const LIST = 0x112;
const FIRST = 0xf993fac8;
const SECOND = 0xf993fac9;
const THIRD = 0xf993faca;
const FLOAT32 = 0;
const FLOAT64 = 1;

export function isMxnetParams(bytes: Uint8Array): boolean {
  return bytes.length >= 24 && new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) === BigInt(LIST);
}

/** Throws what `fail` makes of a file that is none. */
export function parseMxnetParams(bytes: Uint8Array, fail: (found: string) => Error): ReadonlyMap<string, Safetensor> {
  const source = new PickleSource(bytes, fail);
  if (source.int64() !== LIST) throw fail('another magic number');
  source.int64();
  const count = source.int64();
  // Each array has sixteen bytes at least.
  if (count * 16 > bytes.length) throw fail(`${count} arrays in ${bytes.length} bytes`);
  const arrays: Safetensor[] = [];
  for (let i = 0; i < count; i++) arrays.push(readArray(source, i, fail));
  const names = source.int64();
  if (names !== count) throw fail(`${count} arrays and ${names} names`);
  return new Map(arrays.map((array) => [source.utf8(source.int64()), array] as const));
}

function readArray(source: PickleSource, index: number, fail: (found: string) => Error): Safetensor {
  const first = source.uint32();
  const dated = first === FIRST || first === SECOND || first === THIRD;
  if (first === SECOND || first === THIRD) {
    const storage = source.int32();
    if (storage !== 0) throw fail(`array ${index} is sparse`);
  }
  const rank = dated ? source.uint32() : first;
  if (rank > 32) throw fail(`array ${index} has ${rank} axes`);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) shape.push(dated ? source.int64() : source.uint32());
  // Arrays that were never given a shape end here.
  if (rank === 0) return { dtype: 'F32', shape: [0], data: new Float32Array(0) };
  source.int32();
  source.int32();
  const type = source.int32();
  const elements = shape.reduce((product, side) => product * side, 1);
  if (type !== FLOAT32 && type !== FLOAT64) throw fail(`array ${index} has the type number ${type}; float32 (0) and float64 (1) are read`);
  const content = source.bytes(elements * (type === FLOAT32 ? 4 : 8));
  return type === FLOAT32
    ? { dtype: 'F32', shape, data: decodeElements(content, 'f4', true, elements) }
    : { dtype: 'F64', shape, data: decodeElements(content, 'f8', true, elements) };
}
