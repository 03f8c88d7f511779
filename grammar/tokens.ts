import type { ITokenConfig, TokenType } from 'chevrotain';
import { createToken, EOF, Lexer } from './chevrotain.ts';
import { clauseWords, reservedWords, statementWords } from './keywords.ts';

/** Whatever may stand as a name: identifiers, clause words, `x10`. */
export const Word = createToken({ name: 'Word', pattern: Lexer.NA, label: 'a name' });
/** A name, or a word that starts a statement: where the grammar names a declaration by its word (`remove loss gsc`). */
export const AnyWord = createToken({ name: 'AnyWord', pattern: Lexer.NA, label: 'a word' });
export const NumberValue = createToken({ name: 'NumberValue', pattern: Lexer.NA, label: 'a number' });
/** `x10`, `x0.5`: a factor on the setting of a group. */
export const Multiplier = createToken({ name: 'Multiplier', pattern: Lexer.NA, label: 'a factor such as x10' });
/** Infix operators but `..`, which has a rule of its own because its ends may be missing. */
export const BinaryOperator = createToken({ name: 'BinaryOperator', pattern: Lexer.NA, label: 'an operator' });

export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  label: 'a name',
  categories: [Word, AnyWord],
});
/** The first word of `cam raw = …`; never lexed, always an identifier that `resolve.ts` has recognised. */
export const KindWord = createToken({ name: 'KindWord', pattern: Lexer.NA, label: 'a kind such as cam', categories: [AnyWord] });
/** Something the language does not have and that was reported already (`None`): stands where a value stands. */
export const Reported = createToken({ name: 'Reported', pattern: Lexer.NA, label: 'a value' });

/** What the lexer would otherwise find out by taking the pattern apart, at every start. */
function known(text: string): Pick<ITokenConfig, 'start_chars_hint' | 'line_breaks'> {
  return { start_chars_hint: [text[0]], line_breaks: false };
}

/** The look-ahead keeps `camera` from being read as `cam` and `era`. */
function word(text: string, extra: Partial<ITokenConfig>): TokenType {
  return createToken({ name: pascal(text), pattern: new RegExp(`${text}(?![A-Za-z0-9_])`), label: `'${text}'`, ...known(text), ...extra });
}

