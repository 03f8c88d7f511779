/** A folder in VOC layout with pictures of one or two flat colours, made in a moment; class c + 1 is the colour c. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { clsLabelsBytes } from '../../../runtime/data/cls-labels.ts';
import { writeMask } from '../../../runtime/data/mask.ts';
import { draws } from '../../../runtime/random/counter.ts';

const COLOURS = [
  [220, 40, 40],
  [40, 60, 220],
] as const;

export interface ToyVoc {
  readonly root: string;
  readonly ids: Readonly<Record<'train' | 'val', readonly string[]>>;
}

/** `width` x `height` pictures: grey, with a rectangle of the class's colour. */
export async function makeToyVoc(
  root: string,
  counts: { readonly train: number; readonly val: number },
  width = 12,
  height = 10,
): Promise<ToyVoc> {
  for (const folder of ['JPEGImages', 'SegmentationClass', 'ImageSets/Segmentation']) await mkdir(join(root, folder), { recursive: true });
  const labels = new Map<string, Float32Array>();
  const ids = { train: [] as string[], val: [] as string[] };
  for (const split of ['train', 'val'] as const) {
    for (let n = 0; n < counts[split]; n++) {
      const id = `${split}_${n}`;
      ids[split].push(id);
      const stream = draws({ seed: 1, step: 0, image: id, name: 'toy' });
      const label = n % 2;
      const left = stream.integer(0, 0, width - 7);
      const top = stream.integer(1, 0, height - 6);
      const data = new Uint8Array(width * height * 3).fill(128);
      const mask = new Uint8Array(width * height);
      for (let y = top; y < top + 6; y++) {
        for (let x = left; x < left + 7; x++) {
          mask[y * width + x] = label + 1;
          data.set(COLOURS[label], 3 * (y * width + x));
        }
      }
      labels.set(
        id,
        Float32Array.from(COLOURS, (_, c) => (c === label ? 1 : 0)),
      );
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(join(root, 'JPEGImages', `${id}.png`));
      await writeMask(join(root, 'SegmentationClass', `${id}.png`), { width, height, data: mask });
    }
    await writeFile(join(root, 'ImageSets/Segmentation', `${split}.txt`), ids[split].map((id) => `${id}\n`).join(''));
  }
  await writeFile(join(root, 'cls_labels.npy'), clsLabelsBytes(labels));
  await writeFile(join(root, 'classes.txt'), 'background\nred\nblue\n');
  return { root, ids };
}
