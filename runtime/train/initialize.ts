import type { InitializerJson, StateEntry } from '../program.ts';
import { draws } from '../random/counter.ts';
import type { HostState } from './state.ts';

/**
 * First values of every declared tensor. Each is drawn from a stream of its own, keyed by (seed, key): adding, removing or reordering other
 * declarations changes nothing.
 */
export function initialize(entries: readonly StateEntry[], state: HostState, seed: number): void {
  for (const { key, init } of entries) {
    const slot = state.slots.get(key);
    if (slot) initialValues(init, key, slot.shape, seed, slot.data);
  }
}

/** Averages start equal to what they follow, where they have no values of their own (`given`: keys that a file has brought). */
export function initializeAverages(entries: readonly StateEntry[], state: HostState, given: ReadonlySet<string>): void {
  for (const { key, averageOf } of entries) {
    const source = averageOf === undefined ? undefined : state.slots.get(averageOf);
    if (source && !given.has(key)) state.slots.get(key)?.data.set(source.data);
  }
}

/**
 * Writes one tensor's first values. Fans are read off a filter [kh, kw, in, out] or a matrix [in, out]: kh*kw*in or kh*kw*out (a vector counts as
 * both). `fan_uniform` draws from (-b, b) with b = sqrt(scale / fan), `fan_normal` with standard deviation sqrt(scale / fan).
 */
export function initialValues(init: InitializerJson, key: string, shape: readonly number[], seed: number, into: Float32Array): void {
  if (init.kind === 'constant') {
    into.fill(init.value);
    return;
  }
  const stream = draws({ seed, step: 0, image: '', name: `init:${key}` });
  switch (init.kind) {
    case 'uniform':
      scaled(stream.uniforms(into.length), init.high - init.low, init.low, into);
      break;
    case 'normal':
      scaled(stream.normals(into.length), init.std, init.mean, into);
      break;
    case 'fan_uniform': {
      const bound = Math.sqrt(init.scale / fanOf(shape, init.fan));
      scaled(stream.uniforms(into.length), 2 * bound, -bound, into);
      break;
    }
    case 'fan_normal':
      scaled(stream.normals(into.length), Math.sqrt(init.scale / fanOf(shape, init.fan)), 0, into);
      break;
    default:
      throw new Error(`not an initializer: ${JSON.stringify(init)}`);
  }
}

/** kh*kw*in or kh*kw*out of a filter, in or out of a matrix, or the mean of the two. */
export function fanOf(shape: readonly number[], fan: 'in' | 'out' | 'mean'): number {
  if (shape.length < 2) return Math.max(1, shape[0] ?? 1);
  if (fan === 'mean') return (fanOf(shape, 'in') + fanOf(shape, 'out')) / 2;
  const window = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  return Math.max(1, window * shape[fan === 'in' ? shape.length - 2 : shape.length - 1]);
}

function scaled(values: Float32Array, factor: number, offset: number, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = values[i] * factor + offset;
}
