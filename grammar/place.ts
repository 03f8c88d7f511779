import type { IToken } from 'chevrotain';

/** Where a token stands, as far as the grammar asks: set once by `resolve.ts`. */
export interface TokenPlace {
  readonly firstOnLine: boolean;
  /** The innermost open bracket is `(` or `[`. */
  readonly inParens: boolean;
}

const nowhere: TokenPlace = { firstOnLine: false, inParens: false };

export function setPlace(token: IToken, place: TokenPlace): void {
  token.payload = place;
}

export function placeOf(token: IToken): TokenPlace {
  const place: TokenPlace | undefined = token.payload;
  return place ?? nowhere;
}
