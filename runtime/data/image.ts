import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { DataError, reason, systemCode } from './errors.ts';

/** An image of 8-bit sRGB pixels, interleaved [height, width, 3], row-major. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface ImageOrigin {
  /** The list file and line that name the image, for the message when it is missing. */
  readonly list?: string;
  readonly line?: number;
}

/**
 * Reads a JPEG or PNG as RGB, as Pillow's `convert('RGB')` does: grey is repeated, alpha is dropped, CMYK converted, embedded colour profiles
 * and the orientation tag are not applied. Throws DataError `data-missing-image`, `data-truncated-image` or `data-bad-image`.
 */
export async function readRgb(path: string, origin: ImageOrigin = {}): Promise<RgbImage> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const listed = origin.list === undefined ? '' : `, listed at ${origin.list}${origin.line === undefined ? '' : `:${origin.line}`}`;
    throw new DataError('data-missing-image', {
      what: 'The image cannot be opened',
      file: path,
      expected: `an image file${listed}`,
      found: systemCode(error) === 'ENOENT' ? 'no such file' : reason(error),
      hint: 'Add the image, or take its id out of the list.',
    });
  }
  return decodeRgb(bytes, path);
}

/** Decodes JPEG or PNG bytes; `path` is only for messages. Throws as readRgb does. */
export async function decodeRgb(bytes: Buffer, path: string): Promise<RgbImage> {
  try {
    const { data, info } = await sharp(bytes, { failOn: 'truncated', ignoreIcc: true })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = info.width * info.height;
    if (data.length === pixels * 3) return { width: info.width, height: info.height, data: new Uint8Array(data) };
    if (data.length !== pixels) throw new Error(`${info.channels} channels`);
    const rgb = new Uint8Array(pixels * 3);
    for (let i = 0; i < pixels; i++) rgb.fill(data[i], i * 3, i * 3 + 3);
    return { width: info.width, height: info.height, data: rgb };
  } catch (error) {
    throw unreadable(bytes, path, reason(error));
  }
}

function unreadable(bytes: Buffer, path: string, found: string): DataError {
  if (isCutOff(bytes) || /premature|truncated|end of (input|file|image)|corrupt/i.test(found)) {
    return new DataError('data-truncated-image', {
      what: 'The image is cut off or damaged',
      file: path,
      expected: 'a complete image file',
      found: `${bytes.length} bytes; ${found.trim()}`,
      hint: 'Copy or download the image again, or take its id out of the list.',
    });
  }
  return new DataError('data-bad-image', {
    what: 'The image cannot be read',
    file: path,
    expected: 'a JPEG or PNG image',
    found: found.trim(),
    hint: 'Convert the image to JPEG or PNG, or take its id out of the list.',
  });
}

/** True for a JPEG without its end marker and for a PNG without its last chunk; the first and the last bytes of the file are enough. */
export function isCutOff(bytes: Buffer): boolean {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return !bytes.subarray(-64).includes(Buffer.from([0xff, 0xd9]));
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return !bytes.subarray(-16).includes('IEND');
  return bytes.length === 0;
}
