import type { IToken } from 'chevrotain';

/** Where a token stands, as far as the grammar asks: set once by `resolve.ts`. */
export interface TokenPlace {
  readonly firstOnLine: boolean;
  /** The innermost open bracket is `(` or `[`. */
  readonly inParens: boolean;
}

const places = new WeakMap<IToken, TokenPlace>();
const nowhere: TokenPlace = { firstOnLine: false, inParens: false };

export function setPlace(token: IToken, place: TokenPlace): void {
  places.set(token, place);
}

export function placeOf(token: IToken): TokenPlace {
  return places.get(token) ?? nowhere;
}
