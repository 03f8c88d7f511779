import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../../runtime/data/safetensors.ts';
import type { StateEntry } from '../../../runtime/program.ts';
import { bindDimensions, checkAssertions, evaluateSize } from '../../../runtime/sizes.ts';
import { type Position, readCheckpoint, restore, writeCheckpoint } from '../../../runtime/train/checkpoint.ts';
import { initialize } from '../../../runtime/train/initialize.ts';
import { batchSchedule, contiguousParts } from '../../../runtime/train/order.ts';
import { layState } from '../../../runtime/train/state.ts';

const entries: readonly StateEntry[] = [
  {
    key: 'conv.weight',
    role: 'parameter',
    shape: [3, 3, 16, ['mul', 2, 'K']],
    init: { kind: 'fan_normal', scale: 2, fan: 'in' },
    backbone: true,
  },
  { key: 'conv.bias', role: 'parameter', shape: [['mul', 2, 'K']], init: { kind: 'constant', value: -2 }, backbone: false },
  { key: 'head.weight', role: 'parameter', shape: [40, 'K'], init: { kind: 'fan_uniform', scale: 1, fan: 'in' }, backbone: false },
  { key: 'noise', role: 'parameter', shape: [1000], init: { kind: 'normal', mean: 3, std: 0.5 }, backbone: false },
];

function valuesOf(list: readonly StateEntry[], seed: number): ReadonlyMap<string, Float32Array> {
  const state = layState(list, { K: 20 });
  initialize(list, state, seed);
  return new Map([...state.slots.values()].map(({ key, data }) => [key, data]));
}

function moments(values: Float32Array | undefined): { readonly mean: number; readonly std: number; readonly largest: number } {
  const list = Array.from(values ?? []);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const std = Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length);
  return { mean, std, largest: Math.max(...list.map(Math.abs)) };
}

describe('first values', () => {
  test('have the declared distributions', () => {
    const values = valuesOf(entries, 1);
    const conv = moments(values.get('conv.weight'));
    expect(conv.mean).toBeCloseTo(0, 2);
    expect(conv.std / Math.sqrt(2 / (3 * 3 * 16))).toBeCloseTo(1, 1);
    const head = moments(values.get('head.weight'));
    expect(head.largest).toBeLessThanOrEqual(Math.fround(Math.sqrt(1 / 40)));
    expect(head.std / (Math.sqrt(1 / 40) / Math.sqrt(3))).toBeCloseTo(1, 1);
    const noise = moments(values.get('noise'));
    expect(Math.abs(noise.mean - 3)).toBeLessThan(0.1);
    expect(noise.std / 0.5).toBeCloseTo(1, 1);
    expect(new Set(values.get('conv.bias'))).toEqual(new Set([-2]));
  });

  test("Glorot's uniform lies within sqrt(6 / (in + out)) of a filter", () => {
    const shape = [3, 3, 8, 56] as const;
    const entry = { key: 'w', role: 'parameter', shape, init: { kind: 'fan_uniform', scale: 3, fan: 'mean' }, backbone: false } as const;
    const bound = Math.sqrt(6 / (9 * 8 + 9 * 56));
    const found = moments(valuesOf([entry], 1).get('w'));
    expect(found.largest).toBeLessThanOrEqual(Math.fround(bound));
    expect(found.std / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
  });

  test('depend on seed and key, not on the order or the company', () => {
    const values = valuesOf(entries, 1);
    expect(valuesOf([...entries].reverse(), 1).get('conv.weight')).toEqual(values.get('conv.weight'));
    expect(valuesOf(entries.slice(2), 1).get('noise')).toEqual(values.get('noise'));
    expect(valuesOf(entries, 2).get('noise')).not.toEqual(values.get('noise'));
  });
});

describe('checkpoints', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsss-state-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const position: Position = { step: 7, steps: 9, seed: 1, program: 'p', hash: 'h', compiler: '1', backend: 'cpu', workers: 1, data: 'd' };

  test('hold the state and the position, and nothing else', async () => {
    const path = join(folder, 'a.safetensors');
    const state = layState(entries, { K: 2 });
    initialize(entries, state, 1);
    await writeCheckpoint(path, state, position);
    const read = await readCheckpoint(path);
    expect(read.position).toEqual(position);
    expect([...read.tensors.keys()].sort()).toEqual(entries.map((entry) => entry.key).sort());
    const other = layState(entries, { K: 2 });
    restore(other, read.tensors, path);
    expect(new Float32Array(other.buffer)).toEqual(new Float32Array(state.buffer));
  });

  test('of another number of classes, or of another kind, are refused', async () => {
    const path = join(folder, 'b.safetensors');
    const state = layState(entries, { K: 2 });
    await writeCheckpoint(path, state, position);
    const { tensors } = await readCheckpoint(path);
    expect(() => restore(layState(entries, { K: 3 }), tensors, path)).toThrow(
      /'conv.weight' should be \[3, 3, 16, 6\] float32, found \[3, 3, 16, 4\]/,
    );
    const foreign = join(folder, 'c.safetensors');
    await writeSafetensors(foreign, new Map([['x', { shape: [1], data: Float32Array.of(1) }]]));
    await expect(readCheckpoint(foreign)).rejects.toMatchObject({ code: 'run-bad-checkpoint' });
  });
});

