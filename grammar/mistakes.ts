/**
 * Reads a text that has mistakes: part by part (`segments.ts`), and in a part with a mistake on, statement by statement. A part that does not parse
 * gives no tree: nothing that stands in it is half known. Its later mistakes are found by reading it again without the statements that are told.
 */
import type { CstNode, IRecognitionException, IToken, TokenType } from 'chevrotain';
import { type BracketFault, Brackets, closers } from './brackets.ts';
import { EOF, tokenMatcher } from './chevrotain.ts';
import type { FileCstNode } from './cst-types.ts';
import type { SpecParser } from './parser.ts';
import { decode } from './parser-messages.ts';
import { placeOf } from './place.ts';
import { declaredBy, type Segment, segmentsOf } from './segments.ts';
import * as t from './tokens.ts';

/** Mistakes that are looked for in one part; each costs another reading of it. */
export const MOST_IN_A_PART = 8;

/** What stopped the parser, and the index of the token at which it did. */
export interface Stop {
  readonly error: IRecognitionException;
  readonly at: number;
  /** The bracket that explains it, where one does. */
  readonly fault: BracketFault | undefined;
  readonly segment: Segment;
}

export interface Partial {
  readonly cst: FileCstNode;
  /** Trees of what is left of the parts with mistakes: not to be used but to find what else is wrong there. */
  readonly damaged: readonly FileCstNode[];
  readonly stops: readonly Stop[];
  /** Names that parts without a tree declare; `all` where one may declare anything. */
  readonly unread: ReadonlySet<string> | 'all';
}

/** `spoilt`: offsets of what the reader has told already and could not read on from. */
export function readInParts(parser: SpecParser, tokens: readonly IToken[], spoilt: readonly number[]): Partial {
  const stops: Stop[] = [];
  const unread = new Set<string>();
  let anything = false;
  const whole: FileCstNode[] = [];
  const damaged: FileCstNode[] = [];
  let end = -1;
  for (const segment of segmentsOf(tokens)) {
    const part = tokens.slice(segment.from, segment.to);
    const start = end;
    end = segment.to < tokens.length ? tokens[segment.to].startOffset : Number.POSITIVE_INFINITY;
    const known = spoilt.some((offset) => offset >= start && offset < end);
    const { cst, error } = parseOnce(parser, part);
    if (!error && !known) {
      whole.push(cst);
      continue;
    }
    const found = error ? stopsOf(parser, tokens, segment, error, known) : { stops: [], rest: cst };
    stops.push(...found.stops);
    if (found.rest) damaged.push(found.rest);
    const name = declaredBy(tokens, segment);
    if (name === undefined) anything = true;
    else unread.add(name);
  }
  return { cst: joined(whole), damaged, stops, unread: anything ? 'all' : unread };
}

export function parseOnce(parser: SpecParser, tokens: IToken[]): { readonly cst: FileCstNode; readonly error?: IRecognitionException } {
  parser.input = tokens;
  const cst = parser.file() as FileCstNode;
  return { cst, error: parser.errors[0] };
}

/** `known`: the part has been told of; what brackets do in it says nothing more. */
function stopsOf(
  parser: SpecParser,
  tokens: readonly IToken[],
  segment: Segment,
  first: IRecognitionException,
  known: boolean,
): { readonly stops: readonly Stop[]; readonly rest?: FileCstNode } {
  const part = tokens.slice(segment.from, segment.to);
  const agree = Brackets.agree(part);
  if (!agree && known) return { stops: [] };
  const { repaired, faults } = agree ? { repaired: part, faults: [] } : repair(part);
  const stops: Stop[] = [];
  let left = repaired;
  let { error, cst } = agree ? { error: first, cst: undefined } : parseOnce(parser, [...left]);
  while (error && stops.length < MOST_IN_A_PART) {
    const at = indexOf(tokens, error, segment);
    stops.push({ error, at, fault: undefined, segment });
    // What closes nothing further on was opened here, by a bracket that is missing: all between the two follows from that.
    if (faults.some((fault) => fault.kind === 'unopened' && fault.inside && fault.at + segment.from >= at)) break;
    const rest = withoutStatement(left, incomplete(error) ? tokens[at - 1] : error.token);
    if (!rest) break;
    left = rest;
    const next = parseOnce(parser, [...left]);
    if (next.error && stops.some((stop) => stop.error.token === next.error?.token)) break;
    ({ error, cst } = next);
  }
  const end = stops.length > 0 && error ? stops[stops.length - 1].at : segment.to;
  for (const fault of faults) {
    const at = fault.at + segment.from;
    const opened = fault.kind === 'unclosed' ? tokens.indexOf(fault.bracket) : at;
    const explained = stops.some((stop) => stop.fault === undefined && stop.at >= opened && stop.at <= at && stop.at < segment.to);
    if (explained || opened > end) continue;
    // Where the parser stopped at the bracket itself it knows what should have stood there.
    const met = fault.kind === 'unopened' && tokens[at] === first.token;
    stops.push({ error: first, at, fault: met ? undefined : { ...fault, at }, segment });
  }
  return { stops: stops.sort((a, b) => a.at - b.at), ...(error || !cst ? {} : { rest: cst }) };
}

