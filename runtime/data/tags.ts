import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImageLabels, readClsLabels } from './cls-labels.ts';
import { DataError, systemCode } from './errors.ts';
import { IGNORE_LABEL, type LabelMap } from './mask.ts';

/** Where the image-level tags of a data set come from. */
export interface TagSource {
  /** [K] values in {0, 1}, index c for class c + 1. */
  tags(id: string): Promise<Float32Array>;
}

export interface TagOptions {
  readonly root: string;
  /** Background first. */
  readonly classes: readonly string[];
  /** An explicit label file. */
  readonly labels?: string;
  /** Given only when tags may be read from masks. */
  readonly mask?: (id: string) => Promise<LabelMap>;
}

/** Chooses the source: the given label file, `cls_labels.npy` of the data set, `Annotations/*.xml`, masks where allowed. Throws DataError. */
export async function tagSource(options: TagOptions): Promise<TagSource> {
  const count = options.classes.length - 1;
  const own = ['cls_labels.npy', 'ImageSets/Main/cls_labels.npy', 'ImageSets/Segmentation/cls_labels.npy'].map((path) =>
    join(options.root, path),
  );
  for (const path of options.labels === undefined ? own : [options.labels]) {
    if (options.labels === undefined && !(await exists(path))) continue;
    const labels = await readClsLabels(path);
    checkLength(labels, path, count);
    return { tags: async (id) => labels.get(id) ?? missing(path, id, labels) };
  }
  const annotations = join(options.root, 'Annotations');
  if (await exists(annotations)) return { tags: (id) => fromXml(join(annotations, `${id}.xml`), id, options.classes) };
  const { mask } = options;
  if (mask) return { tags: async (id) => fromMask(await mask(id), count) };
  return {
    tags: async (id) => {
      throw new DataError('data-missing-tags', {
        what: `There are no image-level labels, asked for '${id}'`,
        file: options.root,
        expected: 'cls_labels.npy (also in ImageSets/Main or ImageSets/Segmentation), or Annotations/*.xml',
        found: 'neither',
        hint: 'Add a cls_labels.npy (id to one value for each foreground class), or allow tags from the masks (tags_from_masks in the data set of the spec), which is pixel supervision.',
      });
    },
  };
}

function checkLength(labels: ImageLabels, path: string, count: number): void {
  for (const [id, vector] of labels) {
    if (vector.length !== count) {
      throw new DataError('data-bad-tags', {
        what: 'The label file is for another number of classes',
        file: path,
        expected: `${count} values, one for each foreground class`,
        found: `${vector.length} at '${id}'`,
        hint: 'Use the label file of this data set, or correct classes.txt.',
      });
    }
    const wrong = vector.find((value) => value !== 0 && value !== 1);
    if (wrong !== undefined) {
      throw new DataError('data-bad-tags', {
        what: 'The label file holds a value that is no tag',
        file: path,
        expected: '0 or 1',
        found: `${wrong} at '${id}'`,
        hint: 'Write 1 for a class that is in the image and 0 for the others.',
      });
    }
  }
}

function missing(path: string, id: string, labels?: ImageLabels): never {
  const [first] = labels?.keys() ?? [];
  throw new DataError('data-missing-tags', {
    what: `The label file has no entry for the image '${id}'`,
    file: path,
    expected: `labels for '${id}'`,
    found: first === undefined ? 'no entry' : `no entry among ${labels?.size}, of which the first is '${first}'`,
    hint: 'Add the image to the label file, or take it out of the list.',
  });
}

async function fromXml(path: string, id: string, classes: readonly string[]): Promise<Float32Array> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return missing(path, id);
    throw error;
  }
  return tagsOfXml(text, path, classes);
}

/** Tags from a VOC annotation: the names of its objects; parts of objects (a person's head) do not count. */
export function tagsOfXml(text: string, path: string, classes: readonly string[]): Float32Array {
  const tags = new Float32Array(classes.length - 1);
  for (const [, object] of text.matchAll(/<object>([\s\S]*?)<\/object>/g)) {
    const name = /<name>\s*([^<]*?)\s*<\/name>/.exec(object.replace(/<part>[\s\S]*?<\/part>/g, ''))?.[1];
    if (name === undefined) continue;
    const index = classes.indexOf(name);
    if (index < 1) {
      throw new DataError('data-unknown-class', {
        what: 'An annotation names a class that the data set does not have',
        file: path,
        expected: `one of ${classes.slice(1).join(', ')}`,
        found: `'${name}'`,
        hint: 'Correct the annotation, or add the class to classes.txt.',
      });
    }
    tags[index - 1] = 1;
  }
  return tags;
}

function fromMask(mask: LabelMap, count: number): Float32Array {
  const tags = new Float32Array(count);
  for (const label of mask.data) if (label !== 0 && label !== IGNORE_LABEL) tags[label - 1] = 1;
  return tags;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
