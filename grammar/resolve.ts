/**
 * The pass between lexer and parser. It decides which soft words are keywords (a statement word is one where it stands like the start of
 * a statement: before a name or its brace on the same line; `weight` also in the head of a loss, where a value has ended), marks the first word of `cam raw = …`, and recognises habits from other
 * languages, which it reports and rewrites so that one habit gives one message. After it the grammar is LL(1), a name is a name, and
 * error recovery can trust a keyword to be the start of a statement.
 */
import type { IToken, TokenType } from 'chevrotain';
import { tokenMatcher } from './chevrotain.ts';
import type { Habit, SyntaxFact } from './facts.ts';
import { LossHead } from './loss-head.ts';
import { placeOf, setPlace } from './place.ts';
import * as t from './tokens.ts';

const statementTokens: ReadonlySet<TokenType> = new Set(Object.values(t.statement));
/** Words that continue an expression: a soft word before one of these is a value (`for loss in losses`). */
const continuing: ReadonlySet<TokenType> = new Set([t.clause.in, t.clause.div, t.clause.divisible, t.clause.of]);
const braceWords: ReadonlySet<TokenType> = new Set([
  t.statement.train,
  t.statement.paper,
  t.statement.pipeline,
  t.statement.case,
  t.statement.no_grad,
]);
/** Statements with blocks in which a line may begin with `name =`. */
const assigning: ReadonlySet<TokenType> = new Set([t.statement.data, t.statement.pair, t.statement.after, t.statement.iterate]);
/** After these comes a name, whatever the word. */
const nameless: ReadonlySet<TokenType> = new Set([...braceWords, t.statement.remove, t.statement.validate]);
const naming: ReadonlySet<TokenType> = new Set([...statementTokens].filter((type) => type === t.statement.case || !nameless.has(type)));
/** After these on a line comes a value. */
const waiting: ReadonlySet<TokenType> = new Set([
  t.Equals,
  t.Question,
  t.FatArrow,
  t.Tilde,
  t.reserved.if,
  t.reserved.not,
  t.reserved.as,
  t.reserved.return,
  ...(['in', 'of', 'epoch', 'when', 'by', 'times', 'every', 'on', 'with', 'keep', 'else'] as const).map((word) => t.clause[word]),
]);
const openers: ReadonlySet<TokenType> = new Set([t.LParen, t.LSquare, t.LCurly]);
const closers: ReadonlySet<TokenType> = new Set([t.RParen, t.RSquare, t.RCurly]);

export function resolve(text: string, lexed: readonly IToken[], facts: SyntaxFact[]): IToken[] {
  markPlaces(text, lexed);
  const tokens = foreign(lexed, facts);
  const blocks = new Blocks();
  const head = new LossHead();
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1];
    const next = sameLine(tokens[i + 1]);
    if (head.isWeight(token)) continue;
    if (statementTokens.has(token.tokenType)) {
      if (isStatement(token, before, tokens[i - 2], next, blocks.current)) {
        blocks.keyword(token.tokenType);
        if (token.tokenType === t.statement.loss) head.start();
      } else retag(token, t.Identifier);
    } else if (
      token.tokenType === t.Identifier &&
      next &&
      tokenMatcher(next, t.AnyWord) &&
      before?.tokenType !== t.Dot &&
      !placeOf(token).inParens
    ) {
      const after = tokens[i + 2]?.tokenType;
      if (after === t.Equals || (after === t.Colon && placeOf(token).firstOnLine)) retag(token, t.KindWord);
    } else blocks.see(token, before);
  }
  return tokens;
}

/** What stands at the start of a line of a block: `assignments` also holds `name = …`, `names` holds nothing but names. */
type BlockKind = 'statements' | 'assignments' | 'names';

/** Follows the braces of a file, to know of each what statement it belongs to. */
class Blocks {
  readonly #open: { readonly kind: BlockKind; keyword: TokenType | undefined }[] = [{ kind: 'statements', keyword: undefined }];

  get current(): BlockKind {
    return this.#open[this.#open.length - 1].kind;
  }

  keyword(type: TokenType): void {
    this.#open[this.#open.length - 1].keyword = type;
  }

