import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../../runtime/data/dataset.ts';
import type { RgbImage } from '../../../runtime/data/image.ts';
import type { LabelMap } from '../../../runtime/data/mask.ts';
import { resizeBytes } from '../../../runtime/data/pillow.ts';
import { type BatchPart, makeBatch } from '../../../runtime/data/views/batch.ts';
import { parseViewProgram, type ViewProgram } from '../../../runtime/data/views/program.ts';
import { renderViews } from '../../../runtime/data/views/render.ts';
import type { ViewStep } from '../../../runtime/data/views/steps.ts';

/** Red holds the column, green the row, blue a constant, so that geometry can be read from pixels. */
function coordinates(width: number, height: number): RgbImage {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => [Math.floor(i / 3) % width, Math.floor(Math.floor(i / 3) / width), 200][i % 3],
  );
  return { width, height, data };
}

function checker(width: number, height: number): LabelMap {
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => (i * 7 + Math.floor(i / width)) % 5) };
}

const one = (...steps: readonly ViewStep[]): ViewProgram => parseViewProgram({ views: [{ name: 'v', from: 'source', steps }] });
const render = (program: ViewProgram, image: RgbImage, labels?: LabelMap, epoch = 0, id = 'id') => {
  const view = renderViews(program, { source: { image, ...(labels && { mask: labels.data }) } }, { seed: 5, epoch, id }).get('v');
  if (!view) throw new Error('no view');
  return view;
};

