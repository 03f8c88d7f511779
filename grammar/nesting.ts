/**
 * How deep a text is nested, told from its tokens before anything recursive reads them: reader, tree and checker all recurse over what is
 * nested, and their stacks end long before a generated text does.
 */
import type { IToken, TokenType } from 'chevrotain';
import { tokenMatcher } from './chevrotain.ts';
import type { NestedFact } from './facts.ts';
import { placeOf } from './place.ts';
import { endOf } from './resolve.ts';
import * as t from './tokens.ts';

/** Brackets, branches of `? :`, functions and blocks inside each other. A level costs the reader some forty frames of its stack. */
const NESTING_LIMIT = 100;
/** Operators, members and calls on the way from an expression to its innermost value. A level costs one or two frames. */
const OPERATOR_LIMIT = 1000;

interface Level {
  /** Levels of the reader that this bracket holds open: itself and the `for` in it, and `? :` and `=>` in what is being read. */
  held: number;
  branches: number;
  /** How high the tree of the expression being read may have become, and the highest tree before it between these brackets. */
  height: number;
  highest: number;
}

const openers: ReadonlySet<TokenType> = new Set([t.LParen, t.LSquare, t.LCurly]);
const closers: ReadonlySet<TokenType> = new Set([t.RParen, t.RSquare, t.RCurly]);
const branching: ReadonlySet<TokenType> = new Set([t.Question, t.FatArrow]);
const growing: ReadonlySet<TokenType> = new Set([t.Dot, t.DotDot, t.reserved.not, t.reserved.as]);
const separators: ReadonlySet<TokenType> = new Set([t.Comma, t.Semicolon, t.Equals, t.reserved.let, t.reserved.return]);

/** The place where a text becomes too deep; undefined for every text that a person writes. */
export function tooDeep(tokens: readonly IToken[]): NestedFact | undefined {
  const levels: Level[] = [{ held: 0, branches: 0, height: 0, highest: 0 }];
  let nested = 0;
  for (const [i, token] of tokens.entries()) {
    const type = token.tokenType;
    let level = levels[levels.length - 1];
    if (separators.has(type) || startsAnew(token, tokens[i - 1])) {
      level.highest = Math.max(level.highest, level.height);
      level.height = 0;
      nested -= level.branches;
      level.branches = 0;
    }
    if (openers.has(type)) {
      levels.push({ held: 1, branches: 0, height: 0, highest: 0 });
      nested++;
    } else if (closers.has(type) && levels.length > 1) {
      const inner = Math.max(level.highest, level.height);
      nested -= level.held + level.branches;
      levels.pop();
      level = levels[levels.length - 1];
      level.height = Math.max(level.height, inner) + 1;
    } else if (branching.has(type)) {
      level.branches++;
      nested++;
    } else if (type === t.reserved.for) {
      level.held++;
      nested++;
    } else if (growing.has(type) || tokenMatcher(token, t.BinaryOperator)) level.height++;
    const what = nested > NESTING_LIMIT ? 'brackets' : level.height > OPERATOR_LIMIT ? 'operators' : undefined;
    if (what)
      return {
        kind: 'nested',
        start: token.startOffset,
        end: endOf(token),
        what,
        limit: what === 'brackets' ? NESTING_LIMIT : OPERATOR_LIMIT,
      };
  }
  return undefined;
}

/** Two values side by side belong to two expressions, and so do two lines but for a `.` or an operator between them. */
function startsAnew(token: IToken, before: IToken | undefined): boolean {
  if (!before || !endsValue(before)) return false;
  if (placeOf(token).firstOnLine && openers.has(token.tokenType)) return true;
  return startsValue(token);
}

function startsValue(token: IToken): boolean {
  // `div` is a word that joins.
  if (tokenMatcher(token, t.BinaryOperator)) return false;
  return (
    tokenMatcher(token, t.AnyWord) ||
    tokenMatcher(token, t.NumberValue) ||
    token.tokenType === t.Text ||
    token.tokenType === t.reserved.true ||
    token.tokenType === t.reserved.false
  );
}

function endsValue(token: IToken): boolean {
  return startsValue(token) || closers.has(token.tokenType);
}
