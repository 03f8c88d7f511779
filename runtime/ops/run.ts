/** The one door to tfjs kernels: no tape, no tidy; every result belongs to the current scope. */
import { engine, getKernel, type NamedAttrMap, type NamedTensorMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { afterKernel } from './memory.ts';
import { own } from './scope.ts';
import type { Tensor } from './tensor.ts';

/** Runs one kernel of the current backend. Throws when the backend has no kernel of this name. */
export function run(kernel: string, inputs: NamedTensorMap, attrs: NamedAttrMap = {}): Tensor {
  const result = own(engine().runKernel<Tensor>(kernel, inputs, attrs));
  afterKernel();
  return result;
}

/** Makes a tensor of what a typed-array kernel wrote. */
export function adopt(info: TensorInfo): Tensor {
  const result = own(engine().makeTensorFromTensorInfo(info));
  afterKernel();
  return result;
}

/** Name of the current backend. */
export function backendName(): string {
  return engine().backendName;
}

export function hasKernel(kernel: string): boolean {
  return getKernel(kernel, backendName()) !== undefined;
}

/** A second handle on the same memory. (tfjs's `Identity` copies on wasm; its `Reshape` shares on every backend.) */
export function share(x: Tensor): Tensor {
  return view(x, x.shape);
}

/** Same memory, another shape. */
export function view(x: Tensor, shape: readonly number[]): Tensor {
  return run('Reshape', { x }, { shape: [...shape] });
}
