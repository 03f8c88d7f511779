import type { IToken, TokenType } from 'chevrotain';
import { tokenMatcher } from './chevrotain.ts';
import { placeOf } from './place.ts';
import * as t from './tokens.ts';

const { statement: s, clause: c, reserved: r } = t;
const ends: ReadonlySet<TokenType> = new Set([t.Equals, t.LCurly, t.RCurly]);
const joins: ReadonlySet<TokenType> = new Set([t.Dot, t.DotDot, t.Question, t.Colon, t.FatArrow, r.not, r.as]);

/**
 * What stands between `loss` and its `=`: a name, then clauses, each a word and a value. A word is a clause's where a value has ended and a name
 * where one is due, so that `weight (a + 1)`, `weight -a` and `weight weight` all read.
 */
export class LossHead {
  #state: 'outside' | 'name' | 'value' | 'epoch' | 'clause' = 'outside';

  start(): void {
    this.#state = 'name';
  }

  /** Takes the next token; true where it is the word of a `weight` clause. */
  isWeight(token: IToken): boolean {
    if (this.#state === 'outside' || placeOf(token).inParens) return false;
    const type = token.tokenType;
    const due = this.#state === 'value';
    if (ends.has(type)) this.#state = 'outside';
    else if (this.#state === 'name') this.#state = 'clause';
    else if (this.#state === 'epoch') this.#state = 'value';
    else if (due) this.#state = type === t.Minus || type === r.not ? 'value' : 'clause';
    else if (type === c.from || type === c.until) this.#state = 'epoch';
    else if (type === s.weight || type === c.when || type === c.off) this.#state = 'value';
    else if (joins.has(type) || tokenMatcher(token, t.BinaryOperator)) this.#state = 'value';
    return type === s.weight && !due && this.#state === 'value';
  }
}
