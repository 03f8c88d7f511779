import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const update = process.env.UPDATE_GOLDENS === '1';

function pathOf(folder: string, name: string): string {
  return fileURLToPath(new URL(`./${folder}/${name}.txt`, import.meta.url));
}

/** Holds a text against `test/golden/FOLDER/NAME.txt`; UPDATE_GOLDENS=1 writes it instead. Read the difference before committing it. */
export function expectGolden(folder: string, name: string, text: string): void {
  const path = pathOf(folder, name);
  if (update) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  if (!existsSync(path)) throw new Error(`${folder}/${name}.txt is missing; UPDATE_GOLDENS=1 writes it`);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

/** Names of the expectations in a folder, sorted. */
export function goldenNames(folder: string): readonly string[] {
  return readdirSync(dirname(pathOf(folder, 'x')))
    .filter((file) => file.endsWith('.txt'))
    .map((file) => file.slice(0, -'.txt'.length))
    .sort();
}
