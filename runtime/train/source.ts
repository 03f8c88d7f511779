/** Where batches come from: data sets seen through the views of a program, perhaps with masks of an earlier stage. */
import { join } from 'node:path';
import { type Dataset, originOf } from '../data/dataset.ts';
import type { RgbImage } from '../data/image.ts';
import { type LabelMap, readMask } from '../data/mask.ts';
import { PairIndex, type Pool } from '../data/pairs.ts';
import { openPhotos } from '../data/photos.ts';
import { readSaliency } from '../data/saliency.ts';
import { saliencyOf, unionOf } from '../data/union.ts';
import { makeBatch } from '../data/views/batch.ts';
import { parseViewProgram, type ViewProgram } from '../data/views/program.ts';
import { openVoc, type VocOptions } from '../data/voc.ts';
import type { Program, TrainEntry, ViewStepJson } from '../program.ts';
import type { HostTensor, HostTensors } from './device.ts';
import { RunError } from './errors.ts';

/** Plain data from which any thread can open the same data set. */
export interface DatasetSource {
  readonly root: string;
  readonly options: VocOptions;
  /** Folder of `ID.png` masks that stand in for the ground truth (pseudo masks). */
  readonly masks?: string;
  /** Folder of `ID.png` saliency maps in the place of its own. */
  readonly saliency?: string;
  /** Photographs without labels, in place of a folder in VOC layout. */
  readonly photos?: { readonly files: readonly string[]; readonly classes: number };
}

export interface BatchSource {
  /** The batch inputs of the program's graphs by name; draws depend on seed, epoch and id alone. Throws DataError. */
  prepare(ids: readonly string[], epoch: number): Promise<HostTensors>;
}

export async function openSource(source: DatasetSource): Promise<Dataset> {
  const { photos } = source;
  const dataset = photos ? openPhotos(photos.files, photos.classes) : await openVoc(source.root, source.options);
  return withFolders(dataset, source);
}

/** The data set with what earlier stages made in place of its own masks and saliency. */
export function withFolders(dataset: Dataset, { masks, saliency }: Pick<DatasetSource, 'masks' | 'saliency'>): Dataset {
  const masked = masks === undefined ? dataset : withMasks(dataset, masks);
  return saliency === undefined ? masked : withSaliency(masked, saliency);
}

/** The data set with the saliency maps of a folder. Sizes are checked as for those of a data set. */
export function withSaliency(dataset: Dataset, folder: string): Dataset {
  return {
    name: dataset.name,
    root: dataset.root,
    classes: dataset.classes,
    classCount: dataset.classCount,
    hasMasks: dataset.hasMasks,
    splits: () => dataset.splits(),
    ids: (split) => dataset.ids(split),
    image: (id) => dataset.image(id),
    tags: (id) => dataset.tags(id),
    mask: (id) => dataset.mask(id),
    origin: (id) => originOf(dataset, id),
    fingerprint: () => dataset.fingerprint(),
    saliency: async (id) => readSaliency(join(folder, `${id}.png`), await dataset.image(id)),
  };
}

/** The data set with the masks of a folder in place of its own. Sizes and classes are checked as for ground truth. */
export function withMasks(dataset: Dataset, folder: string): Dataset {
  const cache = new Map<string, LabelMap>();
  return {
    name: dataset.name,
    root: dataset.root,
    classes: dataset.classes,
    classCount: dataset.classCount,
    hasMasks: true,
    splits: () => dataset.splits(),
    ids: (split) => dataset.ids(split),
    image: (id): Promise<RgbImage> => dataset.image(id),
    tags: (id) => dataset.tags(id),
    saliency: (id) => saliencyOf(dataset, id),
    origin: (id) => originOf(dataset, id),
    fingerprint: () => dataset.fingerprint(),
    async mask(id) {
      const kept = cache.get(id);
      if (kept) return kept;
      const mask = await readMask(join(folder, `${id}.png`), { classes: dataset.classes.length, size: await dataset.image(id) });
      // Small masks only: photographs would fill the memory, and reading them again is cheap beside a step.
      if (mask.data.length <= 128 * 128) cache.set(id, mask);
      return mask;
    },
  };
}

