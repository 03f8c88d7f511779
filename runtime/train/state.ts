/** The state of a program outside the backend: one float32 array for each key, all in one buffer that worker threads can share. */
import type { Dimensions, StateEntry } from '../program.ts';
import { evaluateSize } from '../sizes.ts';

export interface StateSlot {
  readonly key: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Declared state in the order of declaration. */
export interface HostState {
  readonly slots: ReadonlyMap<string, StateSlot>;
  readonly buffer: SharedArrayBuffer;
}

/** Lays out every declared tensor; values are zero unless `buffer` (of another thread) already holds them. */
export function layState(entries: readonly StateEntry[], dims: Dimensions, buffer?: SharedArrayBuffer): HostState {
  const shapes = entries.map((entry) => entry.shape.map((size) => evaluateSize(size, dims)));
  return layTensors(
    entries.map((entry, i) => ({ key: entry.key, shape: shapes[i] })),
    buffer,
  );
}

/** Lays out tensors one after the other. Throws RangeError when a given buffer has another size. */
export function layTensors(
  tensors: readonly { readonly key: string; readonly shape: readonly number[] }[],
  buffer?: SharedArrayBuffer,
): HostState {
  const sizes = tensors.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
  const bytes = 4 * sizes.reduce((total, size) => total + size, 0);
  const shared = buffer ?? new SharedArrayBuffer(bytes);
  if (shared.byteLength !== bytes) throw new RangeError(`a buffer of ${shared.byteLength} bytes for tensors of ${bytes}`);
  const slots = new Map<string, StateSlot>();
  let offset = 0;
  tensors.forEach(({ key, shape }, i) => {
    slots.set(key, { key, shape, data: new Float32Array(shared, offset, sizes[i]) });
    offset += 4 * sizes[i];
  });
  return { slots, buffer: shared };
}

/** Puts a tensor's values into a slot. Throws RangeError naming the key when the sizes differ. */
export function fillSlot(state: HostState, key: string, values: ArrayLike<number>): void {
  const slot = state.slots.get(key);
  if (!slot) throw new RangeError(`there is no tensor '${key}'`);
  if (values.length !== slot.data.length)
    throw new RangeError(`'${key}': ${values.length} values for the shape [${slot.shape.join(', ')}]`);
  slot.data.set(values);
}