describe('views', () => {
  test('without steps: the image, inside everywhere', () => {
    const view = render(one(), coordinates(4, 3), checker(4, 3));
    expect(Array.from(view.image)).toEqual(Array.from(coordinates(4, 3).data));
    expect(view.inside.every((value) => value === 1)).toBe(true);
    expect(Array.from(view.mask ?? [])).toEqual(Array.from(checker(4, 3).data));
  });

  test('long_side: reaches both ends of its range and keeps the proportions', () => {
    const sizes = new Set<number>();
    for (let epoch = 0; epoch < 60; epoch++) {
      const view = render(one({ op: 'long_side', from: 20, to: 23 }), coordinates(10, 16), undefined, epoch);
      sizes.add(view.height);
      expect(view.width).toBe({ 20: 12, 21: 13, 22: 14, 23: 14 }[view.height]);
    }
    expect([...sizes].sort()).toEqual([20, 21, 22, 23]);
  });

  test('the recipe of SIPE: zeros after normalisation, inside where the image is, 255 in the mask', () => {
    const program = one(
      { op: 'long_side', from: 10, to: 30 },
      { op: 'normalize', preset: 'imagenet' },
      { op: 'flip', p: 0.5 },
      { op: 'crop', size: 20, pad: 'zero' },
    );
    const image = coordinates(16, 12);
    let padded = 0;
    let corners = 0;
    for (let epoch = 0; epoch < 40; epoch++) {
      const view = render(program, image, checker(16, 12), epoch);
      expect([view.height, view.width]).toEqual([20, 20]);
      view.inside.forEach((inside, i) => {
        if (inside === 1) return;
        padded++;
        expect(Array.from(view.image.subarray(i * 3, i * 3 + 3))).toEqual([0, 0, 0]);
        expect(view.mask?.[i]).toBe(255);
      });
      if (view.inside[0] === 0 && view.inside.at(-1) === 0) corners++;
      // Blue is constant in the image.
      const blue = (200 / 255 - 0.406) / 0.225;
      view.inside.forEach((inside, i) => {
        if (inside) expect(view.image[i * 3 + 2]).toBeCloseTo(blue, 5);
      });
    }
    expect(padded).toBeGreaterThan(0);
    expect(corners, 'small images lie at random offsets').toBeGreaterThan(0);
  });

  test('padding is zero whether normalisation comes before or after it', () => {
    const crop: ViewStep = { op: 'crop', size: 6, place: 'top_left' };
    const normalize: ViewStep = { op: 'normalize', preset: 'signed' };
    expect(render(one(crop, normalize), coordinates(4, 3)).image).toEqual(render(one(normalize, crop), coordinates(4, 3)).image);
  });

  test('masks follow the geometry with nearest neighbour', () => {
    const view = render(one({ op: 'square', size: 9 }), coordinates(6, 4), checker(6, 4));
    expect(Array.from(view.mask ?? [])).toEqual(Array.from(resizeBytes(checker(6, 4).data, 4, 6, 1, 9, 9, 'nearest')));
  });

  test('geometry leads every inside pixel back to its source', () => {
    const image = coordinates(40, 30);
    const program = one({ op: 'flip', p: 0.5 }, { op: 'crop', height: 20, width: 50 }, { op: 'shift', pixels: 3 }, { op: 'flip', p: 0.5 });
    for (let epoch = 0; epoch < 20; epoch++) {
      const { geometry: g, ...view } = render(program, image, undefined, epoch);
      for (let y = 0; y < view.height; y++) {
        for (let x = 0; x < view.width; x++) {
          const at = y * view.width + x;
          if (view.inside[at] === 0) continue;
          expect(g.scaleX * (x + 0.5) + g.offsetX - 0.5).toBeCloseTo(view.image[at * 3], 6);
          expect(g.scaleY * (y + 0.5) + g.offsetY - 0.5).toBeCloseTo(view.image[at * 3 + 1], 6);
        }
      }
    }
    const scaled = render(one({ op: 'resize', height: 15, width: 20, filter: 'bilinear' }), image).geometry;
    expect([scaled.scaleX, scaled.scaleY, scaled.offsetX, scaled.offsetY]).toEqual([2, 2, 0, 0]);
  });

  test('reflection mirrors without repeating the border and counts as image', () => {
    const view = render(one({ op: 'crop', height: 1, width: 9, pad: 'reflect', place: 'centre' }), coordinates(3, 1), checker(3, 1));
    expect(Array.from({ length: 9 }, (_, x) => view.image[x * 3])).toEqual([1, 2, 1, 0, 1, 2, 1, 0, 1].map((v) => v));
    expect(view.inside.every((value) => value === 1)).toBe(true);
  });

  test('channel_jitter: one factor, an offset a channel, before normalize only', () => {
    const image = coordinates(8, 8);
    const view = render(one({ op: 'channel_jitter', contrast: 0.15, channel: 0.15 }), image);
    const gain = view.image[3] - view.image[0];
    expect(Math.abs(gain - 1)).toBeLessThanOrEqual(0.15);
    const offsets = [0, 1, 2].map((c) => view.image[c] - gain * image.data[c]);
    for (const offset of offsets) expect(Math.abs(offset)).toBeLessThanOrEqual(0.15 * 255 + 1e-3);
    expect(new Set(offsets).size).toBe(3);
    view.image.forEach((value, i) => {
      expect(value).toBeCloseTo(gain * image.data[i] + offsets[i % 3], 2);
    });
    expect(() => render(one({ op: 'normalize', preset: 'signed' }, { op: 'channel_jitter', contrast: 0.1, channel: 0 }), image)).toThrow(
      RangeError,
    );
  });

  test('normalisation: given constants, and signed', () => {
    const image: RgbImage = { width: 1, height: 1, data: Uint8Array.of(0, 127, 255) };
    const signed = render(one({ op: 'normalize', preset: 'signed' }), image).image;
    [-1, 127 / 127.5 - 1, 1].forEach((value, i) => {
      expect(signed[i]).toBeCloseTo(value, 6);
    });
    const own = render(one({ op: 'normalize', mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2] }), image).image;
    [(0 - 0.1) / 0.5, (127 / 255 - 0.2) / 0.25, (1 - 0.3) / 2].forEach((value, i) => {
      expect(own[i]).toBeCloseTo(value, 5);
    });
  });

  test('a view made from another shares its draws; two views of the source do not', () => {
    const program = parseViewProgram({
      views: [
        { name: 'base', from: 'source', steps: [{ op: 'crop', size: 8 }] },
        { name: 'same', from: 'base', steps: [] },
        { name: 'other', from: 'source', steps: [{ op: 'crop', size: 8 }] },
      ],
    });
    let different = 0;
    for (let epoch = 0; epoch < 10; epoch++) {
      const views = renderViews(program, { source: { image: coordinates(60, 60) } }, { seed: 1, epoch, id: 'x' });
      expect(views.get('same')?.image).toEqual(views.get('base')?.image);
      if (views.get('other')?.image[0] !== views.get('base')?.image[0]) different++;
    }
    expect(different).toBeGreaterThan(0);
  });

  test.each([
    [{ views: [{ name: 'v', from: 'w', steps: [] }] }],
    [{ views: [{ name: 'v', from: 'source', steps: [{ op: 'blur' }] }] }],
    [{ views: [{ name: 'v', from: 'source', steps: [{ op: 'toString' }] }] }],
    [{ views: [{ name: 'v', from: 'source', steps: [{ op: 'square', size: -1 }] }] }],
    [{ views: [{ name: 'v', from: 'source', steps: [{ op: 'square', size: 4, sice: 4 }] }] }],
    [{ views: [{ name: 'v', from: 'source', steps: [{ op: 'long_side', from: 5, to: 4 }] }] }],
    [{ views: [{ name: 'v', from: 'source', steps: [{ op: 'crop' }] }] }],
    [{ views: [{ name: 'v', from: 'source', steps: [{ op: 'normalize' }] }] }],
    [{ views: 3 }],
  ])('%j is refused', (program) => {
    expect(() => parseViewProgram(program)).toThrow(expect.objectContaining({ code: 'data-bad-view' }));
  });
});

