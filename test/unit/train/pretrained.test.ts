import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkFile } from '../../../compiler/check/check.ts';
import { diskHost } from '../../../compiler/cli/host.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { sizeOf } from '../../../compiler/emit/eager/sizes.ts';
import { type Safetensor, type Safetensors, safetensorsBytes } from '../../../runtime/data/safetensors.ts';
import type { StateEntry } from '../../../runtime/program.ts';
import { readWeights } from '../../../runtime/train/pretrained/file.ts';
import { fillBackbone } from '../../../runtime/train/pretrained/fill.ts';
import { type HostState, layState } from '../../../runtime/train/state.ts';
import { fixture } from '../../fixture.ts';

/** Names and shapes of the state dictionary of torchvision's ResNet with bottlenecks, in its order, by its own rules. */
function torchvisionResnet(blocks: readonly number[]): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const norm = (name: string, channels: number): void => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) shapes.set(`${name}.${part}`, [channels]);
    shapes.set(`${name}.num_batches_tracked`, []);
  };
  shapes.set('conv1.weight', [64, 3, 7, 7]);
  norm('bn1', 64);
  let inputs = 64;
  for (const [stage, count] of blocks.entries()) {
    const planes = 64 * 2 ** stage;
    for (let block = 0; block < count; block++) {
      const at = `layer${stage + 1}.${block}`;
      shapes.set(`${at}.conv1.weight`, [planes, inputs, 1, 1]);
      norm(`${at}.bn1`, planes);
      shapes.set(`${at}.conv2.weight`, [planes, planes, 3, 3]);
      norm(`${at}.bn2`, planes);
      shapes.set(`${at}.conv3.weight`, [4 * planes, planes, 1, 1]);
      norm(`${at}.bn3`, 4 * planes);
      if (block === 0) {
        shapes.set(`${at}.downsample.0.weight`, [4 * planes, inputs, 1, 1]);
        norm(`${at}.downsample.1`, 4 * planes);
      }
      inputs = 4 * planes;
    }
  }
  shapes.set('fc.weight', [1000, inputs]);
  shapes.set('fc.bias', [1000]);
  return shapes;
}

/** What specs/std/backbones/resnet.wsss declares. */
const NAMINGS = [
  {
    name: 'torchvision_resnet',
    lines: [
      ['*', 'stem.*'],
      ['*', '*'],
    ],
    others: ['fc.*'],
  },
] as const;

/** Values that tell tensors and places apart. */
function filled(shapes: ReadonlyMap<string, readonly number[]>): Map<string, Safetensor> {
  let next = 0;
  return new Map(
    [...shapes].map(([name, shape]): readonly [string, Safetensor] => {
      const count = shape.reduce((product, side) => product * side, 1);
      if (shape.length === 0) return [name, { dtype: 'I64', shape, data: new BigInt64Array(1) }];
      const data = new Float32Array(count);
      const start = ++next * 0.01;
      for (let i = 0; i < count; i++) data[i] = start + (i % 65521);
      return [name, { dtype: 'F32', shape, data }];
    }),
  );
}

function spec(method: string): { readonly entries: readonly StateEntry[]; readonly pretrained: unknown } {
  const diagnostics = new Diagnostics();
  const file = fileURLToPath(new URL('../../../specs/methods/sipe.wsss', import.meta.url));
  const checked = checkFile(diskHost, file, diagnostics, { only: [method] })?.methods.get(method);
  if (!checked) throw new Error(`no method ${method}`);
  const entries = [...checked.states.values()].map(({ key, role, type, init, backbone }): StateEntry => {
    const shape = type.shape.map((dim) => {
      const size = sizeOf(dim);
      return typeof size === 'number' || typeof size === 'string' ? size : 'K';
    });
    return { key, role, shape, init, backbone };
  });
  return { entries, pretrained: checked.pretrained };
}

const fifty = torchvisionResnet([3, 4, 6, 3]);
let sipe: ReturnType<typeof spec>;
let state: HostState;
const fill = (tensors: Safetensors['tensors']) => fillBackbone(sipe.entries, state, 'net', 'resnet50.safetensors', tensors, NAMINGS);

