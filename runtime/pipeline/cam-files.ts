/** Class activation maps on disk, in the forms that IRN's and SIPE's repositories write and read. */

import { arraysNpyBytes } from '../data/arrays-npy.ts';
import { type WriteOptions, writeAtomic } from '../data/atomic.ts';
import { DataError } from '../data/errors.ts';
import type { MaskExpectation } from '../data/mask.ts';
import { readNpy, toFloat32 } from '../data/npy.ts';
import { unwrap } from '../data/pickle.ts';
import { isArray, isDict, type PickleDict, type PickleValue } from '../data/pickle-values.ts';
import { RunError } from '../train/errors.ts';

export interface CamMaps {
  readonly height: number;
  readonly width: number;
  /** The label of each channel: class index + 1, and 0 first where there is a background channel. */
  readonly labels: readonly number[];
  /** [labels, height, width]. */
  readonly data: Float32Array;
}

export function hasBackground(maps: CamMaps): boolean {
  return maps.labels[0] === 0;
}

/**
 * Writes one image's maps. Without background IRN's form: { keys: class indices from 0, high_res: [n, h, w] }; with it SIPE's:
 * { keys: labels with 0 first, IS_CAM: [n, h, w] }.
 */
export async function writeCams(path: string, maps: CamMaps, options?: WriteOptions): Promise<void> {
  const { height, width, labels, data } = maps;
  const background = hasBackground(maps);
  const keys = Int32Array.from(labels, (label) => (background ? label : label - 1));
  await writeAtomic(
    path,
    arraysNpyBytes(
      new Map([
        ['keys', { shape: [keys.length], data: keys }],
        [background ? 'IS_CAM' : 'high_res', { shape: [labels.length, height, width], data }],
      ]),
    ),
    options,
  );
}

/** Names under which other repositories keep full-size maps, and whether their keys count the background. */
const NAMES: readonly { readonly name: string; readonly background: boolean }[] = [
  { name: 'high_res', background: false },
  { name: 'IS_CAM', background: true },
  { name: 'attn_highres', background: false },
  { name: 'cam', background: false },
];

/** The form of PSA, SEAM and MCTformer: a map [height, width] by the index of its class, which counts from 0 without the background. */
function mapsByClass(dict: PickleDict): CamMaps | undefined {
  const entries = [...dict];
  const maps = entries.flatMap(([key, map]) => (typeof key === 'number' && isArray(map) && map.shape.length === 2 ? [{ key, map }] : []));
  if (maps.length === 0 || maps.length < entries.length) return undefined;
  const [height, width] = maps[0].map.shape;
  if (maps.some(({ map }) => map.shape[0] !== height || map.shape[1] !== width)) return undefined;
  const data = new Float32Array(maps.length * height * width);
  for (const [i, { map }] of maps.entries()) data.set(toFloat32(map.data), i * height * width);
  return { height, width, labels: maps.map(({ key }) => key + 1), data };
}

/** Reads what `writeCams` and several repositories write. Throws DataError `data-bad-npy`. */
export async function readCams(path: string): Promise<CamMaps> {
  const dict = unwrap(await readNpy(path));
  const bad = (found: string): DataError =>
    new DataError('data-bad-npy', {
      what: 'The file does not hold class activation maps',
      file: path,
      expected: 'a dictionary of keys and high_res (or IS_CAM, cam) with one map [height, width] for each key',
      found,
      hint: 'Run the stage that writes the maps again.',
    });
  if (!isDict(dict)) throw bad('no dictionary');
  const single = mapsByClass(dict);
  if (single) return single;
  const form = NAMES.find(({ name }) => dict.has(name));
  const maps: PickleValue = form ? (dict.get(form.name) ?? null) : null;
  const keys: PickleValue = dict.get('keys') ?? null;
  if (!form || maps === null || !isArray(maps) || maps.shape.length !== 3) throw bad(`the keys ${[...dict.keys()].map(String).join(', ')}`);
  const [channels, height, width] = maps.shape;
  if (keys === null || !isArray(keys) || keys.data.length !== channels) throw bad(`keys that do not go with ${channels} maps`);
  const labels = Array.from(toFloat32(keys.data), (key) => key + (form.background ? 0 : 1));
  return { height, width, labels, data: toFloat32(maps.data) };
}

/** Holds maps against the ground truth that they are scored with. Throws DataError `data-mask-size` or `data-mask-class`. */
export function checkMaps(maps: CamMaps, path: string, expected: MaskExpectation): void {
  const { classes, size } = expected;
  if (size && (size.width !== maps.width || size.height !== maps.height)) {
    throw new DataError('data-mask-size', {
      what: 'The maps and the ground truth differ in size',
      file: path,
      expected: `${size.width} x ${size.height} pixels, as the image`,
      found: `${maps.width} x ${maps.height} pixels`,
      hint: 'Make the maps at the size of the photo: let the inference program resize them.',
    });
  }
  const wrong = classes === undefined ? undefined : maps.labels.find((label) => !(label >= 0 && label < classes));
  if (classes !== undefined && wrong !== undefined) {
    throw new DataError('data-mask-class', {
      what: 'The maps hold a class that the data set does not have',
      file: path,
      expected: `labels 0 to ${classes - 1}`,
      found: `a map of label ${wrong}`,
      hint: 'Score them with the data set that they were made for, or correct classes.txt.',
    });
  }
}

/** The arg-max over the maps as labels, ties to the first; `background` is the score of label 0 where the maps have no channel of it. */
export function argmaxLabels(maps: CamMaps, background: number | undefined): Uint8Array {
  const pixels = maps.height * maps.width;
  const labels = new Uint8Array(pixels);
  const best = new Float32Array(pixels).fill(hasBackground(maps) ? Number.NEGATIVE_INFINITY : (background ?? Number.NEGATIVE_INFINITY));
  maps.labels.forEach((label, channel) => {
    for (let p = 0; p < pixels; p++) {
      const value = maps.data[channel * pixels + p];
      if (value > best[p]) {
        best[p] = value;
        labels[p] = label;
      }
    }
  });
  return labels;
}

/** Maps [labels, height, width] with the background first, as saved from logits. Throws DataError. */
export async function readLogits(path: string): Promise<CamMaps> {
  const array = await readNpy(path);
  if (array.kind !== 'array' || array.shape.length !== 3) {
    throw new RunError('run-plan', `${path} holds no maps [labels, height, width]`, 'Run the stage that writes the maps again.');
  }
  const [channels, height, width] = array.shape;
  return { height, width, labels: Array.from({ length: channels }, (_, label) => label), data: toFloat32(array.data) };
}
