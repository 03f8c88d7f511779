import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { checkSpec, SPECS } from './checking.ts';

const files = readdirSync(SPECS, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.wsss'))
  .sort();

test.each(files)('%s, with every method and variant: nothing to report', (name) => {
  const { checked, diagnostics } = checkSpec(name);
  expect(checked).toBeDefined();
  expect(renderAll(diagnostics.all)).toBe('');
  const declared = checked!.file.declared.filter(({ declaration: d }) => d.kind === 'method' || d.kind === 'variant');
  expect([...checked!.methods.keys()].sort()).toEqual(expect.arrayContaining(declared.map(({ declaration }) => declaration.name.text)));
});
