/**
 * Memory discipline of generated code: no `tf.tidy`, no tape. Every kernel result made while a scope is current belongs to it until it is
 * freed at its planned place, returned, or disposed when the scope ends.
 */
import type { Tensor } from './tensor.ts';

export interface Scope {
  /** Disposes tensors at the place the memory plan names. A tensor that is already gone is passed over. */
  free(...tensors: readonly Tensor[]): void;
}

/** Innermost last. A tensor is in at most one of them. */
const stack: Set<Tensor>[] = [];

const handle: Scope = { free: drop };

/** Makes the innermost scope the owner of a tensor; without a scope the caller owns it. */
export function own(tensor: Tensor): Tensor {
  stack[stack.length - 1]?.add(tensor);
  return tensor;
}

/** Takes a tensor away from its scope: what happens to it is then the caller's business. */
export function disown(tensor: Tensor): Tensor {
  for (let i = stack.length - 1; i >= 0; i--) if (stack[i].delete(tensor)) break;
  return tensor;
}

/** Disposes tensors and takes them from their scope. */
export function drop(...tensors: readonly Tensor[]): void {
  for (const tensor of tensors) disown(tensor).dispose();
}

/**
 * Runs `fn` with a scope of its own. On return the tensors reachable in the result (through nested arrays, records and maps) go to the
 * enclosing scope, or to the caller where there is none; every other tensor made inside is disposed. When `fn` throws, all of them are
 * disposed and the error goes on. Tensors made outside are never touched, except by `free`.
 */
export function scope<R>(fn: (s: Scope) => R): R {
  const owned = new Set<Tensor>();
  stack.push(owned);
  let result: R;
  try {
    result = fn(handle);
    if (result instanceof Promise) throw new TypeError('scope() runs synchronous code: a promise cannot say when its tensors are done');
  } catch (error) {
    stack.pop();
    for (const tensor of owned) tensor.dispose();
    throw error;
  }
  stack.pop();
  const survivors = new Set<Tensor>();
  collect(result, survivors);
  for (const tensor of owned) {
    if (survivors.has(tensor)) own(tensor);
    else tensor.dispose();
  }
  return result;
}

/** Gathers every tensor in a nested structure. Class instances other than tensors and maps are not looked into. */
function collect(value: unknown, into: Set<Tensor>): void {
  if (typeof value !== 'object' || value === null) return;
  if (isTensor(value)) into.add(value);
  else if (Array.isArray(value)) for (const entry of value) collect(entry, into);
  else if (value instanceof Map) for (const entry of value.values()) collect(entry, into);
  else if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
    for (const entry of Object.values(value)) collect(entry, into);
}

/** By form, not by class: two copies of tfjs-core in one process must not make tensors invisible. */
function isTensor(value: object): value is Tensor {
  return 'dataId' in value && 'isDisposed' in value && 'dtype' in value;
}
