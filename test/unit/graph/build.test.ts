/** `wsss build --graph`: the folder beside the program. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runBuild } from '../../../compiler/cli/build.ts';
import { decodeSavedModel } from './decode.ts';
import { problemsOf } from './validate.ts';

const spec = fileURLToPath(new URL('../cli/tiny.wsss', import.meta.url));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wsss-graph-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function build(name: string, graph: boolean): Promise<readonly string[]> {
  const said: string[] = [];
  const output = { out: (text: string) => void said.push(text), error: (text: string) => void said.push(text), colour: false };
  expect(await runBuild(output, spec, { out: join(folder, name), set: [], json: true, graph })).toBe(0);
  return (JSON.parse(said.join('\n')) as { written: string[] }).written;
}

test('writes a SavedModel and the lines of the spec that its nodes come from, twice the same', async () => {
  const written = await build('first', true);
  expect(written).toEqual(expect.arrayContaining([join(folder, 'first', 'tiny.graph', 'saved_model.pb')]));
  await build('second', true);
  for (const file of ['saved_model.pb', 'spec-lines.json'])
    expect(await readFile(join(folder, 'second/tiny.graph', file))).toEqual(await readFile(join(folder, 'first/tiny.graph', file)));
  const model = decodeSavedModel(await readFile(join(folder, 'first/tiny.graph/saved_model.pb')));
  expect(problemsOf(model)).toEqual([]);
  const lines = JSON.parse(await readFile(join(folder, 'first/tiny.graph/spec-lines.json'), 'utf8')) as {
    readonly format: number;
    readonly nodes: Record<string, { file: string; line: number; path: string }>;
  };
  expect(lines.format).toBe(1);
  const names = new Set(model.nodes.map(({ name }) => name));
  const known = Object.keys(lines.nodes);
  expect(known.length).toBeGreaterThan(20);
  expect(known.filter((name) => !names.has(name))).toEqual([]);
  expect(Object.values(lines.nodes).filter(({ file, line }) => !file.endsWith('.wsss') || line < 1)).toEqual([]);
});

test('is written only when it is asked for', async () => {
  const written = await build('plain', false);
  expect(written.some((path) => path.includes('.graph'))).toBe(false);
  expect(existsSync(join(folder, 'plain/tiny.graph'))).toBe(false);
});