function pascal(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}Word`;
}

const operatorWords: ReadonlySet<string> = new Set(['and', 'or', 'div']);

type WordTable<Words extends readonly string[]> = { readonly [W in Words[number]]: TokenType };

function table<const Words extends readonly string[]>(words: Words, categories: readonly TokenType[]): WordTable<Words> {
  const entries = words.map((text) => [
    text,
    word(text, { categories: [...categories, ...(operatorWords.has(text) ? [BinaryOperator] : [])] }),
  ]);
  return Object.fromEntries(entries) as WordTable<Words>;
}

export const reserved = table(reservedWords, []);
export const statement = table(statementWords, [AnyWord]);
export const clause = table(clauseWords, [Word, AnyWord]);

export const DocComment = createToken({ name: 'DocComment', pattern: /\/\/\/(?!\/)[^\n\r]*/, group: 'comments' });
export const Comment = createToken({ name: 'Comment', pattern: /\/\/[^\n\r]*/, group: 'comments' });
export const HashComment = createToken({ name: 'HashComment', pattern: /#[^\n\r]*/, group: 'foreign' });
const Blank = createToken({ name: 'Blank', pattern: /[ \t\r\n\ufeff]+/, group: Lexer.SKIPPED, line_breaks: true });

export const Text = createToken({ name: 'Text', pattern: /"(?:[^"\\\n\r]|\\[^\n\r])*"/, label: 'a string' });
export const OpenText = createToken({ name: 'OpenText', pattern: /"(?:[^"\\\n\r]|\\[^\n\r])*\\?/, label: 'a string' });
export const SingleQuoted = createToken({ name: 'SingleQuoted', pattern: /'[^'\n\r]*'/, label: 'a string' });

export const Origin = createToken({ name: 'Origin', pattern: /@[A-Za-z_][A-Za-z0-9_]*/, label: 'an origin' });
export const Float = createToken({
  name: 'Float',
  pattern: /(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+/,
  label: 'a number',
  categories: [NumberValue],
});
export const Integer = createToken({ name: 'Integer', pattern: /[0-9]+/, label: 'a whole number', categories: [NumberValue] });
export const FractionMultiplier = createToken({
  name: 'FractionMultiplier',
  pattern: /x[0-9]*\.[0-9]+/,
  label: 'a factor',
  categories: [Multiplier],
});
export const IntegerMultiplier = createToken({
  name: 'IntegerMultiplier',
  pattern: /x[0-9]+/,
  longer_alt: Identifier,
  label: 'a factor',
  categories: [Multiplier, Word, AnyWord],
});

function mark(name: string, pattern: RegExp, image: string, ...categories: TokenType[]): TokenType {
  return createToken({ name, pattern, label: `'${image}'`, ...known(image), categories });
}

export const StarStar = mark('StarStar', /\*\*/, '**', BinaryOperator);
export const ColonEquals = mark('ColonEquals', /:=/, ':=');
export const Augmented = createToken({ name: 'Augmented', pattern: /[-+*/]=/, label: "'+='" });
export const DoubleAmpersand = mark('DoubleAmpersand', /&&/, '&&', BinaryOperator);
export const DoubleBar = mark('DoubleBar', /\|\|/, '||', BinaryOperator);
export const Pipe = mark('Pipe', /\|>/, '|>', BinaryOperator);
export const FatArrow = mark('FatArrow', /=>/, '=>');
export const Arrow = mark('Arrow', /->/, '->');
export const EqualEqual = mark('EqualEqual', /==/, '==', BinaryOperator);
export const NotEqual = mark('NotEqual', /!=/, '!=', BinaryOperator);
export const LessEqual = mark('LessEqual', /<=/, '<=', BinaryOperator);
export const GreaterEqual = mark('GreaterEqual', />=/, '>=', BinaryOperator);
export const Bang = mark('Bang', /!/, '!');
export const Less = mark('Less', /</, '<', BinaryOperator);
export const Greater = mark('Greater', />/, '>', BinaryOperator);
export const Equals = mark('Equals', /=/, '=');
export const DotDot = mark('DotDot', /\.\./, '..');
export const Dot = mark('Dot', /\./, '.');
export const Bar = mark('Bar', /\|/, '|', BinaryOperator);
export const Ampersand = mark('Ampersand', /&/, '&', BinaryOperator);
export const Plus = mark('Plus', /\+/, '+', BinaryOperator);
export const Minus = mark('Minus', /-/, '-', BinaryOperator);
export const Star = mark('Star', /\*/, '*', BinaryOperator);
export const Slash = mark('Slash', /\//, '/', BinaryOperator);
export const Percent = mark('Percent', /%/, '%', BinaryOperator);
export const Caret = mark('Caret', /\^/, '^', BinaryOperator);
export const Question = mark('Question', /\?/, '?');
export const Colon = mark('Colon', /:/, ':');
export const Comma = mark('Comma', /,/, ',');
export const Semicolon = mark('Semicolon', /;/, ';');
export const Tilde = mark('Tilde', /~/, '~');
export const LParen = mark('LParen', /\(/, '(');
export const RParen = mark('RParen', /\)/, ')');
export const LSquare = mark('LSquare', /\[/, '[');
export const RSquare = mark('RSquare', /\]/, ']');
export const LCurly = mark('LCurly', /\{/, '{');
export const RCurly = mark('RCurly', /\}/, '}');

/** Order matters: the first pattern that matches wins, so longer marks stand before their beginnings. */
export const vocabulary: readonly TokenType[] = [
  Blank,
  DocComment,
  Comment,
  HashComment,
  Text,
  OpenText,
  SingleQuoted,
  Origin,
  FractionMultiplier,
  IntegerMultiplier,
  ...Object.values(reserved),
  ...Object.values(statement),
  ...Object.values(clause),
  Identifier,
  Float,
  Integer,
  StarStar,
  ColonEquals,
  Pipe,
  DoubleBar,
  DoubleAmpersand,
  FatArrow,
  Arrow,
  EqualEqual,
  NotEqual,
  LessEqual,
  GreaterEqual,
  Augmented,
  Bang,
  Less,
  Greater,
  Equals,
  DotDot,
  Dot,
  Bar,
  Ampersand,
  Plus,
  Minus,
  Star,
  Slash,
  Percent,
  Caret,
  Question,
  Colon,
  Comma,
  Semicolon,
  Tilde,
  LParen,
  RParen,
  LSquare,
  RSquare,
  LCurly,
  RCurly,
  Word,
  AnyWord,
  NumberValue,
  Multiplier,
  BinaryOperator,
  KindWord,
  Reported,
]; // prettier: one family a line

export { EOF };
