/** What runs the steps: this thread alone, or worker threads that share the gradients. */
import type { Program } from '../program.ts';
import { DeviceState, disposeAll, portsOf } from './device.ts';
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
  readonly batch: StepBatch;
  /** The batch after this one, to prepare meanwhile. */
  readonly next?: StepBatch;
  /** `lr.<group>` by name. */
  readonly rates: Readonly<Record<string, number>>;
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

/** Gradient graphs of every phase, and the update. */
export function trainingGraphs(program: Program): readonly string[] {
  const train = program.meta.train;
  return train ? [...new Set([...train.phases.map((phase) => phase.graph), train.update])] : [];
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

  async step({ step, graph, batch, next, rates }: StepRequest): Promise<Readonly<Record<string, number>>> {
    const start = performance.now();
    const tensors = await this.#take(batch);
    if (next) this.#fetch(next);
    const ready = performance.now();
    const context = { seed: this.#seed, step, ids: batch.ids, classes: this.#classes };
    const { gradients, state, losses, count } = computeGradients(this.#program, graph, this.#device.tensors, tensors, context);
    count?.dispose();
    try {
      const values = await readLosses(losses);
      checkFinite(values, step);
      const computed = performance.now();
      const updated = computeUpdate(this.#program, this.#device.tensors, gradients, rates, step, this.#classes);
      this.#device.replace({ ...state, ...updated });
      this.times.batch += ready - start;
      this.times.gradients += computed - ready;
      this.times.update += performance.now() - computed;
      return values;
    } catch (error) {
      disposeAll(state);
      throw error;
    } finally {
      disposeAll(gradients);
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
