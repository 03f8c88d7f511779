import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readMask, writeMask } from '../../../runtime/data/mask.ts';
import { vocPalette } from '../../../runtime/data/palette.ts';
import { decodeIndexPng, encodeIndexPng, PngError } from '../../../runtime/data/png.ts';
import { fill, scratch } from './scratch.ts';

test('the VOC colour map: known entries', () => {
  const palette = vocPalette();
  const rgb = (label: number): readonly number[] => Array.from(palette.subarray(label * 3, label * 3 + 3));
  expect([0, 1, 2, 3, 15, 20, 255].map(rgb)).toEqual([
    [0, 0, 0],
    [128, 0, 0],
    [0, 128, 0],
    [128, 128, 0],
    [192, 128, 128],
    [0, 64, 128],
    [224, 224, 192],
  ]);
});

const image = fc.tuple(fc.integer({ min: 1, max: 19 }), fc.integer({ min: 1, max: 9 })).chain(([width, height]) =>
  fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    data: fc.uint8Array({ minLength: width * height, maxLength: width * height }),
  }),
);

describe('index PNGs', () => {
  test('what is written is read again, as palette and as grey', () => {
    fc.assert(
      fc.property(image, (map) => {
        for (const palette of [undefined, vocPalette()])
          expect(decodeIndexPng(encodeIndexPng({ ...map, palette }))).toEqual({ ...map, palette });
      }),
    );
  });

  test('another decoder sees the colours of the palette', async () => {
    const data = Uint8Array.of(0, 1, 15, 255, 20, 3);
    const colours = await sharp(encodeIndexPng({ width: 3, height: 2, data, palette: vocPalette() }))
      .removeAlpha()
      .raw()
      .toBuffer();
    expect(Array.from(colours)).toEqual(Array.from(data).flatMap((label) => Array.from(vocPalette().subarray(label * 3, label * 3 + 3))));
  });

  test.each([2, 4, 16, 256])('palette PNGs of another writer with %i colours, every row filter', async (colours) => {
    // Smooth grey ramps: the writer picks 1, 2, 4 or 8 bits and its own order of colours, so colours are compared.
    const [width, height] = [37, 23];
    const raw = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return Math.floor((((pixel % width) + Math.floor(pixel / width)) % colours) * (255 / (colours - 1)));
    });
    const bytes = await sharp(raw, { raw: { width, height, channels: 3 } })
      .png({ palette: true, colours, dither: 0, adaptiveFiltering: true })
      .toBuffer();
    const map = decodeIndexPng(bytes);
    const seen = await sharp(bytes).removeAlpha().toColourspace('srgb').raw().toBuffer();
    const palette = map.palette ?? new Uint8Array(0);
    expect(Array.from(map.data).flatMap((label) => Array.from(palette.subarray(label * 3, label * 3 + 3)))).toEqual(Array.from(seen));
  });

  test('grey PNGs with row filters', async () => {
    const [width, height] = [31, 17];
    const raw = Uint8Array.from({ length: width * height }, (_, i) => ((i % width) * 5 + Math.floor(i / width) * 11) % 256);
    const bytes = await sharp(raw, { raw: { width, height, channels: 1 } })
      .toColourspace('b-w')
      .png({ adaptiveFiltering: true })
      .toBuffer();
    expect(Array.from(decodeIndexPng(bytes).data)).toEqual(Array.from(raw));
  });

  test('colours, interlacing and damage are refused in words', async () => {
    const plain = { width: 8, height: 8, channels: 3 } as const;
    const raw = new Uint8Array(8 * 8 * 3);
    expect(() => decodeIndexPng(new Uint8Array(4))).toThrow('no PNG');
    const rgb = await sharp(raw, { raw: plain }).png().toBuffer();
    expect(() => decodeIndexPng(rgb)).toThrow('RGB colours');
    const interlaced = await sharp(raw, { raw: plain }).png({ palette: true, progressive: true }).toBuffer();
    expect(() => decodeIndexPng(interlaced)).toThrow('interlaced');
    const good = encodeIndexPng({ width: 9, height: 7, data: new Uint8Array(63).map((_, i) => i) });
    for (let cut = 0; cut < good.length; cut++) expect(() => decodeIndexPng(good.subarray(0, cut))).toThrow(PngError);
    for (let at = 8; at < good.length; at++) {
      const damaged = good.slice();
      damaged[at] ^= 0x41;
      expect(() => decodeIndexPng(damaged)).toThrow(PngError);
    }
  });
});

describe('masks', () => {
  test('round trip on disk', async () => {
    const folder = await scratch();
    const map = { width: 3, height: 2, data: Uint8Array.of(0, 1, 2, 255, 1, 0) };
    await writeMask(`${folder}/deep/a.png`, map);
    expect(await readMask(`${folder}/deep/a.png`, { classes: 3, size: { width: 3, height: 2 } })).toEqual(map);
  });

  test('an unknown label is named with its pixel, a wrong size with both sizes', async () => {
    const folder = await scratch();
    await writeMask(`${folder}/a.png`, { width: 3, height: 2, data: Uint8Array.of(0, 1, 2, 255, 7, 0) });
    await expect(readMask(`${folder}/a.png`, { classes: 3 })).rejects.toMatchObject({
      code: 'data-mask-class',
      file: `${folder}/a.png`,
      found: 'label 7 at column 1, row 1',
    });
    await expect(readMask(`${folder}/a.png`, { size: { width: 2, height: 3 } })).rejects.toMatchObject({
      code: 'data-mask-size',
      expected: '2 x 3 pixels, as the image',
      found: '3 x 2 pixels',
    });
    await expect(readMask(`${folder}/b.png`)).rejects.toMatchObject({ code: 'data-missing-mask' });
    await fill(folder, { 'c.png': 'no png' });
    await expect(readMask(`${folder}/c.png`)).rejects.toMatchObject({ code: 'data-bad-mask' });
  });
});
