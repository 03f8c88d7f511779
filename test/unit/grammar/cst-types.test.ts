import { readFileSync, writeFileSync } from 'node:fs';
import { generateCstDts } from 'chevrotain';
import { expect, test } from 'vitest';
import { SpecParser } from '../../../grammar/parser.ts';
import { specLexer } from '../../../grammar/read.ts';

const path = new URL('../../../grammar/cst-types.ts', import.meta.url);
const header = '// Generated from the grammar by test/unit/grammar/cst-types.test.ts (UPDATE_GOLDENS=1, then format). Do not edit.\n';

/** What the formatter may change: white space, quotes, brackets that mean nothing, and separators. */
function unformatted(text: string): string {
  return text.replace(/\/\/.*\n/g, '').replace(/[\s"'();,|]/g, '');
}

test('tokens and grammar are sound: no unreachable token, no ambiguity, no left recursion', () => {
  expect(specLexer(true).lexerDefinitionErrors).toEqual([]);
  expect(() => new SpecParser({ validate: true })).not.toThrow();
});

test('the committed CST types are those of the grammar', () => {
  const generated = generateCstDts(new SpecParser().getGAstProductions());
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(path, header + generated);
  expect(unformatted(readFileSync(path, 'utf8'))).toBe(unformatted(generated));
});
