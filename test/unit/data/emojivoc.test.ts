import { readdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readClsLabels } from '../../../runtime/data/cls-labels.ts';
import { makeEmojiVoc } from '../../../runtime/data/emojivoc/generate.ts';
import { installed } from '../../../runtime/data/emojivoc/packages.ts';
import { renderSprites } from '../../../runtime/data/emojivoc/sprites.ts';
import { openVoc } from '../../../runtime/data/voc.ts';
import { fill, scratch } from './scratch.ts';

const options = { seed: 7, train: 24, val: 6, classes: ['cat', 'car', 'boat'] } as const;

async function everyFile(root: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const path = `${entry.parentPath}/${entry.name}`;
      files.set(path.slice(root.length + 1), (await readFile(path)).toString('base64'));
    }
  }
  return files;
}

test('the same options give the same bytes, another seed gives others', async () => {
  const folder = await scratch();
  const first = await makeEmojiVoc({ ...options, out: `${folder}/a` });
  const again = await makeEmojiVoc({ ...options, out: `${folder}/b` });
  const other = await makeEmojiVoc({ ...options, seed: 8, out: `${folder}/c` });
  const bytes = await everyFile(first.root);
  expect(await everyFile(again.root)).toEqual(bytes);
  expect((await everyFile(other.root)).get('JPEGImages/train_00001.jpg')).not.toBe(bytes.get('JPEGImages/train_00001.jpg'));
  expect((await readdir(folder)).sort(), 'no temporary folder is left').toEqual(['a', 'b', 'c']);
});

test('it is a VOC folder whose tags and masks agree, licences stated', async () => {
  const folder = await scratch();
  const seen: number[] = [];
  const { root } = await makeEmojiVoc({ ...options, out: `${folder}/set`, onProgress: (done) => seen.push(done) });
  expect(seen.at(-1)).toBe(options.train + options.val);
  const data = await openVoc(root);
  expect(data.classes).toEqual(['background', ...options.classes]);
  expect([data.ids('train').length, data.ids('val').length]).toEqual([options.train, options.val]);
  expect((await readClsLabels(`${root}/cls_labels.npy`)).size).toBe(options.train + options.val);
  for (const id of [...data.ids('train'), ...data.ids('val')]) {
    const [image, mask, tags] = [await data.image(id), await data.mask(id), await data.tags(id)];
    expect([image.width, image.height]).toEqual([mask.width, mask.height]);
    expect(tags.some((value) => value === 1)).toBe(true);
    const counts = new Float64Array(data.classes.length);
    for (const label of mask.data) counts[label]++;
    expect(Array.from(tags)).toEqual(Array.from(counts.subarray(1), (count) => (count >= 20 ? 1 : 0)));
  }
  const licences = await readFile(`${root}/LICENSES.md`, 'utf8');
  for (const word of ['CC-BY-4.0', 'Apache-2.0', 'MIT', 'twemoji', 'fluent-emoji-flat']) expect(licences).toContain(word);
});

test('a complete set is used again, another one is replaced, a foreign folder is left alone', async () => {
  const folder = await scratch();
  const out = `${folder}/set`;
  expect((await makeEmojiVoc({ ...options, out })).reused).toBe(false);
  await writeFile(`${out}/witness`, 'x');
  expect((await makeEmojiVoc({ ...options, out })).reused).toBe(true);
  expect((await makeEmojiVoc({ ...options, val: 5, out })).reused).toBe(false);
  expect(await readdir(out)).not.toContain('witness');
  expect(await readdir(folder)).toEqual(['set']);
  await fill(folder, { 'mine/letter.txt': 'dear' });
  await expect(makeEmojiVoc({ ...options, out: `${folder}/mine` })).rejects.toMatchObject({ code: 'output-unwritable' });
  expect(await readdir(`${folder}/mine`)).toEqual(['letter.txt']);
});

test('an unknown class and a place that cannot be written to', async () => {
  const folder = await scratch();
  await expect(makeEmojiVoc({ ...options, classes: ['yak'], out: `${folder}/x` })).rejects.toMatchObject({ code: 'data-unknown-class' });
  await fill(folder, { file: 'x' });
  await expect(makeEmojiVoc({ ...options, out: `${folder}/file/x` })).rejects.toMatchObject({ code: 'output-unwritable' });
  expect(await readdir(folder)).toEqual(['file']);
});

test('a drawing on which the renderer ends its process costs only itself', async () => {
  const folder = await scratch();
  const icons: unknown = JSON.parse(await readFile(installed('@iconify-json/noto-v1/icons.json'), 'utf8'));
  const body = (icons as { readonly icons: Readonly<Record<string, { readonly body: string }>> }).icons['bullet-train'].body;
  const svg = (content: string): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 128 128">${content}</svg>`;
  const square = (size: number): string => svg(`<rect x="10" y="10" width="${size}" height="80" fill="#ff0000"/>`);
  const sources = [square(40), svg(body), square(60), square(60), svg('<not closed'), square(80)].map((text, i) => ({
    package: 'p',
    name: `${i}`,
    svg: text,
  }));
  const sprites = await renderSprites(sources, `${folder}/render`);
  expect(
    sprites.map((sprite) => sprite.name),
    'the aborting, the repeated and the broken drawing are left out',
  ).toEqual(['0', '2', '5']);
  const [{ width, height, data }] = sprites[0].levels;
  expect([Math.round((width / height) * 2), ...data.subarray(4 * (width + 2), 4 * (width + 3))]).toEqual([1, 255, 0, 0, 255]);
  expect(await readdir(folder)).toEqual([]);
});
