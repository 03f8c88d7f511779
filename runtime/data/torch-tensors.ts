/** Tensors of PyTorch as pickles name them: storages of elements, and views of them. */
import { decodeElements, elements, type NpyArray, type NpyData, type NpyType, typeBytes } from './npy-types.ts';
import { PickleError } from './pickle-error.ts';

/** The first number in a file of torch.save before version 1.6. */
export const TORCH_MAGIC = String(0x1950a86a20f9469cfc6cn);

/** What storages hold; NumPy has no bfloat16. */
const STORAGES = {
  DoubleStorage: 'f8',
  FloatStorage: 'f4',
  HalfStorage: 'f2',
  BFloat16Storage: 'bf16',
  LongStorage: 'i8',
  IntStorage: 'i4',
  ShortStorage: 'i2',
  CharStorage: 'i1',
  ByteStorage: 'u1',
  BoolStorage: 'b1',
} as const satisfies Readonly<Record<string, NpyType | 'bf16'>>;
export type TorchType = keyof typeof STORAGES;

/** The types as a pickle names them. */
export const TORCH_STORAGES: readonly (readonly [string, TorchType])[] = Object.keys(STORAGES)
  .filter(isTorchType)
  .map((name) => [`torch ${name}`, name] as const);

export function isTorchType(name: string): name is TorchType {
  return Object.hasOwn(STORAGES, name);
}

export interface TorchStorage {
  readonly kind: 'storage';
  readonly type: TorchType;
  /** Little-endian; filled once the file has been read to where they stand. */
  bytes: Uint8Array | undefined;
}
export interface TorchTensor {
  readonly kind: 'tensor';
  readonly storage: TorchStorage;
  /** In elements, as the strides are. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Bytes of one element. */
export function torchBytes(type: TorchType): number {
  const of = STORAGES[type];
  return of === 'bf16' ? 2 : typeBytes(of);
}

/** The elements that a tensor sees, row-major; bfloat16 is widened to float32. Throws PickleError. */
export function tensorValues({ storage, offset, shape, strides }: TorchTensor): NpyArray {
  const { bytes, type } = storage;
  if (!bytes) throw new PickleError('a tensor has no values');
  const size = torchBytes(type);
  const count = Math.floor(bytes.length / size);
  const last = shape.reduce((at, side, axis) => at + (side - 1) * (strides[axis] ?? Number.NaN), offset);
  const total = elements(shape);
  // A view that repeats elements (of stride 0) is refused as well: a file of a few bytes would ask for any memory.
  if (!(offset >= 0 && total <= count && (total === 0 || last < count)))
    throw new PickleError(`a tensor of shape [${shape}] reaches beyond its storage of ${count} values`);
  const of = STORAGES[type];
  if (of === 'bf16') return { kind: 'array', type: 'f4', shape, data: viewed(widened(bytes, count), { offset, shape, strides }, total) };
  return { kind: 'array', type: of, shape, data: viewed(decodeElements(bytes, of, true, count), { offset, shape, strides }, total) };
}

/** bfloat16 is the upper half of a float32. */
function widened(bytes: Uint8Array, count: number): Float32Array {
  const words = new Uint32Array(count);
  for (let i = 0; i < count; i++) words[i] = (bytes[2 * i] | (bytes[2 * i + 1] << 8)) << 16;
  return new Float32Array(words.buffer);
}

function viewed(values: NpyData, { offset, shape, strides }: Pick<TorchTensor, 'offset' | 'shape' | 'strides'>, total: number): NpyData {
  const out = values.slice(0, total);
  if (isPlain(shape, strides)) {
    if (offset > 0) return values.slice(offset, offset + total);
    return out;
  }
  const place = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < total; to++) {
    out[to] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++place[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      place[axis] = 0;
    }
  }
  return out;
}

function isPlain(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis];
  }
  return true;
}
