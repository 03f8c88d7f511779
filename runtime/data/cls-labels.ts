import { DataError } from './errors.ts';
import { npyHeader, readNpy, toFloat32 } from './npy.ts';
import { unwrap } from './pickle.ts';
import { isArray, isDict, isList, type PickleValue } from './pickle-values.ts';
import { PickleWriter } from './pickle-writer.ts';

/** Image-level labels: id to one value a foreground class, in the order of the file. */
export type ImageLabels = ReadonlyMap<string, Float32Array>;

/**
 * Reads `cls_labels.npy`: a 0-dimensional object array around a dictionary of id to float vector [K], foreground classes only. Ids are text;
 * IRN's file has int32 keys such as 2007000032, which stand for `2007_000032` (Python read the underscore as a digit separator).
 * Throws DataError `data-bad-npy` or `data-bad-tags`.
 */
export async function readClsLabels(path: string): Promise<ImageLabels> {
  const dict = unwrap(await readNpy(path));
  if (!isDict(dict)) throw badTags(path, isArray(dict) ? `a numeric array of shape [${dict.shape}]` : 'no dictionary');
  const labels = new Map<string, Float32Array>();
  let length: number | undefined;
  for (const [key, value] of dict) {
    const id = idOf(key);
    if (id === undefined) throw badTags(path, `the key ${String(key)}`);
    const vector = vectorOf(value);
    if (!vector) throw badTags(path, `something that is no vector of numbers at '${id}'`);
    length ??= vector.length;
    if (vector.length !== length) throw badTags(path, `${vector.length} values at '${id}', ${length} at the first id`);
    labels.set(id, vector);
  }
  return labels;
}

function idOf(key: PickleValue): string | undefined {
  if (typeof key === 'string') return key;
  if (key instanceof Uint8Array) return Buffer.from(key).toString('latin1');
  if (typeof key !== 'number' || !Number.isInteger(key) || key < 0) return undefined;
  // VOC ids are four digits of the year and six of the number; COCO ids are plain numbers that were padded to twelve.
  const digits = String(key);
  return digits.length === 10 ? `${digits.slice(0, 4)}_${digits.slice(4)}` : digits.padStart(12, '0');
}

function vectorOf(value: PickleValue): Float32Array | undefined {
  if (isArray(value)) return value.shape.length === 1 ? toFloat32(value.data) : undefined;
  if (isList(value) && value.every((item) => typeof item === 'number' || typeof item === 'boolean'))
    return Float32Array.from(value, Number);
  return undefined;
}

function badTags(path: string, found: string): DataError {
  return new DataError('data-bad-tags', {
    what: 'The label file does not hold image-level labels',
    file: path,
    expected: 'a dictionary of image id to a vector with one value for each foreground class, saved with numpy.save',
    found,
    hint: 'Give another label file, or remove this one to take the tags from Annotations/*.xml.',
  });
}

/**
 * The bytes of a `cls_labels.npy` as numpy.save writes them on Python 3 with pickle protocol 2, readable by every NumPy: ids keep their order.
 */
export function clsLabelsBytes(labels: ImageLabels): Uint8Array {
  const header = npyHeader('|O', []);
  const body = new PickleWriter().objectArrayOfDict(labels);
  const out = new Uint8Array(header.length + body.length);
  out.set(header);
  out.set(body, header.length);
  return out;
}
