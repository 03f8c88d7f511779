import { readFile } from 'node:fs/promises';
import { type WriteOptions, writeAtomic } from './atomic.ts';
import { DataError, reason, systemCode } from './errors.ts';
import { vocPalette } from './palette.ts';
import { decodeIndexPng, encodeIndexPng } from './png.ts';

/** The label that belongs to no class: left out of losses and scores. */
export const IGNORE_LABEL = 255;

/** One class index a pixel, row-major; 0 is the background, 255 is ignored. */
export interface LabelMap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface MaskExpectation {
  /** Number of classes with the background: every label must be below it, or 255. */
  readonly classes?: number;
  /** Size of the image that the mask belongs to. */
  readonly size?: { readonly width: number; readonly height: number };
}

/**
 * Reads a label map from a palette or grey PNG (indices, never colours). Throws DataError `data-missing-mask`, `data-bad-mask`,
 * `data-mask-size` or `data-mask-class`.
 */
export async function readMask(path: string, expectation: MaskExpectation = {}): Promise<LabelMap> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new DataError('data-missing-mask', {
      what: 'The mask cannot be opened',
      file: path,
      expected: 'a palette PNG',
      found: systemCode(error) === 'ENOENT' ? 'no such file' : reason(error),
      hint: 'Add the mask, or take the id out of the list.',
    });
  }
  let map: LabelMap;
  try {
    const { width, height, data } = decodeIndexPng(bytes);
    map = { width, height, data };
  } catch (error) {
    throw new DataError('data-bad-mask', {
      what: 'The mask cannot be read',
      file: path,
      expected: 'an 8-bit palette or grey PNG of class indices',
      found: reason(error),
      hint: 'Save the mask as a palette or grey PNG of indices (0 background, 255 ignored), not as colours.',
    });
  }
  checkMask(map, path, expectation);
  return map;
}

/** Holds a label map against the size and classes it should have; throws as readMask does. */
export function checkMask(map: LabelMap, path: string, { classes, size }: MaskExpectation): void {
  if (size && (size.width !== map.width || size.height !== map.height)) {
    throw new DataError('data-mask-size', {
      what: 'The mask and its image differ in size',
      file: path,
      expected: `${size.width} x ${size.height} pixels, as the image`,
      found: `${map.width} x ${map.height} pixels`,
      hint: 'Make the mask again at the size of the image (nearest neighbour, never smooth).',
    });
  }
  if (classes === undefined) return;
  const wrong = map.data.findIndex((label) => label >= classes && label !== IGNORE_LABEL);
  if (wrong < 0) return;
  throw new DataError('data-mask-class', {
    what: 'The mask holds a class that the data set does not have',
    file: path,
    expected: `labels 0 to ${classes - 1}, or ${IGNORE_LABEL} for ignored pixels`,
    found: `label ${map.data[wrong]} at column ${wrong % map.width}, row ${Math.floor(wrong / map.width)}`,
    hint: 'Correct the mask, or add the class to classes.txt.',
  });
}

/** The bytes of a palette PNG with the VOC colours. */
export function maskBytes(map: LabelMap): Uint8Array {
  return encodeIndexPng({ ...map, palette: vocPalette() });
}

/** Writes a palette PNG with the VOC colours, atomically. Throws DataError `output-unwritable`. */
export async function writeMask(path: string, map: LabelMap, options?: WriteOptions): Promise<void> {
  await writeAtomic(path, maskBytes(map), options);
}
