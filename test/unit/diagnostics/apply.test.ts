import { describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../../compiler/cli/unified-diff.ts';
import { applyFixes } from '../../../compiler/diagnostics/apply.ts';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostics.ts';
import { removedItem, removedLines, removedWith } from '../../../compiler/diagnostics/edits.ts';
import { sourceFile, span } from '../../../compiler/source/source.ts';

const file = sourceFile('a.wsss', 'one two three');

function fixing(...edits: readonly (readonly [start: number, end: number, text: string])[]): Diagnostic {
  return {
    code: 'unknown-name',
    severity: 'error',
    span: span(file, 0, 1),
    message: '',
    label: undefined,
    labels: [],
    hint: undefined,
    notes: [],
    fix: { title: '', edits: edits.map(([start, end, text]) => ({ span: span(file, start, end), text })) },
  };
}

describe('applying', () => {
  test('edits of one file, in whatever order', () => {
    const { texts, applied } = applyFixes([fixing([8, 13, '3']), fixing([0, 3, '1'], [4, 7, '2'])]);
    expect(texts.get('a.wsss')).toBe('1 2 3');
    expect(applied).toHaveLength(2);
  });
  test('a fix that touches an earlier one waits as a whole', () => {
    const { texts, applied } = applyFixes([fixing([4, 7, '2']), fixing([0, 3, '1'], [6, 9, '-'])]);
    expect(texts.get('a.wsss')).toBe('one 2 three');
    expect(applied).toHaveLength(1);
  });
  test('two insertions at one place: which comes first is not known', () => {
    expect(applyFixes([fixing([3, 3, '!']), fixing([3, 3, '?'])]).texts.get('a.wsss')).toBe('one! two three');
  });
  test('neighbours do not touch, files may be closed, and nothing to do is nothing', () => {
    expect(applyFixes([fixing([0, 3, 'a']), fixing([3, 4, '-'])]).texts.get('a.wsss')).toBe('a-two three');
    expect(applyFixes([fixing([0, 3, 'a'])], () => false).texts.size).toBe(0);
    expect(applyFixes([{ ...fixing(), fix: undefined }, fixing()]).applied).toEqual([]);
  });
});

describe('taking away', () => {
  const text = 'a, b , c\n  // all of it\nx = y   as cam';
  const source = sourceFile('b.wsss', text);
  const at = (word: string) => span(source, text.indexOf(word), text.indexOf(word) + word.length);
  const without = (edit: ReturnType<typeof removedLines> | undefined) =>
    edit && text.slice(0, edit.span.start) + edit.text + text.slice(edit.span.end);
  const items = [at('a'), at('b'), at('c')];
  test('items with their comma', () => {
    expect([0, 1, 2].map((i) => without(removedItem(items, i))?.split('\n')[0])).toEqual(['b , c', 'a, c', 'a, b']);
  });
  test('whole lines, or a part of one with the blanks before it', () => {
    expect(without(removedLines(at('// all of it')))).toBe('a, b , c\nx = y   as cam');
    expect(without(removedLines(at('y')))).toBe('a, b , c\n  // all of it\nx =   as cam');
    expect(without(removedLines(span(source, text.indexOf('x ='), text.length)))).toBe('a, b , c\n  // all of it\n');
  });
  test('with the word before', () => {
    expect(without(removedWith('as', at('cam')))).toBe('a, b , c\n  // all of it\nx = y');
    expect(removedWith('off', at('cam'))).toBeUndefined();
  });
});

describe('unified diffs', () => {
  const lines = (n: number): string => Array.from({ length: n }, (_, i) => `line ${i + 1}\n`).join('');
  test('equal texts', () => expect(unifiedDiff('a', 'x\n', 'x\n')).toBe(''));
  test('context, and near changes in one hunk', () => {
    const before = lines(30);
    const after = before.replace('line 5\n', 'five\n').replace('line 10\n', '').replace('line 25\n', 'line 25\nmore\n');
    expect(
      unifiedDiff('a', before, after)
        .split('\n')
        .filter((line) => /^(@@|[+-])/.test(line)),
    ).toEqual(['--- a', '+++ a', '@@ -2,12 +2,11 @@', '-line 5', '+five', '-line 10', '@@ -23,6 +22,7 @@', '+more']);
  });
  test('no end of the last line, and empty texts', () => {
    expect(unifiedDiff('a', 'x', 'x\n')).toBe('--- a\n+++ a\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x');
    expect(unifiedDiff('a', '', 'x\n')).toBe('--- a\n+++ a\n@@ -0,0 +1,1 @@\n+x');
  });
});
