/** Brackets that do not agree: which of them is the wrong one is told by how the lines are indented. */
import type { IToken, TokenType } from 'chevrotain';
import { tokenMatcher } from './chevrotain.ts';
import { placeOf, setPlace } from './place.ts';
import * as t from './tokens.ts';

const closing: ReadonlyMap<TokenType, TokenType> = new Map([
  [t.LParen, t.RParen],
  [t.LSquare, t.RSquare],
  [t.LCurly, t.RCurly],
]);
export const closers: ReadonlySet<TokenType> = new Set(closing.values());

/** A line that starts with an operator or `->` goes on with the statement before it, and its brackets stand where that one does. */
function continues(token: IToken): boolean {
  return token.tokenType === t.Arrow || token.tokenType === t.Dot || tokenMatcher(token, t.BinaryOperator);
}

/** A bracket that is never closed, or one that closes nothing. */
export interface BracketFault {
  readonly kind: 'unclosed' | 'unopened';
  readonly bracket: IToken;
  /** Where it shows: the first token that cannot stand inside the bracket, or the closing one itself. */
  readonly at: number;
  /** False for a bracket on a line of its own that stands outside all others: it is one too many, and nothing else follows from it. */
  readonly inside: boolean;
}

interface Open {
  readonly token: IToken;
  /** Column of the first token on the line of the bracket. */
  readonly indent: number;
}

export class Brackets {
  readonly #open: Open[] = [];

  static opens(token: IToken): boolean {
    return closing.has(token.tokenType);
  }

  /** Whether every bracket is closed by one of its kind. */
  static agree(tokens: readonly IToken[]): boolean {
    const open: TokenType[] = [];
    for (const { tokenType } of tokens) {
      if (closing.has(tokenType)) open.push(tokenType);
      else if (closers.has(tokenType)) {
        const opener = open.pop();
        if (!opener || closing.get(opener) !== tokenType) return false;
      }
    }
    return open.length === 0;
  }

  /** The token at which the innermost still open bracket stands, among those from `from` up to `to`. */
  static innermost(tokens: readonly IToken[], from: number, to: number): IToken | undefined {
    const open: IToken[] = [];
    for (const token of tokens.slice(from, to)) {
      if (closing.has(token.tokenType)) open.push(token);
      else if (closers.has(token.tokenType)) open.pop();
    }
    return open[open.length - 1];
  }

  /** The first fault among tokens whose brackets do not agree. */
  static fault(tokens: readonly IToken[]): BracketFault | undefined {
    return new Brackets().#find(tokens);
  }

  /** What would close a bracket, standing before a token. */
  static closerOf(bracket: IToken, before: IToken): IToken {
    const tokenType = closing.get(bracket.tokenType) ?? t.RParen;
    const closer: IToken = {
      image: '',
      startOffset: before.startOffset,
      endOffset: before.startOffset - 1,
      startColumn: before.startColumn,
      tokenTypeIdx: tokenType.tokenTypeIdx ?? 0,
      tokenType,
    };
    setPlace(closer, { firstOnLine: false, inParens: false });
    return closer;
  }

  #find(tokens: readonly IToken[]): BracketFault | undefined {
    let indent = 1;
    for (const [i, token] of tokens.entries()) {
      const { firstOnLine } = placeOf(token);
      if (i === 0 || (firstOnLine && !continues(token))) indent = token.startColumn ?? 1;
      const top = this.#open[this.#open.length - 1];
      if (closers.has(token.tokenType)) {
        const fault = this.#close(token, top, firstOnLine ? indent : undefined, i);
        if (fault) return fault;
        this.#open.pop();
        continue;
      }
      // Inside brackets lines stand further right than the line that opens them.
      if (firstOnLine && top && (token.startColumn ?? 1) <= top.indent && !closing.has(token.tokenType))
        return { kind: 'unclosed', bracket: top.token, at: i, inside: true };
      if (closing.has(token.tokenType)) this.#open.push({ token, indent });
    }
    const left = this.#open[this.#open.length - 1];
    return left && { kind: 'unclosed', bracket: left.token, at: tokens.length, inside: true };
  }

  #close(token: IToken, top: Open | undefined, column: number | undefined, at: number): BracketFault | undefined {
    const fault = (kind: BracketFault['kind']): BracketFault => ({
      kind,
      bracket: kind === 'unclosed' && top ? top.token : token,
      at,
      inside: column === undefined || top !== undefined,
    });
    if (!top) return fault('unopened');
    const closed = (open: Open): boolean => closing.get(open.token.tokenType) === token.tokenType;
    if (!closed(top)) return fault(this.#open.some(closed) ? 'unclosed' : 'unopened');
    if (column === undefined || column === top.indent) return undefined;
    // A bracket further left than the line it seems to belong to closes one further out; one further right closes nothing.
    if (column > top.indent) return fault('unopened');
    return this.#open.some((open) => open.indent === column && closed(open)) ? fault('unclosed') : undefined;
  }
}
