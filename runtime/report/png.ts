import { pngBytes } from '../data/png-file.ts';

/** RGB pixels, [height, width, 3] bytes. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** The picture as a PNG in a `data:` address, so that a report needs no other file. */
export function pngDataUri(picture: Picture): string {
  return `data:image/png;base64,${Buffer.from(encodeRgbPng(picture)).toString('base64')}`;
}

/** The bytes of an 8-bit RGB PNG; rows are stored as differences to the row above, which suits flat drawings. */
export function encodeRgbPng({ width, height, rgb }: Picture): Uint8Array {
  if (!(width > 0 && height > 0) || rgb.length !== width * height * 3) {
    throw new RangeError(`encodeRgbPng: ${rgb.length} bytes, expected ${height} x ${width} x 3 with both sides above 0`);
  }
  const row = width * 3;
  const raw = new Uint8Array((row + 1) * height);
  for (let y = 0; y < height; y++) {
    const to = y * (row + 1);
    raw[to] = 2;
    for (let i = 0; i < row; i++) raw[to + 1 + i] = rgb[y * row + i] - (y > 0 ? rgb[(y - 1) * row + i] : 0);
  }
  return pngBytes({ width, height, colour: 'rgb' }, raw);
}
