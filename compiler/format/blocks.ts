/**
 * Which rules of the grammar are blocks, a line for each of what they hold, is read off the grammar itself: braces around a repetition of
 * rules, without commas. A block that is added to the language is laid out without a word here.
 */
import { type GrammarProduction, grammarRules } from '../../grammar/rules.ts';

let known: ReadonlySet<string> | undefined;

/** Names of the rules whose braces hold one item a line. */
export function blockRules(): ReadonlySet<string> {
  known ??= new Set(
    grammarRules()
      .filter((rule) => isBlock(rule.definition))
      .map((rule) => rule.name),
  );
  return known;
}

function isBlock(definition: readonly GrammarProduction[]): boolean {
  return definition.some(
    (production, i) =>
      production.name === 'LCurly' &&
      definition[i + 1]?.type === 'Repetition' &&
      definition[i + 2]?.name === 'RCurly' &&
      onlyRules(definition[i + 1].definition ?? []),
  );
}

function onlyRules(definition: readonly GrammarProduction[]): boolean {
  return definition.every(
    (p) => p.type === 'NonTerminal' || ((p.type === 'Alternation' || p.type === 'Alternative') && onlyRules(p.definition ?? [])),
  );
}
