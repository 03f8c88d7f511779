/** Every message once, as it is rendered: the wrong example of `wsss explain` in its frame, and what is said of it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { framed } from '../../compiler/diagnostics/frames.ts';
import { renderAll } from '../../compiler/diagnostics/render.ts';
import { checkExample, EXAMPLES } from '../unit/diagnostics/examples.ts';

/** Rewrites both files of each message. Read the difference before committing it. */
const update = process.env.UPDATE_GOLDENS === '1';
const folder = fileURLToPath(new URL('./codes/', import.meta.url));

function held(name: string, text: string): void {
  if (update) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(folder + name, text);
  }
  if (!existsSync(folder + name)) throw new Error(`codes/${name} is missing; UPDATE_GOLDENS=1 writes it`);
  expect(readFileSync(folder + name, 'utf8')).toBe(text);
}

describe('goldens of codes', () => {
  test.each(EXAMPLES)('%s', (code, { frame, wrong }) => {
    held(`${code}.wsss`, framed(frame, wrong));
    held(`${code}.txt`, renderAll(checkExample(frame, wrong).all));
  });

  test('there is one for each message that has an example, and none besides', () => {
    expect(readdirSync(folder).sort()).toEqual(EXAMPLES.flatMap(([code]) => [`${code}.txt`, `${code}.wsss`]).sort());
  });
});
