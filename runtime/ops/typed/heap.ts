/**
 * Tensor memory as typed arrays, for the two backends whose memory JavaScript can address: `wasm` (views of the module's heap, no copy) and
 * `cpu` (plain typed arrays). Kernels written on it are used where composition of stock kernels is slow, wrong or impossible.
 */
import { engine, type TensorInfo } from '@tensorflow/tfjs-core';
import { adopt } from '../run.ts';
import { drop } from '../scope.ts';
import { sizeOf, type Tensor, type TfjsDType } from '../tensor.ts';

export type Values = Float32Array | Int32Array | Uint8Array;

export interface Heap {
  readonly backend: 'wasm' | 'cpu';
  /** The values of a tensor. On wasm a view that dies when the heap grows: take it after every allocation. */
  readonly values: (tensor: TensorInfo) => Values;
  /** A new buffer with undefined content. */
  readonly make: (shape: readonly number[], dtype: TfjsDType) => TensorInfo;
}

interface WasmLike {
  readonly makeOutput: (shape: number[], dtype: TfjsDType) => TensorInfo;
  readonly typedArrayFromHeap: (tensor: TensorInfo) => Values;
}

interface CpuLike {
  readonly makeTensorInfo: (shape: number[], dtype: TfjsDType, values: Values) => TensorInfo;
  readonly data: { readonly get: (dataId: object) => { readonly values: unknown } };
}

let known: { readonly backend: object; readonly heap: Heap | undefined } | undefined;
let disabled = false;

/** The heap of the current backend; undefined where memory is out of JavaScript's reach (tensorflow, webgpu). */
export function heap(): Heap | undefined {
  if (disabled) return undefined;
  const backend: object = engine().backend;
  if (known?.backend !== backend) known = { backend, heap: describe(backend) };
  return known.heap;
}

/** Runs `fn` with the lowerings to stock kernels that other backends get. For tests: on `cpu` every stock kernel exists. */
export function withoutTypedKernels<R>(fn: () => R): R {
  const before = disabled;
  disabled = true;
  try {
    return fn();
  } finally {
    disabled = before;
  }
}

/** Allocates the result, then lets `fill` write every element of it. */
export function produce(heap: Heap, shape: readonly number[], dtype: TfjsDType, fill: (out: Values) => void): Tensor {
  const info = heap.make(shape, dtype);
  try {
    if (sizeOf(shape) > 0) fill(heap.values(info));
  } catch (error) {
    drop(adopt(info));
    throw error;
  }
  return adopt(info);
}

/** The values of a float32 tensor. A cast on the `cpu` backend keeps the integers' array under the new type: then a copy. */
export function floats(heap: Heap, tensor: TensorInfo): Float32Array {
  const values = heap.values(tensor);
  if (values instanceof Float32Array) return values;
  if (tensor.dtype === 'float32') return Float32Array.from(values);
  throw new TypeError(`expected a float32 tensor, found ${tensor.dtype}`);
}

/** The values of an int32 tensor; a copy where a cast kept an array of bytes. */
export function integers(heap: Heap, tensor: TensorInfo): Int32Array {
  const values = heap.values(tensor);
  if (values instanceof Int32Array) return values;
  if (tensor.dtype === 'int32') return Int32Array.from(values);
  throw new TypeError(`expected an int32 tensor, found ${tensor.dtype}`);
}

/** `produce` for float32 results. */
export function produceFloats(heap: Heap, shape: readonly number[], fill: (out: Float32Array) => void): Tensor {
  return produce(heap, shape, 'float32', (out) => {
    if (out instanceof Float32Array) fill(out);
  });
}

function describe(backend: object): Heap | undefined {
  if (isWasm(backend)) {
    return {
      backend: 'wasm',
      values: (tensor) => backend.typedArrayFromHeap(tensor),
      make: (shape, dtype) => backend.makeOutput([...shape], dtype),
    };
  }
  if (isCpu(backend)) {
    return {
      backend: 'cpu',
      values: (tensor) => {
        const values = backend.data.get(tensor.dataId).values;
        if (values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array) return values;
        throw new TypeError(`a ${tensor.dtype} tensor holds no typed array`);
      },
      make: (shape, dtype) => backend.makeTensorInfo([...shape], dtype, empty(sizeOf(shape), dtype)),
    };
  }
  return undefined;
}

function empty(size: number, dtype: TfjsDType): Values {
  switch (dtype) {
    case 'float32':
      return new Float32Array(size);
    case 'int32':
      return new Int32Array(size);
    case 'bool':
      return new Uint8Array(size);
  }
}

function isWasm(backend: object): backend is WasmLike {
  return 'makeOutput' in backend && 'typedArrayFromHeap' in backend && 'wasm' in backend;
}

function isCpu(backend: object): backend is CpuLike {
  return 'makeTensorInfo' in backend && 'data' in backend && engine().backendName === 'cpu';
}
