import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { showPlace, sourceFile } from '../../../compiler/source/source.ts';
import type { SpecFile } from '../../../compiler/syntax/ast.ts';
import { parse } from '../../../compiler/syntax/parse.ts';
import { type Node, visit } from '../../../compiler/syntax/visit.ts';

const specs = new URL('../../../specs/', import.meta.url);
const broken = new URL('../../golden/syntax/', import.meta.url);

function texts(folder: URL): readonly (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.wsss'))
    .sort()
    .map((f) => [f, readFileSync(new URL(f, folder), 'utf8')]);
}

/** Every object below `value` that has a `kind` and a `span`, found without knowing the tree's types. */
function nodesBelow(value: unknown, found: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || found.has(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) nodesBelow(item, found);
    return;
  }
  if ('kind' in value && 'span' in value) found.add(value);
  for (const [key, child] of Object.entries(value)) if (key !== 'span' && key !== 'operatorSpan') nodesBelow(child, found);
}

function check(file: SpecFile): void {
  const seen = new Set<unknown>();
  visit(file, (node: Node, parent) => {
    seen.add(node);
    if (parent) {
      const inside = node.span.start >= parent.span.start && node.span.end <= parent.span.end && node.span.start <= node.span.end;
      expect(inside, `${node.kind} in ${parent.kind} at ${showPlace(node.span)}`).toBe(true);
    }
    return true;
  });
  const all = new Set<unknown>();
  nodesBelow(file, all);
  expect(seen.size).toBe(all.size);
  for (const node of all) expect(seen.has(node)).toBe(true);
}

describe('every node is visited, and lies inside its parent', () => {
  test.each(texts(specs))('specs/%s', (name, text) => {
    check(parse(sourceFile(name, text), new Diagnostics()));
  });
  test.each(texts(broken))('broken %s', (name, text) => {
    check(parse(sourceFile(name, text), new Diagnostics()));
  });
});

test('the whole language is visited', () => {
  check(parse(sourceFile('whole', readFileSync(new URL('./whole-language.wsss', import.meta.url), 'utf8')), new Diagnostics()));
});

test('returning false skips what is below', () => {
  const file = parse(sourceFile('t', 'module m(x: float) -> float { return x + 1 }'), new Diagnostics());
  const kinds: string[] = [];
  visit(file, (node) => {
    kinds.push(node.kind);
    return node.kind !== 'return';
  });
  expect(kinds).toContain('return');
  expect(kinds).not.toContain('binary');
});
