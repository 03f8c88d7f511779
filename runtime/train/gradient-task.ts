/** What a worker thread of data-parallel training runs: its part of every batch, from the pixels to the gradients. */
import { choose } from '../backend/choose.ts';
import type { Program } from '../program.ts';
import { DeviceState, disposeAll, type HostTensors, portsOf } from './device.ts';
import { openProgram, type ProgramSource } from './program-source.ts';
import { type BatchSource, datasetBatches, openTraining, type TrainingSource } from './source.ts';
import { type HostState, layState, layTensors } from './state.ts';
import { computeGradients, readLosses } from './step.ts';

export interface OpenRequest {
  readonly program: ProgramSource;
  readonly source: TrainingSource;
  readonly backend: string;
  readonly seed: number;
  readonly classes: number;
  readonly state: SharedArrayBuffer;
  /** This worker's own gradients. */
  readonly gradients: SharedArrayBuffer;
  readonly gradientShapes: readonly { readonly key: string; readonly shape: readonly number[] }[];
  /** State that the update changes: read anew at every step. */
  readonly changing: readonly string[];
  readonly graphs: readonly string[];
}

export interface PartRequest {
  readonly step: number;
  readonly graph: string;
  readonly epoch: number;
  readonly ids: readonly string[];
  /** `weight.<loss>` by name. */
  readonly scalars: Readonly<Record<string, number>>;
  readonly next?: { readonly epoch: number; readonly ids: readonly string[] };
}

export interface PartReply {
  readonly losses: Readonly<Record<string, number>>;
  /** Where the parts are weighted by what they count. */
  readonly count?: number;
  readonly batchMs: number;
  readonly gradientsMs: number;
}

interface Session {
  readonly program: Program;
  readonly source: BatchSource;
  readonly host: HostState;
  readonly device: DeviceState;
  readonly gradients: HostState;
  readonly request: OpenRequest;
  ahead: { readonly key: string; readonly tensors: Promise<HostTensors> } | undefined;
}

let session: Session | undefined;

/** Opens program, data set and shared memory. */
export async function open(request: OpenRequest): Promise<void> {
  await choose(request.backend);
  const program = await openProgram(request.program);
  const host = layState(program.meta.state, { [program.meta.classDim]: request.classes }, request.state);
  const keys = new Set(request.graphs.flatMap((graph) => portsOf(program.meta.graphs[graph].inputs, 'state').map((port) => port.name)));
  session = {
    program,
    source: datasetBatches(await openTraining(program, request.source), program, request.seed),
    host,
    device: new DeviceState(host, keys),
    gradients: layTensors(request.gradientShapes, request.gradients),
    request,
    ahead: undefined,
  };
}

/** Gradients of one part of a batch, left in shared memory. */
export async function gradients(part: PartRequest): Promise<PartReply> {
  const current = session;
  if (!current) throw new Error('the worker was not opened');
  const { program, request, device, host } = current;
  const start = performance.now();
  const ready = current.ahead?.key === keyOf(part) ? current.ahead.tensors : current.source.prepare(part.ids, part.epoch);
  current.ahead = undefined;
  const batch = await ready;
  const prepared = performance.now();
  device.load(host, request.changing);
  const context = { seed: request.seed, step: part.step, ids: part.ids, classes: request.classes, scalars: part.scalars };
  const outcome = computeGradients(program, part.graph, device.tensors, batch, context);
  let losses: Readonly<Record<string, number>>;
  let count: number | undefined;
  try {
    for (const slot of current.gradients.slots.values()) {
      const tensor = outcome.gradients[slot.key];
      if (tensor) slot.data.set(await tensor.data());
      else slot.data.fill(0);
    }
    count = (await outcome.count?.data())?.[0];
  } finally {
    outcome.count?.dispose();
    disposeAll(outcome.gradients, outcome.state);
    losses = await readLosses(outcome.losses);
  }
  const { next } = part;
  // After the answer has left: the main thread updates the parameters meanwhile.
  if (next) setImmediate(() => fetchAhead(current, next));
  return { losses, count, batchMs: prepared - start, gradientsMs: performance.now() - prepared };
}

function fetchAhead(current: Session, next: { readonly epoch: number; readonly ids: readonly string[] }): void {
  const tensors = current.source.prepare(next.ids, next.epoch);
  // A failure is reported when the batch is taken.
  tensors.catch(() => undefined);
  current.ahead = { key: keyOf(next), tensors };
}

function keyOf(part: { readonly epoch: number; readonly ids: readonly string[] }): string {
  return `${part.epoch}\n${part.ids.join('\n')}`;
}
