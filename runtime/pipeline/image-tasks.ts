/** Work on single images, run on this thread or on workers: inference, and turning maps into masks. */
import { join } from 'node:path';
import { choose } from '../backend/choose.ts';
import { writeAtomic } from '../data/atomic.ts';
import type { Dataset } from '../data/dataset.ts';
import { writeMask } from '../data/mask.ts';
import { npyBytes } from '../data/npy.ts';
import { readSafetensors } from '../data/safetensors.ts';
import { writeSaliency } from '../data/saliency.ts';
import { isWritten } from '../host/files.ts';
import type { Program } from '../program.ts';
import { restore } from '../train/checkpoint.ts';
import { portsOf } from '../train/device.ts';
import { RunError } from '../train/errors.ts';
import { openProgram, type ProgramSource } from '../train/program-source.ts';
import { type DatasetSource, openSource } from '../train/source.ts';
import { layState } from '../train/state.ts';
import { argmaxLabels, type CamMaps, readCams, readLogits, writeCams } from './cam-files.ts';
import { camMaps, type Inference, Inferrer, inferEntry, labelsOf } from './infer.ts';
import { type FurtherInputs, InputReader } from './infer-inputs.ts';
import type { CrfStage, IrLabelStage, RandomWalkStage } from './plan.ts';
import { crfLabels, irLabel, walkLabels } from './refine-image.ts';

export type ResultForm = 'cams' | 'maps' | 'masks' | 'saliency';
export interface InferJob {
  readonly kind: 'infer';
  readonly entry: string;
  /** Absent for a program that reads no weights. */
  readonly checkpoint?: string;
  readonly further?: FurtherInputs;
  /** The form of each result, and the folder inside the stage's where it is not its only one. */
  readonly results: readonly { readonly name: string; readonly folder: string; readonly form: ResultForm }[];
  readonly backend: string;
}
export interface CrfJob {
  readonly kind: 'crf';
  readonly maps: string;
  readonly of: 'cams' | 'maps';
  readonly background: number | undefined;
  readonly args: CrfStage['args'];
}
export interface MasksJob {
  readonly kind: 'masks';
  readonly maps: string;
  readonly of: 'cams' | 'maps';
  readonly background: number | undefined;
}
export interface IrLabelJob {
  readonly kind: 'ir_label';
  readonly cams: string;
  readonly args: IrLabelStage['args'];
}
export interface RandomWalkJob {
  readonly kind: 'random_walk';
  readonly cams: string;
  readonly boundary: string;
  readonly background: number | undefined;
  readonly args: RandomWalkStage['args'];
}
export type ImageJob = InferJob | CrfJob | MasksJob | IrLabelJob | RandomWalkJob;

/** What a thread needs for a job; `dataset` and `program` are opened from their sources where they are not given. */
export interface OpenJob {
  readonly job: ImageJob;
  readonly out: string;
  readonly source: DatasetSource;
  readonly program?: ProgramSource;
}

type Worker = (id: string) => Promise<void>;

let current: { readonly run: Worker; readonly close: () => void } | undefined;

/** Task of a worker thread. */
export async function open(request: OpenJob): Promise<void> {
  const dataset = await openSource(request.source);
  const program = request.program && (await openProgram(request.program));
  if (request.job.kind === 'infer') await choose(request.job.backend);
  current = await prepare(request.job, request.out, dataset, program);
}

/** Task of a worker thread: some images after `open`. */
export async function images(ids: readonly string[]): Promise<void> {
  if (!current) throw new Error('the worker was not opened');
  for (const id of ids) await current.run(id);
}

/** The work of a job on this thread. */
export async function prepare(
  job: ImageJob,
  out: string,
  dataset: Dataset,
  program: Program | undefined,
): Promise<{ readonly run: Worker; readonly close: () => void }> {
  switch (job.kind) {
    case 'infer': {
      if (!program) throw new RunError('run-plan', 'inference needs a program', 'Build the spec again.');
      // Only what this program reads: weights from elsewhere hold no slots of an optimiser.
      const { graph } = inferEntry(program, job.entry);
      const read = new Set(portsOf(program.meta.graphs[graph].inputs, 'state').map((port) => port.name));
      const state = layState(
        program.meta.state.filter((entry) => read.has(entry.key)),
        { [program.meta.classDim]: dataset.classCount },
      );
      if (job.checkpoint !== undefined) restore(state, (await readSafetensors(job.checkpoint)).tensors, job.checkpoint);
      const reader = await InputReader.open(inferEntry(program, job.entry), job.entry, dataset, job.further);
      const inferrer = new Inferrer(program, job.entry, state, dataset.classCount);
      return { run: (id) => inferOne(job, { inferrer, reader }, dataset, out, id), close: () => inferrer.dispose() };
    }
    case 'crf':
      return { run: (id) => crfOne(job, dataset, out, id), close() {} };
    case 'masks':
      return { run: (id) => maskOne(job, out, id), close() {} };
    case 'ir_label':
      return { run: (id) => irLabelOne(job, dataset, out, id), close() {} };
    case 'random_walk':
      return { run: (id) => walkOne(job, dataset, out, id), close() {} };
    default:
      throw new Error(`not a job: ${JSON.stringify(job)}`);
  }
}

