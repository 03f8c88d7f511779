/** Data-parallel steps: every worker thread computes the gradients of a contiguous part of the batch, this thread combines them and updates. */
import { WorkerPool } from '../host/pool.ts';
import type { Program } from '../program.ts';
import { evaluateSize } from '../sizes.ts';
import { DeviceState, disposeAll, portsOf, toDevice } from './device.ts';
import type { OpenRequest, PartReply, PartRequest } from './gradient-task.ts';
import { contiguousParts, type StepBatch } from './order.ts';
import { partWeights } from './part-weights.ts';
import type { ProgramSource } from './program-source.ts';
import { reviveError } from './revive.ts';
import type { DatasetSource } from './source.ts';
import { type HostState, layTensors } from './state.ts';
import { checkFinite, computeUpdate } from './step.ts';
import type { Stepper, StepRequest, StepTimes } from './stepper.ts';

export interface ParallelOptions {
  readonly program: Program;
  readonly programSource: ProgramSource;
  readonly source: DatasetSource;
  readonly host: HostState;
  readonly seed: number;
  readonly classes: number;
  readonly backend: string;
  readonly workers: number;
}

const TASK = new URL('./gradient-task.js', import.meta.url).href;

/** Whether the steps of a program may be split over workers; if not, why. */
export function splittable(program: Program): { readonly splits: true } | { readonly splits: false; readonly reason: string } {
  const { train, graphs } = program.meta;
  for (const { graph } of train?.phases ?? []) {
    const { separable, outputs } = graphs[graph];
    if (!separable) return { splits: false, reason: `nothing is known about how ${graph} may be split` };
    if (separable.kind === 'coupled')
      return { splits: false, reason: `${separable.operator} at ${separable.at} couples the images of a batch` };
    if (outputs.some((port) => port.role === 'state')) return { splits: false, reason: 'statistics of the whole batch are updated' };
  }
  return { splits: true };
}

export class ParallelStepper implements Stepper {
  readonly times: StepTimes = { batch: 0, gradients: 0, update: 0 };
  readonly #options: ParallelOptions;
  readonly #pool: WorkerPool;
  readonly #device: DeviceState;
  /** One set for each worker, in the workers' order. */
  readonly #parts: readonly HostState[];
  readonly #changing: readonly string[];

  static async open(options: ParallelOptions): Promise<ParallelStepper> {
    const stepper = new ParallelStepper(options);
    try {
      await stepper.#open();
      return stepper;
    } catch (error) {
      await stepper.close();
      throw error;
    }
  }

  private constructor(options: ParallelOptions) {
    const { program, host, classes } = options;
    const train = program.meta.train;
    if (!train) throw new RangeError('a program without training has no steps');
    const update = program.meta.graphs[train.update];
    this.#options = options;
    this.#device = new DeviceState(
      host,
      portsOf(update.inputs, 'state').map((port) => port.name),
    );
    this.#changing = portsOf(update.outputs, 'state').map((port) => port.name);
    const dims = { [program.meta.classDim]: classes };
    const shapes = portsOf(update.inputs, 'gradient').map(({ name, shape }) => ({
      key: name,
      shape: shape.map((size) => evaluateSize(size, dims)),
    }));
    this.#parts = Array.from({ length: options.workers }, () => layTensors(shapes));
    this.#pool = new WorkerPool(options.workers, reviveError);
  }

  async #open(): Promise<void> {
    const { program, programSource, source, backend, seed, classes, host } = this.#options;
    await this.#pool.everywhere<void>(
      TASK,
      'open',
      (index): OpenRequest => ({
        program: programSource,
        source,
        backend,
        seed,
        classes,
        state: host.buffer,
        gradients: this.#parts[index].buffer,
        gradientShapes: [...this.#parts[index].slots.values()].map(({ key, shape }) => ({ key, shape })),
        changing: this.#changing,
        graphs: [...new Set(program.meta.train?.phases.map((phase) => phase.graph))],
      }),
    );
  }

  async step({ step, graph, batch, next, rates }: StepRequest): Promise<Readonly<Record<string, number>>> {
    const { program, classes, host, workers } = this.#options;
    const start = performance.now();
    const parts = contiguousParts(batch.ids, workers);
    const following = next ? contiguousParts(next.ids, workers) : [];
    const replies = await Promise.all(
      parts.map((ids, index) => {
        const request: PartRequest = { step, graph, epoch: batch.epoch, ids, next: aheadOf(next, following[index]) };
        return this.#pool.runOn<PartReply>(index, TASK, 'gradients', request);
      }),
    );
    const computed = performance.now();
    const weights = partWeights(
      program.meta.graphs[graph].separable,
      parts.map((ids) => ids.length),
      replies.map((reply) => reply.count ?? 0),
    );
    const losses = combineLosses(replies, weights);
    checkFinite(losses, step);
    const gradients = this.#combine(weights);
    try {
      const updated = computeUpdate(program, this.#device.tensors, gradients, rates, step, classes);
      this.#device.replace(updated);
      await this.#device.save(host, Object.keys(updated));
    } finally {
      disposeAll(gradients);
    }
    const waited = Math.max(...replies.map((reply) => reply.batchMs));
    this.times.batch += waited;
    this.times.gradients += computed - start - waited;
    this.times.update += performance.now() - computed;
    return losses;
  }

  /** Weighted sums of the parts' gradients, added in the order of the workers in float64 and rounded once. */
  #combine(weights: readonly number[]): Record<string, ReturnType<typeof toDevice>> {
    const gradients: Record<string, ReturnType<typeof toDevice>> = {};
    for (const { key, shape, data } of this.#parts[0].slots.values()) {
      const sum = new Float32Array(data.length);
      const parts = weights.map((_, index) => this.#parts[index].slots.get(key)?.data ?? sum);
      for (let i = 0; i < sum.length; i++) {
        let total = 0;
        for (let part = 0; part < parts.length; part++) total += weights[part] * parts[part][i];
        sum[i] = total;
      }
      gradients[key] = toDevice({ shape, data: sum });
    }
    return gradients;
  }

  /** The shared state is brought up to date by every step. */
  async save(): Promise<void> {
    await this.#device.save(this.#options.host);
  }

  async close(): Promise<void> {
    await this.#pool.close();
    this.#device.dispose();
  }
}

function aheadOf(next: StepBatch | undefined, ids: readonly string[] | undefined): PartRequest['next'] {
  return next && ids ? { epoch: next.epoch, ids } : undefined;
}

function combineLosses(replies: readonly PartReply[], weights: readonly number[]): Record<string, number> {
  const losses: Record<string, number> = {};
  replies.forEach((reply, part) => {
    for (const [name, value] of Object.entries(reply.losses)) losses[name] = (losses[name] ?? 0) + weights[part] * value;
  });
  return losses;
}
