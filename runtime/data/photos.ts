/** Photographs without labels: what inference needs and nothing else. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import type { Dataset } from './dataset.ts';
import { DataError } from './errors.ts';
import { readRgb } from './image.ts';

/** The one split of such a data set. */
export const PHOTOS_SPLIT = 'images';

/**
 * Opens image files as a data set with one split, `images`; an id is a file name without its ending. `classes` is the number of foreground
 * classes K that the weights know; they have no names here. Throws DataError `data-bad-list` for two files of one name.
 */
export function openPhotos(files: readonly string[], classes: number): Dataset {
  const paths = new Map<string, string>();
  for (const file of files) {
    const id = basename(file, extname(file));
    const other = paths.get(id);
    if (other !== undefined) {
      throw new DataError('data-bad-list', {
        what: 'Two images have one name',
        file,
        expected: 'names that differ, since results are named after them',
        found: `'${id}' also from ${other}`,
        hint: 'Rename one of them, or run them one after the other.',
      });
    }
    paths.set(id, file);
  }
  const path = (id: string): string => {
    const file = paths.get(id);
    if (file === undefined) throw new RangeError(`no image '${id}'`);
    return file;
  };
  return {
    name: PHOTOS_SPLIT,
    root: dirname(files[0] ?? '.'),
    classes: ['background', ...Array.from({ length: classes }, (_, c) => `class ${c + 1}`)],
    classCount: classes,
    hasMasks: false,
    splits: () => [PHOTOS_SPLIT],
    ids: () => [...paths.keys()],
    image: (id) => readRgb(path(id)),
    async tags(id) {
      throw new DataError('data-missing-tags', {
        what: `There are no image-level labels, asked for '${id}'`,
        file: path(id),
        expected: 'a data set with labels, for a program that reads them',
        found: 'an image file alone',
        hint: 'Give a data set in VOC layout (--data DIR), or run a program that reads no tags.',
      });
    },
    async mask(id) {
      throw new DataError('data-missing-mask', {
        what: `There is no mask, asked for '${id}'`,
        file: path(id),
        expected: 'a data set with masks',
        found: 'an image file alone',
        hint: 'Give a data set in VOC layout (--data DIR).',
      });
    },
    async fingerprint() {
      const hash = createHash('sha256');
      for (const [id, file] of paths) {
        const size = await stat(file).then(
          (found) => found.size,
          () => -1,
        );
        hash.update(`${JSON.stringify([id, size])}\n`);
      }
      return hash.digest('hex');
    },
  };
}
