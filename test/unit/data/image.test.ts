import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readRgb } from '../../../runtime/data/image.ts';
import { fill, jpeg, scratch } from './scratch.ts';

test('grey, alpha, palette, 16 bits and CMYK all become RGB', async () => {
  const folder = await scratch();
  const rgba = sharp({ create: { width: 5, height: 3, channels: 4, background: { r: 200, g: 100, b: 50, alpha: 0.3 } } });
  const rgb = sharp({ create: { width: 5, height: 3, channels: 3, background: { r: 200, g: 100, b: 50 } } });
  const grey = Uint8Array.from({ length: 15 }, (_, i) => i * 17);
  await fill(folder, {
    'alpha.png': await rgba.png().toBuffer(),
    'palette.png': await rgb.clone().png({ palette: true }).toBuffer(),
    'deep.png': await rgb.clone().toColourspace('rgb16').png().toBuffer(),
    'cmyk.jpg': await rgb.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
    'grey.png': await sharp(grey, { raw: { width: 5, height: 3, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer(),
  });
  for (const name of ['alpha.png', 'palette.png', 'deep.png']) {
    const image = await readRgb(`${folder}/${name}`);
    expect([image.width, image.height, ...image.data.subarray(0, 3)]).toEqual([5, 3, 200, 100, 50]);
    expect(image.data.length).toBe(45);
  }
  expect((await readRgb(`${folder}/cmyk.jpg`)).data.length).toBe(45);
  expect(Array.from((await readRgb(`${folder}/grey.png`)).data)).toEqual(Array.from(grey).flatMap((v) => [v, v, v]));
});

test('a JPEG that is cut off anywhere is refused with its name', async () => {
  const folder = await scratch();
  const bytes = await jpeg(64, 48);
  await fill(folder, { 'whole.jpg': bytes });
  expect((await readRgb(`${folder}/whole.jpg`)).width).toBe(64);
  for (const keep of [0, 1, 100, Math.floor(bytes.length / 2), bytes.length - 20, bytes.length - 1]) {
    await fill(folder, { 'cut.jpg': bytes.subarray(0, keep) });
    await expect(readRgb(`${folder}/cut.jpg`), `${keep} bytes`).rejects.toMatchObject({
      code: keep === 1 ? 'data-bad-image' : 'data-truncated-image',
      file: `${folder}/cut.jpg`,
    });
  }
});

test('a missing image names the list and line; a text file is no image', async () => {
  const folder = await scratch();
  await expect(readRgb(`${folder}/no.jpg`, { list: 'train.txt', line: 7 })).rejects.toMatchObject({
    code: 'data-missing-image',
    file: `${folder}/no.jpg`,
    expected: 'an image file, listed at train.txt:7',
  });
  await fill(folder, { 'text.jpg': 'hello, this is no image' });
  await expect(readRgb(`${folder}/text.jpg`)).rejects.toMatchObject({ code: 'data-bad-image' });
});