describe('batches', () => {
  const read: string[] = [];
  const dataset: Dataset = {
    name: 'coordinates',
    root: '',
    classes: ['background', 'a', 'b'],
    classCount: 2,
    hasMasks: true,
    splits: () => ['train'],
    ids: () => ['p', 'q', 'r'],
    image: async (id) => coordinates(20 + id.charCodeAt(0) - 112, 24),
    tags: async (id) => Float32Array.of(id === 'p' ? 1 : 0, 1),
    mask: async (id) => {
      read.push(id);
      return checker(20 + id.charCodeAt(0) - 112, 24);
    },
    fingerprint: async () => '',
  };
  const program = one({ op: 'flip', p: 0.5 }, { op: 'crop', size: 16 });
  const part = (name: BatchPart['part']): BatchPart => ({ view: 'v', part: name });

  test('shapes and parts; masks are read only when wanted', async () => {
    const batch = await makeBatch(dataset, ['p', 'q'], program, {
      seed: 1,
      epoch: 0,
      parts: [part('image'), part('inside'), { view: 'source', part: 'tags' }],
    });
    expect([...batch.tensors].map(([name, tensor]) => [name, tensor.shape])).toEqual([
      ['v.image', [2, 16, 16, 3]],
      ['v.inside', [2, 16, 16, 1]],
      ['source.tags', [2, 2]],
    ]);
    expect(read).toEqual([]);
    expect(Array.from(batch.tensors.get('source.tags')?.data ?? [])).toEqual([1, 1, 0, 1]);
    const masks = await makeBatch(dataset, ['p', 'q'], program, { seed: 1, epoch: 0, parts: [part('mask')] });
    expect(masks.tensors.get('v.mask')?.shape).toEqual([2, 16, 16]);
  });

  test('an image has the same view in every batch', async () => {
    const request = { seed: 1, epoch: 3, parts: [part('image')] };
    const all = await makeBatch(dataset, ['p', 'q', 'r'], program, request);
    const alone = await makeBatch(dataset, ['q'], program, request);
    const size = 16 * 16 * 3;
    expect(all.tensors.get('v.image')?.data.subarray(size, 2 * size)).toEqual(alone.tensors.get('v.image')?.data);
  });

  test('views of different sizes cannot share a batch', async () => {
    await expect(makeBatch(dataset, ['p', 'q'], one(), { seed: 1, epoch: 0, parts: [part('image')] })).rejects.toMatchObject({
      code: 'data-bad-view',
    });
  });
});
