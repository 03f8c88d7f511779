/** What a worker thread runs that only prepares batches, for steps that one thread computes. */
import type { HostTensors } from './device.ts';
import { openProgram, type ProgramSource } from './program-source.ts';
import { type BatchSource, type DatasetSource, datasetBatches, openSource } from './source.ts';

export interface OpenBatches {
  readonly program: ProgramSource;
  readonly source: DatasetSource;
  readonly seed: number;
}

let batches: BatchSource | undefined;

export async function open({ program, source, seed }: OpenBatches): Promise<void> {
  batches = datasetBatches(await openSource(source), await openProgram(program), seed);
}

export async function prepare({ ids, epoch }: { readonly ids: readonly string[]; readonly epoch: number }): Promise<HostTensors> {
  if (!batches) throw new Error('the worker was not opened');
  return batches.prepare(ids, epoch);
}
