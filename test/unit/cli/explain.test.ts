/** `wsss explain`: every page it lists is there, and a wrong name gets the nearest. */
import { expect, test } from 'vitest';
import { packagePages, runExplain } from '../../../compiler/cli/explain.ts';
import { CommandFailure, type Output } from '../../../compiler/cli/output.ts';

const pages = packagePages();

function explained(name: string | undefined, json = false): string {
  const lines: string[] = [];
  const output: Output = { out: (text) => void lines.push(text), error: (text) => void lines.push(`error: ${text}`), colour: false };
  expect(runExplain(output, name, { json }, pages)).toBe(0);
  return lines.join('\n');
}

interface Listed {
  readonly topics: readonly string[];
  readonly codes: readonly string[];
  readonly library: readonly { readonly name: string; readonly kind: string; readonly file: string }[];
}

test('every topic, code and declaration of the library has a page', () => {
  const { topics, codes, library }: Listed = JSON.parse(explained(undefined, true));
  expect(codes.length).toBeGreaterThan(80);
  for (const name of [...topics, ...codes]) expect(explained(name).length, name).toBeGreaterThan(20);
  // What the library declares is documented there: a page without a word of its own explains nothing.
  for (const { name, file } of library) {
    const page = explained(name);
    expect(page, name).toContain(file === '' ? 'a primitive' : `import "${file}"`);
    expect(page.split('\n\n').length, `${name} of ${file} has no doc comment`).toBeGreaterThan(2);
  }
});

test('every word of the language has a page, by its group too; a file of the library lists what it declares', () => {
  const { words }: { readonly words: readonly { readonly name: string; readonly words: readonly string[] }[] } = JSON.parse(
    explained(undefined, true),
  );
  expect(words.length).toBeGreaterThan(5);
  for (const group of words) {
    const page = explained(group.name);
    for (const word of group.words) {
      expect(page).toContain(`  ${word}`);
      expect(explained(word), word).toContain(`(wsss explain ${group.name})`);
    }
  }
  expect(explained('image')).toContain('Image[');
  for (const { file, name } of pages.entries) if (file !== '') expect(explained(file)).toContain(`  ${name}`);
});

test('a name that nothing has gets the nearest', () => {
  const attempt = (): string => explained('konv');
  expect(attempt).toThrow(CommandFailure);
  try {
    attempt();
  } catch (error) {
    expect(error instanceof CommandFailure && error.problem.hint).toContain("'conv'");
  }
});
