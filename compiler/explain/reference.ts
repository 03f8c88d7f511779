/** The reference behind the guide: the library and the grammar, as Markdown. */
import { grammarText, terminalsText } from './grammar.ts';
import { REFERENCE_HEADING } from './guide.ts';
import { type LibraryEntry, type LibraryFile, libraryEntries } from './library.ts';
import { WORD_GROUPS } from './words/all.ts';
import type { WordGroup } from './words/word.ts';

/** @param files The standard library, in the order of the reference. */
export function referenceText(files: readonly LibraryFile[]): string {
  const entries = libraryEntries(files);
  const operators = entries.filter((e) => e.kind === 'operator');
  const lines = [
    REFERENCE_HEADING,
    '',
    'Written from `specs/std`, from the tables of words that `wsss explain` shows, and from the parser; a test holds it to them (`UPDATE_DOCS=1` writes it anew).',
    '',
    '## Words',
    '',
    ...WORD_GROUPS.flatMap(groupLines),
    '## The library',
    '',
  ];
  for (const file of files) {
    const own = entries.filter((e) => e.file === file.name);
    if (own.length > 0) lines.push(`### ${file.name}`, '', ...own.flatMap(entryLines));
  }
  if (operators.length > 0) {
    lines.push('## Operators', '', 'Primitives, known everywhere without an import.', '', ...operators.flatMap(entryLines));
  }
  lines.push('## Grammar', '', 'Braces repeat, brackets may be left out. A line end is white space, except that a call or index starts on');
  lines.push('the line where its object ends, and that a minus sign goes on with a line only inside brackets.', '', '```');
  lines.push(...grammarText().map(({ rule, text }) => `${rule} = ${text}`), '```', '');
  lines.push('| terminal | what it is |', '|---|---|');
  lines.push(...terminalsText().map(({ name, text }) => `| \`${name}\` | ${text.replaceAll('|', '\\|')} |`), '');
  return lines.join('\n');
}

function entryLines({ signature, doc }: LibraryEntry): readonly string[] {
  return ['```wsss', signature, '```', ...(doc === '' ? [] : [doc]), ''];
}

/** Bars inside code would end a cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function groupLines({ title, intro, words }: WordGroup): readonly string[] {
  const rows = words.map(({ name, form, text }) => `| **${name}** | \`${cell(form)}\` | ${cell(text)} |`);
  return [`### ${title}`, '', intro, '', '| word | written | meaning |', '|---|---|---|', ...rows, ''];
}
