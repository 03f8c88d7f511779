import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { unwritable } from '../atomic.ts';
import { clsLabelsBytes } from '../cls-labels.ts';
import { DataError } from '../errors.ts';
import { makeFolder } from '../folder.ts';
import { maskBytes } from '../mask.ts';
import { compose, IMAGE_SIZE, type SpriteShelf, shelve } from './compose.ts';
import { CLASS_SPRITES } from './names.ts';
import { packageSprites, SPRITE_PACKAGES } from './packages.ts';
import { renderSprites, type Sprite } from './sprites.ts';

/** Raised with every change that changes the images. */
export const EMOJIVOC_VERSION = 1;

/** The classes that a small classifier learns within minutes; `diningtable` is a place setting. */
export const EMOJIVOC_CLASSES: readonly string[] =
  'aeroplane bicycle boat car cat cow diningtable motorbike person pottedplant sofa tvmonitor'.split(' ');

export interface EmojiVocOptions {
  /** Folder to make; an existing set of the same seed, counts, classes and version is used as it is. */
  readonly out: string;
  readonly seed: number;
  /** Number of images, 4,000 and 800 in the recipe. */
  readonly train: number;
  readonly val: number;
  /** Foreground classes, the twelve of EMOJIVOC_CLASSES otherwise. */
  readonly classes?: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
}

export interface EmojiVocResult {
  readonly root: string;
  /** True when the set was there already. */
  readonly reused: boolean;
}

/**
 * Makes EmojiVOC, a data set in the layout of PASCAL VOC from the drawings of installed packages: 64 x 64 images (JPEG, quality 95 without
 * chroma subsampling), palette masks, lists, `cls_labels.npy`, `classes.txt`, `LICENSES.md` and `emojivoc.json`. The same options give the
 * same bytes. It is built in a folder beside `out` and renamed when complete. Throws DataError.
 */
export async function makeEmojiVoc(options: EmojiVocOptions): Promise<EmojiVocResult> {
  const root = resolve(options.out);
  const classes = options.classes ?? EMOJIVOC_CLASSES;
  checkOptions(options, classes);
  const manifest = `${JSON.stringify({ name: 'EmojiVOC', version: EMOJIVOC_VERSION, seed: options.seed, size: IMAGE_SIZE, train: options.train, val: options.val, classes }, null, 2)}\n`;
  const before = await existing(root, manifest);
  if (before === 'same') return { root, reused: true };
  await removeUnfinished(root);
  const building = `${root}.${randomUUID()}.tmp`;
  try {
    await makeFolder(building).catch((error: unknown) => {
      throw unwritable(root, error);
    });
    await build(building, options, classes);
    await writeFile(join(building, 'emojivoc.json'), manifest);
    if (before === 'other') {
      const old = `${root}.${randomUUID()}.old`;
      await rename(root, old);
      await rename(building, root);
      await rm(old, { recursive: true, force: true });
    } else {
      await rename(building, root);
    }
  } catch (error) {
    throw error instanceof DataError ? error : unwritable(root, error);
  } finally {
    await rm(building, { recursive: true, force: true }).catch(() => undefined);
  }
  return { root, reused: false };
}

/** Removes what killed runs were building beside a folder. */
async function removeUnfinished(root: string): Promise<void> {
  const beside = await readdir(dirname(root)).catch(() => []);
  const prefix = `${basename(root)}.`;
  for (const name of beside)
    if (name.startsWith(prefix) && /^[0-9a-f-]{36}\.(tmp|old)$/.test(name.slice(prefix.length)))
      await rm(join(dirname(root), name), { recursive: true, force: true });
}