  see(token: IToken, before: IToken | undefined): void {
    if (token.tokenType === t.LCurly) this.#open.push({ kind: this.#kind(before), keyword: undefined });
    else if (token.tokenType === t.RCurly && this.#open.length > 1) this.#open.pop();
    else if (token.tokenType === t.reserved.if && !placeOf(token).inParens) this.keyword(token.tokenType);
  }

  #kind(before: IToken | undefined): BlockKind {
    // The brace of a record comes after something that waits for a value.
    if (before && awaitsValue(before) && before.tokenType !== t.clause.else) return 'statements';
    const { kind, keyword } = this.#open[this.#open.length - 1];
    if (keyword && assigning.has(keyword)) return 'assignments';
    if (keyword === t.statement.grid) return 'names';
    return keyword === t.statement.no_grad || keyword === t.reserved.if ? kind : 'statements';
  }
}

function awaitsValue(token: IToken): boolean {
  return waiting.has(token.tokenType) || tokenMatcher(token, t.BinaryOperator);
}

function isStatement(
  token: IToken,
  before: IToken | undefined,
  earlier: IToken | undefined,
  next: IToken | undefined,
  block: BlockKind,
): boolean {
  const { firstOnLine, inParens } = placeOf(token);
  if (!firstOnLine && before && (before.tokenType === t.Dot || before.tokenType === t.Arrow || before.tokenType === t.Colon)) return false;
  if (token.tokenType === t.statement.language) return before === undefined && next !== undefined && tokenMatcher(next, t.NumberValue);
  if (!next || block === 'names') return false;
  if (!firstOnLine && inParens) return false;
  if (!firstOnLine && before) {
    if (naming.has(before.tokenType)) return false;
    // In `loss of weight 2 = …` the word `of` is a name.
    const named = earlier !== undefined && naming.has(earlier.tokenType) && tokenMatcher(before, t.Word);
    if (!named && awaitsValue(before)) return false;
  }
  if (tokenMatcher(next, t.AnyWord)) return firstOnLine || token.tokenType === t.statement.remove || !continuing.has(next.tokenType);
  if (braceWords.has(token.tokenType) && next.tokenType === t.LCurly) return true;
  if (token.tokenType === t.statement.no_grad && next.tokenType === t.reserved.let) return true;
  if (token.tokenType === t.statement.weight) return false;
  // `loss = …`: the name was forgotten; as a keyword it gets the better message.
  return next.tokenType === t.Equals && firstOnLine && !inParens && block !== 'assignments';
}

function markPlaces(text: string, tokens: readonly IToken[]): void {
  const open: TokenType[] = [];
  let end = 0;
  for (const [i, token] of tokens.entries()) {
    if (closers.has(token.tokenType)) open.pop();
    const inner = open[open.length - 1];
    const firstOnLine = i === 0 || text.slice(end, token.startOffset).includes('\n');
    setPlace(token, { firstOnLine, inParens: inner === t.LParen || inner === t.LSquare });
    if (openers.has(token.tokenType)) open.push(token.tokenType);
    end = endOf(token);
  }
}

