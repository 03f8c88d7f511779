/** The container of a PNG file: signature, chunks and their checksums, for whoever has rows to put into it. */
import { deflateSync } from 'node:zlib';

export const PNG_SIGNATURE: readonly number[] = [137, 80, 78, 71, 13, 10, 26, 10];

/** Colour types of the PNG specification (table 11.1), 8 bits a sample. */
const COLOUR = { grey: 0, rgb: 2, palette: 3 } as const;

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly colour: keyof typeof COLOUR;
}

/** The bytes of an 8-bit PNG. `rows`: a filter byte and the filtered samples of each row; `palette`: RGB triples. */
export function pngBytes({ width, height, colour }: PngHeader, rows: Uint8Array, palette?: Uint8Array): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, COLOUR[colour], 0, 0, 0], 8);
  const chunks = [Uint8Array.from(PNG_SIGNATURE), chunk('IHDR', header)];
  if (palette) chunks.push(chunk('PLTE', palette));
  chunks.push(chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', new Uint8Array(0)));
  return new Uint8Array(Buffer.concat(chunks));
}

function chunk(kind: string, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + body.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, body.length);
  out.set(Buffer.from(kind, 'latin1'), 4);
  out.set(body, 8);
  view.setUint32(8 + body.length, crc32(out.subarray(4, 8 + body.length)));
  return out;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
