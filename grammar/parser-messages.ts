import type { IParserErrorMessageProvider, TokenType } from 'chevrotain';
import { tokenLabel } from './chevrotain.ts';

/** What a parser error carries in place of a text: facts as JSON, read back by `read.ts`. Prose is written by the compiler. */
export interface ParserFacts {
  readonly cause: 'token' | 'alternative' | 'rest';
  readonly rule: string;
  readonly expected: readonly string[];
}

export const parserMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, ruleName }) => encode({ cause: 'token', rule: ruleName, expected: [tokenLabel(expected)] }),
  buildNotAllInputParsedMessage: ({ ruleName }) => encode({ cause: 'rest', rule: ruleName, expected: [] }),
  buildNoViableAltMessage: ({ expectedPathsPerAlt, ruleName }) =>
    encode({ cause: 'alternative', rule: ruleName, expected: firstLabels(expectedPathsPerAlt.flat()) }),
  buildEarlyExitMessage: ({ expectedIterationPaths, ruleName }) =>
    encode({ cause: 'alternative', rule: ruleName, expected: firstLabels(expectedIterationPaths) }),
};

function firstLabels(paths: readonly TokenType[][]): readonly string[] {
  return [...new Set(paths.flatMap((path) => path.slice(0, 1).map(tokenLabel)))];
}

function encode(facts: ParserFacts): string {
  return JSON.stringify(facts);
}

export function decode(message: string): ParserFacts {
  return JSON.parse(message) as ParserFacts;
}