/** The error that is thrown, as the fields a person is told. */
function refused(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  return undefined;
}

beforeAll(() => {
  sipe = spec('sipe');
  state = layState(sipe.entries, { K: 20 });
});

describe("torchvision's ResNet-50 in the backbone of SIPE", () => {
  test('the spec asks for it, its variants on a small network do not, and ResNet-101 is another', () => {
    expect(sipe.pretrained).toEqual([{ backbone: 'net', on: 'imagenet', module: 'resnet50', namings: NAMINGS }]);
    expect(spec('sipe_no_gsc').pretrained).toEqual(sipe.pretrained);
    expect(spec('sipe_r101').pretrained).toEqual([{ backbone: 'net', on: 'imagenet', module: 'resnet101', namings: NAMINGS }]);
    expect(spec('sipe_small').pretrained).toBeUndefined();
  });

  test('every tensor finds its place; filters are turned from [out, in, h, w] to [h, w, in, out]; fc is left out and said', () => {
    expect(fifty.size).toBe(320);
    const tensors = filled(fifty);
    const report = fill(tensors);
    const used = [...fifty.keys()].filter((name) => !name.startsWith('fc.') && !name.endsWith('num_batches_tracked'));
    expect(report).toEqual({
      backbone: 'net',
      file: 'resnet50.safetensors',
      layout: 'torchvision_resnet',
      copied: used.length,
      ignored: ['fc.weight', 'fc.bias'],
    });
    for (const name of used) {
      const slot = state.slots.get(/^(conv1|bn1)\./.test(name) ? `net.stem.${name}` : `net.${name}`);
      const stored = tensors.get(name);
      if (!slot || !(stored?.data instanceof Float32Array)) throw new Error(`nothing for ${name}`);
      const [out, inputs = 1, height = 1, width = 1] = stored.shape;
      let wrong = 0;
      for (let i = 0; i < stored.data.length; i += stored.data.length > 1000 ? 997 : 1) {
        const x = i % width;
        const y = Math.floor(i / width) % height;
        const from = Math.floor(i / (width * height)) % inputs;
        const to = Math.floor(i / (width * height * inputs));
        const at = stored.shape.length === 4 ? ((y * width + x) * inputs + from) * out + to : i;
        if (slot.data[at] !== stored.data[i]) wrong++;
      }
      expect([name, wrong]).toEqual([name, 0]);
    }
    // The heads of the method are not of the file.
    expect(state.slots.get('head.head.classifier.weight')?.data.every((value) => value === 0)).toBe(true);
  });

  test('a missing tensor, another shape, another type: each is listed, and nothing is changed', () => {
    const tensors = filled(fifty);
    tensors.delete('layer2.1.bn2.running_var');
    tensors.set('layer4.0.conv2.weight', { dtype: 'F32', shape: [512, 512, 1, 1], data: new Float32Array(512 * 512) });
    tensors.set('bn1.bias', { dtype: 'I32', shape: [64], data: new Int32Array(64) });
    const before = state.slots.get('net.stem.conv1.weight')?.data.slice();
    state.slots.get('net.layer1.0.bn1.weight')?.data.fill(-3);
    expect(refused(() => fill(tensors))).toMatchObject({
      code: 'data-bad-weights',
      file: 'resnet50.safetensors',
      found:
        '1 of 265 tensors are missing: layer2.1.bn2.running_var; 2 have another shape or type: bn1.bias is I32, not floating point, layer4.0.conv2.weight is [512, 512, 1, 1], not [512, 512, 3, 3]',
    });
    expect(state.slots.get('net.stem.conv1.weight')?.data).toEqual(before);
    expect(state.slots.get('net.layer1.0.bn1.weight')?.data.every((value) => value === -3)).toBe(true);
  });

  test('a deeper network has all these tensors, and is refused for the others', () => {
    const deeper = filled(torchvisionResnet([3, 4, 7, 3]));
    expect(refused(() => fill(deeper))).toMatchObject({
      code: 'data-bad-weights',
      found: expect.stringMatching(/^15 are not of this network: layer3\.6\.conv1\.weight, .* and 9 more$/),
    });
  });

  test('a checkpoint of this project, with other layers and slots', () => {
    const own = new Map<string, Safetensor>();
    for (const [key, { shape, data }] of state.slots) own.set(key, { dtype: 'F32', shape, data: Float32Array.from(data, (_, i) => i % 8) });
    own.set('net.layer3.0.conv1.weight.momentum', { dtype: 'F32', shape: [1], data: new Float32Array(1) });
    const report = fill(own);
    expect(report).toMatchObject({ layout: 'wsss', copied: 265, ignored: expect.arrayContaining(['head.head.classifier.weight']) });
    expect(state.slots.get('net.layer3.0.conv1.weight')?.data[13]).toBe(5);
  });
});