/** Reports habits from other languages and gives back the tokens as if they had been written in this one. */
function foreign(tokens: readonly IToken[], facts: SyntaxFact[]): IToken[] {
  const out: IToken[] = [];
  const report = (habit: Habit, token: IToken, text = token.image): void => {
    facts.push({ kind: 'habit', habit, start: token.startOffset, end: endOf(token), text });
  };
  const as = (habit: Habit, token: IToken, type: TokenType): void => {
    report(habit, token);
    retag(token, type);
    out.push(token);
  };
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    const next = tokens[i + 1];
    switch (token.tokenType) {
      case t.StarStar:
        as('power', token, t.Caret);
        continue;
      case t.ColonEquals:
        as('assign', token, t.Equals);
        // `x := 3` declares nothing here; what it meant is clear, and reading it as a `let` keeps the rest of the file readable.
        if (out.length >= 2 && placeOf(out[out.length - 2]).firstOnLine && tokenMatcher(out[out.length - 2], t.Word)) insertLet(out);
        continue;
      case t.SingleQuoted:
        as('quote', token, t.Text);
        continue;
      case t.DoubleAmpersand:
        as('logic', token, t.reserved.and);
        continue;
      case t.DoubleBar:
        as('logic', token, t.reserved.or);
        continue;
      case t.Bang:
        as('logic', token, t.reserved.not);
        continue;
      case t.OpenText:
        facts.push({ kind: 'open-string', start: token.startOffset, end: endOf(token) });
        retag(token, t.Text);
        out.push(token);
        continue;
      case t.Augmented:
        report('augmented', token);
        i = endOfLine(tokens, i);
        dropLine(out);
        continue;
    }
    if (token.tokenType === t.clause.else && next?.tokenType === t.Colon && placeOf(token).firstOnLine && !placeOf(token).inParens) {
      report('else', token);
      i = endOfBlock(tokens, i);
      continue;
    }
    if (token.tokenType === t.Identifier && tokens[i - 1]?.tokenType !== t.Dot) {
      if (token.image === 'True' || token.image === 'False') {
        as('boolean', token, token.image === 'True' ? t.reserved.true : t.reserved.false);
        continue;
      }
      if ((token.image === 'None' || token.image === 'null') && next?.tokenType !== t.Colon) {
        as('none', token, t.Reported);
        continue;
      }
      if (token.image === 'self' && next?.tokenType === t.Dot) {
        report('self', token);
        setPlace(tokens[i + 2] ?? next, { ...placeOf(token) });
        i++;
        continue;
      }
      if (token.image === 'lambda' && next?.tokenType === t.Identifier && tokens[i + 2]?.tokenType === t.Colon) {
        report('lambda', token);
        retag(tokens[i + 2], t.FatArrow);
        continue;
      }
      const block = pythonBlock(token, next);
      if (block) {
        report(block, token);
        i = endOfBlock(tokens, i);
        continue;
      }
    }
    out.push(token);
  }
  return out;
}

function pythonBlock(token: IToken, next: IToken | undefined): Habit | undefined {
  if (!placeOf(token).firstOnLine || !next) return undefined;
  if (token.image === 'def' && tokenMatcher(next, t.AnyWord)) return 'def';
  if (token.image === 'class' && tokenMatcher(next, t.AnyWord)) return 'class';
  if (token.image === 'elif') return 'else';
  return undefined;
}

/** The last token of the Python block that starts at `from`: what follows and is indented further belongs to it. */
function endOfBlock(tokens: readonly IToken[], from: number): number {
  const indent = tokens[from].startColumn ?? 1;
  let last = from;
  for (let i = from + 1; i < tokens.length; i++) {
    const { firstOnLine, inParens } = placeOf(tokens[i]);
    if (firstOnLine && !inParens && (tokens[i].startColumn ?? 1) <= indent) break;
    last = i;
  }
  return last;
}

function endOfLine(tokens: readonly IToken[], from: number): number {
  let last = from;
  while (last + 1 < tokens.length && !placeOf(tokens[last + 1]).firstOnLine && !closers.has(tokens[last + 1].tokenType)) last++;
  return last;
}

/** Takes back what was already read of the line. */
function dropLine(out: IToken[]): void {
  while (out.length > 0) {
    const token = out.pop();
    if (!token || placeOf(token).firstOnLine) return;
    if (openers.has(token.tokenType)) {
      out.push(token);
      return;
    }
  }
}

/** Puts a `let` of no width before the name that stands before the last token. */
function insertLet(out: IToken[]): void {
  const name = out[out.length - 2];
  const inserted: IToken = {
    image: '',
    startOffset: name.startOffset,
    endOffset: name.startOffset - 1,
    tokenTypeIdx: 0,
    tokenType: t.reserved.let,
  };
  retag(inserted, t.reserved.let);
  setPlace(inserted, placeOf(name));
  setPlace(name, { ...placeOf(name), firstOnLine: false });
  out.splice(out.length - 2, 0, inserted);
}

function retag(token: IToken, type: TokenType): void {
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx ?? token.tokenTypeIdx;
}

function sameLine(token: IToken | undefined): IToken | undefined {
  return token && !placeOf(token).firstOnLine ? token : undefined;
}

export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}
