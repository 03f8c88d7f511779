import { describe, expect, test } from 'vitest';
import type { ProgramMeta } from '../../../runtime/program.ts';
import { type Edit, edited } from './edits.ts';

async function hashes(...edits: readonly Edit[]): Promise<{ readonly whole: string; readonly train: string; readonly seeds: string }> {
  const meta: ProgramMeta = (await edited(...edits)).programs.toy_cam.program.meta;
  return { whole: meta.hash, train: meta.train?.hash ?? '', seeds: meta.infer.seeds.hash };
}

const before = await hashes();

describe('hashes of a program and of what its stages depend on', () => {
  test('there are three, and they differ', () => {
    for (const hash of Object.values(before)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(Object.values(before)).size).toBe(3);
  });

  test.each<readonly [string, readonly Edit[]]>([
    ['rate', [['lr: 0.5', 'lr: 0.4']]],
    ['momentum', [['momentum: 0.9', 'momentum: 0.8']]],
    ['decay', [['momentum: 0.9', 'momentum: 0.9, weight_decay: 0.1']]],
    ['optimiser', [['sgd(lr: 0.5, momentum: 0.9)', 'adam(lr: 0.5)']]],
    ['schedule', [['poly(0.9)', 'poly(0.8)']]],
    ['shape of the schedule', [['poly(0.9)', 'cosine()']]],
    ['warm-up', [['schedule poly(0.9)', 'schedule poly(0.9)\n    warmup 0.1']]],
    ['clipping', [['schedule poly(0.9)', 'schedule poly(0.9)\n    clip 1.0']]],
    ['group', [['schedule poly(0.9)', 'schedule poly(0.9)\n    group classify: lr x10']]],
    ['frozen group', [['schedule poly(0.9)', 'schedule poly(0.9)\n    freeze stem']]],
    ['epochs', [['epochs 4', 'epochs 3']]],
    ['steps for epochs', [['epochs 4', 'steps 9']]],
    ['batch', [['batch 4', 'batch 2']]],
    ['odds of the flip', [['flip(0.5)', 'flip(0.25)']]],
    ['view without flip', [['source |> flip(0.5)', 'source']]],
    ['view with shift', [['flip(0.5)', 'flip(0.5) |> shift(2)']]],
    ['normalisation', [['flip(0.5) |> normalize(signed)', 'flip(0.5) |> normalize(imagenet)']]],
    ['first values', [['kernel: 1, bias: false)', 'kernel: 1, bias: false, init: normal(0.01))']]],
    ['weight of the loss', [['loss cls =', 'loss cls weight 2 =']]],
    ['loss from an epoch on', [['loss cls =', 'loss again from epoch 1 = soft_margin(score, tags)\n  loss cls =']]],
    ['loss', [['soft_margin(score, tags)', 'soft_margin(2 * score, tags)']]],
    ['name of the loss, which stands in the log', [['loss cls', 'loss seen']]],
  ])('training alone: %s', async (_, edits) => {
    const after = await hashes(...edits);
    expect(after.train).not.toBe(before.train);
    expect(after.whole).not.toBe(before.whole);
    expect(after.seeds).toBe(before.seeds);
  });

  test.each<readonly [string, readonly Edit[]]>([
    ['scales', [['[1.0, 0.5]', '[1.0, 2.0]']]],
    ['steps to its input', [['scale(s) |> normalize(signed)', 'scale(s) |> normalize(imagenet)']]],
    ['graph', [['max_normalize(raw *', 'max_normalize(2 * raw *']]],
  ])('inference alone: %s', async (_, edits) => {
    const after = await hashes(...edits);
    expect(after.seeds).not.toBe(before.seeds);
    expect(after.whole).not.toBe(before.whole);
    expect(after.train).toBe(before.train);
  });

  test('another inference program leaves the first and training as they were', async () => {
    const { programs } = await edited([
      '  pipeline {',
      '  infer other(photo: Image[1, h0, w0, 3]) -> Cam[1, h0, w0, K] {\n    return relu(classify(relu(stem(photo |> normalize(signed))))) as cam\n  }\n\n  pipeline {',
    ]);
    const { hash, train, infer } = programs.toy_cam.program.meta;
    expect([train?.hash, infer.seeds.hash]).toEqual([before.train, before.seeds]);
    expect([before.whole, before.seeds]).not.toContain(infer.other.hash);
    expect(hash).not.toBe(before.whole);
  });

  test('a layer more changes all three', async () => {
    const after = await hashes(['conv(8, kernel: 3', 'conv(4, kernel: 3']);
    for (const name of ['whole', 'train', 'seeds'] as const) expect(after[name]).not.toBe(before[name]);
  });

  test.each<readonly [string, readonly Edit[]]>([
    ['comments and empty lines', [['  train {', '  // Faster would diverge.\n\n\n  train {']]],
    [
      'names of locals',
      [
        [/\bscore\b/g, 'logit'],
        ['let raw', 'let sum_of_maps'],
        ['max_normalize(raw', 'max_normalize(sum_of_maps'],
      ],
    ],
    ['order of layers', [[/( {2}layer stem[^\n]*\n)( {2}layer classify[^\n]*\n)/, '$2$1']]],
    ['order of clauses', [[/( {4}optimizer[^\n]*\n)( {4}schedule[^\n]*\n)/, '$2$1']]],
    ['order of arguments', [['lr: 0.5, momentum: 0.9', 'momentum: 0.9, lr: 0.5']]],
    ['stages', [['from: 0.1, to: 0.9', 'from: 0.2, to: 0.9']]],
  ])('none of them: %s', async (_, edits) => {
    expect(await hashes(...edits)).toEqual(before);
  });

  test('the data set that the program names counts in the whole alone: the key of a stage has the one that is read', async () => {
    const after = await hashes(['data toy.train {', 'data toy.val {']);
    expect([after.train, after.seeds]).toEqual([before.train, before.seeds]);
    expect(after.whole).not.toBe(before.whole);
  });
});
