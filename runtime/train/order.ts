import { permutation } from '../random/counter.ts';

/** How many steps make an epoch: incomplete batches are dropped. */
export function stepsPerEpoch(images: number, batch: number): number {
  return Math.floor(images / batch);
}

/** The order of one epoch: a permutation that depends on seed and epoch alone. */
export function epochOrder(ids: readonly string[], seed: number, epoch: number): readonly string[] {
  return Array.from(permutation(ids.length, { seed, step: epoch, image: '', name: 'epoch order' }), (index) => ids[index]);
}

export interface StepBatch {
  readonly epoch: number;
  readonly ids: readonly string[];
}

/** Gives the images of any step; the order of the newest epochs is kept. */
export function batchSchedule(ids: readonly string[], batch: number, seed: number): (step: number) => StepBatch {
  const perEpoch = stepsPerEpoch(ids.length, batch);
  const orders = new Map<number, readonly string[]>();
  return (step) => {
    const epoch = Math.floor(step / perEpoch);
    let order = orders.get(epoch);
    if (!order) {
      order = epochOrder(ids, seed, epoch);
      orders.set(epoch, order);
      orders.delete(epoch - 2);
    }
    const start = (step % perEpoch) * batch;
    return { epoch, ids: order.slice(start, start + batch) };
  };
}

/** The batches of a step, one after the other: all of it at once unless gradients are accumulated. */
export function accumulated({ epoch, ids }: StepBatch, batch: number): readonly StepBatch[] {
  const batches: StepBatch[] = [];
  for (let start = 0; start < ids.length; start += batch) batches.push({ epoch, ids: ids.slice(start, start + batch) });
  return batches;
}

/** Contiguous parts of a list, as equal as can be, the larger ones first; fewer parts than asked for where the list is short. */
export function contiguousParts<T>(list: readonly T[], parts: number): readonly (readonly T[])[] {
  const count = Math.min(parts, list.length);
  const result: (readonly T[])[] = [];
  let start = 0;
  for (let i = 0; i < count; i++) {
    const size = Math.ceil((list.length - start) / (count - i));
    result.push(list.slice(start, start + size));
    start += size;
  }
  return result;
}