/** A part with brackets put in and left out until they agree; the places of the faults are indices of the part as it was. */
function repair(part: readonly IToken[]): { readonly repaired: IToken[]; readonly faults: readonly BracketFault[] } {
  let repaired = [...part];
  const faults: BracketFault[] = [];
  while (faults.length < MOST_IN_A_PART) {
    const fault = Brackets.fault(repaired);
    if (!fault) break;
    const shown = repaired.slice(fault.at).find((token) => part.includes(token));
    faults.push({ ...fault, at: shown ? part.indexOf(shown) : part.length });
    const put = fault.kind === 'unclosed' ? [Brackets.closerOf(fault.bracket, repaired[fault.at] ?? fault.bracket)] : [];
    repaired = [...repaired.slice(0, fault.at), ...put, ...repaired.slice(fault.at + (put.length === 0 ? 1 : 0))];
  }
  return { repaired, faults };
}

function indexOf(tokens: readonly IToken[], { token }: IRecognitionException, { to }: Segment): number {
  const found = token.tokenType === EOF ? -1 : tokens.indexOf(token);
  return found < 0 ? to : found;
}

/** Whether the parser stopped at the start of a statement because something of the one before it is missing. */
function incomplete({ token, message }: IRecognitionException): boolean {
  const { expected, rule } = decode(message);
  if (!startsStatement(token, undefined) || rule === 'file') return false;
  return fields.has(rule) || !expected.includes("'}'");
}

/** Rules whose braces hold no statements. */
const fields: ReadonlySet<string> = new Set(['record', 'recordType', 'importDeclaration', 'fieldPattern']);

/** A part without the innermost statement that holds a token; undefined where that is the head of the part. */
function withoutStatement(tokens: readonly IToken[], token: IToken): IToken[] | undefined {
  const at = tokens.indexOf(token);
  if (at < 0) return undefined;
  let from = at;
  let depth = 0;
  // Back to where the statement starts, past blocks that are closed before it.
  for (; from > 0; from--) {
    const here = tokens[from];
    if (depth === 0 && (from < at || !closers.has(here.tokenType)) && startsStatement(here, tokens[from - 1])) break;
    const before = tokens[from - 1];
    if (closers.has(before.tokenType)) depth++;
    else if (Brackets.opens(before)) {
      if (depth === 0 && before.tokenType === t.LCurly && placeOf(before).inParens === false && isBlock(tokens, from - 1)) break;
      if (depth > 0) depth--;
    }
  }
  if (from === 0) return undefined;
  let to = from;
  depth = 0;
  for (; to < tokens.length; to++) {
    const here = tokens[to];
    if (to > at && depth === 0 && startsStatement(here, tokens[to - 1])) break;
    if (Brackets.opens(here)) depth++;
    else if (closers.has(here.tokenType) && depth-- === 0) break;
  }
  if (to <= at) return undefined;
  return [...tokens.slice(0, from), ...tokens.slice(to)];
}

/** A brace after which lines of their own stand. */
function isBlock(tokens: readonly IToken[], brace: number): boolean {
  const inside = tokens[brace + 1];
  return inside !== undefined && placeOf(inside).firstOnLine;
}

const starters: ReadonlySet<TokenType> = new Set([...Object.values(t.statement), t.reserved.let, t.reserved.return, t.KindWord, t.Origin]);

function startsStatement(token: IToken, before: IToken | undefined): boolean {
  const { firstOnLine, inParens } = placeOf(token);
  if (inParens || before?.tokenType === t.Origin) return false;
  if (starters.has(token.tokenType)) return true;
  return firstOnLine && (tokenMatcher(token, t.AnyWord) || token.tokenType === t.reserved.if || token.tokenType === t.reserved.for);
}

/** One tree of the parts that parse. */
function joined(parts: readonly FileCstNode[]): FileCstNode {
  const children: Record<string, unknown[]> = {};
  for (const part of parts)
    for (const [name, found] of Object.entries(part.children)) children[name] = [...(children[name] ?? []), ...found];
  const node: CstNode = { name: 'file', children: children as CstNode['children'] };
  return node as FileCstNode;
}
