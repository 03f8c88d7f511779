/** Where batches come from: a data set seen through the views of a program, perhaps with masks of an earlier stage. */
import { join } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import type { RgbImage } from '../data/image.ts';
import { type LabelMap, readMask } from '../data/mask.ts';
import { openPhotos } from '../data/photos.ts';
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
  return source.masks === undefined ? dataset : withMasks(dataset, source.masks);
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
  return parseViewProgram({ views: train.views.map(({ name, from, steps }) => ({ name, from, steps: steps.map(flatStep) })) }, origin);
}

/** { op, args: { a: 1 } } as { op, a: 1 }. */
export function flatStep(step: ViewStepJson): Readonly<Record<string, unknown>> {
  return { ...step.args, op: step.op };
}

export function datasetBatches(dataset: Dataset, program: Program, seed: number): BatchSource {
  const train = program.meta.train;
  if (!train) throw new RunError('run-no-training', `the program ${program.meta.name} does not train`, 'Give the spec a train block.');
  const views = viewProgram(train, program.meta.spec);
  const parts = new Set(train.bindings.map((binding) => binding.part));
  const used = new Set(train.bindings.filter((binding) => binding.part !== 'tags').map((binding) => binding.view));
  const want = {
    views: [...used],
    image: parts.has('image'),
    inside: parts.has('inside'),
    tags: parts.has('tags'),
    mask: parts.has('mask'),
  };
  const ranks = inputRanks(program);
  return {
    async prepare(ids, epoch) {
      const batch = await makeBatch(dataset, ids, views, { seed, epoch, want });
      const tensors: Record<string, HostTensor> = {};
      for (const { input, view, part } of train.bindings) {
        const tensor = batch.tensors.get(part === 'tags' ? 'tags' : `${view}.${part}`);
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
