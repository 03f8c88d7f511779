/** The rooms of the house and who may enter them: every relative import of the project is held against this table. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Room → rooms whose files it may import (besides its own). Longest prefix wins. */
const ROOMS: Readonly<Record<string, readonly string[] | 'everything'>> = {
  grammar: ['compiler/source', 'compiler/diagnostics'],
  'compiler/source': [],
  'compiler/diagnostics': ['compiler/source'],
  'compiler/syntax': ['grammar', 'compiler/source', 'compiler/diagnostics'],
  // What it prints are tokens, which no later room has.
  'compiler/format': ['grammar'],
  // Of the grammar it tells the rules, as data.
  'compiler/explain': [
    'grammar/rules.ts',
    'compiler/syntax',
    'compiler/source',
    'compiler/diagnostics',
    'compiler/check/data/transforms.ts',
  ],
  'compiler/bind': ['compiler/syntax', 'compiler/source', 'compiler/diagnostics'],
  'compiler/shape': ['compiler/source', 'compiler/diagnostics'],
  'compiler/ops': ['compiler/shape', 'compiler/source'],
  'compiler/check': [
    'compiler/bind',
    'compiler/syntax',
    'compiler/shape',
    'compiler/ops',
    'compiler/source',
    'compiler/diagnostics',
    'compiler/ir/program.ts',
    // What a loss reaches is part of what a check promises.
    'compiler/flow/unreached.ts',
    'compiler/flow/parts.ts',
  ],
  'compiler/ir': ['compiler/check', 'compiler/shape', 'compiler/ops', 'compiler/source'],
  'compiler/transform': ['compiler/ir', 'compiler/ops', 'compiler/shape', 'compiler/source'],
  'compiler/emit': ['compiler/ir', 'compiler/ops', 'compiler/shape', 'compiler/source', 'compiler/transform'],
  'compiler/flow': ['compiler/ir', 'compiler/ops', 'compiler/shape', 'compiler/source', 'compiler/diagnostics'],
  // Pictures of a method's wiring, as DOT.
  'compiler/graph': ['compiler/flow', 'compiler/ir', 'compiler/ops', 'compiler/shape', 'compiler/source'],
  'compiler/cost': ['compiler/ir', 'compiler/ops', 'compiler/shape', 'compiler/source', 'compiler/diagnostics'],
  'compiler/diff': [
    'compiler/bind',
    'compiler/check',
    'compiler/syntax',
    'compiler/ir',
    'compiler/ops',
    'compiler/shape',
    'compiler/flow',
    'compiler/describe/sizes.ts',
    'compiler/describe/step.ts',
    'compiler/cost',
    'compiler/source',
    'compiler/diagnostics',
  ],
  'compiler/compare': [
    'compiler/check',
    'compiler/bind',
    'compiler/ir',
    'compiler/ops',
    'compiler/shape',
    'compiler/source',
    'compiler/syntax',
    'compiler/diagnostics',
    'compiler/transform',
    'compiler/compile.ts',
  ],
  // Reports on checked methods as plain data: what `flow`, `cost` and `graph` print.
  'compiler/describe': [
    'compiler/check',
    'compiler/compile.ts',
    'compiler/cost',
    'compiler/flow',
    'compiler/graph',
    'compiler/ir',
    'compiler/ops',
    'compiler/shape',
    'compiler/source',
    'compiler/transform',
  ],
  'compiler/cli': 'everything',
  compiler: ['compiler'],
  'runtime/random': [],
  'runtime/ops': ['runtime/program.ts', 'runtime/sizes.ts'],
  'runtime/backend': ['runtime/ops', 'runtime/host'],
  'runtime/graph': ['runtime/program.ts', 'runtime/backend'],
  'runtime/host': ['runtime/program.ts', 'runtime/sizes.ts', 'runtime/size-arithmetic.ts', 'runtime/ops', 'runtime/index.ts'],
  'runtime/train': ['runtime'],
  'runtime/data': ['runtime/random', 'runtime/data'],
  'runtime/refine': ['runtime/data'],
  'runtime/metrics': ['runtime/data'],
  'runtime/report': ['runtime/metrics', 'runtime/data'],
  'runtime/compare': [
    'runtime/data',
    'runtime/host',
    'runtime/ops',
    'runtime/train',
    'runtime/program.ts',
    'runtime/sizes.ts',
    'runtime/size-arithmetic.ts',
    // A case runs a stage with the code that a pipeline runs.
    'runtime/pipeline/plan.ts',
    'runtime/pipeline/cam-files.ts',
    'runtime/pipeline/infer.ts',
    'runtime/pipeline/refine-image.ts',
  ],
  'runtime/pipeline': ['runtime'],
  runtime: ['runtime'],
};

/** Where files may be touched, and where the process and the console may be. */
const FILES = ['runtime/data', 'runtime/pipeline', 'runtime/host', 'runtime/train', 'compiler/cli'];
const PROCESS = ['runtime/host', 'compiler/cli'];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? sources(path) : entry.name.endsWith('.ts') ? [path] : [];
  });
}

function roomOf(path: string): string {
  const found = Object.keys(ROOMS)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
  if (found === undefined) throw new Error(`${path} lies in no room`);
  return found;
}

const inside = (path: string, rooms: readonly string[]): boolean => rooms.some((room) => path === room || path.startsWith(`${room}/`));

const all = ['grammar', 'compiler', 'runtime'].flatMap(sources);

test('every import stays within what its room may enter', () => {
  const broken: string[] = [];
  for (const file of all) {
    const room = roomOf(file);
    const allowed = ROOMS[room];
    if (allowed === 'everything') continue;
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const target = normalize(join(dirname(file), specifier));
      if (!inside(target, [room, ...allowed])) broken.push(`${file} → ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

test('runtime and compiler do not know each other', () => {
  const broken = all.filter((file) => {
    if (file.startsWith('compiler/cli/')) return false;
    const text = readFileSync(join(root, file), 'utf8');
    const other = file.startsWith('runtime') ? /from '(\.\.\/)+(compiler|grammar)\// : /from '(\.\.\/)+runtime\//;
    return other.test(text);
  });
  expect(broken).toEqual([]);
});

test('files, process and console are touched only where the architecture says', () => {
  const broken: string[] = [];
  for (const file of all) {
    const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    if (/from 'node:fs/.test(text) && !inside(file, FILES)) broken.push(`${file}: node:fs`);
    if (/(?<![.\w'])(process\.|console\.)/.test(text) && !inside(file, PROCESS)) broken.push(`${file}: process or console`);
  }
  expect(broken).toEqual([]);
});

test('no source switches the types off', () => {
  const broken = all.filter((file) =>
    /(: any\b|as any\b|as unknown as)/.test(readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')),
  );
  expect(broken).toEqual([]);
});
