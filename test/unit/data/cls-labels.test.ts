import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { clsLabelsBytes, type ImageLabels, readClsLabels } from '../../../runtime/data/cls-labels.ts';
import { npyBytes } from '../../../runtime/data/npy.ts';
import { fill, scratch } from './scratch.ts';

const file = (name: string): string => fileURLToPath(new URL(`../../fixtures/data/${name}`, import.meta.url));

/** Reads bytes the way a data set does: from a file. */
async function reread(bytes: Uint8Array): Promise<ImageLabels> {
  const folder = await scratch();
  await fill(folder, { 'x.npy': bytes });
  return readClsLabels(join(folder, 'x.npy'));
}

describe('cls_labels.npy', () => {
  test('a file of numpy.save keeps its bytes when read and written', async () => {
    const bytes = readFileSync(file('cls_labels_protocol2.npy'));
    const labels = await readClsLabels(file('cls_labels_protocol2.npy'));
    expect(labels.size).toBeGreaterThan(1000);
    expect(Buffer.from(clsLabelsBytes(labels)).equals(bytes)).toBe(true);
  });

  test('a file of the pickle protocol that numpy.save uses today', async () => {
    const labels = await readClsLabels(file('cls_labels_today.npy'));
    expect([...labels].slice(0, 2)).toEqual([
      ['2007_000032', Float32Array.of(1, 0, 0.5)],
      ['id', Float32Array.of(0, 1, 0)],
    ]);
  });

  test('int32 keys stand for ids with an underscore', async () => {
    const labels = await readClsLabels(file('cls_labels_int_keys.npy'));
    expect([...labels.keys()]).toEqual(['2007_000032', '2011_003271']);
  });

  test.each([0, 1, 2, 999, 1000, 1001, 2001])('%i entries survive', async (count) => {
    const labels = new Map(Array.from({ length: count }, (_, i) => [`image ${i}`, Float32Array.of(i, -0.5, 1)]));
    expect(await reread(clsLabelsBytes(labels))).toEqual(labels);
  });

  test('a numeric array and vectors of unequal length are refused', async () => {
    await expect(reread(npyBytes(Float32Array.of(1), [1]))).rejects.toMatchObject({
      code: 'data-bad-tags',
      file: expect.stringMatching(/x\.npy$/),
    });
    const unequal = new Map([
      ['a', Float32Array.of(1)],
      ['b', Float32Array.of(1, 0)],
    ]);
    await expect(reread(clsLabelsBytes(unequal))).rejects.toMatchObject({ code: 'data-bad-tags' });
  });

  // The label files of published repositories are not part of the project; WSSS_VOC_LISTS names a folder that holds them.
  const lists = process.env.WSSS_VOC_LISTS ?? fileURLToPath(new URL('../../../../shared/data/voc-lists', import.meta.url));
  test.skipIf(!existsSync(lists)).each(['irn/cls_labels.npy', 'auxsegnet/cls_labels.npy', 'afa/cls_labels_onehot.npy'])(
    'published labels: %s',
    async (name) => {
      const labels = await readClsLabels(`${lists}/${name}`);
      const listed = readFileSync(`${lists}/irn/train_aug.txt`, 'utf8').trim().split(/\r?\n/);
      for (const id of listed) expect(labels.get(id)?.length).toBe(20);
      for (const vector of labels.values()) expect(vector.some((value) => value === 1)).toBe(true);
    },
  );
});
