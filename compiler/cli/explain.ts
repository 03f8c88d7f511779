/** `wsss explain`: what a message, a word of the language, a module, an operator or a section of the guide says. */
import { readFileSync } from 'node:fs';
import { catalogue, entryOf, isCode } from '../diagnostics/catalogue.ts';
import { PLACE } from '../diagnostics/frames.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { type Topic, topicsOf } from '../explain/guide.ts';
import { type LibraryEntry, libraryEntries } from '../explain/library.ts';
import { WORD_GROUPS } from '../explain/words/all.ts';
import type { Word, WordGroup } from '../explain/words/word.ts';
import { guidePath, libraryFiles } from './host.ts';
import { EXIT, type ExitCode, type Output, usage, writeJson } from './output.ts';

export interface ExplainCommand {
  readonly json: boolean;
}

/** What there are pages of, besides the messages. */
export interface Pages {
  readonly topics: readonly Topic[];
  readonly entries: readonly LibraryEntry[];
}

/** The guide and the library of this package. */
export function packagePages(): Pages {
  return { topics: topicsOf(readFileSync(guidePath(), 'utf8')), entries: libraryEntries(libraryFiles()) };
}

/** Writes the page of `name`, or, without a name, what there are pages of. */
export function runExplain(output: Output, name: string | undefined, { json }: ExplainCommand, pages?: Pages): ExitCode {
  const code = name?.toLowerCase();
  if (code !== undefined && isCode(code)) return codePage(output, code, json);
  const { topics, entries } = pages ?? packagePages();
  if (name === undefined) return listed(output, topics, entries, json);
  const found = pagesOf(name, topics, entries);
  if (found.length > 0) {
    if (json) writeJson(output, { pages: found.map(({ text: _, ...page }) => page) });
    else output.out(found.map(({ text }) => text).join('\n\n'));
    return EXIT.good;
  }
  throw usage(
    `there is no page '${name}'`,
    didYouMean(name, namesOf(topics, entries))?.text ??
      'wsss explain, without a name, lists the messages, the words, the library and the topics',
  );
}

interface Page {
  readonly kind: 'word' | 'group' | 'entry' | 'file' | 'topic';
  /** For people. */
  readonly text: string;
  readonly page: unknown;
}

/** All pages of a name: `train` is a block and a stage. The name of a kind is the same in lower case. */
function pagesOf(name: string, topics: readonly Topic[], entries: readonly LibraryEntry[]): readonly Page[] {
  const lower = name.toLowerCase();
  const own = entries.filter((entry) => entry.name === name).map((page): Page => ({ kind: 'entry', text: entryPage(page), page }));
  const words = WORD_GROUPS.flatMap((group) =>
    group.words.filter((word) => word.name === name).map((page): Page => ({ kind: 'word', text: wordPage(page, group), page })),
  );
  const near = WORD_GROUPS.flatMap((group) =>
    group.words
      .filter((word) => word.name.toLowerCase() === lower)
      .map((page): Page => ({ kind: 'word', text: wordPage(page, group), page })),
  );
  const groups = WORD_GROUPS.filter((group) => group.name === lower || group.title.toLowerCase() === lower).map(
    (page): Page => ({ kind: 'group', text: groupPage(page), page }),
  );
  const declared = entries.filter(({ file }) => file !== '' && file === name);
  const file: readonly Page[] =
    declared.length > 0 ? [{ kind: 'file', text: filePage(name, declared), page: { file: name, entries: declared } }] : [];
  const sections = topics
    .filter((topic) => topic.name === lower || topic.title.toLowerCase() === lower)
    .map((page): Page => ({ kind: 'topic', text: `${page.title}\n\n${page.text}`, page }));
  const exact = [...own, ...words];
  return [...(exact.length > 0 ? exact : near), ...file, ...groups, ...sections];
}

function namesOf(topics: readonly Topic[], entries: readonly LibraryEntry[]): readonly string[] {
  return [
    ...Object.keys(catalogue),
    ...entries.flatMap(({ name, file }) => (file === '' ? [name] : [name, file])),
    ...WORD_GROUPS.flatMap(({ name, words }) => [name, ...words.map((word) => word.name)]),
    ...topics.map((t) => t.name),
  ];
}

function wordPage({ form, text }: Word, group: WordGroup): string {
  return [form, '', text, '', `one of: ${group.title.toLowerCase()} (wsss explain ${group.name})`].join('\n');
}

function groupPage({ title, intro, words }: WordGroup): string {
  const width = Math.max(...words.map(({ name }) => name.length));
  return [title, '', intro, '', ...words.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`)].join('\n');
}

/** What a file of the library declares, one line each. */
function filePage(file: string, entries: readonly LibraryEntry[]): string {
  const width = Math.max(...entries.map(({ name }) => name.length));
  return [
    `import "${file}"`,
    '',
    ...entries.map(({ name, doc }) => `  ${name.padEnd(width)}  ${doc.split(/(?<=\.)\s/, 1)[0].replaceAll('\n', ' ')}`.trimEnd()),
  ].join('\n');
}

function codePage(output: Output, code: keyof typeof catalogue, json: boolean): ExitCode {
  const { severity, message, explain } = entryOf(code);
  // Holes are told by their names.
  const words = message.parts.map((part, i) => part + (message.holes[i] === undefined ? '' : `<${message.holes[i]}>`)).join('');
  if (json) writeJson(output, { code, severity, message: words, ...explain });
  else {
    const lines = [`${severity}[${code}]: ${words}`];
    lines.push('', explain.why, '');
    if ('frame' in explain) {
      const place = PLACE[explain.frame];
      lines.push(`wrong, ${place}:`, indented(explain.wrong), '', `right, ${place}:`, indented(explain.right));
    } else lines.push(explain.instead, '', `There is no example: ${explain.outside}`);
    output.out(lines.join('\n'));
  }
  return EXIT.good;
}

function entryPage({ file, signature, doc }: LibraryEntry): string {
  const from = file === '' ? 'a primitive: no import' : `import "${file}"`;
  return [signature, '', ...(doc === '' ? [] : [doc, '']), from].join('\n');
}

function listed(output: Output, topics: readonly Topic[], entries: readonly LibraryEntry[], json: boolean): ExitCode {
  const codes = Object.keys(catalogue).sort();
  if (json) {
    writeJson(output, {
      topics: topics.map((t) => t.name),
      words: WORD_GROUPS.map(({ name, title, words }) => ({ name, title, words: words.map((word) => word.name) })),
      codes,
      library: entries.map(({ name, kind, file }) => ({ name, kind, file })),
    });
    return EXIT.good;
  }
  const files = new Map<string, string[]>();
  for (const { name, file } of entries) {
    const of = file === '' ? 'operators' : file;
    files.set(of, [...(files.get(of) ?? []), name]);
  }
  const lines = ['Topics of the guide', wrapped(topics.map((t) => t.name)), ''];
  for (const { name, title, words } of WORD_GROUPS) lines.push(`${title} (${name})`, wrapped(words.map((word) => word.name)), '');
  for (const [file, names] of files) lines.push(file, wrapped(names), '');
  lines.push('Messages', wrapped(codes), '', 'wsss explain NAME shows one of them.');
  output.out(lines.join('\n'));
  return EXIT.good;
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** Names in lines of at most 100 characters. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  let line = ' ';
  for (const name of names) {
    if (line.length + name.length + 1 > 100) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${name}`;
  }
  return [...lines, line].join('\n');
}
