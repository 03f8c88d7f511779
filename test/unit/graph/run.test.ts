/** Decoded graphs run by a stand-in for TensorFlow: reference values, other sizes from the same bytes, and training in the session's variables. */
import { describe, expect, it } from 'vitest';
import { checkCase, checkOtherSizes, checkTrainingCase } from './cases.ts';
import { standIn } from './runner.ts';
import { checkTraining, trainingRun } from './training.ts';

/** Constants in the file are float32. */
const TOLERANCE = 1e-5;

describe.each(['all results', 'loss and gradients alone'] as const)('%s', (results) => {
  it('sipe/head_e2e: the values of the reference file', () => checkCase(standIn, 'sipe', 'head_e2e', results));
  it('sipe/train_3_steps: the values of the reference file', () => checkTrainingCase(standIn, 'sipe', 'train_3_steps', results));
});

it.each([1, 2, 3])('the bytes know no sizes, %i', (seed) => checkOtherSizes(standIn, seed, 1e-4));

describe('training in the session', () => {
  it('takes the steps that gradients and update take one after the other', () => checkTraining(standIn, TOLERANCE));

  it('is refused before state is there', async () => {
    const run = trainingRun();
    const runner = await standIn(run.program);
    await expect(runner.run('gradients', run.steps[0].fed)).rejects.toThrow('Could not find variable');
  });
});
