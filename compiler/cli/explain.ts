/** `wsss explain`: what a message, a module, an operator or a section of the guide says. */
import { readFileSync } from 'node:fs';
import { catalogue, entryOf, isCode } from '../diagnostics/catalogue.ts';
import { PLACE } from '../diagnostics/frames.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { type Topic, topicsOf } from '../explain/guide.ts';
import { type LibraryEntry, libraryEntries } from '../explain/library.ts';
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
  const own = entries.filter((entry) => entry.name === name);
  if (own.length > 0) return entryPages(output, own, json);
  const topic = topics.find((t) => t.name === code || t.title.toLowerCase() === code);
  if (topic) {
    if (json) writeJson(output, { topic });
    else output.out(`${topic.title}\n\n${topic.text}`);
    return EXIT.good;
  }
  const known = [...Object.keys(catalogue), ...entries.map((e) => e.name), ...topics.map((t) => t.name)];
  throw usage(
    `there is no page '${name}'`,
    didYouMean(name, known)?.text ?? 'wsss explain, without a name, lists the messages, the library and the topics',
  );
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

function entryPages(output: Output, own: readonly LibraryEntry[], json: boolean): ExitCode {
  if (json) writeJson(output, { entries: own });
  else {
    const pages = own.map(({ file, signature, doc }) => {
      const from = file === '' ? 'a primitive: no import' : `import "${file}"`;
      return [signature, '', ...(doc === '' ? [] : [doc, '']), from].join('\n');
    });
    output.out(pages.join('\n\n'));
  }
  return EXIT.good;
}

function listed(output: Output, topics: readonly Topic[], entries: readonly LibraryEntry[], json: boolean): ExitCode {
  const codes = Object.keys(catalogue).sort();
  if (json) {
    writeJson(output, { topics: topics.map((t) => t.name), codes, library: entries.map(({ name, kind, file }) => ({ name, kind, file })) });
    return EXIT.good;
  }
  const files = new Map<string, string[]>();
  for (const { name, file } of entries) {
    const of = file === '' ? 'operators' : file;
    files.set(of, [...(files.get(of) ?? []), name]);
  }
  const lines = ['Topics', wrapped(topics.map((t) => t.name)), ''];
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
