/** A quick look at image and mask files: their ends and their sizes, without decoding pixels. */
import { type FileHandle, open } from 'node:fs/promises';
import sharp from 'sharp';
import { isCutOff } from './image.ts';

/** Enough for the signature and the header of a PNG. */
const HEAD = 33;
const TAIL = 64;

/**
 * Whether an image, or its mask, looks wrong: missing, cut off, not an image, or a mask of another size or without indices. What looks right may
 * still be wrong inside; what looks wrong has to be read in full to say why.
 */
export async function looksWrong(image: string, mask: string | undefined): Promise<'image' | 'mask' | undefined> {
  const [size, ends] = await Promise.all([imageSize(image), endsOf(image)]);
  if (!size || !ends || isCutOff(ends)) return 'image';
  if (mask === undefined) return undefined;
  const found = await endsOf(mask);
  const fits =
    found && !isCutOff(found) && isIndexPng(found) && found.readUInt32BE(16) === size.width && found.readUInt32BE(20) === size.height;
  return fits ? undefined : 'mask';
}

async function imageSize(path: string): Promise<{ readonly width: number; readonly height: number } | undefined> {
  try {
    const { width, height } = await sharp(path).metadata();
    return { width, height };
  } catch {
    return undefined;
  }
}

/** The first and the last bytes of a file; undefined where it cannot be read or is too short for an image. */
async function endsOf(path: string): Promise<Buffer | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { size } = await file.stat();
    if (size < HEAD) return undefined;
    const tail = Math.min(TAIL, size - HEAD);
    const bytes = Buffer.alloc(HEAD + tail);
    await file.read(bytes, 0, HEAD, 0);
    await file.read(bytes, HEAD, tail, size - tail);
    return bytes;
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

/** Palette or grey, at most 8 bits: what label maps are saved as. */
function isIndexPng(bytes: Buffer): boolean {
  return bytes.toString('latin1', 12, 16) === 'IHDR' && bytes[24] <= 8 && (bytes[25] === 0 || bytes[25] === 3);
}
