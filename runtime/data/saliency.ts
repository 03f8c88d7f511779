import { readFile } from 'node:fs/promises';
import { type WriteOptions, writeAtomic } from './atomic.ts';
import { DataError, reason, systemCode } from './errors.ts';
import { decodeRgb } from './image.ts';
import { pngBytes } from './png-file.ts';

/** One 8-bit value a pixel, row-major; of a saliency map 255 is surely the object. */
export interface GreyMap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export function missingSaliency(path: string, found: string): DataError {
  return new DataError('data-missing-saliency', {
    what: 'The saliency map cannot be opened',
    file: path,
    expected: 'an 8-bit grey PNG for every image',
    found,
    hint: 'Put the maps of a detector there, say where they are (saliency "FOLDER" in the data set of the spec), or take the saliency input out of the method.',
  });
}

/**
 * Reads a grey image of the size of its photograph. Throws DataError `data-missing-saliency`, or `data-bad-saliency` for a picture in colours or of
 * another size.
 */
export async function readSaliency(path: string, size: { readonly width: number; readonly height: number }): Promise<GreyMap> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw missingSaliency(path, systemCode(error) === 'ENOENT' ? 'no such file' : reason(error));
  }
  const { width, height, data: rgb } = await decodeRgb(bytes, path);
  const bad = (expected: string, found: string): DataError =>
    new DataError('data-bad-saliency', {
      what: 'The saliency map is not of its image',
      file: path,
      expected,
      found,
      hint: 'Save it as a grey picture at the size of the photograph.',
    });
  if (width !== size.width || height !== size.height)
    throw bad(`${size.width} x ${size.height} pixels, as the image`, `${width} x ${height} pixels`);
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    if (rgb[3 * i] !== rgb[3 * i + 1] || rgb[3 * i] !== rgb[3 * i + 2]) throw bad('a grey picture', 'one in colours');
    data[i] = rgb[3 * i];
  }
  return { width, height, data };
}

/** Writes an 8-bit grey PNG, atomically. Throws DataError `output-unwritable`. */
export async function writeSaliency(path: string, { width, height, data }: GreyMap, options?: WriteOptions): Promise<void> {
  // Each row starts with its filter: none.
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  await writeAtomic(path, pngBytes({ width, height, colour: 'grey' }, rows), options);
}
