import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../compiler/diagnostics/render.ts';
import { type SourceFile, sourceFile } from '../../compiler/source/source.ts';

/** Rewrites expectations instead of comparing. Read the difference before committing it. */
const update = process.env.UPDATE_GOLDENS === '1';

/** What a folder of goldens runs on each input: everything it reports is rendered. */
export type Run = (source: SourceFile) => Diagnostics;

/**
 * One test for each `NAME.wsss` of a folder (given relative to `test/golden`): the rendered messages must be those of `NAME.txt`.
 * The source is named `NAME.wsss` whatever folder the checkout lies in. Another test finds expectations without an input.
 */
export function goldens(folder: string, run: Run): void {
  const root = fileURLToPath(new URL(`./${folder}/`, import.meta.url));
  const files = readdirSync(root).sort();
  const inputs = files.filter((f) => f.endsWith('.wsss'));
  describe(`goldens of ${folder}`, () => {
    test.each(inputs)('%s', (input) => {
      const name = input.slice(0, -'.wsss'.length);
      const file = sourceFile(input, readFileSync(root + input, 'utf8'));
      const rendered = renderAll(run(file).all);
      const expected = `${root}${name}.txt`;
      if (update) writeFileSync(expected, rendered);
      if (!existsSync(expected)) throw new Error(`${folder}/${name}.txt is missing; UPDATE_GOLDENS=1 writes it`);
      expect(rendered).toBe(readFileSync(expected, 'utf8'));
    });
    test('there are inputs, and no expectation is left without one', () => {
      expect(inputs.length).toBeGreaterThan(0);
      const orphans = files.filter((f) => f.endsWith('.txt') && !files.includes(f.replace(/\.txt$/, '.wsss')));
      expect(orphans).toEqual([]);
    });
  });
}
