/** `specs/std/ops.wsss` and `docs/operators.md` are written from the operator table and the specs. `UPDATE_DOCS=1` writes them anew. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { operatorLibrary, signature } from '../../../compiler/check/primitives/library.ts';
import { PRIMITIVE_GROUPS, PRIMITIVES } from '../../../compiler/check/primitives/table.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { format } from '../../../compiler/format/format.ts';
import { sourceFile } from '../../../compiler/source/source.ts';
import type { SpecFile } from '../../../compiler/syntax/ast.ts';
import { parse } from '../../../compiler/syntax/parse.ts';
import { visit } from '../../../compiler/syntax/visit.ts';
import { checkSpec } from '../check/checking.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const LIBRARY = 'specs/std/ops.wsss';

function written(path: string, text: string): void {
  if (process.env.UPDATE_DOCS === '1') writeFileSync(root + path, text);
  expect(readFileSync(root + path, 'utf8')).toBe(text);
}

function parsed(path: string): SpecFile {
  const diagnostics = new Diagnostics();
  return parse(sourceFile(path, readFileSync(root + path, 'utf8')), diagnostics);
}

/** All specs but the library of operators itself. */
const specs: readonly string[] = readdirSync(join(root, 'specs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.wsss') && `specs/${name}` !== LIBRARY)
  .sort();

/** Operators that a file calls, `f(x)` or `x.f()`, or names as a function; not those whose name a declaration of the file has taken. */
function called(file: SpecFile): ReadonlySet<string> {
  const own = new Set(file.declarations.flatMap((d) => ('name' in d ? [d.name.text] : [])));
  const found = new Set<string>();
  visit(file, (node) => {
    if (node.kind === 'call') {
      const { callee } = node;
      if (callee.kind === 'name' || callee.kind === 'member') found.add(callee.name.text);
    }
    return true;
  });
  return new Set([...found].filter((name) => Object.hasOwn(PRIMITIVES, name) && !own.has(name)));
}

function standardLayout(text: string): string {
  const result = format(text);
  if (!result.ok) throw new Error('the library of operators is not sound');
  return result.text;
}

function page(): string {
  const users = new Map<string, string[]>();
  for (const spec of specs) for (const name of called(parsed(`specs/${spec}`))) users.set(name, [...(users.get(name) ?? []), spec]);
  const entry = (name: string): string => {
    const used = users.get(name) ?? [];
    const { doc } = PRIMITIVES[name];
    const where = used.length === 0 ? 'In no spec yet.' : `In ${used.map((spec) => `\`${spec.replace('.wsss', '')}\``).join(', ')}.`;
    return `**\`${signature(name, PRIMITIVES[name])}\`**  \n${doc}  \n${where}`;
  };
  const groups = PRIMITIVE_GROUPS.map(({ title, members }) => [`## ${title}`, ...Object.keys(members).map(entry)].join('\n\n'));
  const intro =
    'What a spec may call without an import, and which specs do. A value after `=` may be left out; `all` and `none` stand for what is not given. ' +
    '`over` and `axis` take `batch`, `height`, `width`, `channel` or a number. How each becomes operators of the table is in `compiler/check/primitives`, ' +
    'the table itself in [primitives.md](primitives.md). Written by `UPDATE_DOCS=1 npx vitest run test/unit/api/operators.test.ts`; a test holds it fresh.';
  return `${['# Operators of the language', intro, ...groups].join('\n\n')}\n`;
}

test('the library of operators is what the table says', () => {
  written(LIBRARY, standardLayout(operatorLibrary()));
});

test('the library of operators is a sound spec that declares every operator with its documentation', () => {
  const { diagnostics } = checkSpec('std/ops.wsss');
  expect(diagnostics.toJson().map((d) => `${d.code}: ${d.message}`)).toEqual([]);
  const { declarations } = parsed(LIBRARY);
  expect(declarations.map((d) => (d.kind === 'extern' ? d.name.text : d.kind))).toEqual(Object.keys(PRIMITIVES));
  for (const d of declarations) if (d.kind === 'extern') expect(d.params.length).toBe(PRIMITIVES[d.name.text].params.length);
});

test('the page of operators says what the table and the specs say', () => {
  written('docs/operators.md', page());
});
