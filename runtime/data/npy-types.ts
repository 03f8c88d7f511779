/** Element types of NumPy that are read, by their NumPy names without byte order. */
export type NpyType = 'f2' | 'f4' | 'f8' | 'i1' | 'i2' | 'i4' | 'i8' | 'u1' | 'u2' | 'u4' | 'u8' | 'b1';

export type NpyData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** A numeric array, row-major whatever the order of the file was. `f2` is widened to Float32Array, `b1` is a Uint8Array of 0 and 1. */
export interface NpyArray {
  readonly kind: 'array';
  readonly type: NpyType;
  readonly shape: readonly number[];
  readonly data: NpyData;
}

const TYPES: ReadonlySet<string> = new Set<NpyType>(['f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'b1']);

/** Reads a type description such as `<f4`, `|u1`, `>i2`, `?` or `f4`; undefined when it is not one of the numeric types. */
export function parseType(text: string): { readonly type: NpyType; readonly littleEndian: boolean } | undefined {
  const match = /^([<>|=]?)([a-z?])([0-9]*)$/.exec(text);
  if (!match) return undefined;
  const name = match[2] === '?' ? 'b1' : match[2] + match[3];
  if (!isType(name)) return undefined;
  return { type: name, littleEndian: match[1] !== '>' };
}

function isType(name: string): name is NpyType {
  return TYPES.has(name);
}

/** Bytes of one element. */
export function typeBytes(type: NpyType): number {
  return Number(type.slice(1));
}

/** Number of elements of a shape; NaN when a side is not a non-negative integer or the product is beyond 2^53. */
export function elements(shape: readonly number[]): number {
  let total = 1;
  for (const side of shape) {
    if (!Number.isSafeInteger(side) || side < 0) return Number.NaN;
    total *= side;
  }
  return Number.isSafeInteger(total) ? total : Number.NaN;
}

/** The value of 16 bits as an IEEE half. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Decodes raw little- or big-endian elements; `bytes` holds exactly `count` of them. */
export function decodeElements(bytes: Uint8Array, type: NpyType, littleEndian: boolean, count: number): NpyData {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fill = <T extends NpyData>(out: T, at: (i: number) => T[number]): T => {
    for (let i = 0; i < count; i++) out[i] = at(i);
    return out;
  };
  switch (type) {
    case 'f2':
      return fill(new Float32Array(count), (i) => halfToNumber(view.getUint16(i * 2, littleEndian)));
    case 'f4':
      return fill(new Float32Array(count), (i) => view.getFloat32(i * 4, littleEndian));
    case 'f8':
      return fill(new Float64Array(count), (i) => view.getFloat64(i * 8, littleEndian));
    case 'i1':
      return fill(new Int8Array(count), (i) => view.getInt8(i));
    case 'i2':
      return fill(new Int16Array(count), (i) => view.getInt16(i * 2, littleEndian));
    case 'i4':
      return fill(new Int32Array(count), (i) => view.getInt32(i * 4, littleEndian));
    case 'i8':
      return fill(new BigInt64Array(count), (i) => view.getBigInt64(i * 8, littleEndian));
    case 'u1':
      return fill(new Uint8Array(count), (i) => view.getUint8(i));
    case 'b1':
      return fill(new Uint8Array(count), (i) => (view.getUint8(i) ? 1 : 0));
    case 'u2':
      return fill(new Uint16Array(count), (i) => view.getUint16(i * 2, littleEndian));
    case 'u4':
      return fill(new Uint32Array(count), (i) => view.getUint32(i * 4, littleEndian));
    case 'u8':
      return fill(new BigUint64Array(count), (i) => view.getBigUint64(i * 8, littleEndian));
  }
}

/** Reorders column-major elements to row-major. */
export function fromFortran(data: NpyData, shape: readonly number[]): NpyData {
  if (shape.length < 2) return data;
  const out = data.slice();
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) {
    out[i] = data[index.reduce((sum, value, axis) => sum + value * strides[axis], 0)];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return out;
}
