import { describe, expect, test } from 'vitest';
import { draws, hashString, type Philox4, permutation, philox4x32 } from '../../../runtime/random/counter.ts';

describe('Philox4x32-10', () => {
  // kat_vectors of Random123 (D. E. Shaw Research): counter, key, answer.
  const vectors: readonly (readonly [Philox4, readonly [number, number], Philox4])[] = [
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];
  test.each(vectors)('counter %s', (counter, key, answer) => {
    expect(philox4x32(counter, key)).toEqual(answer);
  });
});

test('the 64-bit FNV-1a of the code units agrees with big integers', () => {
  for (const text of ['', 'a', '2007_000032', 'é日']) {
    let expected = 0xcbf29ce484222325n;
    for (const unit of text.split('').map((c) => c.charCodeAt(0))) {
      for (const byte of [unit & 0xff, unit >>> 8]) expected = ((expected ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
    }
    const [low, high] = hashString(text);
    expect((BigInt(high) << 32n) | BigInt(low)).toBe(expected);
  }
});

describe('draws', () => {
  const key = { seed: 3, step: 7, image: '2007_000032', name: 'view.0.flip' };

  test('depend on every part of the key and on nothing else', () => {
    const value = draws(key).uniform(0);
    expect(draws({ ...key }).uniform(0)).toBe(value);
    const others = [
      draws({ ...key, seed: 4 }),
      draws({ ...key, seed: 3 + 2 ** 32 }),
      draws({ ...key, step: 8 }),
      draws({ ...key, step: 7 + 2 ** 33 }),
      draws({ ...key, image: '2007_000033' }),
      draws({ ...key, name: 'view.1.flip' }),
      draws({ ...key, image: key.name, name: key.image }),
    ].map((stream) => stream.uniform(0));
    expect(new Set([value, ...others, draws(key).uniform(1)]).size).toBe(others.length + 2);
  });

  test('do not depend on the order of the calls', () => {
    const forward = [0, 1, 2, 3].map((i) => draws(key).uniform(i));
    const stream = draws(key);
    const backward = [3, 2, 1, 0].map((i) => stream.uniform(i)).reverse();
    expect(backward).toEqual(forward);
  });

  test('have the moments of their distributions', () => {
    const n = 40000;
    const uniforms = Array.from({ length: n }, (_, i) => draws(key).uniform(i));
    expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniforms)).toBeLessThan(1);
    expect(mean(uniforms)).toBeCloseTo(0.5, 2);
    for (const normals of [Array.from({ length: n }, (_, i) => draws(key).normal(i)), Array.from(draws(key).normals(n))]) {
      expect(Math.abs(mean(normals))).toBeLessThan(0.02);
      expect(Math.abs(mean(normals.map((v) => v * v)) - 1)).toBeLessThan(0.03);
      expect(Math.abs(mean(normals.map((v) => v ** 3)))).toBeLessThan(0.06);
    }
    const flat = draws(key).uniforms(n);
    expect(mean(Array.from(flat))).toBeCloseTo(0.5, 2);
    expect(Math.max(...flat)).toBeLessThan(1);
    expect(mean(Array.from({ length: n }, (_, i) => Number(draws(key).bernoulli(i, 0.2))))).toBeCloseTo(0.2, 1);
  });

  test('integers reach both ends equally often', () => {
    const counts = new Map<number, number>();
    const stream = draws(key);
    for (let i = 0; i < 6000; i++) counts.set(stream.integer(i, -1, 4), (counts.get(stream.integer(i, -1, 4)) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2, 3, 4]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(160);
  });

  test('a longer tensor begins with the shorter one', () => {
    expect(Array.from(draws(key).normals(10).subarray(0, 7))).toEqual(Array.from(draws(key).normals(7)));
    expect(Array.from(draws(key).uniforms(10).subarray(0, 6))).toEqual(Array.from(draws(key).uniforms(6)));
  });

  test('what is not an index is refused', () => {
    expect(() => draws({ ...key, seed: -1 })).toThrow(RangeError);
    expect(() => draws({ ...key, step: 0.5 })).toThrow(RangeError);
    expect(() => draws(key).integer(0, 2, 1)).toThrow(RangeError);
  });
});

test('a permutation holds every index once, and another step gives another order', () => {
  const key = { seed: 1, step: 0, image: '', name: 'shuffle' };
  const order = permutation(101, key);
  expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: 101 }, (_, i) => i));
  expect(permutation(101, key)).toEqual(order);
  expect(permutation(101, { ...key, step: 1 })).not.toEqual(order);
  // Every element is equally likely to come first.
  const first = new Array<number>(5).fill(0);
  for (let step = 0; step < 5000; step++) first[permutation(5, { ...key, step })[0]]++;
  for (const count of first) expect(Math.abs(count - 1000)).toBeLessThan(160);
});

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
