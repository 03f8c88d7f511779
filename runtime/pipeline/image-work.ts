import { WorkerPool, workersSupported } from '../host/pool.ts';
import type { Program } from '../program.ts';
import { reviveError } from '../train/revive.ts';
import type { LoadedProgram, StageContext } from './context.ts';
import type { OpenedDataset } from './datasets.ts';
import { type ImageJob, type OpenJob, prepare } from './image-tasks.ts';

const TASK = new URL('./image-tasks.js', import.meta.url).href;
/** Images given to a thread at a time: few enough to keep all busy at the end, many enough to make messages cheap. */
const GROUP = 8;

/**
 * Runs a job on every image, on the workers of the run where they can load what it needs. Every image leaves one file in the work folder, whole or
 * not at all; which thread made it does not matter.
 */
export async function runOnImages(
  context: StageContext,
  job: ImageJob,
  ids: readonly string[],
  opened: OpenedDataset,
  loaded?: LoadedProgram,
): Promise<void> {
  const progress = context.progress.begin(context.name, ids.length, 'images');
  const parallel = context.workers > 1 && ids.length > GROUP && workersSupported() && threadable(job, context.backend, loaded);
  if (parallel) await onWorkers(context, job, ids, opened, loaded, (done) => progress.update(done));
  else await onThisThread(context, job, ids, opened, loaded?.program, (done) => progress.update(done));
  progress.finish();
}

/** A backend that uses the whole machine by itself gains nothing from more threads. */
function threadable(job: ImageJob, backend: string, loaded: LoadedProgram | undefined): boolean {
  return job.kind !== 'infer' || (loaded?.source !== undefined && (backend === 'wasm' || backend === 'cpu'));
}

async function onThisThread(
  context: StageContext,
  job: ImageJob,
  ids: readonly string[],
  opened: OpenedDataset,
  program: Program | undefined,
  onDone: (done: number) => void,
): Promise<void> {
  const work = await prepare(job, context.work, opened.dataset, program);
  try {
    for (let i = 0; i < ids.length; i++) {
      await work.run(ids[i]);
      onDone(i + 1);
    }
  } finally {
    work.close();
  }
}

async function onWorkers(
  context: StageContext,
  job: ImageJob,
  ids: readonly string[],
  opened: OpenedDataset,
  loaded: LoadedProgram | undefined,
  onDone: (done: number) => void,
): Promise<void> {
  const pool = new WorkerPool(context.workers, reviveError);
  try {
    const request: OpenJob = { job, out: context.work, source: opened.source, program: loaded?.source };
    await pool.everywhere<void>(TASK, 'open', () => request);
    const groups: (readonly string[])[] = [];
    for (let i = 0; i < ids.length; i += GROUP) groups.push(ids.slice(i, i + GROUP));
    await pool.map<void>(TASK, 'images', groups, (done) => onDone(Math.min(ids.length, done * GROUP)));
  } finally {
    await pool.close();
  }
}
