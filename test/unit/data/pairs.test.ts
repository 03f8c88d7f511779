import { expect, test } from 'vitest';
import { type Dataset, originOf } from '../../../runtime/data/dataset.ts';
import { PairIndex, type Pool } from '../../../runtime/data/pairs.ts';
import { unionOf } from '../../../runtime/data/union.ts';

/** Images by id with their tags; nothing can be read but these. */
function pool(name: string, tags: Readonly<Record<string, readonly number[]>>, classes = ['background', 'a', 'b', 'c']): Pool {
  const ids = Object.keys(tags);
  const dataset: Dataset = {
    name,
    root: `/${name}`,
    classes,
    classCount: classes.length - 1,
    hasMasks: false,
    splits: () => ['train'],
    ids: () => ids,
    image: async () => ({ width: 1, height: 1, data: Uint8Array.of(0, 0, 0) }),
    tags: async (id) => Float32Array.from(tags[id]),
    mask: async () => ({ width: 1, height: 1, data: Uint8Array.of(0) }),
    fingerprint: async () => name,
  };
  return { dataset, ids };
}

const main = pool('main', { both: [1, 1, 0], a1: [1, 0, 0], a2: [1, 0, 0], b1: [0, 1, 0], alone: [0, 0, 1] });

async function counts(index: PairIndex, dataset: Dataset, id: string, draws = 3000): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (let epoch = 0; epoch < draws; epoch++) {
    const partner = await index.partner({ seed: 7, epoch, id, dataset });
    const key = originOf(partner.dataset, partner.id).split('\n').join(':');
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return found;
}

/** Pearson's statistic over the shares that are expected; anything drawn that is not expected fails. */
function chiSquare(found: ReadonlyMap<string, number>, shares: Readonly<Record<string, number>>): number {
  const total = [...found.values()].reduce((sum, n) => sum + n, 0);
  expect([...found.keys()].filter((key) => !(key in shares))).toEqual([]);
  return Object.entries(shares).reduce((sum, [key, share]) => sum + ((found.get(key) ?? 0) - share * total) ** 2 / (share * total), 0);
}

test('a class of the image uniformly, then an image of it uniformly; the image itself may be drawn', async () => {
  const index = new PairIndex(main, { name: 'other', self: true });
  // Class a (both, a1, a2) or b (both, b1), each with one half.
  const shares = { '/main:both': 1 / 6 + 1 / 4, '/main:a1': 1 / 6, '/main:a2': 1 / 6, '/main:b1': 1 / 4 };
  // Three degrees of freedom: 16.3 is passed once in a thousand; the seed is fixed.
  expect(chiSquare(await counts(index, main.dataset, 'both'), shares)).toBeLessThan(16.3);
  expect(await counts(index, main.dataset, 'alone', 5)).toEqual(new Map([['/main:alone', 5]]));
});

test('self: forbidden leaves the image out, and a class that has no other', async () => {
  const index = new PairIndex(main, { name: 'other', self: false });
  const shares = { '/main:a1': 1 / 4, '/main:a2': 1 / 4, '/main:b1': 1 / 2 };
  expect(chiSquare(await counts(index, main.dataset, 'both'), shares)).toBeLessThan(13.9);
  await expect(index.partner({ seed: 1, epoch: 0, id: 'alone', dataset: main.dataset })).rejects.toMatchObject({
    code: 'data-no-partner',
    message: expect.stringContaining("'alone'"),
  });
});

test('a union draws from all its images by class, and knows an image by where it lies', async () => {
  const web = pool('web', { both: [0, 0, 1], w: [0, 0, 1] });
  const union = unionOf([main, web]);
  expect(union.ids).toEqual(['both', 'a1', 'a2', 'b1', 'alone', 'web:both', 'web:w']);
  expect(Array.from(await union.dataset.tags('web:both'))).toEqual([0, 0, 1]);
  const index = new PairIndex(union, { name: 'other', self: false });
  // The image is trained on as one of the first set, and drawn from the union: it is the same image.
  expect(chiSquare(await counts(index, main.dataset, 'alone'), { '/web:both': 0.5, '/web:w': 0.5 })).toBeLessThan(10.8);
  const shares = { '/main:alone': 0.5, '/web:w': 0.5 };
  expect(chiSquare(await counts(index, union.dataset, 'web:both'), shares)).toBeLessThan(10.8);
});

test('draws depend on seed, epoch, image and name, and on nothing asked before', async () => {
  const many = pool('many', Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`i${i}`, [1, 0, 0]])));
  const of = async (index: PairIndex, seed: number, epoch: number, ids: readonly string[]): Promise<readonly string[]> =>
    Promise.all(ids.map(async (id) => (await index.partner({ seed, epoch, id, dataset: many.dataset })).id));
  const fresh = (name = 'other'): PairIndex => new PairIndex(many, { name, self: true });
  const first = await of(fresh(), 1, 0, many.ids);
  const backwards = await of(fresh(), 1, 0, [...many.ids].reverse());
  expect([...backwards].reverse()).toEqual(first);
  expect(await of(fresh(), 2, 0, many.ids)).not.toEqual(first);
  expect(await of(fresh(), 1, 1, many.ids)).not.toEqual(first);
  expect(await of(fresh('third'), 1, 0, many.ids)).not.toEqual(first);
});

test('data sets with other classes cannot be drawn together', () => {
  const other = pool('other', { x: [1, 0, 0] }, ['background', 'a', 'c', 'b']);
  expect(() => unionOf([main, other])).toThrow(expect.objectContaining({ code: 'data-other-classes', expected: 'class 2: b', found: 'c' }));
});
