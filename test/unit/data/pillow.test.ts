import { describe, expect, test } from 'vitest';
import { type ResizeFilter, resizeBytes, resizeFloats, roundHalfEven } from '../../../runtime/data/pillow.ts';
import { fixture } from '../../fixture.ts';

describe('resizing with the arithmetic of Pillow (irn/pil_rescale)', () => {
  const reference = fixture('irn', 'pil_rescale');
  const cases = [...reference.tensors.keys()].flatMap((name) => {
    const match = /^out\.(bicubic|nearest|bilinear)_([0-9.]+)$/.exec(name);
    return match ? [{ name, filter: match[1] as ResizeFilter, scale: Number(match[2]) }] : [];
  });

  test('the fixture holds cases of both kinds', () => {
    expect(cases.some((c) => c.filter === 'bicubic')).toBe(true);
    expect(cases.some((c) => c.filter === 'nearest')).toBe(true);
  });

  test.each(cases)('$name is equal in every value', ({ name, filter, scale }) => {
    const input = reference.get(filter === 'nearest' ? 'in.label' : 'in.image');
    const [height, width, channels = 1] = input.shape;
    const toHeight = roundHalfEven(height * scale);
    const toWidth = roundHalfEven(width * scale);
    const expected = reference.get(name);
    expect([toHeight, toWidth]).toEqual(expected.shape.slice(0, 2));
    const out = resizeBytes(Uint8Array.from(input.data), height, width, channels, toHeight, toWidth, filter);
    expect(Array.from(out)).toEqual(Array.from(expected.data));
  });
});

test('sizes are rounded half to even', () => {
  expect([0.5, 1.5, 2.5, 3.5, 2.4, 2.6].map(roundHalfEven)).toEqual([0, 2, 2, 4, 2, 3]);
});

test('float pixels: the same taps, unrounded', () => {
  const bytes = Uint8Array.from({ length: 7 * 9 }, (_, i) => (i * 53) % 256);
  for (const [h, w] of [
    [7, 9],
    [3, 4],
    [13, 20],
  ]) {
    const rounded = resizeBytes(bytes, 7, 9, 1, h, w, 'bilinear');
    const real = resizeFloats(Float32Array.from(bytes), 7, 9, 1, h, w, 'bilinear');
    rounded.forEach((value, i) => {
      expect(Math.abs(value - real[i])).toBeLessThanOrEqual(1.01);
    });
  }
});

test('a wrong number of values is refused', () => {
  expect(() => resizeBytes(new Uint8Array(5), 2, 3, 1, 2, 2, 'bicubic')).toThrow(RangeError);
});