test("the stem with PyTorch's parameters gives PyTorch's convolution", () => {
  const { tensors: reference, json } = fixture('backbones', 'resnet_stem');
  const stored = new Map(
    [...reference].flatMap(([key, value]) =>
      key.startsWith('param.') ? [[key.slice(6), { dtype: 'F32', ...value } as const] as const] : [],
    ),
  );
  const input = reference.get('in.x');
  const expected = reference.get('out.conv');
  const filter = stored.get('conv1.weight');
  if (!input || !expected || !filter) throw new Error('the fixture has other keys');
  const [outputs, inputs, size] = filter.shape;
  const init = { kind: 'constant', value: 0 } as const;
  const entries: readonly StateEntry[] = [
    { key: 'net.stem.conv1.weight', role: 'parameter', shape: [size, size, inputs, outputs], init, backbone: true },
    ...['weight', 'bias', 'running_mean', 'running_var'].map(
      (part): StateEntry => ({ key: `net.stem.bn1.${part}`, role: 'parameter', shape: [outputs], init, backbone: true }),
    ),
  ];
  const host = layState(entries, {});
  expect(fillBackbone(entries, host, 'net', 'stem', stored, NAMINGS)).toMatchObject({ copied: 5, ignored: [] });
  const weights = host.slots.get('net.stem.conv1.weight')?.data ?? [];
  const [images, , height, width] = input.shape;
  const [, , rows, columns] = expected.shape;
  const { rtol, atol, atol_of_max } = json.tolerance.out;
  let worst = 0;
  for (let n = 0; n < images; n++)
    for (let o = 0; o < outputs; o++)
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++) {
          let sum = 0;
          for (let y = 0; y < size; y++)
            for (let x = 0; x < size; x++) {
              const [top, left] = [2 * r + y - 3, 2 * c + x - 3];
              if (top < 0 || left < 0 || top >= height || left >= width) continue;
              for (let i = 0; i < inputs; i++)
                sum += input.data[((n * inputs + i) * height + top) * width + left] * weights[((y * size + x) * inputs + i) * outputs + o];
            }
          const wanted = expected.data[((n * outputs + o) * rows + r) * columns + c];
          worst = Math.max(worst, Math.abs(sum - wanted) - rtol * Math.abs(wanted));
        }
  const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(worst).toBeLessThanOrEqual(atol + atol_of_max * largest);
});

describe('files of weights', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsss-weights-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('the hash is that of the bytes', async () => {
    const bytes = safetensorsBytes(new Map([['conv1.weight', { shape: [2], data: Float32Array.of(1, 2) }]]));
    await writeFile(join(folder, 'w.safetensors'), bytes);
    const { sha256, tensors } = await readWeights(join(folder, 'w.safetensors'));
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect([...tensors.keys()]).toEqual(['conv1.weight']);
  });

  test.each([
    ['a zip archive', [0x50, 0x4b, 0x03, 0x04, 0, 0, 0, 0, 0, 0]],
    ['a pickle', [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20]],
  ])('what torch.save began to write (%s) is told as broken', async (_, bytes) => {
    const path = join(folder, 'resnet50.pth');
    await writeFile(path, Uint8Array.from(bytes));
    await expect(readWeights(path)).rejects.toMatchObject({
      code: 'data-bad-weights',
      file: path,
      hint: expect.stringContaining('torch.save'),
    });
  });

  test('a file that is not there', async () => {
    await expect(readWeights(join(folder, 'none.safetensors'))).rejects.toMatchObject({ code: 'data-bad-weights', found: 'no such file' });
  });
});
