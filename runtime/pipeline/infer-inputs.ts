/** What an inference program reads of an image beside its pixels and tags: maps, masks and saliency of earlier stages, and partners. */
import { join } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import type { RgbImage } from '../data/image.ts';
import { readMask } from '../data/mask.ts';
import { GroupIndex, type GroupRule } from '../data/pairs.ts';
import { type GreyMap, readSaliency } from '../data/saliency.ts';
import { saliencyOf, unionOf } from '../data/union.ts';
import type { InferEntry } from '../program.ts';
import type { HostTensor } from '../train/device.ts';
import { RunError } from '../train/errors.ts';
import { openSource, type SplitSource } from '../train/source.ts';
import { type CamMaps, hasBackground, readCams, readLogits } from './cam-files.ts';

/** Folders of artefacts by parameter, and the sources of partners by group: plain data, for any thread. */
export interface FurtherInputs {
  readonly given: Readonly<Record<string, string>>;
  readonly groups: Readonly<Record<string, Omit<GroupRule, 'name'> & { readonly from: readonly SplitSource[] }>>;
  readonly seed: number;
}

export const NOTHING_FURTHER: FurtherInputs = { given: {}, groups: {}, seed: 0 };

/** One image's inputs, ready for the program. */
export interface ImageInputs {
  /** By name of the graph's input. */
  readonly tensors: Readonly<Record<string, HostTensor>>;
  /** Pictures of partners by group, in the order of their tensors. */
  readonly pictures: Readonly<Record<string, readonly { readonly id: string; readonly image: RgbImage }[]>>;
}

/** Reads further inputs of single images. */
export class InputReader {
  readonly #entry: InferEntry;
  readonly #dataset: Dataset;
  readonly #further: FurtherInputs;
  readonly #groups: ReadonlyMap<string, GroupIndex>;

  private constructor(entry: InferEntry, dataset: Dataset, further: FurtherInputs, groups: ReadonlyMap<string, GroupIndex>) {
    this.#entry = entry;
    this.#dataset = dataset;
    this.#further = further;
    this.#groups = groups;
  }

  /** Throws RunError `run-infer-input` for a parameter that nothing fills, DataError where images of partners cannot be read. */
  static async open(entry: InferEntry, name: string, dataset: Dataset, further: FurtherInputs = NOTHING_FURTHER): Promise<InputReader> {
    for (const { input, part, group } of entry.inputs) {
      const filled =
        group === undefined
          ? part === 'image' || part === 'tags' || part === 'saliency' || input in further.given
          : group in further.groups;
      if (filled) continue;
      throw new RunError(
        'run-infer-input',
        `the inference program '${name}' reads '${group ?? input}', which only a stage of a pipeline gives it`,
        `Run the pipeline, in which a stage says ${group === undefined ? `${input}: STAGE` : `${group}: draw(…)`}.`,
      );
    }
    const groups = new Map<string, GroupIndex>();
    for (const [group, { from, ...rule }] of Object.entries(further.groups)) {
      const pools = await Promise.all(
        from.map(async ({ source, split, limit }) => {
          const opened = await openSource(source);
          return { dataset: opened, ids: opened.ids(split).slice(0, limit) };
        }),
      );
      groups.set(group, new GroupIndex(unionOf(pools), { name: group, ...rule }));
    }
    return new InputReader(entry, dataset, further, groups);
  }

  /** Throws DataError for what is wrong on disk. */
  async read(id: string, image: RgbImage): Promise<ImageInputs> {
    const tensors: Record<string, HostTensor> = {};
    const pictures: Record<string, readonly { readonly id: string; readonly image: RgbImage }[]> = {};
    for (const [group, index] of this.#groups) {
      const partners = await index.partners({ seed: this.#further.seed, id, dataset: this.#dataset });
      pictures[group] = await Promise.all(partners.map(async (p) => ({ id: p.id, image: await p.dataset.image(p.id) })));
      const classes = this.#dataset.classCount;
      for (const { input, part, group: of } of this.#entry.inputs) {
        if (of !== group || part === 'image') continue;
        const rows = new Float32Array(partners.length * classes);
        for (const [m, partner] of partners.entries())
          if (part === 'drawn') rows[m * classes + partner.drawn] = 1;
          else rows.set(await partner.dataset.tags(partner.id), m * classes);
        tensors[input] = { shape: [partners.length, classes], data: rows };
      }
    }
    for (const { input, part, group } of this.#entry.inputs)
      if (group === undefined && part !== 'image' && part !== 'tags') tensors[input] = await this.#artefact(input, part, id, image);
    return { tensors, pictures };
  }

  async #artefact(input: string, part: InferEntry['inputs'][number]['part'], id: string, image: RgbImage): Promise<HostTensor> {
    const folder = this.#further.given[input];
    switch (part) {
      case 'saliency':
        return saliencyTensor(
          folder === undefined ? await saliencyOf(this.#dataset, id) : await readSaliency(join(folder, `${id}.png`), image),
        );
      case 'masks': {
        const { width, height, data } = await readMask(join(folder, `${id}.png`), { classes: this.#dataset.classes.length });
        return { shape: [1, height, width], data: Int32Array.from(data) };
      }
      case 'cams':
        return mapsTensor(await readCams(join(folder, `${id}.npy`)), this.#dataset.classCount);
      default:
        return mapsTensor(await readLogits(join(folder, `${id}.npy`)), undefined);
    }
  }
}

/** As training has it: 255 is 1. */
function saliencyTensor({ width, height, data }: GreyMap): HostTensor {
  return { shape: [1, height, width], data: Float32Array.from(data, (value) => value / 255) };
}

/** Channels last; of class maps all classes, absent ones zero. */
function mapsTensor(maps: CamMaps, classes: number | undefined): HostTensor {
  const { height, width, labels, data } = maps;
  const first = classes === undefined || hasBackground(maps) ? 0 : 1;
  const channels = classes === undefined ? labels.length : classes + 1 - first;
  const pixels = height * width;
  const out = new Float32Array(channels * pixels);
  labels.forEach((label, n) => {
    for (let p = 0; p < pixels; p++) out[p * channels + label - first] = data[n * pixels + p];
  });
  return { shape: [1, height, width, channels], data: out };
}
