import { readFile } from 'node:fs/promises';
import { DataError, reason, systemCode } from './errors.ts';
import { decodeElements, elements, fromFortran, type NpyArray, type NpyData, parseType, typeBytes } from './npy-types.ts';
import { readPickle } from './pickle.ts';
import { isObjects, type PickleObjects, type PickleValue } from './pickle-values.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Reads a `.npy` file: a numeric array, or what its pickle holds for an object array. Throws DataError `data-bad-npy`. */
export async function readNpy(path: string): Promise<NpyArray | PickleObjects> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw badNpy(path, systemCode(error) === 'ENOENT' ? 'no such file' : reason(error), 'Check the path.');
  }
  return parseNpy(bytes, path);
}

/** Parses `.npy` bytes, format versions 1 to 3, C or Fortran order; `path` is only for messages. Throws DataError `data-bad-npy`. */
export function parseNpy(bytes: Uint8Array, path: string): NpyArray | PickleObjects {
  if (bytes.length < 12 || !MAGIC.every((value, i) => bytes[i] === value)) throw badNpy(path, 'a file that does not begin with \\x93NUMPY');
  const version = bytes[6];
  if (version < 1 || version > 3) throw badNpy(path, `format version ${version}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = version === 1 ? 10 : 12;
  if (start + length > bytes.length) throw badNpy(path, `a header of ${length} bytes in a file of ${bytes.length}`);
  const header = Buffer.from(bytes.subarray(start, start + length)).toString('latin1');
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const sides = /'shape'\s*:\s*\(([0-9,\sL]*)\)/.exec(header)?.[1];
  if (descr === undefined || fortran === undefined || sides === undefined) throw badNpy(path, `the header ${header.trim().slice(0, 120)}`);
  const shape = sides
    .split(',')
    .map((side) => side.replace('L', '').trim())
    .filter((side) => side !== '')
    .map(Number);
  const body = bytes.subarray(start + length);
  if (/^\|?O[48]?$/.test(descr)) return objects(body, path);
  const type = parseType(descr);
  if (!type) throw badNpy(path, `elements of the NumPy type ${descr}`, 'Save the array as float32, float64, an integer type or bool.');
  const count = elements(shape);
  const expected = count * typeBytes(type.type);
  if (Number.isNaN(count) || body.length < expected)
    throw badNpy(path, `${body.length} bytes for an array of shape [${shape}] (${expected} bytes)`);
  const data = decodeElements(body.subarray(0, expected), type.type, type.littleEndian, count);
  return { kind: 'array', type: type.type, shape, data: fortran === 'True' ? fromFortran(data, shape) : data };
}

function objects(body: Uint8Array, path: string): PickleObjects {
  let value: PickleValue;
  try {
    value = readPickle(body);
  } catch (error) {
    throw badNpy(path, `a pickle that is not read: ${reason(error)}`, 'Save it with numpy.save as a dictionary of id to float32 array.');
  }
  return isObjects(value) ? value : { kind: 'objects', shape: [], values: [value] };
}

function badNpy(path: string, found: string, hint = 'Write the file again with numpy.save.'): DataError {
  return new DataError('data-bad-npy', { what: 'The NumPy file cannot be read', file: path, expected: 'a .npy file', found, hint });
}

/** What `npyBytes` can write, with its element type. */
export type WritableData = Float32Array | Float64Array | Int32Array | Uint8Array;

/** The bytes of a `.npy` file, version 1, C order, as numpy.save writes them. */
export function npyBytes(data: WritableData, shape: readonly number[]): Uint8Array {
  if (elements(shape) !== data.length) throw new RangeError(`${data.length} values have not the shape [${shape}]`);
  const header = npyHeader(writableType(data), shape);
  const out = new Uint8Array(header.length + data.byteLength);
  out.set(header);
  const view = new DataView(out.buffer, header.length);
  if (data instanceof Uint8Array) out.set(data, header.length);
  else if (data instanceof Float32Array) data.forEach((value, i) => void view.setFloat32(i * 4, value, true));
  else if (data instanceof Float64Array) data.forEach((value, i) => void view.setFloat64(i * 8, value, true));
  else data.forEach((value, i) => void view.setInt32(i * 4, value, true));
  return out;
}

function writableType(data: WritableData): string {
  if (data instanceof Float32Array) return '<f4';
  if (data instanceof Float64Array) return '<f8';
  return data instanceof Int32Array ? '<i4' : '|u1';
}

/** Magic, version 1.0 and the padded header dictionary (a multiple of 64 bytes in all). */
export function npyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sides}), }`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const out = new Uint8Array(total).fill(0x20);
  out.set(MAGIC);
  out.set([1, 0, (total - 10) & 255, (total - 10) >> 8], 6);
  out.set(Buffer.from(text, 'latin1'), 10);
  out[total - 1] = 10;
  return out;
}

/** Numbers of an array as float32 (64-bit integers are narrowed). */
export function toFloat32(data: NpyData): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float32Array.from(data, Number);
  return Float32Array.from(data);
}
