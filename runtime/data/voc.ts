import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ByteCache } from './cache.ts';
import type { Dataset } from './dataset.ts';
import { DataError, systemCode } from './errors.ts';
import { type RgbImage, readRgb } from './image.ts';
import { looksWrong } from './inspect.ts';
import { type ListEntry, readList } from './lists.ts';
import { type LabelMap, readMask } from './mask.ts';
import { type GreyMap, missingSaliency, readSaliency } from './saliency.ts';
import { type TagSource, tagSource } from './tags.ts';

/** The twenty classes of PASCAL VOC in the order of their labels, background first. */
export const VOC_CLASSES: readonly string[] =
  'background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep sofa train tvmonitor'.split(
    ' ',
  );

export interface VocOptions {
  readonly name?: string;
  /** Class names, background first; otherwise classes.txt of the root, otherwise the twenty of VOC. */
  readonly classes?: readonly string[];
  /** A label file in place of the one in the root. */
  readonly labels?: string;
  /** Takes tags from the masks when there is neither a label file nor annotations: that reads pixel ground truth, so it must be asked for. */
  readonly tagsFromMasks?: boolean;
  /** Folder of masks in the root; otherwise SegmentationClassAug, otherwise SegmentationClass. */
  readonly masks?: string;
  /** Folder of 8-bit grey saliency maps in the root; otherwise `saliency`, `Saliency` or `saliency_aug`, where there is one. */
  readonly saliency?: string;
  /** Bytes of decoded images and masks to keep; 512 MiB otherwise. */
  readonly cacheBytes?: number;
}

/** Where saliency maps of published code lie (I2CRC: saliency_aug). */
const SALIENCY_FOLDERS = ['saliency', 'Saliency', 'saliency_aug'] as const;
const IMAGE_ENDINGS = ['.jpg', '.jpeg', '.png', '.JPG', '.JPEG', '.PNG'];

/**
 * Opens a folder of PASCAL VOC's layout: `JPEGImages`, `ImageSets/Segmentation/*.txt`, perhaps `SegmentationClass(Aug)`, `cls_labels.npy`
 * (in the root, `ImageSets/Main` or `ImageSets/Segmentation`), `Annotations` and `classes.txt`. All lists are read and checked at once;
 * images when they are asked for. Throws DataError.
 */
export async function openVoc(root: string, options: VocOptions = {}): Promise<Dataset> {
  const folder = await openRoot(root);
  const classes = options.classes ?? (await readClasses(join(folder, 'classes.txt'))) ?? VOC_CLASSES;
  const listFolder = join(folder, 'ImageSets', 'Segmentation');
  const lists = new Map<string, readonly ListEntry[]>();
  const broken = new Map<string, unknown>();
  for (const name of (await names(listFolder)).filter((file) => file.endsWith('.txt')).sort()) {
    // A list that this run does not use may be broken: the error belongs to the split that is asked for.
    try {
      lists.set(name.slice(0, -4), await readList(join(listFolder, name)));
    } catch (error) {
      broken.set(name.slice(0, -4), error);
    }
  }
  if (lists.size === 0) {
    for (const error of broken.values()) throw error;
    throw new DataError('data-missing-list', {
      what: 'The data set has no list of images',
      file: listFolder,
      expected: 'ImageSets/Segmentation/*.txt with one image id a line',
      found: 'none',
      hint: 'Make a list for each split, for example train.txt and val.txt.',
    });
  }
  const images = new Set(await names(join(folder, 'JPEGImages')));
  const maskFolder = await findMasks(folder, options.masks);
  const saliencyFolder = options.saliency ?? (await firstFilled(folder, SALIENCY_FOLDERS));
  return new VocDataset(folder, classes, lists, broken, images, { masks: maskFolder, saliency: saliencyFolder }, options);
}

interface Place {
  readonly entry: ListEntry;
  readonly list: string;
}

class VocDataset implements Dataset {
  readonly name: string;
  readonly root: string;
  readonly classes: readonly string[];
  readonly #lists: ReadonlyMap<string, readonly ListEntry[]>;
  readonly #broken: ReadonlyMap<string, unknown>;
  readonly #places = new Map<string, Place>();
  readonly #images: ReadonlySet<string>;
  readonly #maskFolder: string | undefined;
  readonly #saliencyFolder: string | undefined;
  readonly #options: VocOptions;
  readonly #imageCache: ByteCache<RgbImage>;
  readonly #maskCache: ByteCache<LabelMap>;
  #tags: Promise<TagSource> | undefined;

