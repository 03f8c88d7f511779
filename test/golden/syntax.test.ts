import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { Diagnostics } from '../../compiler/diagnostics/diagnostics.ts';
import { type SourceFile, sourceFile } from '../../compiler/source/source.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { goldens } from './engine.ts';

function syntaxOf(source: SourceFile): Diagnostics {
  const diagnostics = new Diagnostics();
  parse(source, diagnostics);
  return diagnostics;
}

goldens('syntax', syntaxOf);

/** Inputs that hold one mistake say so in their name; the others start with `// N mistakes`. */
test.each(['three-mistakes', 'python-habits', 'missing-brace', 'missing-paren', 'blocks'])('%s: as many messages as mistakes', (name) => {
  const text = readFileSync(new URL(`./syntax/${name}.wsss`, import.meta.url), 'utf8');
  const declared = /^\/\/ (\d+) mistakes?/.exec(text);
  const found = syntaxOf(sourceFile(name, text)).all;
  expect(found.map((d) => d.code)).toHaveLength(Number(declared?.[1]));
});
