import type { ISerializedGast } from 'chevrotain';
import { SpecParser } from './parser.ts';

/** A part of a rule, as far as tools ask: its type (`Repetition`, `Terminal`, …), the token or rule it names, and what it holds. */
export interface GrammarProduction {
  readonly type: string;
  readonly name?: string;
  readonly definition?: readonly GrammarProduction[];
}
export interface GrammarRule {
  readonly name: string;
  readonly definition: readonly GrammarProduction[];
}

/** The rules of the grammar as data, for tools that follow it: the formatter, the reference of the language. */
export function grammarRules(): readonly GrammarRule[] {
  return new SpecParser({ recovery: false }).getSerializedGastProductions().map((rule) => {
    const { name, definition } = production(rule);
    return { name: name ?? '', definition: definition ?? [] };
  });
}

function production(part: ISerializedGast & { readonly name?: string }): GrammarProduction {
  return {
    type: part.type,
    ...(part.name === undefined ? {} : { name: part.name }),
    ...(part.definition === undefined ? {} : { definition: part.definition.map(production) }),
  };
}