  constructor(
    root: string,
    classes: readonly string[],
    lists: ReadonlyMap<string, readonly ListEntry[]>,
    broken: ReadonlyMap<string, unknown>,
    images: ReadonlySet<string>,
    folders: { readonly masks: string | undefined; readonly saliency: string | undefined },
    options: VocOptions,
  ) {
    this.name = options.name ?? basename(root);
    this.root = root;
    this.classes = classes;
    this.#lists = lists;
    this.#broken = broken;
    this.#images = images;
    this.#maskFolder = folders.masks;
    this.#saliencyFolder = folders.saliency;
    this.#options = options;
    const bytes = options.cacheBytes ?? 512 * 2 ** 20;
    this.#imageCache = new ByteCache(bytes * 0.75, (image) => image.data.length);
    this.#maskCache = new ByteCache(bytes * 0.25, (mask) => mask.data.length);
    for (const [split, entries] of lists) {
      for (const entry of entries) {
        if (!this.#places.has(entry.id)) this.#places.set(entry.id, { entry, list: this.#listPath(split) });
      }
    }
  }

  get classCount(): number {
    return this.classes.length - 1;
  }

  get hasMasks(): boolean {
    return this.#maskFolder !== undefined;
  }

  splits(): readonly string[] {
    return [...this.#lists.keys(), ...this.#broken.keys()].sort();
  }

  ids(split: string): readonly string[] {
    const entries = this.#lists.get(split);
    if (entries) return entries.map((entry) => entry.id);
    if (this.#broken.has(split)) throw this.#broken.get(split);
    throw new DataError('data-missing-list', {
      what: `The data set has no split '${split}'`,
      file: this.#listPath(split),
      expected: `one of ${this.splits().join(', ')}`,
      found: `'${split}'`,
      hint: 'Name another split, or make the list.',
    });
  }

  async image(id: string): Promise<RgbImage> {
    const kept = this.#imageCache.get(id);
    if (kept) return kept;
    const image = await readRgb(this.#imagePath(id), { list: this.#place(id).list, line: this.#place(id).entry.line });
    this.#imageCache.set(id, image);
    return image;
  }

  async tags(id: string): Promise<Float32Array> {
    this.#tags ??= tagSource({
      root: this.root,
      classes: this.classes,
      labels: this.#options.labels,
      mask: this.#options.tagsFromMasks && this.hasMasks ? (image) => this.mask(image) : undefined,
    });
    return (await this.#tags).tags(id);
  }

  async mask(id: string): Promise<LabelMap> {
    const kept = this.#maskCache.get(id);
    if (kept) return kept;
    const size = await this.image(id);
    const mask = await readMask(this.#maskPath(id), { classes: this.classes.length, size });
    this.#maskCache.set(id, mask);
    return mask;
  }

  async saliency(id: string): Promise<GreyMap> {
    return readSaliency(this.#saliencyPath(id), await this.image(id));
  }

  async inspect(ids: readonly string[], { masks, saliency }: { readonly masks: boolean; readonly saliency: boolean }): Promise<void> {
    if (saliency) await inGroups(ids, 64, (id) => this.#hasSaliency(id));
    const doubts = await inGroups(ids, 64, (id) => looksWrong(this.#imagePath(id), masks ? this.#maskPath(id) : undefined));
    for (const [i, doubt] of doubts.entries()) {
      // Reading it says what is wrong, or that nothing is.
      if (doubt === 'image') await this.image(ids[i]);
      if (doubt !== undefined && masks) await this.mask(ids[i]);
    }
  }

  async fingerprint(): Promise<string> {
    const hash = createHash('sha256');
    const add = (...words: readonly (string | number)[]): void => void hash.update(`${JSON.stringify(words)}\n`);
    add('classes', ...this.classes);
    for (const [split, entries] of this.#lists) add('list', split, ...entries.map((entry) => entry.id));
    const files: { readonly kind: string; readonly path: string }[] = [];
    for (const id of [...this.#places.keys()].sort()) {
      files.push({ kind: 'image', path: this.#imagePath(id) });
      if (this.#maskFolder) files.push({ kind: 'mask', path: this.#maskPath(id) });
      if (this.#saliencyFolder) files.push({ kind: 'saliency', path: this.#saliencyPath(id) });
    }
    const sizes = await inGroups(files, 64, (file) => fileSize(file.path));
    files.forEach((file, i) => {
      add(file.kind, basename(file.path), sizes[i]);
    });
    const ids = [...this.#places.keys()].sort();
    for (const id of ids) {
      const tags = await this.tags(id).catch((error: unknown) => {
        // Data without tags (a test split) has a fingerprint too; anything else is a real problem.
        if (error instanceof DataError && error.code === 'data-missing-tags') return new Float32Array(0);
        throw error;
      });
      add('tags', id, ...tags);
    }
    return hash.digest('hex');
  }

  #listPath(split: string): string {
    return join(this.root, 'ImageSets', 'Segmentation', `${split}.txt`);
  }

  #imagePath(id: string): string {
    const listed = this.#place(id).entry.image;
    const ending = IMAGE_ENDINGS.find((candidate) => this.#images.has(id + candidate));
    // Lists of some repositories begin with folders of their authors' machines: the image of this id in JPEGImages comes first.
    if (ending === undefined && listed !== undefined) return join(this.root, listed);
    return join(this.root, 'JPEGImages', `${id}${ending ?? '.jpg'}`);
  }

  #maskPath(id: string): string {
    if (this.#maskFolder === undefined) {
      throw new DataError('data-missing-mask', {
        what: 'The data set has no masks',
        file: join(this.root, 'SegmentationClass'),
        expected: 'a folder SegmentationClass or SegmentationClassAug with palette PNGs',
        found: 'neither',
        hint: 'Add the masks, or leave out what needs them (scores).',
      });
    }
    return join(this.root, this.#maskFolder, `${id}.png`);
  }

  #saliencyPath(id: string): string {
    return join(this.root, this.#saliencyFolder ?? SALIENCY_FOLDERS[0], `${id}.png`);
  }

  async #hasSaliency(id: string): Promise<void> {
    if ((await fileSize(this.#saliencyPath(id))) < 0) throw missingSaliency(this.#saliencyPath(id), 'no such file');
  }

  #place(id: string): Place {
    const place = this.#places.get(id);
    if (place) return place;
    throw new DataError('data-missing-image', {
      what: `No list of the data set names the image '${id}'`,
      file: this.#listPath('*'),
      expected: 'an id of a list',
      found: `'${id}'`,
      hint: 'Add the id to a list, or correct it.',
    });
  }
}

async function openRoot(root: string): Promise<string> {
  const folder = resolve(root);
  for (const needed of [folder, join(folder, 'JPEGImages')]) {
    const found = await stat(needed).catch((error: unknown) => systemCode(error) ?? 'error');
    if (typeof found !== 'string' && found.isDirectory()) continue;
    throw new DataError('data-missing-root', {
      what: 'The folder of the data set cannot be opened',
      file: needed,
      expected: 'a folder in the layout of PASCAL VOC (JPEGImages, ImageSets/Segmentation)',
      found: found === 'ENOENT' ? 'nothing of that name' : typeof found === 'string' ? found : 'a file',
      hint: 'Give the folder that holds JPEGImages, for example VOCdevkit/VOC2012.',
    });
  }
  return folder;
}

async function readClasses(path: string): Promise<readonly string[] | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim());
  const classes = lines.filter((line) => line !== '' && line !== 'ignore');
  const repeated = classes.find((name, i) => classes.indexOf(name) !== i);
  if (classes.length < 2 || classes.length > 255 || repeated !== undefined || !/^_*background_*$/i.test(classes[0])) {
    throw new DataError('data-unknown-class', {
      what: 'The list of classes is not well formed',
      file: path,
      expected: "'background' on the first line, then one class a line, each once, 254 at most",
      found: repeated === undefined ? `${classes.length} names, first '${classes[0] ?? ''}'` : `'${repeated}' twice`,
      hint: 'Correct classes.txt.',
    });
  }
  return ['background', ...classes.slice(1)];
}

/** The first of some folders that holds anything. */
async function firstFilled(root: string, folders: readonly string[]): Promise<string | undefined> {
  for (const name of folders) if ((await names(join(root, name))).length > 0) return name;
  return undefined;
}

async function findMasks(root: string, wanted: string | undefined): Promise<string | undefined> {
  const found = await firstFilled(root, wanted === undefined ? ['SegmentationClassAug', 'SegmentationClass'] : [wanted]);
  if (found !== undefined || wanted === undefined) return found;
  throw new DataError('data-missing-mask', {
    what: 'The folder of masks is missing or empty',
    file: join(root, wanted),
    expected: 'palette PNGs',
    found: 'none',
    hint: 'Name another folder of masks.',
  });
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

async function fileSize(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => -1,
  );
}

async function inGroups<T, R>(items: readonly T[], size: number, run: (item: T) => Promise<R>): Promise<readonly R[]> {
  const out: R[] = [];
  for (let from = 0; from < items.length; from += size) out.push(...(await Promise.all(items.slice(from, from + size).map(run))));
  return out;
}
