/** The compiler as a page would have it: bundled for a browser, run where there is nothing but the language itself. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkFile } from '../../../compiler/check/check.ts';
import { diskHost } from '../../../compiler/cli/host.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const specs = join(root, 'specs');

let folder: string;
let inputs: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wsss-browser-'));
  const { metafile } = await build({
    entryPoints: { wsss: join(root, 'compiler/index.ts') },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // Writes TypeScript, when a program is emitted; a checker never asks for it.
    external: ['ts-morph'],
    metafile: true,
    logLevel: 'silent',
  });
  inputs = Object.keys(metafile.inputs);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every spec of the package, under the names that imports reach. */
function library(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of readdirSync(specs, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.wsss')) files[name.split('\\').join('/')] = readFileSync(join(specs, name), 'utf8');
  }
  return files;
}

interface Result {
  readonly methods: readonly { readonly name: string; readonly operators: number; readonly graphs: readonly string[] }[];
  readonly messages: string;
  readonly globals: readonly string[];
}

function inBareContext(files: Readonly<Record<string, string>>, spec: string): Result {
  const harness = fileURLToPath(new URL('./bare-context.mjs', import.meta.url));
  const ended = spawnSync(process.execPath, ['--experimental-vm-modules', '--no-warnings', harness, folder, 'wsss.js'], {
    input: JSON.stringify({ files, spec }),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect(ended.stderr).toBe('');
  return JSON.parse(ended.stdout);
}

test('nothing of Node and nothing of the runtime is in the bundle', () => {
  expect(inputs.filter((name) => name.startsWith('node:') || name.startsWith('runtime/') || name.includes('compiler/cli/'))).toEqual([]);
});

test('a sound spec gives what it gives under Node', () => {
  const { methods, messages, globals } = inBareContext(library(), 'methods/sipe.wsss');
  expect(globals).toEqual(['wsss', 'input']);
  const diagnostics = new Diagnostics();
  const here = checkFile(diskHost, join(specs, 'methods/sipe.wsss'), diagnostics);
  expect(messages).toBe(renderAll(diagnostics.all));
  expect(methods.map(({ name, operators }) => ({ name, operators }))).toEqual(
    [...(here?.methods.values() ?? [])].map((m) => ({ name: m.name, operators: m.forward.graph.nodes.length })),
  );
  for (const method of methods) expect(method.graphs).toContain('update');
});

test('a mistake is told with its place and a candidate', () => {
  const files = library();
  const { messages } = inBareContext(
    {
      ...files,
      'mine.wsss': files['methods/sipe.wsss'].replace('../datasets/', 'datasets/').replace('loss gsc = r.gsc', 'loss gsc = r.gcs'),
    },
    'mine.wsss',
  );
  expect(messages).toContain('--> mine.wsss:');
  expect(messages).toContain("did you mean 'gsc'?");
});