describe('order', () => {
  test('every epoch visits each image at most once, in an order of its own, whatever was asked before', () => {
    const ids = Array.from({ length: 11 }, (_, i) => `i${i}`);
    const at = batchSchedule(ids, 4, 5);
    const epochs = [0, 1].map((epoch) => [at(2 * epoch), at(2 * epoch + 1)].flatMap((batch) => [...batch.ids]));
    for (const seen of epochs) expect(new Set(seen).size).toBe(8);
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(batchSchedule(ids, 4, 5)(3)).toEqual(at(3));
    expect(batchSchedule(ids, 4, 6)(0).ids).not.toEqual(at(0).ids);
  });

  test('parts are contiguous and as equal as can be', () => {
    expect(contiguousParts([1, 2, 3, 4, 5], 3)).toEqual([[1, 2], [3, 4], [5]]);
    expect(contiguousParts([1, 2], 4)).toEqual([[1], [2]]);
  });
});

describe('sizes', () => {
  test('are evaluated as the compiler means them', () => {
    const dims = { H: 37, W: 48 };
    const cases = [
      [['ceildiv', 'H', 16], 3],
      [['floordiv', ['sub', 'H', 1], 2], 18],
      [['add', ['mul', 2, 'W'], 'H', -1], 132],
      [['exactdiv', 'W', 16], 3],
      [['round', 0.5, 'H'], 18],
      [['round', 1.5, 'H'], 56],
      [['int', 1.5, 'H'], 55],
      [['max', 'H', 'W', 4], 48],
      [['min', 'H', 'W'], 37],
    ] as const;
    for (const [size, value] of cases) expect(evaluateSize(size, dims)).toBe(value);
    expect(() => evaluateSize(['exactdiv', 'H', 16], dims)).toThrow('37 must be divisible by 16');
    expect(() => evaluateSize('h', dims)).toThrow('the dimension h has no value; known are H, W');
  });

  test('bind bare names first, then hold the rest against them', () => {
    const port = (name: string, shape: readonly (string | number | readonly [string, ...(string | number)[]])[]) =>
      ({ role: 'batch', name, dtype: 'f32', shape }) as const;
    const ports = [port('small', [['ceildiv', 'H', 2]]), port('image', ['H', 3])];
    const given = (small: number) => [
      { name: 'small', shape: [small] },
      { name: 'image', shape: [7, 3] },
    ];
    expect(bindDimensions(ports, 'batch', given(4), {})).toEqual({ H: 7 });
    expect(() => bindDimensions(ports, 'batch', given(3), {})).toThrow("input 'small': expected [ceil(H / 2)] with H = 7, found [3]");
    expect(() => bindDimensions(ports, 'batch', given(4).slice(1), {})).toThrow("'small' was not given");
  });

  test('assertions name reason and place', () => {
    const assertion = { left: 'H', relation: 'divisible by', right: 16, reason: 'the grid has whole cells', at: 'a.wsss:7' } as const;
    const entry = { inputs: [], outputs: [], assertions: [assertion] };
    expect(() => checkAssertions(entry, { H: 32 })).not.toThrow();
    expect(() => checkAssertions(entry, { H: 33 })).toThrow('a.wsss:7: the grid has whole cells: H = 33 must be divisible by 16 = 16');
  });
});
