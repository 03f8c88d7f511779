import type { Lexer as ChevrotainLexer, CstNode, IRecognitionException, IToken } from 'chevrotain';
import { Lexer } from './chevrotain.ts';
import type { FileCstNode } from './cst-types.ts';
import type { FoundToken, SyntaxFact } from './facts.ts';
import { tooDeep } from './nesting.ts';
import { innermostOpen, SpecParser, TooManyLooks } from './parser.ts';
import { decode } from './parser-messages.ts';
import { placeOf } from './place.ts';
import { endOf, resolve } from './resolve.ts';
import { DocComment, EOF, vocabulary } from './tokens.ts';

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
  /** Offsets where tokens start, ascending: doc comments are attached with these. */
  readonly tokenStarts: readonly number[];
  readonly comments: readonly CommentToken[];
  readonly facts: readonly SyntaxFact[];
  /** How often the parser looked at a token: in proportion to their number, for any text. */
  readonly looks: number;
}

let lexerBuilt: ChevrotainLexer | undefined;
let plainParser: SpecParser | undefined;
let recoveringParser: SpecParser | undefined;

/** The lexer; `validate` checks the token patterns, which is a test's work. */
export function specLexer(validate = false): ChevrotainLexer {
  return new Lexer([...vocabulary], { ensureOptimizations: true, positionTracking: 'full', skipValidations: !validate });
}

/** Tools are built at first use and kept: building them costs more than reading a spec. Only a file with errors needs recovery. */
function parseTokens(tokens: IToken[]): Parsed {
  plainParser ??= new SpecParser({ recovery: false });
  plainParser.begin(tokens, Number.POSITIVE_INFINITY);
  const cst = plainParser.file() as FileCstNode;
  const { errors, looks } = plainParser;
  if (errors.length === 0) return { cst, errors, looks };
  recoveringParser ??= new SpecParser({ recovery: true });
  recoveringParser.begin(tokens, looksFor(tokens.length));
  try {
    const repaired = recoveringParser.file() as FileCstNode;
    return { cst: repaired, errors: recoveringParser.errors, looks: looks + recoveringParser.looks };
  } catch (error) {
    if (!(error instanceof TooManyLooks)) throw error;
    // After each of very many mistakes recovery looks far ahead; the first of them can be told without it.
    return { cst, errors, looks: looks + recoveringParser.looks };
  }
}

interface Parsed {
  readonly cst: FileCstNode;
  readonly errors: readonly IRecognitionException[];
  readonly looks: number;
}

/** Looks that recovery may take for so many tokens. */
export function looksFor(tokens: number): number {
  return 5_000 + 100 * tokens;
}

/** Reads a text. Never throws for any text: what is wrong is in `facts`, and the tree holds what could be read. */
export function readText(text: string): ReadFile {
  lexerBuilt ??= specLexer();
  if (!isText(text)) return { ...readText(''), facts: [{ kind: 'not-text', start: 0, end: Math.min(1, text.length) }] };
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
  if (nested) return { ...readText(''), facts: [nested] };
  const { cst, errors, looks } = parseTokens(tokens);
  if (errors.length > 0) repairPlaces(cst);
  for (const error of errors) facts.push(unexpected(error, tokens, text.length));
  return { cst, tokenStarts: tokens.map((t) => t.startOffset), comments: (lexed.groups.comments ?? []).map(comment), facts, looks };
}

/** UTF-16 and files that are no text hold zero bytes; what is not UTF-8 begins with a mark that no spec begins with. */
function isText(text: string): boolean {
  return !text.includes('\0') && !text.startsWith('\ufffd');
}

/** After recovery a node may hold a child that its location does not cover: makes every location that of its children. */
function repairPlaces(node: CstNode): void {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const child of Object.values(node.children).flat()) {
    if ('children' in child) repairPlaces(child);
    const from = 'children' in child ? child.location?.startOffset : child.startOffset;
    const to = 'children' in child ? child.location?.endOffset : child.startOffset + child.image.length - 1;
    // Invented tokens and empty nodes have NaN (chevrotain 11, 12) or -1 (13).
    if (from === undefined || to === undefined || !(from >= 0)) continue;
    start = Math.min(start, from);
    end = Math.max(end, to);
  }
  if (!node.location) return;
  node.location.startOffset = Number.isFinite(start) ? start : Number.NaN;
  node.location.endOffset = Number.isFinite(start) ? end : Number.NaN;
}

function comment(token: IToken): CommentToken {
  return { start: token.startOffset, end: endOf(token), text: token.image, doc: token.tokenType === DocComment };
}

function unexpected(error: IRecognitionException, tokens: readonly IToken[], length: number): SyntaxFact {
  const facts = decode(error.message);
  const index = error.token.tokenType === EOF ? tokens.length : tokens.indexOf(error.token);
  const at = index < 0 ? tokens.length : index;
  const found = describe(tokens[at], length);
  const previous = at > 0 ? describe(tokens[at - 1], length) : undefined;
  const open = innermostOpen(tokens, at);
  return {
    kind: 'unexpected',
    start: found.start,
    rule: facts.rule,
    cause: facts.cause,
    expected: facts.expected,
    found,
    next: at + 1 < tokens.length ? describe(tokens[at + 1], length) : undefined,
    previous,
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
