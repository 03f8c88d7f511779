/** Data-parallel steps: every worker thread computes the gradients of a contiguous part of the batch, this thread combines them and updates. */
import { WorkerPool } from '../host/pool.ts';
import type { Program } from '../program.ts';
import { evaluateSize } from '../sizes.ts';
import { DeviceState, disposeAll, portsOf } from './device.ts';
import { GradientSum } from './gradient-sum.ts';
import type { OpenRequest, PartReply, PartRequest } from './gradient-task.ts';
import { contiguousParts, type StepBatch } from './order.ts';
import type { ProgramSource } from './program-source.ts';
import { reviveError } from './revive.ts';
import type { TrainingSource } from './source.ts';
import { type HostState, layTensors } from './state.ts';
import { checkFinite, computeUpdate } from './step.ts';
import type { Stepper, StepRequest, StepTimes } from './stepper.ts';

export interface ParallelOptions {
  readonly program: Program;
  readonly programSource: ProgramSource;
  readonly source: TrainingSource;
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
  readonly #sum: GradientSum;

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
    this.#sum = new GradientSum(program.meta.graphs[train.phases[0].graph].separable);
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

  async step({ step, graph, update, batches, next, rates, scalars }: StepRequest): Promise<Readonly<Record<string, number>>> {
    const { program, classes, host } = this.#options;
    this.#sum.clear();
    for (const [i, batch] of batches.entries()) await this.#addBatch(step, graph, batch, batches[i + 1] ?? next, scalars);
    const computed = performance.now();
    const losses = this.#sum.losses();
    checkFinite(losses, step);
    const gradients = this.#sum.gradients();
    try {
      const updated = computeUpdate(program, this.#device.tensors, gradients, { graph: update, rates, step, classes });
      this.#device.replace(updated);
      await this.#device.save(host, Object.keys(updated));
    } finally {
      disposeAll(gradients);
    }
    this.times.update += performance.now() - computed;
    return losses;
  }

  /** Lets every worker compute its part of a batch, and adds the parts in the order of the workers. */
  async #addBatch(
    step: number,
    graph: string,
    batch: StepBatch,
    next: StepBatch | undefined,
    scalars: StepRequest['scalars'],
  ): Promise<void> {
    const { workers } = this.#options;
    const start = performance.now();
    const parts = contiguousParts(batch.ids, workers);
    const following = next ? contiguousParts(next.ids, workers) : [];
    const replies = await Promise.all(
      parts.map((ids, index) => {
        const request: PartRequest = { step, graph, epoch: batch.epoch, ids, scalars, next: aheadOf(next, following[index]) };
        return this.#pool.runOn<PartReply>(index, TASK, 'gradients', request);
      }),
    );
    replies.forEach(({ losses, count = 0 }, index) => {
      this.#sum.add({ gradients: this.#parts[index].slots, losses }, { images: parts[index].length, count });
    });
    const waited = Math.max(...replies.map((reply) => reply.batchMs));
    this.times.batch += waited;
    this.times.gradients += performance.now() - start - waited;
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
