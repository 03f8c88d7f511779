/**
 * `// allow CODE[, CODE]`: a warning that the author has looked at. At the end of a line it is about that line, alone on a line about the next line
 * of code, with the statement that ends or starts there. Errors cannot be allowed. An allow that silences nothing is told, as it would hide the next warning there.
 */
import type { BoundFile } from '../bind/bind.ts';
import { type Code, catalogue, entryOf, isCode } from '../diagnostics/catalogue.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { removedItem, removedLines } from '../diagnostics/edits.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { lineText, positionAt, type SourceFile, type Span, span } from '../source/source.ts';
import type { Comment, Declaration, ModuleDeclaration, SpecFile } from '../syntax/ast.ts';
import { type Node, visit } from '../syntax/visit.ts';

/** One code of an allow comment. */
interface Allow {
  readonly code: string;
  /** The word, for messages. */
  readonly at: Span;
  /** The lines it is about, counted from 1. */
  readonly lines: readonly number[];
  readonly comment: Comment;
  /** Of the codes of its comment, in order. */
  readonly index: number;
  /** Words of all codes of the comment. */
  readonly words: readonly Span[];
}

const ALLOW = /^\/\/\s*allow\s+([a-z][a-z0-9-]*(?:\s*,\s*[a-z][a-z0-9-]*)*)\s*$/;

const CODES = Object.keys(catalogue).filter(isCode);

/** Takes the allowed warnings of these files away. Gives what silenced nothing. */
export function suppressAllowed(files: readonly BoundFile[], diagnostics: Diagnostics): readonly Allow[] {
  const all: Allow[] = [];
  /** The first of its line and code. */
  const allows = new Map<string, Allow>();
  for (const { spec } of files)
    for (const allow of allowsOf(spec)) {
      all.push(allow);
      for (const line of allow.lines) {
        const key = keyOf(spec.source, line, allow.code);
        if (!allows.has(key)) allows.set(key, allow);
      }
    }
  if (all.length === 0) return [];
  const used = new Set<Allow>();
  diagnostics.suppress((code, at) => {
    const allow = allows.get(keyOf(at.file, positionAt(at.file, at.start).line, code));
    if (allow) used.add(allow);
    return allow !== undefined;
  });
  return all.filter((allow) => !used.has(allow));
}

/**
 * Tells what is wrong with the allows of a file that silenced nothing: codes that are none, codes of errors and, where `whole` says that everything was
 * checked, those without a warning. What stands in modules that no method reaches has not been checked, and may be needed elsewhere.
 */
export function checkAllows(unused: readonly Allow[], file: BoundFile, whole: boolean, diagnostics: Diagnostics): void {
  const unchecked = unreachedModules(file).map((module) => module.span);
  for (const allow of unused) {
    if (allow.at.file !== file.spec.source) continue;
    const { code, at } = allow;
    const fix = { title: `take '${code}' out of the allowed`, edits: [removal(allow)] };
    if (!isCode(code)) {
      const near = didYouMean(code, CODES.filter(isWarning));
      diagnostics.report('unknown-allow', at, { code }, near ? { hint: near, ...(near.right === undefined ? { fix } : {}) } : { fix });
    } else if (!isWarning(code)) {
      diagnostics.report('allow-error', at, { code }, { hint: 'put right what the error is about, and take this away', fix });
    } else if (whole && !unchecked.some((module) => module.start <= at.start && at.end <= module.end))
      diagnostics.report('unused-allow', at, { code }, { fix });
  }
}

function isWarning(code: Code): boolean {
  return entryOf(code).severity === 'warning';
}

function keyOf(file: SourceFile, line: number, code: string): string {
  return `${file.name}:${line}:${code}`;
}

function allowsOf(spec: SpecFile): readonly Allow[] {
  const { source: file } = spec;
  return spec.comments.flatMap((comment) => {
    const text = file.text.slice(comment.span.start, comment.span.end);
    const list = ALLOW.exec(text)?.[1];
    if (list === undefined) return [];
    const start = comment.span.start + text.indexOf(list, text.indexOf('allow') + 'allow'.length);
    const words = [...list.matchAll(/[a-z][a-z0-9-]*/g)].map((m) => span(file, start + m.index, start + m.index + m[0].length));
    const lines = linesOf(spec, comment);
    return words.map((at, index) => ({ code: file.text.slice(at.start, at.end), at, lines, comment, index, words }));
  });
}

/**
 * The lines that a comment is about: its own or, where it stands alone, those up to the next line of code, doc comments between them included. A
 * statement that ends or starts there belongs to it with all its lines, however the formatter has set them.
 */
function linesOf(spec: SpecFile, comment: Comment): readonly number[] {
  const { source: file } = spec;
  const { line, column } = positionAt(file, comment.span.start);
  const behind =
    lineText(file, line)
      .slice(0, column - 1)
      .trim() !== '';
  let first = behind ? line : line + 1;
  let last = first;
  if (!behind) while (lineText(file, last).trim().startsWith('//')) last++;
  const from = last;
  const enter = (node: Node): boolean => {
    if (!STATEMENTS.has(node.kind)) return true;
    const start = positionAt(file, node.span.start).line;
    const end = positionAt(file, node.span.end).line;
    if (behind && end === line) first = Math.min(first, start);
    if (!behind && start === from) last = Math.max(last, end);
    return false;
  };
  for (const node of [...spec.imports, ...spec.declarations]) {
    if (positionAt(file, node.span.end).line >= first && positionAt(file, node.span.start).line <= from) visit(node, enter);
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Statements without statements of their own. */
const STATEMENTS: ReadonlySet<Node['kind']> = new Set([
  'import',
  'let',
  'layer',
  'hyper',
  'weight',
  'state',
  'input',
  'random',
  'loss',
  'return',
]);

/** The edit that takes a code out of its comment; with the last code goes the comment. */
function removal({ comment, index, words }: Allow): { readonly span: Span; readonly text: string } {
  return words.length > 1 ? removedItem(words, index) : removedLines(comment.span);
}

/** Modules of a file that nothing of its methods and cases names, not even through other modules. */
function unreachedModules(file: BoundFile): readonly ModuleDeclaration[] {
  const left = new Map<string, ModuleDeclaration>();
  for (const { declaration } of file.declared) if (declaration.kind === 'module') left.set(declaration.name.text, declaration);
  const open: Declaration[] = file.declared.map(({ declaration }) => declaration).filter(({ kind }) => kind !== 'module');
  for (let next = open.pop(); next; next = open.pop())
    visit(next, (node) => {
      const module = node.kind === 'name' ? left.get(node.name.text) : undefined;
      if (module) {
        left.delete(module.name.text);
        open.push(module);
      }
      return true;
    });
  return [...left.values()];
}
