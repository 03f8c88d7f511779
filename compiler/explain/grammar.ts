/** The grammar in the notation of its own textbooks, read off the parser: what it takes is what is written. */
import { type GrammarProduction, grammarRules } from '../../grammar/rules.ts';

export interface GrammarLine {
  readonly rule: string;
  /** `name = "let" Word { "," Word } "=" expression`, without the name. Braces repeat, brackets may be left out. */
  readonly text: string;
}

export function grammarText(): readonly GrammarLine[] {
  return grammarRules().map(({ name, definition }) => ({ rule: name, text: sequence(definition) }));
}

function sequence(parts: readonly GrammarProduction[]): string {
  return parts
    .map(part)
    .filter((text) => text !== '')
    .join(' ');
}

function part(production: GrammarProduction): string {
  const inside = production.definition ?? [];
  const separator = production.separator === undefined ? undefined : terminal(production.separator);
  switch (production.type) {
    case 'Terminal':
      return terminal(production);
    case 'NonTerminal':
      return production.name ?? '';
    case 'Option':
      return `[ ${sequence(inside)} ]`;
    case 'Repetition':
      return `{ ${sequence(inside)} }`;
    case 'RepetitionMandatory':
      return `${grouped(inside)} { ${sequence(inside)} }`;
    case 'RepetitionWithSeparator':
      return `[ ${sequence(inside)} { ${separator} ${sequence(inside)} } ]`;
    case 'RepetitionMandatoryWithSeparator':
      return `${sequence(inside)} { ${separator} ${sequence(inside)} }`;
    case 'Alternation':
      return `( ${inside.map(part).join(' | ')} )`;
    case 'Alternative':
      return sequence(inside);
    default:
      return sequence(inside);
  }
}

function grouped(inside: readonly GrammarProduction[]): string {
  return inside.length > 1 ? `( ${sequence(inside)} )` : sequence(inside);
}

function terminal({ name, label }: GrammarProduction): string {
  return label?.startsWith("'") ? `"${label.slice(1, -1)}"` : (name ?? '');
}
