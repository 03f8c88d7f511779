import { existsSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { clsLabelsBytes } from '../../../runtime/data/cls-labels.ts';
import { parseList } from '../../../runtime/data/lists.ts';
import { tagsOfXml } from '../../../runtime/data/tags.ts';
import { openVoc, VOC_CLASSES } from '../../../runtime/data/voc.ts';
import { fill, jpeg, png, scratch } from './scratch.ts';

async function small(): Promise<string> {
  const root = await scratch();
  await fill(root, {
    'classes.txt': 'background\r\ncat\r\ndog\r\n',
    'ImageSets/Segmentation/train.txt': 'a\nb\n\n',
    'ImageSets/Segmentation/val.txt': '/JPEGImages/c.jpg /SegmentationClassAug/c.png\r\n',
    'JPEGImages/a.jpg': await jpeg(8, 6),
    'JPEGImages/b.jpg': await jpeg(6, 8),
    'JPEGImages/c.jpg': await jpeg(5, 5),
    'SegmentationClass/a.png': png(8, 6, (x) => (x < 4 ? 0 : 2)),
    'SegmentationClass/b.png': png(6, 8, () => 255),
    'SegmentationClass/c.png': png(5, 5, () => 1),
    'cls_labels.npy': clsLabelsBytes(
      new Map([
        ['a', Float32Array.of(0, 1)],
        ['b', Float32Array.of(1, 1)],
        ['c', Float32Array.of(1, 0)],
      ]),
    ),
  });
  return root;
}

describe('a folder of VOC layout', () => {
  test('lists, classes, tags, images and masks', async () => {
    const data = await openVoc(await small());
    expect(data.classes).toEqual(['background', 'cat', 'dog']);
    expect([data.classCount, data.hasMasks, data.splits(), data.ids('train'), data.ids('val')]).toEqual([
      2,
      true,
      ['train', 'val'],
      ['a', 'b'],
      ['c'],
    ]);
    expect(await data.tags('b')).toEqual(Float32Array.of(1, 1));
    expect(await data.image('a')).toMatchObject({ width: 8, height: 6 });
    expect(Array.from((await data.mask('a')).data.subarray(0, 8))).toEqual([0, 0, 0, 0, 2, 2, 2, 2]);
  });

  test('the fingerprint follows the content, not the place', async () => {
    const root = await small();
    const first = await (await openVoc(root)).fingerprint();
    const copy = await scratch();
    await cp(root, copy, { recursive: true });
    expect(await (await openVoc(copy)).fingerprint()).toBe(first);
    await fill(copy, { 'ImageSets/Segmentation/train.txt': 'b\na\n' });
    const second = await (await openVoc(copy)).fingerprint();
    await fill(copy, { 'cls_labels.npy': clsLabelsBytes(new Map([['a', Float32Array.of(1, 1)]])) });
    const third = await (await openVoc(copy)).fingerprint();
    expect(new Set([first, second, third]).size).toBe(3);
  });

  test('what is wrong is named with its file', async () => {
    const root = await small();
    const expectError = async (
      files: Readonly<Record<string, string | Uint8Array>>,
      use: (root: string) => Promise<unknown>,
      found: object,
    ): Promise<void> => {
      const copy = await scratch();
      await cp(root, copy, { recursive: true });
      await fill(copy, files);
      const actual = await use(copy).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(actual).toMatchObject(found);
      expect(actual).toMatchObject({ hint: expect.stringMatching(/\.$/) });
    };
    const train = 'ImageSets/Segmentation/train.txt';
    await expectError({ [train]: 'a\nzebra\n' }, async (r) => (await openVoc(r)).image('zebra'), {
      code: 'data-missing-image',
      file: expect.stringMatching(/zebra\.jpg$/),
      expected: expect.stringMatching(/train\.txt:2$/),
    });
    await expectError({ [train]: '\r\n \n' }, async (r) => (await openVoc(r)).ids('train'), {
      code: 'data-empty-list',
      file: expect.stringMatching(/train\.txt$/),
    });
    await expectError({}, async (r) => (await openVoc(r)).ids('test'), { code: 'data-missing-list', expected: 'one of train, val' });
    await expectError({ 'SegmentationClass/a.png': png(4, 4, () => 0) }, async (r) => (await openVoc(r)).mask('a'), {
      code: 'data-mask-size',
    });
    await expectError({ 'SegmentationClass/a.png': png(8, 6, () => 3) }, async (r) => (await openVoc(r)).mask('a'), {
      code: 'data-mask-class',
      found: 'label 3 at column 0, row 0',
    });
    await expectError({ 'JPEGImages/a.jpg': (await jpeg(8, 6)).subarray(0, 300) }, async (r) => (await openVoc(r)).image('a'), {
      code: 'data-truncated-image',
    });
    await expectError({ 'classes.txt': 'background\ncat\ncat\n' }, openVoc, { code: 'data-unknown-class' });
    await expectError({ 'classes.txt': 'background\ncat\n' }, async (r) => (await openVoc(r)).tags('a'), { code: 'data-bad-tags' });
    await expectError({ [train]: 'a\nq\n' }, async (r) => (await openVoc(r)).tags('q'), { code: 'data-missing-tags' });
    await expectError({}, (r) => openVoc(`${r}/none`), { code: 'data-missing-root' });
  });

  test('without labels: tags come from annotations, from masks only when asked', async () => {
    const root = await scratch();
    await fill(root, {
      'ImageSets/Segmentation/train.txt': 'a\n',
      'JPEGImages/a.jpg': await jpeg(8, 6),
      'SegmentationClass/a.png': png(8, 6, (x) => [0, 8, 12, 255][x % 4]),
    });
    const closed = await openVoc(root);
    expect(closed.classes).toEqual(VOC_CLASSES);
    await expect(closed.tags('a')).rejects.toMatchObject({ code: 'data-missing-tags' });
    const asked = await openVoc(root, { tagsFromMasks: true });
    expect(Array.from(await asked.tags('a')).flatMap((value, i) => (value ? [VOC_CLASSES[i + 1]] : []))).toEqual(['cat', 'dog']);
    await fill(root, { 'Annotations/a.xml': '<annotation><object><name>sofa</name></object></annotation>' });
    expect((await (await openVoc(root, { tagsFromMasks: true })).tags('a')).indexOf(1)).toBe(VOC_CLASSES.indexOf('sofa') - 1);
  });
});

test('parts of objects are no tags, unknown objects are refused', () => {
  const xml = '<object><part><name>head</name></part><name>person</name></object><object><name> dog </name></object>';
  const tags = tagsOfXml(xml, 'a.xml', ['background', 'dog', 'cat', 'person']);
  expect(Array.from(tags)).toEqual([1, 0, 1]);
  expect(() => tagsOfXml('<object><name>yak</name></object>', 'a.xml', ['background', 'dog'])).toThrow(
    expect.objectContaining({ code: 'data-unknown-class' }),
  );
});

describe('a look at the files without decoding them', () => {
  const inspect = async (files: Parameters<typeof fill>[1], masks: boolean): Promise<unknown> => {
    const root = await small();
    await fill(root, files);
    const data = await openVoc(root);
    return data.inspect?.(['a', 'b', 'c'], { masks, saliency: false }).then(
      () => 'sound',
      (error: unknown) => error,
    );
  };
  test('sound data is sound', async () => {
    expect(await inspect({}, false)).toBe('sound');
    expect(await inspect({}, true)).toBe('sound');
  });
  test.each([
    ['an image cut off', 'data-truncated-image', false, async () => ({ 'JPEGImages/b.jpg': (await jpeg(60, 80)).subarray(0, 500) })],
    [
      'an image cut off within its header',
      'data-truncated-image',
      false,
      async () => ({ 'JPEGImages/b.jpg': (await jpeg(6, 8)).subarray(0, 20) }),
    ],
    [
      'no image',
      'data-bad-image',
      false,
      async () => ({ 'JPEGImages/b.jpg': Buffer.from('a text of more than a few letters, all of them words') }),
    ],
    ['a mask of another size', 'data-mask-size', true, async () => ({ 'SegmentationClass/c.png': png(5, 6, () => 1) })],
    ['a mask cut off', 'data-bad-mask', true, async () => ({ 'SegmentationClass/c.png': Buffer.from(png(5, 5, () => 1)).subarray(0, 60) })],
    ['colours for a mask', 'data-bad-mask', true, async () => ({ 'SegmentationClass/c.png': await jpeg(5, 5) })],
  ])('%s: %s', async (_, code, masks, files) => {
    expect(await inspect(await files(), masks)).toMatchObject({ code });
    if (masks) expect(await inspect(await files(), false)).toBe('sound');
  });
  test('what only looks wrong is read, and passes', async () => {
    // Some writers leave bytes behind the end marker.
    const padded = Buffer.concat([await jpeg(6, 8), Buffer.alloc(100)]);
    expect(await inspect({ 'JPEGImages/b.jpg': padded }, true)).toBe('sound');
  });
});

describe('lists', () => {
  test('both styles, any line ending', () => {
    expect(parseList('2007_000032\r\n\r\n2007_000039', 'l').map((entry) => [entry.id, entry.line])).toEqual([
      ['2007_000032', 1],
      ['2007_000039', 3],
    ]);
    expect(parseList('/JPEGImages/a.jpg /SegmentationClassAug/a.png\n', 'l')).toEqual([
      { id: 'a', line: 1, image: 'JPEGImages/a.jpg', mask: 'SegmentationClassAug/a.png' },
    ]);
    expect(parseList('000000057870\n', 'l')[0].id).toBe('000000057870');
  });

  test.each([
    '../a',
    'JPEGImages/../../a.jpg',
    '/etc/secret/a.jpg',
    'C:/a.jpg',
    'C:\\a.jpg',
    '..\\a',
    'a//b.jpg',
    '/JPEGImages/a.jpg ../../m.png',
  ])('%s cannot leave the root', (line) => {
    expect(() => parseList(`ok\n${line}\n`, 'train.txt')).toThrow(
      expect.objectContaining({ code: 'data-path-escapes-root', file: 'train.txt', line: 2 }),
    );
  });

  test('repeated ids are reported with both lines', () => {
    expect(() => parseList('a\nb\na\n', 'train.txt')).toThrow(
      expect.objectContaining({ code: 'data-bad-list', line: 3, found: "the id 'a' again (first on line 1)" }),
    );
  });

  const lists = process.env.WSSS_VOC_LISTS ?? fileURLToPath(new URL('../../../../shared/data/voc-lists', import.meta.url));
  test.skipIf(!existsSync(lists)).each([
    ['irn/train_aug.txt', 10582],
    ['sipe/trainaug_voc.txt', 10582],
    ['1-stage-wseg/train_augvoc.txt', 10582],
    ['1-stage-wseg/val_voc.txt', 1449],
    ['sipe/val_voc.txt', 1449],
    ['sipe/train_coco.txt', 82081],
    ['ws-fcn/train14_new.txt', 82081],
    ['auxsegnet/test.txt', 1456],
  ])('published list %s', (name, count) => {
    expect(parseList(readFileSync(`${lists}/${name}`, 'utf8'), name)).toHaveLength(count);
  });
});
