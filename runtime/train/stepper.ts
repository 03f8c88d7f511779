/** What runs the steps: this thread alone, or worker threads that share the gradients. */
import type { Tensor } from '../ops/tensor.ts';
import type { Program, TensorMap } from '../program.ts';
import { DeviceState, disposeAll, portsOf } from './device.ts';
import { GradientSum } from './gradient-sum.ts';
import type { StepBatch } from './order.ts';
import type { BatchSource } from './source.ts';
import type { HostState } from './state.ts';
import { checkFinite, computeGradients, computeUpdate, readLosses } from './step.ts';

/** Where the time of the steps went, in milliseconds. */
export interface StepTimes {
  /** Waiting for a batch. */
  batch: number;
  gradients: number;
  update: number;
}

export interface StepRequest {
  readonly step: number;
  readonly graph: string;
  readonly update: string;
  /** The batches whose gradients make the step. */
  readonly batches: readonly StepBatch[];
  /** The batch after these, to prepare meanwhile. */
  readonly next?: StepBatch;
  /** `lr.<group>` by name. */
  readonly rates: Readonly<Record<string, number>>;
  /** `weight.<loss>` by name. */
  readonly scalars: Readonly<Record<string, number>>;
}

export interface Stepper {
  readonly times: StepTimes;
  /** Runs a step and returns its losses. When it throws, the state is as it was before the step. */
  step(request: StepRequest): Promise<Readonly<Record<string, number>>>;
  /** Brings the host's copy of the state up to date. */
  save(): Promise<void>;
  close(): Promise<void>;
}

/** The state keys that training reads or writes. */
export function trainingKeys(program: Program): readonly string[] {
  const keys = new Set<string>();
  for (const name of trainingGraphs(program)) for (const port of portsOf(program.meta.graphs[name].inputs, 'state')) keys.add(port.name);
  return [...keys];
}

/** Gradient graphs and updates of every phase. */
export function trainingGraphs(program: Program): readonly string[] {
  const train = program.meta.train;
  return train ? [...new Set([...train.phases.flatMap(({ graph, update = train.update }) => [graph, update]), train.update])] : [];
}

interface Computed {
  readonly gradients: TensorMap;
  readonly state: TensorMap;
  readonly losses: Readonly<Record<string, number>>;
  readonly count: number;
}

async function onHost(
  tensors: TensorMap,
): Promise<ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> {
  const values = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  for (const [key, tensor] of Object.entries(tensors))
    values.set(key, { shape: tensor.shape, data: Float32Array.from(await tensor.data()) });
  return values;
}

/** All of a step on this thread; the next batch is read and decoded meanwhile by the threads of the file system and the image library. */
export class SingleStepper implements Stepper {
  readonly times: StepTimes = { batch: 0, gradients: 0, update: 0 };
  readonly #program: Program;
  readonly #host: HostState;
  readonly #device: DeviceState;
  readonly #source: BatchSource;
  readonly #seed: number;
  readonly #classes: number;
  #ahead: { readonly batch: StepBatch; readonly tensors: ReturnType<BatchSource['prepare']> } | undefined;

  readonly #closeSource: () => Promise<void>;
  #sum: GradientSum | undefined;

  constructor(
    program: Program,
    host: HostState,
    source: BatchSource,
    seed: number,
    classes: number,
    closeSource: () => Promise<void> = async () => {},
  ) {
    this.#closeSource = closeSource;
    this.#program = program;
    this.#host = host;
    this.#source = source;
    this.#seed = seed;
    this.#classes = classes;
    this.#device = new DeviceState(host, trainingKeys(program));
  }

  async step({ step, graph, update, batches, next, rates, scalars }: StepRequest): Promise<Readonly<Record<string, number>>> {
    const made =
      batches.length === 1
        ? await this.#gradients(step, graph, batches[0], next, scalars, {})
        : await this.#accumulate({ step, graph, batches, next, scalars });
    try {
      checkFinite(made.losses, step);
      const start = performance.now();
      const updated = computeUpdate(this.#program, this.#device.tensors, made.gradients, {
        graph: update,
        rates,
        step,
        classes: this.#classes,
      });
      this.#device.replace({ ...made.state, ...updated });
      this.times.update += performance.now() - start;
      return made.losses;
    } catch (error) {
      disposeAll(made.state);
      throw error;
    } finally {
      disposeAll(made.gradients);
    }
  }

  /** Gradients, losses and changed state of one batch; `changed` is state that earlier batches of the step have made. */
  async #gradients(
    step: number,
    graph: string,
    batch: StepBatch,
    next: StepBatch | undefined,
    scalars: StepRequest['scalars'],
    changed: TensorMap,
  ): Promise<Computed> {
    const start = performance.now();
    const tensors = await this.#take(batch);
    if (next) this.#fetch(next);
    const ready = performance.now();
    const context = { seed: this.#seed, step, ids: batch.ids, classes: this.#classes, scalars };
    const made = computeGradients(this.#program, graph, { ...this.#device.tensors, ...changed }, tensors, context);
    try {
      const losses = await readLosses(made.losses);
      const count = (await made.count?.data())?.[0] ?? 0;
      this.times.batch += ready - start;
      this.times.gradients += performance.now() - ready;
      return { gradients: made.gradients, state: made.state, losses, count };
    } catch (error) {
      disposeAll(made.gradients, made.state);
      throw error;
    } finally {
      made.count?.dispose();
    }
  }

  /** The gradients of several batches as if they were one; state changes after each of them, as layers in PyTorch see batch after batch. */
  async #accumulate({ step, graph, batches, next, scalars }: Omit<StepRequest, 'update' | 'rates'>): Promise<Computed> {
    this.#sum ??= new GradientSum(this.#program.meta.graphs[graph].separable);
    this.#sum.clear();
    const state: Record<string, Tensor> = {};
    try {
      for (const [i, batch] of batches.entries()) {
        const made = await this.#gradients(step, graph, batch, batches[i + 1] ?? next, scalars, state);
        try {
          for (const [key, tensor] of Object.entries(made.state)) {
            state[key]?.dispose();
            state[key] = tensor;
          }
          this.#sum.add({ gradients: await onHost(made.gradients), losses: made.losses }, { images: batch.ids.length, count: made.count });
        } finally {
          disposeAll(made.gradients);
        }
      }
      return { gradients: this.#sum.gradients(), state, losses: this.#sum.losses(), count: 0 };
    } catch (error) {
      disposeAll(state);
      throw error;
    }
  }

  #take(batch: StepBatch): ReturnType<BatchSource['prepare']> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return ahead?.batch === batch ? ahead.tensors : this.#source.prepare(batch.ids, batch.epoch);
  }

  #fetch(batch: StepBatch): void {
    const tensors = this.#source.prepare(batch.ids, batch.epoch);
    // A failure is reported when the batch is taken.
    tensors.catch(() => undefined);
    this.#ahead = { batch, tensors };
  }

  save(): Promise<void> {
    return this.#device.save(this.#host);
  }

  async close(): Promise<void> {
    await this.#ahead?.tensors.catch(() => undefined);
    this.#device.dispose();
    await this.#closeSource();
  }
}
