/** The formatter on every spec of the package with other white space: the same words, every comment, and a second time nothing changes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { format } from '../../../compiler/format/format.ts';
import { readText } from '../../../grammar/read.ts';
import { Reflows, seeded, wordsOf } from './reflow.ts';

const root = fileURLToPath(new URL('../../../specs/', import.meta.url));
const specs = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.wsss'))
  .sort();
const REFLOWS = process.env.WSSS_LONG ? 1000 : 12;

function formatted(text: string): string {
  const result = format(text);
  if (!result.ok) throw new Error('refused');
  return result.text;
}
const comments = (text: string): readonly string[] => readText(text).comments.map((c) => c.text.trimEnd());

test.each(specs)(`reflows of %s`, (name) => {
  const reflows = new Reflows(readFileSync(join(root, name), 'utf8'), seeded(specs.indexOf(name) + 1));
  let changed = 0;
  for (let i = 0; i < REFLOWS; i++) {
    const flown = reflows.next();
    changed += flown.changed;
    const result = formatted(flown.text);
    expect(wordsOf(result)).toEqual(reflows.words);
    if (i % 10 > 0) continue;
    expect(comments(result)).toEqual(comments(flown.text));
    expect(formatted(result)).toBe(result);
  }
  // A file of a few words has few gaps to change.
  expect(changed).toBeGreaterThan(REFLOWS / 2);
});
