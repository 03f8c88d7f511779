import { tokenLabel } from './chevrotain.ts';
import { SpecParser } from './parser.ts';
import * as t from './tokens.ts';

/** A part of a rule, as far as tools ask: its type (`Repetition`, `Terminal`, …), the token or rule it names, and what it holds. */
export interface GrammarProduction {
  readonly type: string;
  readonly name?: string;
  /** A token in words: `'let'`, `a name`. */
  readonly label?: string;
  /** What stands between repetitions. */
  readonly separator?: GrammarProduction;
  readonly definition?: readonly GrammarProduction[];
}
export interface GrammarRule {
  readonly name: string;
  readonly definition: readonly GrammarProduction[];
}

/** The rules of the grammar as data, for tools that follow it: the formatter, the reference of the language. */
export function grammarRules(): readonly GrammarRule[] {
  const rules: readonly GrammarProduction[] = new SpecParser().getSerializedGastProductions();
  return rules.map(({ name = '', definition = [] }) => ({ name, definition }));
}

/** Operators of other languages, read so that they can be told. */
const foreign: readonly unknown[] = [t.StarStar, t.DoubleAmpersand, t.DoubleBar];

/** Marks and words that stand between two values. */
export function operatorTexts(): readonly string[] {
  return t.vocabulary
    .filter((type) => type.CATEGORIES?.includes(t.BinaryOperator) && !foreign.includes(type))
    .map((type) => tokenLabel(type).slice(1, -1));
}
