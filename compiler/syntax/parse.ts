import { type CommentToken, readText } from '../../grammar/read.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { type SourceFile, span } from '../source/source.ts';
import type { Comment, SpecFile } from './ast.ts';
import { Builder, first, real } from './build/builder.ts';
import { declaration, imports } from './build/declarations.ts';
import { reportFacts } from './report.ts';

/** The version of the language this compiler reads. */
const LANGUAGE = 1;

/**
 * Text to tree. Never throws: what is wrong goes to `diagnostics`, and the tree holds what could be read, with missing names and error
 * expressions in the gaps. Whoever needs a sound tree asks `diagnostics.hasErrors`.
 */
export function parse(file: SourceFile, diagnostics: Diagnostics): SpecFile {
  const read = readText(file.text);
  const before = diagnostics.errorReports;
  reportFacts(file, read.facts, diagnostics);
  const whole = span(file, 0, file.text.length);
  const b = new Builder(file, diagnostics, docsByNextToken(read.comments, read.tokenStarts));
  const start = span(file, 0, 0);
  const importList = imports(read.cst, b, start);
  const declarations = (read.cst.children.declaration ?? []).map((node) => declaration(node, b, start)).filter((d) => d !== undefined);
  for (const node of read.damaged) {
    imports(node, b, start);
    for (const part of node.children.declaration ?? []) declaration(part, b, start);
  }
  if (diagnostics.errorReports === before) {
    for (const lines of b.leftDocs()) {
      const edits = lines.map((line) => ({ span: span(file, line.start, line.start + '///'.length), text: '//' }));
      const fix = { title: 'make it a plain comment', edits };
      diagnostics.report('dangling-doc', span(file, lines[0].start, lines[lines.length - 1].end), {}, { fix });
    }
  }
  return {
    kind: 'file',
    span: whole,
    source: file,
    language: languageOf(read.cst, b),
    imports: importList,
    declarations,
    unread: read.unread,
    comments: read.comments.map((c): Comment => ({ span: span(file, c.start, c.end), text: c.text })),
  };
}

function languageOf(cst: ReturnType<typeof readText>['cst'], b: Builder): number | undefined {
  const token = real(first(cst.children.NumberValue));
  if (!token) return undefined;
  const version = Number(token.image);
  if (version !== LANGUAGE) b.diagnostics.report('language-version', b.tokenSpan(token), { version: token.image, known: LANGUAGE });
  return version;
}

/** Doc comments by the offset of the token they stand before. */
function docsByNextToken(comments: readonly CommentToken[], starts: readonly number[]): Map<number, CommentToken[]> {
  const docs = new Map<number, CommentToken[]>();
  let next = 0;
  for (const comment of comments) {
    if (!comment.doc) continue;
    while (next < starts.length && starts[next] < comment.end) next++;
    // Docs after the last token belong to nothing; -1 is no place of a declaration.
    const key = starts[next] ?? -1;
    const lines = docs.get(key);
    if (lines) lines.push(comment);
    else docs.set(key, [comment]);
  }
  return docs;
}
