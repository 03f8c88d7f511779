/** What a worker thread runs that only prepares batches, for steps that one thread computes. */
import type { HostTensors } from './device.ts';
import { openProgram, type ProgramSource } from './program-source.ts';
import { type BatchSource, datasetBatches, openTraining, type TrainingSource } from './source.ts';

export interface OpenBatches {
  readonly program: ProgramSource;
  readonly source: TrainingSource;
  readonly seed: number;
}

let batches: BatchSource | undefined;

export async function open({ program, source, seed }: OpenBatches): Promise<void> {
  const opened = await openProgram(program);
  batches = datasetBatches(await openTraining(opened, source), opened, seed);
}

export async function prepare({ ids, epoch }: { readonly ids: readonly string[]; readonly epoch: number }): Promise<HostTensors> {
  if (!batches) throw new Error('the worker was not opened');
  return batches.prepare(ids, epoch);
}
