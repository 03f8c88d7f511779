import { WorkerPool } from '../host/pool.ts';
import type { OpenBatches } from './batch-task.ts';
import type { HostTensor, HostTensors } from './device.ts';
import { contiguousParts } from './order.ts';
import { reviveError } from './revive.ts';
import type { BatchSource } from './source.ts';

const TASK = new URL('./batch-task.js', import.meta.url).href;

/**
 * Batches prepared by worker threads while this one computes. Draws depend on image and epoch, so the batches are the same as prepared here.
 */
export class BackgroundBatches implements BatchSource {
  readonly #pool: WorkerPool;

  static async open(threads: number, request: OpenBatches): Promise<BackgroundBatches> {
    const batches = new BackgroundBatches(threads);
    try {
      await batches.#pool.everywhere<void>(TASK, 'open', () => request);
      return batches;
    } catch (error) {
      await batches.close();
      throw error;
    }
  }

  private constructor(threads: number) {
    this.#pool = new WorkerPool(threads, reviveError);
  }

  async prepare(ids: readonly string[], epoch: number): Promise<HostTensors> {
    const parts = contiguousParts(ids, this.#pool.size);
    return joinBatches(
      await Promise.all(parts.map((part, index) => this.#pool.runOn<HostTensors>(index, TASK, 'prepare', { ids: part, epoch }))),
    );
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Parts of a batch one after the other along the first axis. Throws RangeError where their other sizes differ. */
export function joinBatches(parts: readonly HostTensors[]): HostTensors {
  const [first] = parts;
  if (!first || parts.length === 1) return first ?? {};
  const joined: Record<string, HostTensor> = {};
  for (const [name, { shape, data }] of Object.entries(first)) {
    const tensors = parts.map((part) => part[name]);
    const other = tensors.find((tensor) => tensor.shape.slice(1).join() !== shape.slice(1).join());
    if (other)
      throw new RangeError(
        `'${name}': images of [${shape.slice(1)}] and [${other.shape.slice(1)}] in one batch; end the view with crop, square or resize`,
      );
    const length = tensors.reduce((sum, tensor) => sum + tensor.data.length, 0);
    const all = data instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
    let at = 0;
    for (const tensor of tensors) {
      all.set(tensor.data, at);
      at += tensor.data.length;
    }
    joined[name] = { shape: [tensors.reduce((sum, tensor) => sum + tensor.shape[0], 0), ...shape.slice(1)], data: all };
  }
  return joined;
}
