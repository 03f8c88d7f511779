import type { Lexer as ChevrotainLexer, IToken } from 'chevrotain';
import { Brackets } from './brackets.ts';
import { Lexer } from './chevrotain.ts';
import type { FileCstNode } from './cst-types.ts';
import type { FoundToken, Habit, SyntaxFact } from './facts.ts';
import { type Partial, parseOnce, readInParts, type Stop } from './mistakes.ts';
import { tooDeep } from './nesting.ts';
import { SpecParser } from './parser.ts';
import { decode } from './parser-messages.ts';
import { placeOf } from './place.ts';
import { endOf, resolve } from './resolve.ts';
import { DocComment, vocabulary } from './tokens.ts';

export type { CstNode, IToken } from 'chevrotain';

export interface CommentToken {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** `///` */
  readonly doc: boolean;
}

export interface ReadFile {
  readonly cst: FileCstNode;
  /** Trees of what is left of declarations with mistakes: not to be used but to find what else is wrong there. */
  readonly damaged: readonly FileCstNode[];
  /** Offsets where tokens start, ascending: doc comments are attached with these. */
  readonly tokenStarts: readonly number[];
  readonly comments: readonly CommentToken[];
  readonly facts: readonly SyntaxFact[];
  /** Names that are declared where nothing could be read; `all` where any may be. */
  readonly unread: ReadonlySet<string> | 'all';
  /** How often the parser looked at a token: in proportion to their number, for any text. */
  readonly looks: number;
}

let lexerBuilt: ChevrotainLexer | undefined;
let parserBuilt: SpecParser | undefined;

/** The lexer; `validate` checks the token patterns, which is a test's work. */
export function specLexer(validate = false): ChevrotainLexer {
  return new Lexer([...vocabulary], { ensureOptimizations: true, positionTracking: 'full', skipValidations: !validate });
}

/** Reads a text. Never throws for any text: what is wrong is in `facts`, and the tree holds what could be read. */
export function readText(text: string): ReadFile {
  lexerBuilt ??= specLexer();
  if (!isText(text)) return { ...readText(''), unread: 'all', facts: [{ kind: 'not-text', start: 0, end: Math.min(1, text.length) }] };
  const lexed = lexerBuilt.tokenize(text);
  const facts: SyntaxFact[] = [];
  for (const { offset, length } of lexed.errors) {
    facts.push({ kind: 'character', start: offset, end: offset + length, text: text.slice(offset, offset + length) });
  }
  for (const token of lexed.groups.foreign ?? []) {
    facts.push({ kind: 'habit', habit: 'comment', start: token.startOffset, end: endOf(token), text: token.image });
  }
  const tokens = resolve(text, lexed.tokens, facts);
  const nested = tooDeep(tokens);
  if (nested) return { ...readText(''), unread: 'all', facts: [nested] };
  // Built at first use and kept: building it costs more than reading a spec.
  parserBuilt ??= new SpecParser();
  parserBuilt.looks = 0;
  const { cst, damaged, stops, unread } = parse(
    parserBuilt,
    tokens,
    facts.filter(spoils).map((fact) => fact.start),
  );
  for (const stop of stops) facts.push(unexpected(stop, tokens, text.length));
  const comments = (lexed.groups.comments ?? []).map(comment);
  return { cst, damaged, tokenStarts: tokens.map((t) => t.startOffset), comments, facts, unread, looks: parserBuilt.looks };
}

function parse(parser: SpecParser, tokens: IToken[], spoilt: readonly number[]): Partial {
  if (spoilt.length === 0) {
    const { cst, error } = parseOnce(parser, tokens);
    if (!error) return { cst, damaged: [], stops: [], unread: new Set() };
  }
  return readInParts(parser, tokens, spoilt);
}

/** Facts after which something of the text is missing from the tokens; after the others the reader goes on as if it had been written well. */
function spoils(fact: SyntaxFact): boolean {
  return fact.kind === 'character' || fact.kind === 'open-string' || (fact.kind === 'habit' && dropping.has(fact.habit));
}

const dropping: ReadonlySet<Habit> = new Set(['def', 'class', 'augmented', 'else']);

/** UTF-16 and files that are no text hold zero bytes; what is not UTF-8 begins with a mark that no spec begins with. */
function isText(text: string): boolean {
  return !text.includes('\0') && !text.startsWith('\ufffd');
}

function comment(token: IToken): CommentToken {
  return { start: token.startOffset, end: endOf(token), text: token.image, doc: token.tokenType === DocComment };
}

function unexpected({ error, at, fault, segment }: Stop, tokens: readonly IToken[], length: number): SyntaxFact {
  const facts = decode(error.message);
  const describeAt = (index: number): FoundToken | undefined => (index >= 0 && tokens[index] ? describe(tokens[index], length) : undefined);
  if (fault) {
    const found = describe(tokens[fault.at], length);
    return {
      kind: 'bracket',
      fault: fault.kind,
      start: found.start,
      bracket: describe(fault.bracket, length),
      found,
      previous: describeAt(fault.at - 1),
    };
  }
  const found = describe(tokens[at], length);
  const open = Brackets.innermost(tokens, segment.from, at);
  return {
    kind: 'unexpected',
    start: found.start,
    rule: facts.rule,
    cause: facts.cause,
    expected: facts.expected,
    found,
    next: describeAt(at + 1),
    previous: describeAt(at - 1),
    open: open && describe(open, length),
  };
}

function describe(token: IToken | undefined, length: number): FoundToken {
  if (!token) return { type: 'EOF', image: '', start: length, end: length, firstOnLine: true };
  return {
    type: token.tokenType.name,
    image: token.image,
    start: token.startOffset,
    end: endOf(token),
    firstOnLine: placeOf(token).firstOnLine,
  };
}
