/** The grammar in the notation of its own textbooks, read off the parser: what it takes is what is written. */
import { type GrammarProduction, grammarRules, operatorTexts } from '../../grammar/rules.ts';

/** Read in the place of a mistake, and part of no spec. */
const foreign: ReadonlySet<string> = new Set(['Reported']);

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
      return `( ${inside
        .filter((alternative) => !alternative.definition?.some(({ name }) => foreign.has(name ?? '')))
        .map(part)
        .join(' | ')} )`;
    case 'Alternative':
      return sequence(inside);
    default:
      return sequence(inside);
  }
}

function grouped(inside: readonly GrammarProduction[]): string {
  return inside.length > 1 ? `( ${sequence(inside)} )` : sequence(inside);
}

/** What the reader sees of a text in place of characters. */
export interface TerminalLine {
  readonly name: string;
  readonly text: string;
}

/** Every terminal that the rules name, with what it stands for. */
export function terminalsText(): readonly TerminalLine[] {
  return [
    {
      name: 'Word',
      text: 'a letter or _, then letters, digits and _; none of the words that are never names; a word of the language where it starts nothing',
    },
    { name: 'AnyWord', text: 'a Word, or a word that starts a statement' },
    { name: 'KindWord', text: 'a Word that is the first of three: a kind, a name and `=` (`cam raw = …`)' },
    { name: 'NumberValue', text: 'digits, with a fraction and an exponent where there is one: `16`, `0.9`, `1e-4`' },
    { name: 'Multiplier', text: '`x` and a number without a space: `x10`, `x0.5`' },
    { name: 'Text', text: 'characters between double quotes, on one line; `\\"` is a quote' },
    { name: 'Origin', text: '`@paper`, `@code` or `@inferred`' },
    {
      name: 'BinaryOperator',
      text: operatorTexts()
        .map((image) => `\`${image}\``)
        .join(', '),
    },
    { name: 'EOF', text: 'the end of the file' },
  ];
}

function terminal({ name, label }: GrammarProduction): string {
  return label?.startsWith("'") ? `"${label.slice(1, -1)}"` : (name ?? '');
}
