import { expect, test } from 'vitest';
import { grammarText, terminalsText } from '../../../compiler/explain/grammar.ts';

test('every name that the grammar uses is one of its rules or of its terminals, and every terminal is used', () => {
  const lines = grammarText();
  const rules = new Set(lines.map(({ rule }) => rule));
  const used = new Set(lines.flatMap(({ text }) => text.replace(/"[^"]*"/g, ' ').match(/\w+/g) ?? []));
  const terminals = terminalsText().map(({ name }) => name);
  expect([...used].filter((name) => !rules.has(name) && !terminals.includes(name))).toEqual([]);
  expect(terminals.filter((name) => !used.has(name))).toEqual([]);
  expect([...rules].filter((name) => name !== 'file' && !used.has(name))).toEqual([]);
});
