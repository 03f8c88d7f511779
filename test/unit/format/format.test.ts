/** The formatter: the same words in one layout, whatever the white space was. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { format, LINE_WIDTH } from '../../../compiler/format/format.ts';
import { readText } from '../../../grammar/read.ts';
import { wordsOf } from './reflow.ts';

const root = fileURLToPath(new URL('../../../specs/', import.meta.url));
const specs = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.wsss'))
  .sort();

function formatted(text: string): string {
  const result = format(text);
  if (!result.ok) throw new Error('refused');
  return result.text;
}
const comments = (text: string): readonly string[] => readText(text).comments.map((c) => c.text.trimEnd());

describe('every spec of the package', () => {
  test.each(specs)('%s', (name) => {
    const text = readFileSync(join(root, name), 'utf8');
    const once = formatted(text);
    expect(once, 'is not in the standard layout: wsss fmt specs').toBe(text);
    expect(formatted(once)).toBe(once);
    const long = once.split('\n').filter((line) => line.length > LINE_WIDTH && !line.trim().startsWith('//') && !line.includes('"'));
    expect(long).toEqual([]);
  });
});

describe('layout', () => {
  test.each([
    ['spaces', 'let   x=f( a ,b )  [ 0 ]*-3', 'let x = f(a, b)[0] * -3\n'],
    ['names and values', 'let x = resize(a,like : b ,mode:bilinear)', 'let x = resize(a, like: b, mode: bilinear)\n'],
    ['ranges and slices', 'let x = y[ channel : 1 .. ] + z[0 .. 2]', 'let x = y[channel: 1..] + z[0..2]\n'],
    ['choices', 'let x = a ?b:c', 'let x = a ? b : c\n'],
  ])('%s', (_, statement, wanted) => {
    expect(formatted(`module m(a, b, c, y, z) {\n${statement}\n}`)).toBe(`module m(a, b, c, y, z) {\n  ${wanted}}\n`);
  });

  test('a long call is filled where its arguments are short, and one a line where they are not', () => {
    const short = Array.from({ length: 20 }, (_, i) => `argument_${i}`).join(', ');
    expect(formatted(`module m() {\nreturn f(${short})\n}`)).toMatchInlineSnapshot(`
      "module m() {
        return f(
          argument_0, argument_1, argument_2, argument_3, argument_4, argument_5, argument_6, argument_7, argument_8,
          argument_9, argument_10, argument_11, argument_12, argument_13, argument_14, argument_15, argument_16, argument_17,
          argument_18, argument_19
        )
      }
      "
    `);
    const call = `g(${Array.from({ length: 8 }, (_, i) => `argument_${i}`).join(', ')})`;
    expect(formatted(`module m() {\nreturn f(${call}, ${call})\n}`)).toMatchInlineSnapshot(`
      "module m() {
        return f(
          g(argument_0, argument_1, argument_2, argument_3, argument_4, argument_5, argument_6, argument_7),
          g(argument_0, argument_1, argument_2, argument_3, argument_4, argument_5, argument_6, argument_7)
        )
      }
      "
    `);
  });

  test('comments stay where they were: above, behind, in lists, at the end of a block and of the file', () => {
    const messy = `// first

/// What it is.
module m(a, // the one
 b) { // opens
   // above
   let x = [1, // one
     2 // two
   // last
   ]


   // alone

   let y = x // behind
   return y
   // at the end
}
// after all`;
    expect(formatted(messy)).toMatchInlineSnapshot(`
      "// first

      /// What it is.
      module m(
        a, // the one
        b
      ) { // opens
        // above
        let x = [
          1, // one
          2 // two
          // last
        ]

        // alone

        let y = x // behind
        return y
        // at the end
      }
      // after all
      "
    `);
  });

  test('comments where an author would hardly write them', () => {
    const text = readFileSync(fileURLToPath(new URL('./remarks.wsss', import.meta.url)), 'utf8');
    const once = formatted(text);
    expect(wordsOf(once)).toEqual(wordsOf(text));
    expect(comments(once)).toEqual(comments(text));
    expect(formatted(once)).toBe(once);
  });

  test('nothing but comments, and nothing at all', () => {
    expect(formatted('')).toBe('');
    expect(formatted('\n\n')).toBe('');
    expect(formatted('// only this')).toBe('// only this\n');
  });

  test('line ends of Windows', () => {
    expect(formatted('module m() {\r\n  // a\r\n  return 1\r\n}\r\n')).toBe('module m() {\n  // a\n  return 1\n}\n');
  });

  test('a file with syntax errors is refused', () => {
    expect(format('module m( {')).toEqual({ ok: false });
    expect(format('module m() {\n  x := 3\n}')).toEqual({ ok: false });
  });
});
