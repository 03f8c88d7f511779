import { describe, expect, test } from 'vitest';
import { ablationCsv, ablationMarkdown } from '../../../compiler/cli/ablation/text.ts';
import { type AblationRow, ablationTable } from '../../../runtime/report/ablation.ts';
import type { Protocol, Score } from '../../../runtime/report/scores.ts';

const protocol: Protocol = { images: 80, classes: 21, crf: 'none', checkpoint: 'last', initialWeights: 'none' };

function seeds(value: number | null, change: Partial<Protocol> = {}, split = 'voc.val'): Score {
  return { stage: 'seeds', split, metric: 'mIoU', value, protocol: { ...protocol, ...change } };
}

function row(name: string, ...scores: readonly (readonly Score[])[]): AblationRow {
  return { name, runs: scores.map((all, seed) => ({ seed, scores: all })) };
}

describe('a table of runs', () => {
  test('mean, sample deviation, and the mean of differences seed by seed', () => {
    const { rows } = ablationTable([row('base', [seeds(50)], [seeds(54)]), row('more', [seeds(51)], [seeds(58)], [seeds(0)])]);
    expect(rows[0].cells[0]).toMatchObject({ mean: 52, gain: undefined });
    // Values 50 and 54: deviation from the mean 2 each, (4 + 4) / (2 - 1).
    expect(rows[0].cells[0]?.spread).toBeCloseTo(Math.sqrt(8), 12);
    // The third seed has no counterpart in the first row.
    expect(rows[1].cells[0]?.gain).toBe((1 + 4) / 2);
  });

  test.each<readonly [string, Score]>([
    ['another CRF', seeds(1, { crf: '10 iterations' })],
    ['fewer images', seeds(1, { images: 79 })],
    ['another split', seeds(1, {}, 'voc.train')],
    ['pretrained weights', seeds(1, { initialWeights: 'imagenet' })],
    ['another fixed threshold', seeds(1, { threshold: 0.3, thresholdSource: 'the spec' })],
    ['a threshold chosen on other images', seeds(1, { threshold: 0.3, thresholdSource: 'best mIoU on voc.train' })],
    ['other scales', seeds(1, { scales: [1, 2] })],
    ['the best checkpoint', seeds(1, { checkpoint: 'best on voc.val' })],
  ])('%s is another column', (_, other) => {
    const { columns, rows } = ablationTable([row('a', [seeds(2)]), row('b', [other])]);
    expect(columns).toHaveLength(2);
    expect(rows.map(({ cells }) => cells.map((cell) => cell?.mean))).toEqual([
      [2, undefined],
      [undefined, 1],
    ]);
    expect(rows[1].cells[1]?.gain).toBeUndefined();
  });

  test.each<readonly [string, Score]>([
    ['seed', seeds(1, { seed: 7 })],
    ['share of pixels scored', seeds(1, { coverage: 0.5 })],
  ])('another %s is the same column', (_, other) => {
    expect(ablationTable([row('a', [seeds(2)]), row('b', [other])]).columns).toHaveLength(1);
  });

  test('thresholds chosen in the same way share a column, whatever came out', () => {
    const chosen = (threshold: number) => seeds(1, { threshold, thresholdSource: 'best mIoU on voc.train' });
    expect(ablationTable([row('a', [chosen(0.2)]), row('b', [chosen(0.4)])]).columns).toHaveLength(1);
  });

  test('trivial predictions are told apart; a score that does not exist is no number', () => {
    const trivial: Score = { ...seeds(7.5), stage: 'all background', role: 'baseline' };
    const table = ablationTable([row('a', [seeds(null), trivial], [seeds(4)])]);
    expect(table.trivial).toEqual([{ name: 'all background', split: 'voc.val', metric: 'mIoU', value: 7.5 }]);
    expect(table.rows[0].cells).toEqual([{ values: [{ seed: 1, value: 4 }], mean: 4, spread: undefined, gain: undefined }]);
  });
});

describe('as text', () => {
  const rows: readonly AblationRow[] = [
    {
      name: 'base',
      about: 'What the paper has.',
      runs: [
        { seed: 0, scores: [seeds(50)] },
        { seed: 1, scores: [seeds(54)] },
      ],
    },
    {
      name: 'half',
      runs: [
        { seed: 0, scores: [seeds(49.26)] },
        { seed: 1, failed: 'error[x]: it "broke", twice' },
      ],
    },
    {
      name: 'none',
      runs: [
        { seed: 0, failed: 'y' },
        { seed: 1, pending: true },
      ],
    },
    {
      name: 'later',
      runs: [
        { seed: 0, pending: true },
        { seed: 1, pending: true },
      ],
    },
  ];

  test('Markdown', () => {
    expect(ablationMarkdown(ablationTable(rows), { title: 'T', seeds: [0, 1], command: 'c' })).toBe(`# T

Made by \`c\`. Seeds 0, 1: mean ± standard deviation over them; in brackets the mean difference to the first row, seed by seed.

|  | seeds, mIoU, voc.val |
| --- | ---: |
| base | 52.0 ± 2.8 |
| half (1 failed) | 49.3 (−0.7) |
| none | failed |
| later | … |

* **base**: What the paper has.

How it was measured: images 80, classes 21, crf none, checkpoint last, initialWeights none. Numbers of different columns are different quantities.

Failed:

* half, seed 1: error[x]: it "broke", twice
* none, seed 0: y
`);
  });

  test('CSV: one line a number, fields quoted where they must be', () => {
    const lines = ablationCsv(rows).split('\r\n');
    expect(lines[0]).toBe('row,seed,state,scored,split,metric,value,role,protocol,our_reading');
    expect(lines[3]).toMatch(/^half,0,done,seeds,voc\.val,mIoU,49\.26,result,"\{""images"":80,/);
    expect(lines[4]).toBe('half,1,failed,,,,,,"error[x]: it ""broke"", twice",');
    expect(lines[6]).toBe('none,1,pending,,,,,,,');
  });
});
