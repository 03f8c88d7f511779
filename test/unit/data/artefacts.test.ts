/** Files that NumPy, PyTorch, Pillow and MXNet write (test/reference/artefacts/write.py), byte by byte as they lie in test/fixtures/artefacts. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMask } from '../../../runtime/data/mask.ts';
import { readCams } from '../../../runtime/pipeline/cam-files.ts';
import { readWeights } from '../../../runtime/train/pretrained/file.ts';

const file = (name: string): string => fileURLToPath(new URL(`../../fixtures/artefacts/${name}`, import.meta.url));
const ramp = (count: number, start = 0): number[] => Array.from({ length: count }, (_, i) => start + 0.25 * i);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsss-artefacts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function tensors(name: string): Promise<Readonly<Record<string, readonly [string, readonly number[], readonly number[]]>>> {
  const { tensors } = await readWeights(file(name));
  return Object.fromEntries([...tensors].map(([key, { dtype, shape, data }]) => [key, [dtype, shape, Array.from(data, Number)]]));
}

describe('weights', () => {
  test.each(['zip.pth', 'legacy.pth', 'inside.pth'])(
    'torch.save, %s: parameters, views, halves; the dictionary alone or inside a checkpoint',
    async (name) => {
      expect(await tensors(name)).toEqual({
        'conv1.weight': ['F32', [2, 3, 1, 2], ramp(12)],
        // A ramp of [3, 2], transposed.
        transposed: ['F32', [2, 3], [1, 1.5, 2, 1.25, 1.75, 2.25]],
        // Rows 1 and 2, columns 1 and 2 of a ramp of [4, 3].
        part: ['F32', [2, 2], [3, 3.25, 3.75, 4]],
        half: ['F16', [3], ramp(3, 3)],
        brain: ['F32', [3], ramp(3, 4)],
        double: ['F64', [2], ramp(2, 5)],
        'bn1.num_batches_tracked': ['I64', [], [7]],
      });
    },
  );

  test("a module's state dictionary, which carries attributes", async () => {
    const found = await tensors('module.pth');
    expect(Object.keys(found)).toEqual([
      '0.weight',
      '0.bias',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
    ]);
    expect(found['0.weight']).toEqual(['F32', [2, 1, 1, 1], ramp(2)]);
    expect(found['1.running_var']).toEqual(['F32', [2], [1, 1]]);
  });

  test.each(['oldest.params', 'first.params', 'second.params'])('MXNet, %s', async (name) => {
    expect(await tensors(name)).toEqual({
      'arg:conv1a_weight': ['F32', [2, 3, 1, 1], ramp(6)],
      'aux:bn7_moving_mean': ['F32', [4], ramp(4, 2)],
    });
  });

  test.each(['zip.pth', 'legacy.pth', 'second.params'])(
    '%s cut anywhere, or with any byte changed, is an error in words or other numbers',
    async (name) => {
      const bytes = await readFile(file(name));
      const path = join(folder, name);
      const outcome = async (content: Uint8Array): Promise<unknown> => {
        await writeFile(path, content);
        return readWeights(path).then(
          () => 'read',
          (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
        );
      };
      for (let length = 8; length < bytes.length; length += 61) {
        expect([length, await outcome(bytes.subarray(0, length))]).toEqual([
          length,
          expect.stringMatching(/^(data-bad-weights|data-bad-safetensors)$/),
        ]);
      }
      for (let at = 0; at < bytes.length; at += 7) {
        const changed = Uint8Array.from(bytes);
        changed[at] ^= 0x55;
        expect([at, await outcome(changed)]).toEqual([at, expect.stringMatching(/^(read|data-bad-weights|data-bad-safetensors)$/)]);
      }
    },
  );
});

describe('class activation maps', () => {
  test.each([
    { name: 'irn', labels: [1, 15], data: ramp(40, 1) },
    { name: 'torch-alone', labels: [1, 15], data: ramp(40, 1) },
    { name: 'sipe', labels: [0, 1, 15], data: ramp(60) },
    { name: 'clip-es', labels: [3], data: ramp(20) },
    { name: 'psa', labels: [4, 12], data: [...ramp(20), ...ramp(20, 9)] },
  ])('$name', async ({ name, labels, data }) => {
    const maps = await readCams(file(`${name}.npy`));
    expect([maps.height, maps.width, maps.labels]).toEqual([4, 5, labels]);
    expect([...maps.data]).toEqual(data);
  });
});

test.each(['ir_label.png', 'palette.png'])('label maps, %s: the index, never the colour', async (name) => {
  const { width, height, data } = await readMask(file(name));
  expect([width, height]).toEqual([5, 4]);
  expect([...data]).toEqual(Array.from({ length: 20 }, (_, i) => (i === 0 ? 255 : i)));
});
