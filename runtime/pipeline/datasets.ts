import { join, resolve } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import { makeEmojiVoc } from '../data/emojivoc/generate.ts';
import { openPhotos } from '../data/photos.ts';
import { openVoc, type VocOptions } from '../data/voc.ts';
import type { Progress } from '../host/progress.ts';
import { RunError } from '../train/errors.ts';
import type { DatasetSource } from '../train/source.ts';
import { hashOf } from './artefact.ts';
import type { DatasetPlan, SplitPlan } from './plan.ts';

export interface OpenedDataset {
  readonly dataset: Dataset;
  /** From which worker threads open it again. */
  readonly source: DatasetSource;
  readonly fingerprint: string;
  /** This run, or one before it, made the images itself. */
  readonly generated?: boolean;
}

export interface DatasetLookup {
  readonly plans: Readonly<Record<string, DatasetPlan>>;
  /** Folders that the command line gives: by name, or one for all under ''. */
  readonly roots: Readonly<Record<string, string>>;
  /** Where generated data sets are made. */
  readonly generated: string;
  readonly progress: Progress;
}

/** Opens data sets by name, each once. */
export class Datasets {
  readonly #lookup: DatasetLookup;
  readonly #opened = new Map<string, Promise<OpenedDataset>>();

  constructor(lookup: DatasetLookup) {
    this.#lookup = lookup;
  }

  /** Throws RunError `run-unknown-data` for a name that is neither declared nor given, DataError for what is wrong on disk. */
  open(name: string): Promise<OpenedDataset> {
    let opened = this.#opened.get(name);
    if (!opened) {
      opened = this.#open(name);
      this.#opened.set(name, opened);
    }
    return opened;
  }

  async #open(name: string): Promise<OpenedDataset> {
    const { plans, roots } = this.#lookup;
    const given = roots[name] ?? roots[''];
    const plan = plans[name] ?? (given === undefined ? undefined : { kind: 'voc' as const });
    if (!plan) {
      throw new RunError(
        'run-unknown-data',
        `nothing is known of the data set '${name}'`,
        `Declare it in the spec, or give its folder: --data ${name}=DIR (in the layout of PASCAL VOC).`,
      );
    }
    if (plan.kind === 'photos') return photos(plan);
    if (plan.kind === 'emojivoc' && given === undefined) return this.#generated(name, plan);
    const root = given ?? (plan.kind === 'voc' ? plan.root : undefined);
    if (root === undefined) {
      throw new RunError('run-unknown-data', `the data set '${name}' has no folder`, 'Give it: --data DIR (in the layout of PASCAL VOC).');
    }
    if (plan.kind !== 'voc') return opened(root, { name });
    const { tagsFromMasks, masks, saliency, labels } = plan;
    return opened(root, { name, tagsFromMasks, masks, saliency, labels: labels === undefined ? undefined : resolve(root, labels) });
  }

  async #generated(name: string, plan: Extract<DatasetPlan, { kind: 'emojivoc' }>): Promise<OpenedDataset> {
    const task = this.#lookup.progress.begin(`make ${name}`, plan.train + plan.val, 'images');
    const { kind: _kind, ...options } = plan;
    const made = await makeEmojiVoc({ ...options, out: join(this.#lookup.generated, name), onProgress: (done) => task.update(done) });
    if (made.reused) this.#lookup.progress.note(`make ${name}: is there already`);
    else task.finish();
    const found = await opened(made.root, { name });
    // Images of two seeds may have the same sizes: what they are drawn from counts too.
    return { ...found, fingerprint: hashOf([options, found.fingerprint]), generated: true };
  }
}

async function opened(root: string, options: VocOptions): Promise<OpenedDataset> {
  const dataset = await openVoc(root, options);
  return { dataset, source: { root, options }, fingerprint: await dataset.fingerprint() };
}

async function photos({ files, classes }: Extract<DatasetPlan, { kind: 'photos' }>): Promise<OpenedDataset> {
  const dataset = openPhotos(files, classes);
  return {
    dataset,
    source: { root: dataset.root, options: {}, photos: { files, classes } },
    fingerprint: hashOf([classes, await dataset.fingerprint()]),
  };
}

/** The ids of a split in the order of its list, the first `limit` of them. */
export function splitIds(dataset: Dataset, on: SplitPlan): readonly string[] {
  return dataset.ids(on.split).slice(0, on.limit);
}

export function splitName(on: SplitPlan): string {
  return `${on.dataset}.${on.split}${on.limit === undefined ? '' : ` (first ${on.limit})`}`;
}
