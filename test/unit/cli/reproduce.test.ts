/** `wsss reproduce`: scores beside what authors report, and the first stage that leaves its band. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reproductionLines } from '../../../compiler/cli/reproduce.ts';
import { reproduction } from '../../../compiler/cli/reproduction/verdict.ts';
import type { EvaluateStage, PipelinePlan } from '../../../runtime/pipeline/plan.ts';
import type { Score } from '../../../runtime/report/scores.ts';
import { makeToyVoc } from '../train/toy-voc.ts';
import { built, wsss } from './command.ts';

const on = { dataset: 'voc', split: 'train' };

function evaluation(name: string, expected?: number, tolerance = 0.5): EvaluateStage {
  const expectation = expected === undefined ? undefined : { value: expected, tolerance, source: `Table of ${name}` };
  return { name, op: 'evaluate', inputs: { predictions: 'maps' }, args: { on, expectation } };
}

function held(...stages: readonly (readonly [EvaluateStage, number | null, (readonly string[])?])[]) {
  const plan: PipelinePlan = { format: 1, name: 'm', datasets: {}, stages: stages.map(([stage]) => stage) };
  const score = (value: number | null, readings: readonly string[] = []): Score => ({
    stage: 'seeds',
    split: 'voc.train',
    metric: 'mIoU',
    value,
    protocol: { images: 1, classes: 21 },
    ...(readings.length > 0 && { readings }),
  });
  return reproduction(plan, new Map(stages.map(([stage, value, readings]) => [stage.name, [score(value, readings)]])));
}

describe('scores against reported ones', () => {
  test.each([
    [58.6, 'within'],
    [58.1, 'within'],
    [59.1, 'within'],
    // As it is printed: 58.1.
    [58.06, 'within'],
    [58.04, 'below'],
    [59.2, 'above'],
    [null, 'no score'],
  ])('58.6 ± 0.5 and measured %s: %s', (measured, verdict) => {
    expect(held([evaluation('a', 58.6), measured]).stages[0].verdict).toBe(verdict);
  });

  test('the first stage that leaves its band is named; stages without a number to reach leave none', () => {
    const found = held(
      [evaluation('a'), 3],
      [evaluation('b', 50), 50.2],
      [evaluation('c', 60), 55, ['hyper k: guessed']],
      [evaluation('d', 70), 60],
    );
    expect(found.first?.stage).toBe('c');
    expect(reproductionLines(found)).toEqual([
      'stage  score                   measured    reported          source',
      'a      seeds, mIoU, voc.train       3.0',
      'b      seeds, mIoU, voc.train      50.2  50.0 ± 0.5  within  Table of b',
      'c      seeds, mIoU, voc.train      55.0  60.0 ± 0.5  below   Table of c; our reading',
      'd      seeds, mIoU, voc.train      60.0  70.0 ± 0.5  below   Table of d',
      '',
      'Our reading, where neither the paper nor the code of the authors says it:',
      '  hyper k: guessed',
      '',
      "The first stage that leaves its band is 'c' (below). What comes after it may follow from that.",
    ]);
  });

  test('all within, and nothing to hold against', () => {
    expect(reproductionLines(held([evaluation('a', 50), 50], [evaluation('b', 60), 60])).at(-1)).toBe(
      'All 2 reported numbers are reproduced.',
    );
    expect(reproductionLines(held([evaluation('a'), 50])).at(-1)).toMatch(/^No stage says what its authors report/);
  });
});

describe.skipIf(!built)('the command', () => {
  let folder: string;
  let tiny: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsss-reproduce-'));
    await makeToyVoc(join(folder, 'voc'), { train: 26, val: 4 });
    tiny = await readFile(new URL('./tiny.wsss', import.meta.url), 'utf8');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function reproduce(expectation: string) {
    const spec = join(folder, 'tiny.wsss');
    await writeFile(spec, tiny.replace('label: "seeds")', `label: "seeds"${expectation})`));
    return wsss(['reproduce', spec, '--data', join(folder, 'voc'), '--backend', 'wasm', '--out', join(folder, 'out')]);
  }

  test('runs the pipeline, tells the verdict by its exit code, and makes nothing again for another expectation', async () => {
    const within = await reproduce(', expected: 60, tolerance: 40, source: "Table 1"');
    expect([within.code, within.stderr]).toEqual([0, expect.stringContaining('classifier: 24 steps')]);
    expect(within.stdout).toContain('The one reported number is reproduced.');
    const below = await reproduce(', expected: 99.9, tolerance: 0.05, source: "Table 1"');
    expect(below.code).toBe(1);
    expect(below.stdout).toMatch(/below +Table 1/);
    expect(below.stderr).toContain('scores: done before');
  });

  test('an expectation is whole or absent', async () => {
    const half = await reproduce(', expected: 60');
    expect(half.code).toBe(1);
    expect(half.stderr).toContain('tolerance and source are missing');
    expect((await reproduce(', expected: 600, tolerance: 1, source: "x"')).stderr).toContain('from 0 to 100');
  });
});
