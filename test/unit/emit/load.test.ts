/** Loading programs: only what the compiler wrote, with the running runtime; in worker threads too. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadProgram } from '../../../runtime/host/load.ts';
import { residualProgram } from './residual.ts';
import { emit, fileOf } from './running.ts';

const text = async (): Promise<string> => fileOf(await emit(residualProgram({ stages: [1], width: 2, classes: 2 })), '.js');

test('a program loads from its file and from its text', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wsss-load-'));
  const file = join(folder, 'it is # 100% ünusual.js');
  writeFileSync(file, await text());
  for (const program of [await loadProgram(file), await loadProgram({ text: await text(), name: 'memory' })]) {
    expect(Object.keys(program.graphs)).toEqual(['gradients', 'update', 'infer.cam']);
    expect(program.meta.format).toBe(1);
  }
});

test.each([
  ['another module', "import { readFileSync } from 'node:fs';"],
  ['for its effects', "import 'node:fs';"],
  ['on demand', "const fs = await import('node:fs');"],
  ['through a re-export', "export * from 'node:fs';"],
  ['with an attribute', "import data from './data.json' with { type: 'json' };"],
])('a file that imports %s is refused', async (_, line) => {
  const changed = `${await text()}\n${line}\n`;
  await expect(loadProgram({ text: changed, name: 'bad.js' })).rejects.toThrow(
    /^bad\.js: a generated program imports only wsss\/runtime, found: /,
  );
});

test('a name the runtime does not have is refused with what to do', async () => {
  const changed = (await text()).replace('import { ', 'import { kernels, ');
  await expect(loadProgram({ text: changed, name: 'old.js' })).rejects.toThrow(
    "old.js: imports 'kernels', which wsss/runtime does not have; build the program with this version",
  );
});

test('other files are refused in plain words', async () => {
  await expect(loadProgram({ text: 'export const x = 1;', name: 'x.js' })).rejects.toThrow(
    "x.js: not a program of this compiler: it exports no 'program' of format 1; build it again",
  );
  await expect(loadProgram({ text: 'const = ;', name: 'y.js' })).rejects.toThrow(/^y\.js: the program does not load: .*; build it again$/);
  await expect(loadProgram('/nowhere/at/all.js')).rejects.toThrow(
    "/nowhere/at/all.js: cannot be read (ENOENT); give the .js file that 'wsss build' wrote",
  );
});

test('errors inside a program point at its lines', async () => {
  const program = await loadProgram({ text: await text(), name: 'traced.js' });
  const empty = { state: {}, batch: {}, draws: {}, scalars: {}, gradients: {}, dims: {} };
  let stack = '';
  try {
    program.graphs.gradients(empty);
  } catch (error) {
    stack = error instanceof Error ? (error.stack ?? '') : '';
  }
  const line = Number(/wsss-program\/traced\.js:(\d+):/.exec(stack)?.[1]);
  expect((await text()).split('\n')[line - 1]).toContain("checkArguments('gradients'");
});
