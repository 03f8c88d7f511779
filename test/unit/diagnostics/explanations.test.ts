/** What `wsss explain` says of each message: its wrong example gives that message alone, its right one none; and each is reported somewhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { catalogue, entryOf, isCode } from '../../../compiler/diagnostics/catalogue.ts';
import { checkExample, EXAMPLES } from './examples.ts';

const compiler = fileURLToPath(new URL('../../../compiler/', import.meta.url));

describe('the wrong example gives this message alone, the right one none', () => {
  test.each(EXAMPLES)('%s', (code, { frame, wrong, right }) => {
    const codes = (text: string): readonly string[] => checkExample(frame, text).all.map((d) => d.code);
    expect(codes(wrong)).toEqual([code]);
    expect(codes(right)).toEqual([]);
  });
});

test('nearly all messages have an example, and the others say why not', () => {
  const exampled = new Set<string>(EXAMPLES.map(([code]) => code));
  const without = Object.keys(catalogue).filter((code) => !exampled.has(code));
  expect(without).toEqual(['no-vjp', 'not-differentiable']);
  for (const code of without) {
    const explain = isCode(code) ? entryOf(code).explain : undefined;
    if (!explain || !('outside' in explain)) throw new Error(`${code} has neither`);
    expect(explain.instead).not.toBe('');
    expect(explain.outside).not.toBe('');
  }
});

test('every message of the catalogue is reported somewhere in the compiler', () => {
  const sources = readdirSync(compiler, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('diagnostics/catalogue'))
    .map((file) => readFileSync(compiler + file, 'utf8'))
    .join('\n');
  expect(Object.keys(catalogue).filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
});
