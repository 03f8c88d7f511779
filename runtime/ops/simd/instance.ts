/** Our vector kernels, running on the memory of tfjs's wasm backend. */
import { engine, type TensorInfo } from '@tensorflow/tfjs-core';
import { type OuterProducts, outerProductsModule } from './outer-products.ts';
import { rowKernelsModule } from './row-kernels.ts';
import { instantiate, isMemory, type Memory } from './webassembly.ts';

/** A kernel of `row-kernels.ts`: addresses in bytes, counts, at the end a factor where there is one. */
export type RowKernel = (...numbers: readonly number[]) => void;

export interface VectorKernels {
  readonly outerProducts: OuterProducts;
  /** A kernel of `row-kernels.ts` by its exported name. */
  readonly row: (name: string) => RowKernel;
  /** Address of the first element of a tensor, in bytes. Stays valid when the heap grows. */
  readonly address: (tensor: TensorInfo) => number;
}

interface WasmBackend {
  readonly dataIdMap: { readonly get: (dataId: object) => { readonly memoryOffset: number } };
  readonly wasm: { readonly asm: { readonly memory: Memory } };
}

let known: { readonly backend: object; readonly kernels: VectorKernels | undefined } | undefined;

let disabled = false;

/** Runs `fn` as on a machine without vector instructions. For tests. */
export function withoutVectorKernels<R>(fn: () => R): R {
  const before = disabled;
  disabled = true;
  try {
    return fn();
  } finally {
    disabled = before;
  }
}

/** The kernels of the current backend; undefined where it is not wasm, or without vector instructions, or keeps its memory to itself. */
export function vectorKernels(): VectorKernels | undefined {
  if (disabled) return undefined;
  const backend: object = engine().backend;
  if (known?.backend !== backend) known = { backend, kernels: isWasmBackend(backend) ? prepare(backend) : undefined };
  return known.kernels;
}

function prepare(backend: WasmBackend): VectorKernels | undefined {
  const { memory } = backend.wasm.asm;
  const products = instantiate(outerProductsModule(), memory)?.run;
  const rows = instantiate(rowKernelsModule(), memory);
  if (!isOuterProducts(products) || rows === undefined) return undefined;
  return {
    outerProducts: products,
    row: (name) => {
      const kernel = rows[name];
      if (!isRowKernel(kernel)) throw new Error(`there is no vector kernel '${name}'`);
      return kernel;
    },
    address: (tensor) => backend.dataIdMap.get(tensor.dataId).memoryOffset,
  };
}

function isOuterProducts(value: unknown): value is OuterProducts {
  return typeof value === 'function';
}

function isRowKernel(value: unknown): value is RowKernel {
  return typeof value === 'function';
}

function isWasmBackend(backend: object): backend is WasmBackend {
  if (!('dataIdMap' in backend) || !('wasm' in backend)) return false;
  const module = backend.wasm;
  if (typeof module !== 'object' || module === null || !('asm' in module)) return false;
  const asm = module.asm;
  return typeof asm === 'object' && asm !== null && 'memory' in asm && isMemory(asm.memory);
}
