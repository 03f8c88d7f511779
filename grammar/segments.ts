/**
 * The parts that a text falls into when it does not parse as a whole: its imports and declarations, each read by itself, so that a mistake stays in
 * its own. Where the brackets of the text agree, a part starts outside all of them; where they do not, a word that starts a declaration at the left
 * margin does, whatever is open.
 */
import type { IToken, TokenType } from 'chevrotain';
import { Brackets, closers } from './brackets.ts';
import { tokenMatcher } from './chevrotain.ts';
import { placeOf } from './place.ts';
import * as t from './tokens.ts';

const { statement: s, reserved: r } = t;
const declarationStarts: ReadonlySet<TokenType> = new Set([s.method, s.module, s.extern, s.variant, s.grid, s.dataset, s.case, r.import]);

/** Tokens from `from` up to `to`. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

export function segmentsOf(tokens: readonly IToken[]): readonly Segment[] {
  const margin = Math.min(...tokens.map((token) => (startsDeclaration(token) && placeOf(token).firstOnLine ? columnOf(token) : Infinity)));
  const agree = Brackets.agree(tokens);
  const from = [0];
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    const outside = depth === 0 || (!agree && startsDeclaration(token));
    // A block ends a declaration, however the next line is indented.
    const starts = placeOf(token).firstOnLine && (columnOf(token) <= margin || (agree && tokens[i - 1]?.tokenType === t.RCurly));
    if (i > 0 && starts && outside && maySegment(token) && tokens[i - 1].tokenType !== t.Origin) {
      from.push(i);
      depth = 0;
    }
    if (Brackets.opens(token)) depth++;
    else if (closers.has(token.tokenType)) depth = Math.max(0, depth - 1);
  }
  return from.map((start, i) => ({ from: start, to: from[i + 1] ?? tokens.length })).filter((part) => part.to > part.from);
}

/** The name that a part declares, as far as it can be seen; undefined where it may declare anything. */
export function declaredBy(tokens: readonly IToken[], { from, to }: Segment): string | undefined {
  const first = tokens[from].tokenType === t.Origin ? from + 1 : from;
  const name = first + 1 < to ? tokens[first + 1] : undefined;
  if (!name || tokens[first].tokenType === r.import || !tokenMatcher(name, t.Word) || placeOf(name).firstOnLine) return undefined;
  return name.image;
}

function startsDeclaration(token: IToken): boolean {
  return declarationStarts.has(token.tokenType);
}

/** What continues nothing: a line that starts with it starts a part. */
function maySegment(token: IToken): boolean {
  return tokenMatcher(token, t.AnyWord) || token.tokenType === t.Origin || token.tokenType === t.Text || reservedTypes.has(token.tokenType);
}

const reservedTypes: ReadonlySet<TokenType> = new Set(Object.values(r));

function columnOf(token: IToken): number {
  return token.startColumn ?? 1;
}
