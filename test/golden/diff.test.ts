/** What `wsss diff` prints for pairs of the project's own methods: what a reader of a paper would see. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compareMethods } from '../../compiler/diff/compare.ts';
import { latexText, markdownText } from '../../compiler/diff/render/documents.ts';
import type { MethodReport } from '../../compiler/diff/render/report.ts';
import { terminalText } from '../../compiler/diff/render/terminal.ts';
import { side } from '../property/diff/comparing.ts';

const folder = fileURLToPath(new URL('./diff/', import.meta.url));
const update = process.env.UPDATE_GOLDENS === '1';

const PAIRS = [
  ['methods/sipe.wsss', 'sipe', 'methods/sipe.wsss', 'sipe_no_gsc'],
  ['methods/sipe.wsss', 'sipe', 'methods/sipe.wsss', 'sipe_r101'],
  ['methods/sipe.wsss', 'sipe', 'methods/sipe.wsss', 'sipe_small'],
  ['methods/cam.wsss', 'cam', 'methods/sipe.wsss', 'sipe'],
  ['methods/wseg.wsss', 'wseg', 'methods/ws-fcn.wsss', 'ws_fcn'],
  ['methods/cam.wsss', 'cam_small', 'examples/quickstart.wsss', 'quickstart'],
] as const;

function reportOf([file, a, other, b]: (typeof PAIRS)[number]): MethodReport {
  const { rows, total, image } = compareMethods(side(file, undefined, a), side(other, undefined, b));
  const shown = rows.filter((row) => row.class !== 'cosmetic');
  const files = { from: file, to: other };
  return { from: `${file}#${a}`, to: `${other}#${b}`, files, rows: shown, total, image, hidden: rows.length - shown.length };
}

function golden(name: string, text: string): void {
  const path = folder + name;
  if (update) writeFileSync(path, `${text}\n`);
  if (!existsSync(path)) throw new Error(`${path} is missing; UPDATE_GOLDENS=1 writes it`);
  expect(`${text}\n`).toBe(readFileSync(path, 'utf8'));
}

describe('goldens of diff', () => {
  for (const pair of PAIRS)
    test(`${pair[1]} and ${pair[3]}`, () => {
      const text = terminalText([reportOf(pair)], false);
      golden(`${pair[1]}-${pair[3]}.txt`, text);
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    });

  test('documents', () => {
    const reports = [reportOf(PAIRS[0])];
    golden('markdown.md', markdownText(reports));
    golden('latex.tex', latexText(reports));
  });
});
