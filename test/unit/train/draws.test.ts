/** Random inputs depend on seed, step, image and name, and on nothing else: several workers, and a run that goes on, draw what one run draws. */
import { describe, expect, test } from 'vitest';
import type { GraphPort } from '../../../runtime/program.ts';
import { drawInputs, type HostTensor } from '../../../runtime/train/device.ts';
import { contiguousParts } from '../../../runtime/train/order.ts';

const ports: readonly GraphPort[] = [
  { role: 'draw', name: 'drop', dtype: 'f32', shape: ['N', 4, 'K'] },
  { role: 'draw', name: 'other', dtype: 'f32', shape: ['N', 4, 'K'] },
  { role: 'draw', name: 'shared', dtype: 'f32', shape: [6] },
  { role: 'batch', name: 'image', dtype: 'f32', shape: ['N', 3] },
];
const ids = ['a', 'b', 'c', 'd', 'e'];

function drawn(images: readonly string[], step = 7, seed = 3): Readonly<Record<string, HostTensor>> {
  return drawInputs(ports, { seed, step, ids: images, dims: { N: images.length, K: 3 }, batchDim: 'N' });
}
/** The numbers of one image. */
function rowsOf(tensor: HostTensor): readonly (readonly number[])[] {
  const [images] = tensor.shape;
  const each = tensor.data.length / images;
  return Array.from({ length: images }, (_, i) => [...tensor.data.slice(i * each, (i + 1) * each)]);
}

describe('random inputs', () => {
  test('have the shape of their port and lie in [0, 1)', () => {
    const { drop, shared, ...rest } = drawn(ids);
    expect([drop.shape, shared.shape, Object.keys(rest)]).toEqual([[5, 4, 3], [6], ['other']]);
    for (const value of drop.data) expect(value >= 0 && value < 1).toBe(true);
    expect(new Set(drop.data).size).toBeGreaterThan(0.9 * drop.data.length);
  });

  test('every image has numbers of its own', () => {
    expect(new Set(rowsOf(drawn(ids).drop).map(String)).size).toBe(ids.length);
  });

  test('an image keeps its numbers in any order and any part of the batch', () => {
    const whole = rowsOf(drawn(ids).drop);
    expect(rowsOf(drawn([...ids].reverse()).drop)).toEqual([...whole].reverse());
    expect(contiguousParts(ids, 2).flatMap((part) => rowsOf(drawn(part).drop))).toEqual(whole);
  });

  test('what no image owns is the same in every part', () => {
    for (const part of contiguousParts(ids, 2)) expect(drawn(part).shared).toEqual(drawn(ids).shared);
  });

  test.each(['drop', 'shared'])('another step and another seed give other numbers for %s, the same ones the same', (name) => {
    const first = drawn(ids)[name].data;
    expect(drawn(ids)[name].data).toEqual(first);
    expect(drawn(ids, 8)[name].data).not.toEqual(first);
    expect(drawn(ids, 7, 4)[name].data).not.toEqual(first);
  });

  test('two inputs of one graph are drawn apart', () => {
    const { drop, other } = drawn(ids);
    expect(other.data).not.toEqual(drop.data);
  });
});