/** Turns the view steps of a program into those of the data room; throws DataError `data-bad-view` for a step it does not know. */
export function viewProgram(train: TrainEntry, origin: string): ViewProgram {
  return parseViewProgram({ views: train.views.map(({ name, from, steps }) => ({ name, from, steps: steps.map(flatStep) })) }, origin, [
    'source',
    ...(train.pairs ?? []).map((pair) => pair.name),
  ]);
}

/** { op, args: { a: 1 } } as { op, a: 1 }. */
export function flatStep(step: ViewStepJson): Readonly<Record<string, unknown>> {
  return { ...step.args, op: step.op };
}

/** A split of a data set that any thread can open. */
export interface SplitSource {
  readonly source: DatasetSource;
  readonly split: string;
  readonly limit?: number;
}

/** The images that training reads, as plain data: those of `main` one after the other, and for each pair those that partners come from. */
export interface TrainingSource {
  readonly main: readonly SplitSource[];
  readonly pairs: Readonly<Record<string, readonly SplitSource[]>>;
}

/** The same, opened. */
export interface TrainingData extends Pool {
  readonly pairs: Readonly<Record<string, PairIndex>>;
}

/** What training reads, out of opened data sets. Throws DataError where data sets that are read together have different classes. */
export function trainingData(train: TrainEntry, main: readonly Pool[], pairs: Readonly<Record<string, readonly Pool[]>>): TrainingData {
  const rules = train.pairs ?? [];
  return {
    ...unionOf(main),
    pairs: Object.fromEntries(rules.map((rule) => [rule.name, new PairIndex(unionOf(pairs[rule.name] ?? main), rule)])),
  };
}

/** Opens in a worker thread what `trainingData` has on the main one. */
export async function openTraining(program: Program, source: TrainingSource): Promise<TrainingData> {
  const open = async ({ source, split, limit }: SplitSource): Promise<Pool> => {
    const dataset = await openSource(source);
    return { dataset, ids: dataset.ids(split).slice(0, limit) };
  };
  const all = (splits: readonly SplitSource[]): Promise<readonly Pool[]> => Promise.all(splits.map(open));
  const pairs = await Promise.all(Object.entries(source.pairs).map(async ([name, splits]) => [name, await all(splits)] as const));
  return trainingData(trainOf(program), await all(source.main), Object.fromEntries(pairs));
}

function trainOf(program: Program): TrainEntry {
  const { train } = program.meta;
  if (train) return train;
  throw new RunError('run-no-training', `the program ${program.meta.name} does not train`, 'Give the spec a train block.');
}

export function datasetBatches({ dataset, pairs }: Omit<TrainingData, 'ids'>, program: Program, seed: number): BatchSource {
  const train = trainOf(program);
  const views = viewProgram(train, program.meta.spec);
  const parts = train.bindings.map(({ view, part }) => ({ view, part }));
  const ranks = inputRanks(program);
  return {
    async prepare(ids, epoch) {
      const batch = await makeBatch(dataset, ids, views, { seed, epoch, parts, pairs });
      const tensors: Record<string, HostTensor> = {};
      for (const { input, view, part } of train.bindings) {
        const tensor = batch.tensors.get(`${view}.${part}`);
        if (!tensor)
          throw new RunError(
            'run-no-training',
            `the input '${input}' is bound to '${view}.${part}', which no view makes`,
            'Build the spec again.',
          );
        tensors[input] = withRank(tensor, ranks.get(input));
      }
      return tensors;
    },
  };
}

function inputRanks(program: Program): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const entry of Object.values(program.meta.graphs)) {
    for (const port of entry.inputs) if (port.role === 'batch') ranks.set(port.name, port.shape.length);
  }
  return ranks;
}

/** A region may be declared as [N, H, W] or [N, H, W, 1]. */
function withRank(tensor: HostTensor, rank: number | undefined): HostTensor {
  const { shape, data } = tensor;
  if (rank === shape.length - 1 && shape[shape.length - 1] === 1) return { shape: shape.slice(0, -1), data };
  if (rank === shape.length + 1) return { shape: [...shape, 1], data };
  return tensor;
}
