/** Runs one operator on every road that the runtime has here: typed kernels on cpu, stock kernels on cpu, wasm with and without our vector kernels. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { engine, memory, setBackend } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { quiet } from '../../../runtime/backend/quiet.ts';
import { constantCache } from '../../../runtime/ops/cache.ts';
import { scope } from '../../../runtime/ops/scope.ts';
import { withoutVectorKernels } from '../../../runtime/ops/simd/instance.ts';
import { sizeOf, type Tensor, type TfjsDType } from '../../../runtime/ops/tensor.ts';
import { withoutTypedKernels } from '../../../runtime/ops/typed/heap.ts';
import { draws as drawStream } from '../../../runtime/random/counter.ts';

export const roads = ['cpu', 'cpu by stock kernels', 'wasm', 'wasm without vector kernels'] as const;
export type Road = (typeof roads)[number];

export async function use(road: Road): Promise<void> {
  quiet();
  await setBackend(road.startsWith('wasm') ? 'wasm' : 'cpu');
}

export interface Data {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Uint8Array;
}

export function tensor(data: Data): Tensor {
  const dtype: TfjsDType = data.values instanceof Float32Array ? 'float32' : data.values instanceof Int32Array ? 'int32' : 'bool';
  return engine().makeTensor(data.values.slice(), [...data.shape], dtype);
}

const stream = (name: string) => drawStream({ seed: 7, step: 0, image: '', name });

/** Standard normal values, the same in every run. */
export function normal(name: string, ...shape: readonly number[]): Data {
  return { shape, values: stream(name).normals(sizeOf(shape)) };
}

/** Whole numbers from `low` to `high`, both ends included. */
export function whole(
  name: string,
  low: number,
  high: number,
  ...shape: readonly number[]
): { readonly shape: readonly number[]; readonly values: Int32Array } {
  const own = stream(name);
  return { shape, values: Int32Array.from({ length: sizeOf(shape) }, (_, i) => own.integer(i, low, high)) };
}

/** Float32 values with many ties. */
export function tied(name: string, ...shape: readonly number[]): Data {
  return { shape, values: Float32Array.from(whole(name, -2, 2, ...shape).values) };
}

export interface Outcome {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly number[];
}

/** Runs an operator on a road and checks that it leaves nothing behind but its result. */
export async function outcome(road: Road, inputs: readonly Data[], op: (...tensors: Tensor[]) => Tensor): Promise<Outcome> {
  await use(road);
  const run = (): Outcome => {
    const given = inputs.map(tensor);
    constantCache.clear();
    const before = memory();
    const result = op(...given);
    const cached = constantCache.tensors;
    expect(memory().numTensors - before.numTensors - cached, `${road}: tensors left behind`).toBe(1);
    const found = { shape: [...result.shape], dtype: String(result.dtype), values: Array.from(result.dataSync()) };
    result.dispose();
    constantCache.clear();
    expect(memory().numBytes, `${road}: bytes left behind`).toBe(before.numBytes);
    const inScope = scope(() => op(...given));
    inScope.dispose();
    constantCache.clear();
    expect(memory().numBytes, `${road}: bytes left behind in a scope`).toBe(before.numBytes);
    for (const one of given) one.dispose();
    return found;
  };
  switch (road) {
    case 'cpu by stock kernels':
      return withoutTypedKernels(run);
    case 'wasm without vector kernels':
      return withoutVectorKernels(run);
    default:
      return run();
  }
}

/**
 * |v - r| <= atol + rtol·|r| + ofLargest·max|R|, element by element; infinities and not-a-number are equal to themselves. The last term is for long
 * sums, whose rounding depends on what was summed and not on what came out.
 */
export function expectClose(
  found: Outcome,
  expected: { readonly shape: readonly number[]; readonly values: ArrayLike<number> },
  label: string,
  atol = 1e-5,
  rtol = 1e-5,
  ofLargest = 0,
): void {
  expect(found.shape, `${label}: shape`).toEqual([...expected.shape]);
  let allowed = atol;
  if (ofLargest > 0)
    for (let i = 0; i < expected.values.length; i++) allowed = Math.max(allowed, atol + ofLargest * Math.abs(expected.values[i]));
  for (let i = 0; i < found.values.length; i++) {
    const v = found.values[i];
    const r = expected.values[i];
    if (Object.is(v, r) || v === r) continue;
    if (!(Math.abs(v - r) <= allowed + rtol * Math.abs(r))) expect.fail(`${label}: element ${i} is ${v}, expected ${r}`);
  }
}
