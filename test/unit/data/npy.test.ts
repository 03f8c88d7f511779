import { describe, expect, test } from 'vitest';
import { DataError } from '../../../runtime/data/errors.ts';
import { npyBytes, npyHeader, parseNpy } from '../../../runtime/data/npy.ts';
import { isArray } from '../../../runtime/data/pickle-values.ts';

function numericFile(descr: string, shape: readonly number[], body: Uint8Array, fortran = false): Uint8Array {
  const header = npyHeader(descr, shape);
  if (fortran)
    header.set(Buffer.from(Buffer.from(header).toString('latin1').replace("'fortran_order': False", "'fortran_order': True "), 'latin1'));
  return new Uint8Array(Buffer.concat([header, body]));
}

function values(bytes: Uint8Array): readonly (number | bigint)[] {
  const content = parseNpy(bytes, 'x.npy');
  if (!isArray(content)) throw new Error('no numeric array');
  return Array.from<number | bigint>(content.data);
}

describe('.npy', () => {
  test('what is written is read again', () => {
    for (const data of [Float32Array.of(1.5, -2, 3, 0, 7, 9), Float64Array.of(1e-300, 2, 3, 4, 5, 6), Int32Array.of(-1, 2, 3, 4, 5, 6)]) {
      const file = parseNpy(npyBytes(data, [2, 3]), 'x.npy');
      expect(file).toMatchObject({ kind: 'array', shape: [2, 3], data });
    }
    expect(values(npyBytes(Uint8Array.of(0, 255), [2]))).toEqual([0, 255]);
    expect(values(npyBytes(Float32Array.of(4), []))).toEqual([4]);
  });

  test('the header is that of numpy.save: version 1, 64 bytes, newline at the end', () => {
    const header = npyHeader('<f4', [3]);
    expect(header.length % 64).toBe(0);
    expect(Buffer.from(header.subarray(10)).toString('latin1').trimEnd()).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }");
    expect(header.at(-1)).toBe(10);
  });

  test('every element type, both byte orders', () => {
    const view = (bytes: number, write: (v: DataView) => void): Uint8Array => {
      const out = new Uint8Array(bytes);
      write(new DataView(out.buffer));
      return out;
    };
    const one = (descr: string, bytes: number, write: (v: DataView) => void) => values(numericFile(descr, [1], view(bytes, write)))[0];
    expect(one('<f2', 2, (v) => v.setUint16(0, 0xc100, true))).toBe(-2.5);
    expect(one('>f4', 4, (v) => v.setFloat32(0, 0.25, false))).toBe(0.25);
    expect(one('>f8', 8, (v) => v.setFloat64(0, 0.1, false))).toBe(0.1);
    expect(one('<i2', 2, (v) => v.setInt16(0, -300, true))).toBe(-300);
    expect(one('>i4', 4, (v) => v.setInt32(0, -70000, false))).toBe(-70000);
    expect(one('<i8', 8, (v) => v.setBigInt64(0, -(2n ** 60n), true))).toBe(-(2n ** 60n));
    expect(one('<u2', 2, (v) => v.setUint16(0, 65535, true))).toBe(65535);
    expect(one('<u4', 4, (v) => v.setUint32(0, 4294967295, true))).toBe(4294967295);
    expect(one('<u8', 8, (v) => v.setBigUint64(0, 2n ** 63n, true))).toBe(2n ** 63n);
    expect(one('|i1', 1, (v) => v.setInt8(0, -5))).toBe(-5);
    expect(one('|b1', 1, (v) => v.setUint8(0, 1))).toBe(1);
  });

  test('Fortran order is turned into C order', () => {
    expect(values(numericFile('|u1', [2, 3], Uint8Array.of(1, 4, 2, 5, 3, 6), true))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(values(numericFile('|u1', [2, 2, 2], Uint8Array.of(0, 4, 2, 6, 1, 5, 3, 7), true))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test.each([
    ['no magic', new Uint8Array(20)],
    ['nothing', new Uint8Array(0)],
    ['too few elements', numericFile('<f4', [3], new Uint8Array(8))],
    ['an absurd shape', numericFile('<f4', [2 ** 40, 2 ** 40], new Uint8Array(8))],
    ['text elements', numericFile('<U4', [1], new Uint8Array(16))],
    ['a header beyond the end', npyBytes(Float32Array.of(1), [1]).subarray(0, 40)],
    ['objects without a pickle', numericFile('|O', [], new Uint8Array(3))],
  ])('%s: data-bad-npy that names the file', (_, bytes) => {
    expect(codeOf(() => parseNpy(bytes, 'folder/x.npy'))).toEqual(['data-bad-npy', 'folder/x.npy']);
  });
});

function codeOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof DataError) return [error.code, error.file];
    throw error;
  }
  return ['no error'];
}
