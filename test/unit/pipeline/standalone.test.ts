import { describe, expect, test } from 'vitest';
import { planOf } from '../../../runtime/pipeline/standalone.ts';
import { toyProgram } from '../train/toy.ts';

const program = toyProgram();

describe('arguments of a program that runs by itself', () => {
  test('train, with initial weights and masks from elsewhere', () => {
    const { plan, options } = planOf(program, [
      'train',
      '--data',
      'voc',
      '--split',
      'train_aug',
      '--epochs',
      '2',
      '--init',
      'c.safetensors',
      '--masks',
      'm',
      '--limit',
      '9',
    ]);
    const on = { dataset: 'data', split: 'train_aug', limit: 9 };
    expect(options).toMatchObject({ data: 'voc' });
    expect(plan.stages).toEqual([
      { op: 'given', name: 'init', inputs: {}, args: { path: 'c.safetensors', kind: 'checkpoint' } },
      { op: 'given', name: 'masks', inputs: {}, args: { path: 'm', kind: 'masks', on } },
      { op: 'train', name: 'train', program: 'toy', inputs: { init: 'init', masks: 'masks' }, args: { on, epochs: 2, steps: undefined } },
    ]);
  });

  test('infer needs a name and a checkpoint', () => {
    const { plan } = planOf(program, ['infer', 'seeds', '--checkpoint', 'c', '--labels']);
    expect(plan.stages[1]).toMatchObject({
      op: 'infer',
      name: 'seeds',
      args: { entry: 'seeds', on: { dataset: 'data', split: 'val' }, save: 'labels' },
    });
  });

  test.each([[['infer', 'seeds']], [['paint']], [[]], [['train', '--colour', 'red']], [['train', '--epochs', 'few']]])(
    '%j is a mistake of usage',
    (args) => {
      expect(() => planOf(program, args)).toThrow(expect.objectContaining({ code: 'run-usage', hint: expect.stringContaining('usage:') }));
    },
  );
});
