import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPickle } from '../../../runtime/data/pickle.ts';
import { PickleError } from '../../../runtime/data/pickle-error.ts';
import { isArray, isDict, isObjects, type PickleDict } from '../../../runtime/data/pickle-values.ts';
import { PICKLES } from './pickles.ts';

const bytesOf = (name: string): Uint8Array => new Uint8Array(Buffer.from(PICKLES[name], 'base64'));
const dictOf = (name: string): PickleDict => {
  const value = readPickle(bytesOf(name));
  if (!isDict(value)) throw new Error('no dictionary');
  return value;
};

describe('pickles of CPython', () => {
  test.each([0, 1, 2, 3, 4, 5])('plain values, protocol %i', (protocol) => {
    const value = dictOf(`plain${protocol}`);
    expect(value.get('a')).toBe(1);
    expect(value.get('b')).toEqual([1.5, null, true, [2, -3]]);
    const inner = value.get('n');
    expect(inner).toEqual(
      new Map<string, unknown>([
        ['x', 'é'],
        ['y', Uint8Array.of(0, 255)],
      ]),
    );
    expect(value.get('big')).toBe(2n ** 70n);
    expect(value.get('neg')).toBe(-(2 ** 40));
  });

  test.each(['numpy0', 'numpy1', 'numpy2', 'numpy3', 'numpy4', 'numpy5', 'numpy2_old'])('NumPy arrays and scalars, %s', (name) => {
    const value = dictOf(name);
    const array = (key: string) => {
      const found = value.get(key);
      if (found === undefined || !isArray(found)) throw new Error(`${key} is no array`);
      return { shape: found.shape, values: Array.from<number | bigint>(found.data) };
    };
    expect(array('f')).toEqual({ shape: [2, 3], values: [0, 1, 2, 3, 4, 5] });
    expect(array('F')).toEqual({ shape: [2, 3], values: [0, 1, 2, 3, 4, 5] });
    expect(array('be')).toEqual({ shape: [3], values: [0, 1, 2] });
    expect([value.get('s'), value.get('i'), value.get('t')]).toEqual([0.5, 2007000032, true]);
    const objects = value.get('o');
    expect(objects !== undefined && isObjects(objects) && objects.values).toEqual([1, 'two']);
  });

  test.each([0, 1, 2, 3, 4, 5])('a call of the operating system is refused by name, protocol %i', (protocol) => {
    expect(() => readPickle(bytesOf(`evil${protocol}`))).toThrow(/posix\.system/);
  });

  test('an ordered dictionary is one; any other class is refused by name', () => {
    expect(isDict(readPickle(bytesOf('ordered')))).toBe(true);
    expect(() => readPickle(Buffer.from('ccollections\nCounter\n.'))).toThrow(/collections\.Counter/);
  });

  test('a list that contains itself is refused', () => {
    // ]q\0h\0a. : a list appended to itself
    expect(() => readPickle(Uint8Array.of(0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e))).toThrow(PickleError);
  });

  test('cut off or damaged anywhere: a PickleError or a value, never another failure', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(PICKLES)), fc.nat(), fc.nat(255), fc.boolean(), (name, at, byte, cut) => {
        const bytes = bytesOf(name);
        const damaged = cut ? bytes.slice(0, at % bytes.length) : bytes;
        if (!cut) damaged[at % bytes.length] = byte;
        try {
          readPickle(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(PickleError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
