import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeAtomic } from '../../../runtime/data/atomic.ts';
import { DataError } from '../../../runtime/data/errors.ts';
import {
  parseSafetensors,
  readSafetensors,
  safetensorsBytes,
  type WritableTensor,
  writeSafetensors,
} from '../../../runtime/data/safetensors.ts';
import { fixturePath } from '../../fixture.ts';
import { fill, scratch } from './scratch.ts';

const sample = new Map<string, WritableTensor>([
  ['net.conv.weight', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, Number.NaN, 0, 7) }],
  ['step', { shape: [], data: Int32Array.of(42) }],
  ['half', { shape: [1], data: Float64Array.of(0.1) }],
  ['id', { shape: [2], data: BigInt64Array.of(-1n, 2n ** 60n) }],
  ['flag', { shape: [3], data: Uint8Array.of(1, 0, 1), bool: true }],
  ['empty', { shape: [0, 4], data: new Float32Array(0) }],
  ['é "quoted"', { shape: [1], data: Uint8Array.of(9) }],
]);

function raw(header: unknown, body: Uint8Array, length?: number): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(length ?? text.length));
  return new Uint8Array(Buffer.concat([head, text, body]));
}

describe('safetensors', () => {
  test('what is written is read again, with metadata', () => {
    const { tensors, metadata } = parseSafetensors(safetensorsBytes(sample, { seed: '1', backend: 'wasm' }), 'x');
    expect([...tensors.keys()].sort()).toEqual([...sample.keys()].sort());
    for (const [name, { shape, data }] of sample) expect(tensors.get(name)).toMatchObject({ shape, data });
    expect(tensors.get('flag')?.dtype).toBe('BOOL');
    expect([...metadata]).toEqual([
      ['backend', 'wasm'],
      ['seed', '1'],
    ]);
  });

  test('the order of the map does not change the bytes; data is aligned', () => {
    const bytes = safetensorsBytes(sample, { a: '1', b: '2' });
    expect(safetensorsBytes(new Map([...sample].reverse()), { b: '2', a: '1' })).toEqual(bytes);
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });

  test('reads the files of the reference implementation', async () => {
    const { tensors } = await readSafetensors(fixturePath('irn', 'pil_rescale'));
    expect(tensors.get('in.image')?.dtype).toBe('I32');
  });

  test('halves are widened', () => {
    const f16 = raw({ a: { dtype: 'F16', shape: [2], data_offsets: [0, 4] } }, Uint8Array.of(0, 0x3c, 0, 0xc1));
    expect(parseSafetensors(f16, 'x').tensors.get('a')?.data).toEqual(Float32Array.of(1, -2.5));
    const bf16 = raw({ a: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }, Uint8Array.of(0x80, 0x3f, 0x20, 0xc0));
    expect(parseSafetensors(bf16, 'x').tensors.get('a')?.data).toEqual(Float32Array.of(1, -2.5));
  });

  const f32 = (from: number, to: number, shape: readonly unknown[] = [1]) => ({ dtype: 'F32', shape, data_offsets: [from, to] });
  test.each([
    ['a short file', new Uint8Array(5)],
    ['a header longer than the file', raw('{}', new Uint8Array(0), 1000)],
    ['a header of 2^63 bytes', raw('{}', new Uint8Array(0), Number.MAX_SAFE_INTEGER)],
    ['no JSON', raw('{', new Uint8Array(0))],
    ['a list', raw([], new Uint8Array(0))],
    ['an offset beyond the end', raw({ a: f32(4, 8) }, new Uint8Array(4))],
    ['overlapping tensors', raw({ a: f32(0, 4), b: f32(0, 4) }, new Uint8Array(4))],
    ['a gap', raw({ a: f32(0, 4), b: f32(8, 12) }, new Uint8Array(12))],
    ['bytes left over', raw({ a: f32(0, 4) }, new Uint8Array(8))],
    ['a shape that does not fit', raw({ a: f32(0, 4, [2]) }, new Uint8Array(4))],
    ['a negative side', raw({ a: f32(0, 4, [-1]) }, new Uint8Array(4))],
    ['offsets that are no numbers', raw({ a: { dtype: 'F32', shape: [1], data_offsets: ['0', 4] } }, new Uint8Array(4))],
    ['an unknown type', raw({ a: { dtype: 'Q4', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(4))],
    ['a type of the prototype', raw({ a: { dtype: 'toString', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(4))],
  ])('%s is refused', (_, bytes) => {
    expect(() => parseSafetensors(bytes, 'w.safetensors')).toThrow(
      expect.objectContaining({ code: 'data-bad-safetensors', file: 'w.safetensors' }),
    );
  });

  test('damage anywhere gives a DataError or other values, never another failure', () => {
    const bytes = safetensorsBytes(sample, { a: '1' });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const damaged = cut ? bytes.slice(0, at) : bytes.slice();
        if (!cut) damaged[at] = byte;
        try {
          parseSafetensors(damaged, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('atomic writing', () => {
  test('leaves the file and nothing else', async () => {
    const folder = await scratch();
    await writeSafetensors(`${folder}/a.safetensors`, sample);
    await writeAtomic(`${folder}/a.safetensors`, 'new');
    expect(await readdir(folder)).toEqual(['a.safetensors']);
  });

  test('a place that cannot be written to: output-unwritable, nothing left', async () => {
    const folder = await scratch();
    await fill(folder, { file: 'x' });
    await expect(writeAtomic(`${folder}/file/a.bin`, 'y')).rejects.toMatchObject({
      code: 'output-unwritable',
      file: `${folder}/file/a.bin`,
    });
    await fill(folder, { 'taken/inner': 'x' });
    await expect(writeAtomic(`${folder}/taken`, 'y')).rejects.toMatchObject({ code: 'output-unwritable' });
    expect((await readdir(folder)).sort()).toEqual(['file', 'taken']);
  });
});
