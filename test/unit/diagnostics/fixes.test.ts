/** Every fix that a golden's messages propose: it makes its message vanish, brings no new error, and leaves the rest of the text alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkFile } from '../../../compiler/check/check.ts';
import { applyFixes } from '../../../compiler/diagnostics/apply.ts';
import { type Diagnostic, Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { specText } from '../check/checking.ts';

const golden = fileURLToPath(new URL('../../golden/', import.meta.url));

const files = ['checker', 'syntax'].flatMap((folder) =>
  readdirSync(golden + folder)
    .filter((name) => name.endsWith('.wsss'))
    .map((name) => `${folder}/${name}`),
);

function check(name: string, text: string): readonly Diagnostic[] {
  const diagnostics = new Diagnostics();
  checkFile({ read: (wanted) => (wanted === name ? text : specText(wanted)) }, name, diagnostics);
  return diagnostics.all;
}

/** How often each error was told, whatever its place. */
const errorsOf = (found: readonly Diagnostic[]): readonly string[] =>
  found.filter((d) => d.severity === 'error').map((d) => `${d.code}: ${d.message}`);

const titles = new Set<string>();

describe('fixes of the goldens', () => {
  test.each(files)('%s', (path) => {
    const name = path.slice(path.indexOf('/') + 1);
    const text = readFileSync(golden + path, 'utf8');
    const found = check(name, text);
    for (const one of found) {
      if (!one.fix) continue;
      titles.add(one.code);
      const { texts, applied } = applyFixes([one]);
      expect(applied).toHaveLength(1);
      const after = texts.get(name)!;
      expectOnlyEdits(text, after, one);
      const left = check(name, after);
      const same = (d: Diagnostic): boolean => d.code === one.code && d.message === one.message;
      expect(left.filter(same).length, `${one.code}: ${one.message}`).toBe(found.filter(same).length - 1);
      // Errors that this one hid may show; those of the text around stay what they were.
      if (one.severity === 'warning') expect(errorsOf(left)).toEqual(errorsOf(found));
      expect(left.filter((d) => d.severity === 'error' && touches(d, one, after))).toEqual([]);
    }
  });

  test('fixes were held', () => expect(titles.size).toBeGreaterThanOrEqual(20));
});

/** What stands outside the edits is as it was. */
function expectOnlyEdits(before: string, after: string, { fix }: Diagnostic): void {
  let from = 0;
  let at = 0;
  for (const { span, text } of [...(fix?.edits ?? [])].sort((a, b) => a.span.start - b.span.start)) {
    expect(after.slice(at, at + span.start - from)).toBe(before.slice(from, span.start));
    at += span.start - from;
    expect(after.slice(at, at + text.length)).toBe(text);
    at += text.length;
    from = span.end;
  }
  expect(after.slice(at)).toBe(before.slice(from));
}

/** Whether a message stands on what the fix wrote. */
function touches(d: Diagnostic, { fix }: Diagnostic, after: string): boolean {
  let shift = 0;
  return (fix?.edits ?? []).some(({ span, text }) => {
    const start = span.start + shift;
    shift += text.length - (span.end - span.start);
    const end = start + text.length;
    return text.trim() !== '' && end <= after.length && d.span.start < end && d.span.end > start && d.span.start >= start;
  });
}
