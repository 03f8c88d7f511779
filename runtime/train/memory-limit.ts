/** Refusing, before it runs, a training step that the backend cannot hold. */
import type { Dimensions, Program } from '../program.ts';
import { bindDimensions, evaluateSize } from '../sizes.ts';
import { portsOf } from './device.ts';
import { RunError } from './errors.ts';
import type { BatchSource } from './source.ts';

/** Bytes of a graph at given sizes: of what it is given, and the most it holds besides. The compiler's memory plan, handed in by whoever compiled. */
export type GraphMemory = (graph: string, dims: Dimensions) => { readonly inputs: number; readonly peak: number };

/** What WebAssembly can address: each worker has that much for itself. */
export const WASM_LIMIT = 4 * 2 ** 30;

export interface MemoryQuestion {
  readonly program: Program;
  readonly memory: GraphMemory | undefined;
  readonly batches: BatchSource;
  readonly ids: readonly string[];
  readonly classes: number;
  readonly backend: string;
  /** Threads that share a batch. */
  readonly workers: number;
}

/**
 * Compares the planned peak of the gradients of every phase, at the sizes that the first image has in the views and with the largest part of a batch
 * that one worker gets, with what wasm can hold. Other backends say themselves when they are full. Throws RunError `run-memory`.
 */
export async function checkTrainingMemory({ program, memory, batches, ids, classes, backend, workers }: MemoryQuestion): Promise<void> {
  const { train, graphs, batchDim, classDim } = program.meta;
  if (backend !== 'wasm' || !memory || !train || ids.length === 0) return;
  const sample = await batches.prepare([ids[0]], 0);
  const shapes = Object.entries(sample).map(([name, { shape }]) => ({ name, shape }));
  const images = Math.ceil(train.batch / Math.max(1, workers));
  for (const { graph } of train.phases) {
    const one = bindDimensions(graphs[graph].inputs, 'batch', shapes, { [classDim]: classes, [batchDim]: 1 });
    const { inputs, peak } = memory(graph, { ...one, [batchDim]: images });
    const needed = inputs + peak + (workers > 1 ? 0 : heldForUpdate(program, graph, one));
    if (needed <= WASM_LIMIT) continue;
    const pictures = shapes.filter(({ shape }) => shape.length === 4).map(({ name, shape }) => `${name} ${shape.slice(1, 3).join(' x ')}`);
    throw new RunError(
      'run-memory',
      `a training step of ${program.meta.name} needs ${gibibytes(needed)} on each worker (${images} of ${train.batch} images${pictures.length > 0 ? `, ${pictures.join(', ')}` : ''}), wasm holds at most ${gibibytes(WASM_LIMIT)}`,
      'Make the batch or the crop of the train block smaller, use more --workers where the step can be split, or take --backend tensorflow.',
    );
  }
}

/** Bytes of state that a lone worker keeps between steps for the update (slots of the optimiser) and no gradients graph is given. */
function heldForUpdate({ meta }: Program, graph: string, dims: Dimensions): number {
  const given = new Set(portsOf(meta.graphs[graph].inputs, 'state').map((port) => port.name));
  const held = portsOf(meta.graphs[meta.train?.update ?? graph].inputs, 'state').filter((port) => !given.has(port.name));
  return held.reduce((bytes, { shape }) => bytes + 4 * shape.reduce<number>((size, n) => size * evaluateSize(n, dims), 1), 0);
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