async function build(root: string, options: EmojiVocOptions, classes: readonly string[]): Promise<void> {
  const sources = (await Promise.all(SPRITE_PACKAGES.map((spritePackage) => packageSprites(spritePackage.name, classes)))).flat();
  const sprites = await renderSprites(sources, join(root, 'scratch'));
  for (const folder of ['JPEGImages', 'SegmentationClass', 'ImageSets/Segmentation']) await makeFolder(join(root, folder));
  const labels = new Map<string, Float32Array>();
  const total = options.train + options.val;
  for (const split of ['train', 'val'] as const) {
    const names = new Set(
      SPRITE_PACKAGES.filter((spritePackage) => spritePackage.split === split).map((spritePackage) => spritePackage.name),
    );
    const shelf = shelve(
      sprites.filter((sprite) => names.has(sprite.package)),
      classes,
    );
    const ids = Array.from({ length: options[split] }, (_, i) => `${split}_${String(i + 1).padStart(5, '0')}`);
    for (let from = 0; from < ids.length; from += 32) {
      // Encoding runs on the threads of the image library while the next images of the group are composed.
      const group = ids.slice(from, from + 32).map((id) => writeSample(root, id, options.seed, shelf, labels));
      await Promise.all(group);
      options.onProgress?.(labels.size, total);
    }
    await writeFile(join(root, 'ImageSets', 'Segmentation', `${split}.txt`), ids.map((id) => `${id}\n`).join(''));
  }
  await writeFile(join(root, 'cls_labels.npy'), clsLabelsBytes(labels));
  await writeFile(join(root, 'classes.txt'), ['background', ...classes].map((name) => `${name}\n`).join(''));
  await writeFile(join(root, 'LICENSES.md'), licences(sprites));
}

function writeSample(root: string, id: string, seed: number, shelf: SpriteShelf, labels: Map<string, Float32Array>): Promise<unknown> {
  const { rgb, labels: mask, tags } = compose(seed, id, shelf);
  labels.set(id, tags);
  const jpeg = sharp(rgb, { raw: { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3 } })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer()
    .then((bytes) => writeFile(join(root, 'JPEGImages', `${id}.jpg`), bytes));
  const png = writeFile(join(root, 'SegmentationClass', `${id}.png`), maskBytes({ width: IMAGE_SIZE, height: IMAGE_SIZE, data: mask }));
  return Promise.all([jpeg, png]);
}

function licences(sprites: readonly Sprite[]): string {
  const rows = SPRITE_PACKAGES.map(({ name, split, licence, attribution }) => {
    const used = sprites.filter((sprite) => sprite.package === name).length;
    return `| \`@iconify-json/${name}\` | ${attribution} | ${licence} | ${split} | ${used} |`;
  });
  const text = [
    '# Licences of the drawings in EmojiVOC',
    '',
    'The images are compositions of emoji that were rendered, resized, rotated and recoloured. Each drawing keeps the licence of its set:',
    '',
    '| package | work | licence | split | drawings |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    'CC-BY-4.0: https://creativecommons.org/licenses/by/4.0/ (the drawings were changed as stated above).',
    'Apache-2.0: https://www.apache.org/licenses/LICENSE-2.0',
    'MIT: https://opensource.org/license/mit',
  ];
  return `${text.join('\n')}\n`;
}

/** Whether the folder is free, holds this very set, or another EmojiVOC that may be replaced; anything else is not touched. */
async function existing(root: string, manifest: string): Promise<'free' | 'same' | 'other'> {
  const found = await stat(root).catch(() => undefined);
  if (!found) return 'free';
  const own = await readFile(join(root, 'emojivoc.json'), 'utf8').catch(() => undefined);
  if (own !== undefined) return own === manifest ? 'same' : 'other';
  throw new DataError('output-unwritable', {
    what: 'The folder for EmojiVOC holds something else',
    file: root,
    expected: 'no folder, or an EmojiVOC made before',
    found: found.isDirectory() ? 'a folder without emojivoc.json' : 'a file',
    hint: 'Choose another folder.',
  });
}

function checkOptions({ seed, train, val }: EmojiVocOptions, classes: readonly string[]): void {
  for (const [name, value] of Object.entries({ seed, train, val })) {
    const least = name === 'seed' ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least || (name !== 'seed' && value > 99999)) {
      throw new RangeError(`EmojiVOC: ${name} must be an integer from ${least}, not ${value}`);
    }
  }
  const unknown = classes.find((name, i) => !Object.hasOwn(CLASS_SPRITES, name) || classes.indexOf(name) !== i);
  if (classes.length > 0 && unknown === undefined) return;
  throw new DataError('data-unknown-class', {
    what: 'EmojiVOC cannot be made with these classes',
    file: 'emojivoc',
    expected: `each at most once: ${Object.keys(CLASS_SPRITES).join(', ')}`,
    found: unknown === undefined ? 'no class' : `'${unknown}'`,
    hint: 'Correct the list of classes.',
  });
}