const ONE_OF_MANY = { flush: false } as const;

async function inferOne(
  job: InferJob,
  { inferrer, reader }: { readonly inferrer: Inferrer; readonly reader: InputReader },
  dataset: Dataset,
  out: string,
  id: string,
): Promise<void> {
  const files = job.results.map(({ name, folder, form }) => ({
    name,
    form,
    path: join(out, folder, `${id}.${form === 'masks' || form === 'saliency' ? 'png' : 'npy'}`),
  }));
  // Files are written whole or not at all: what a killed run left is right.
  const written = await Promise.all(files.map(({ path }) => isWritten(path)));
  if (!written.includes(false)) return;
  const tags = inferrer.entry.readsTags ? await dataset.tags(id) : undefined;
  const image = await dataset.image(id);
  const results = await inferrer.run(id, image, tags, await reader.read(id, image));
  for (const { name, form, path } of files) {
    const result = results.get(name);
    const returned = inferrer.entry.returns.find((entry) => entry.name === name);
    if (!result || !returned)
      throw new RunError('run-unknown-inference', `the program '${job.entry}' returns no '${name}'`, 'Build the spec again.');
    const { background, kind } = returned;
    const { width, height } = result;
    if (kind === 'labels') await writeMask(path, { width, height, data: Uint8Array.from(result.data) }, ONE_OF_MANY);
    else if (form === 'masks') await writeMask(path, { width, height, data: labelsOf(result) }, ONE_OF_MANY);
    else if (form === 'saliency') await writeSaliency(path, { width, height, data: greyOf(result) }, ONE_OF_MANY);
    else if (form === 'cams') await writeCams(path, camMaps(result, background, tags), ONE_OF_MANY);
    else await writeAtomic(path, npyBytes(channelsFirst(result), [result.channels, result.height, result.width]), ONE_OF_MANY);
  }
}

/** 1 is 255; rounded to the nearest. */
function greyOf({ data }: Inference): Uint8Array {
  return Uint8Array.from(data, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
}

function channelsFirst({
  height,
  width,
  channels,
  data,
}: {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float32Array;
}) {
  const out = new Float32Array(data.length);
  const pixels = height * width;
  for (let p = 0; p < pixels; p++) for (let c = 0; c < channels; c++) out[c * pixels + p] = data[p * channels + c];
  return out;
}

async function crfOne(job: CrfJob, dataset: Dataset, out: string, id: string): Promise<void> {
  const path = join(out, `${id}.png`);
  if (await isWritten(path)) return;
  const maps = await readMaps(job, id);
  const { width, height, data } = await dataset.image(id);
  sameSize(id, maps, { width, height });
  const labels = crfLabels(maps, { width, height, image: data }, job.args, job.background);
  await writeMask(path, { width, height, data: labels }, ONE_OF_MANY);
}

async function irLabelOne(job: IrLabelJob, dataset: Dataset, out: string, id: string): Promise<void> {
  const path = join(out, `${id}.png`);
  if (await isWritten(path)) return;
  const maps = await readCams(join(job.cams, `${id}.npy`));
  const { width, height, data } = await dataset.image(id);
  sameSize(id, maps, { width, height });
  await writeMask(path, { width, height, data: irLabel(maps, { width, height, image: data }, job.args).labels }, ONE_OF_MANY);
}

async function walkOne(job: RandomWalkJob, dataset: Dataset, out: string, id: string): Promise<void> {
  const path = join(out, `${id}.png`);
  if (await isWritten(path)) return;
  const maps = await readCams(join(job.cams, `${id}.npy`));
  const boundary = await readLogits(join(job.boundary, `${id}.npy`));
  if (boundary.labels.length !== 1)
    throw new RunError(
      'run-plan',
      `the boundary of '${id}' has ${boundary.labels.length} maps`,
      'A random walk takes one map of boundaries.',
    );
  const { width, height } = await dataset.image(id);
  await writeMask(
    path,
    { width, height, data: walkLabels(maps, boundary, { width, height }, job.args, job.background).labels },
    ONE_OF_MANY,
  );
}

function sameSize(id: string, maps: CamMaps, image: { readonly width: number; readonly height: number }): void {
  if (maps.width === image.width && maps.height === image.height) return;
  throw new RunError(
    'run-plan',
    `the maps of '${id}' are ${maps.width} x ${maps.height}, its image ${image.width} x ${image.height}`,
    'A CRF needs maps at the size of the image: let the inference program resize them.',
  );
}

async function maskOne(job: MasksJob, out: string, id: string): Promise<void> {
  const path = join(out, `${id}.png`);
  if (await isWritten(path)) return;
  const maps = await readMaps(job, id);
  await writeMask(path, { width: maps.width, height: maps.height, data: argmaxLabels(maps, job.background) }, ONE_OF_MANY);
}

function readMaps({ of, maps }: Pick<MasksJob, 'of' | 'maps'>, id: string): Promise<CamMaps> {
  const path = join(maps, `${id}.npy`);
  return of === 'cams' ? readCams(path) : readLogits(path);
}
