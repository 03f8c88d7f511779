import { inflateSync } from 'node:zlib';
import { crc32, PNG_SIGNATURE, pngBytes } from './png-file.ts';

/**
 * PNG files whose pixels are indices. General image readers turn palette indices into colours, but a label map is its indices: so they are
 * read here (palette and grey, 1 to 8 bits, not interlaced) and written (8-bit palette or grey, the same bytes for the same content).
 */
export interface IndexPng {
  readonly width: number;
  readonly height: number;
  /** One index a pixel, row-major. */
  readonly data: Uint8Array;
  /** RGB triples, where the file has a palette. */
  readonly palette?: Uint8Array;
}

/** What is wrong with a PNG; the caller adds the file name. */
export class PngError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PngError';
  }
}

const MAX_PIXELS = 2 ** 28;

/** Reads the indices of a PNG. Throws PngError for damage and for kinds of PNG that hold colours instead of indices. */
export function decodeIndexPng(bytes: Uint8Array): IndexPng {
  if (bytes.length < 8 || !PNG_SIGNATURE.every((value, i) => bytes[i] === value)) throw new PngError('it is no PNG file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  const compressed: Uint8Array[] = [];
  let at = 8;
  for (;;) {
    if (at + 12 > bytes.length) throw new PngError('the file ends too early');
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const from = at + 8;
    if (from + length + 4 > bytes.length) throw new PngError(`the file ends within its ${kind} chunk`);
    const body = bytes.subarray(from, from + length);
    if (crc32(bytes.subarray(at + 4, from + length)) !== view.getUint32(from + length))
      throw new PngError(`the checksum of its ${kind} chunk is wrong`);
    at = from + length + 4;
    if (kind === 'IHDR') header = readHeader(body);
    else if (kind === 'PLTE') palette = body.slice();
    else if (kind === 'IDAT') compressed.push(body);
    else if (kind === 'IEND') break;
  }
  if (!header) throw new PngError('it has no header');
  const { width, height, bits } = header;
  const rowBytes = Math.ceil((width * bits) / 8);
  let raw: Buffer;
  try {
    raw = inflateSync(Buffer.concat(compressed), { maxOutputLength: (rowBytes + 1) * height });
  } catch (error) {
    throw new PngError(`its pixels cannot be unpacked (${error instanceof Error ? error.message : String(error)})`);
  }
  if (raw.length !== (rowBytes + 1) * height) throw new PngError(`it holds ${raw.length} of ${(rowBytes + 1) * height} bytes of pixels`);
  unfilter(raw, rowBytes, height);
  const data = new Uint8Array(width * height);
  const mask = (1 << bits) - 1;
  for (let y = 0; y < height; y++) {
    const row = y * (rowBytes + 1) + 1;
    for (let x = 0; x < width; x++) {
      const bit = x * bits;
      data[y * width + x] = (raw[row + (bit >> 3)] >> (8 - bits - (bit & 7))) & mask;
    }
  }
  return { width, height, data, palette };
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
}

function readHeader(body: Uint8Array): Header {
  if (body.length !== 13) throw new PngError('its header has a wrong length');
  const view = new DataView(body.buffer, body.byteOffset, 13);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const [bits, colour, compression, filter, interlace] = body.subarray(8);
  if (width === 0 || height === 0 || width * height > MAX_PIXELS) throw new PngError(`its size is ${width} x ${height}`);
  if (colour !== 3 && colour !== 0) {
    throw new PngError(
      `it holds ${colour === 2 ? 'RGB colours' : colour === 6 ? 'RGB colours and alpha' : 'grey and alpha'} instead of class indices`,
    );
  }
  if (bits > 8) throw new PngError(`it has ${bits} bits a pixel; label maps have at most 8`);
  if (![1, 2, 4, 8].includes(bits) || compression !== 0 || filter !== 0) throw new PngError('its header is damaged');
  if (interlace !== 0) throw new PngError('it is interlaced (Adam7), which is not read; save it without interlacing');
  return { width, height, bits };
}

/** Undoes the row filters in place (one byte a pixel at most, so the distance to the left neighbour is one byte). */
function unfilter(raw: Uint8Array, rowBytes: number, height: number): void {
  for (let y = 0; y < height; y++) {
    const start = y * (rowBytes + 1);
    const kind = raw[start];
    if (kind === 0) continue;
    if (kind > 4) throw new PngError(`row ${y} has the unknown filter ${kind}`);
    for (let i = 1; i <= rowBytes; i++) {
      const left = i > 1 ? raw[start + i - 1] : 0;
      const up = y > 0 ? raw[start - rowBytes - 1 + i] : 0;
      const corner = i > 1 && y > 0 ? raw[start - rowBytes - 2 + i] : 0;
      let guess = left;
      if (kind === 2) guess = up;
      else if (kind === 3) guess = (left + up) >> 1;
      else if (kind === 4) guess = paeth(left, up, corner);
      raw[start + i] = (raw[start + i] + guess) & 255;
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const p = left + up - corner;
  const a = Math.abs(p - left);
  const b = Math.abs(p - up);
  const c = Math.abs(p - corner);
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** The bytes of an 8-bit PNG: palette kind when a palette of RGB triples is given, else grey. */
export function encodeIndexPng(image: IndexPng): Uint8Array {
  const { width, height, data, palette } = image;
  if (data.length !== width * height || data.length === 0) throw new RangeError(`${data.length} pixels are not ${width} x ${height}`);
  const raw = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++) raw.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return pngBytes({ width, height, colour: palette ? 'palette' : 'grey' }, raw, palette);
}
