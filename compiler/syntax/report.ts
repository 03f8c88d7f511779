import type { BracketFact, FoundToken, SyntaxFact, UnexpectedFact } from '../../grammar/facts.ts';
import { declarationWords, statementWords } from '../../grammar/keywords.ts';
import type { Diagnostics, Fix } from '../diagnostics/diagnostics.ts';
import { IMPORTING, isLibrary, statementHabit } from '../diagnostics/habits.ts';
import { didYouMean, joinOr, type Suggestion } from '../diagnostics/suggest.ts';
import { positionAt, type SourceFile, type Span, span } from '../source/source.ts';
import { reportHabit } from './habits.ts';
import { lookAlike, show } from './look-alikes.ts';

/**
 * Facts to messages. "Expected" errors stand right after the previous token, where the missing thing belongs. A parser error on a line
 * that already has a syntax error is taken for a consequence of it and dropped.
 */
export function reportFacts(file: SourceFile, facts: readonly SyntaxFact[], diagnostics: Diagnostics): void {
  const taken = new Set<number>();
  const line = (offset: number): number => positionAt(file, offset).line;
  const certain = facts.filter((f) => f.kind !== 'unexpected' && f.kind !== 'bracket');
  const parsed = facts.filter((f) => f.kind === 'unexpected' || f.kind === 'bracket').sort((a, b) => a.start - b.start);
  for (const fact of certain) {
    // A second odd character of a line (the other quote of “…”) is the same mistake.
    if (fact.kind === 'character' && taken.has(line(fact.start))) continue;
    taken.add(line(fact.start));
    const at = span(file, fact.start, fact.end);
    switch (fact.kind) {
      case 'character':
        diagnostics.reportSyntax('unexpected-character', at, { character: show(fact.text) }, lookAlike(fact.text));
        break;
      case 'open-string':
        diagnostics.reportSyntax('unterminated-string', at, {});
        break;
      case 'nested':
        diagnostics.reportSyntax('too-deep', at, {
          what: fact.what === 'brackets' ? 'brackets and blocks inside each other' : 'operators in one expression',
          limit: fact.limit,
        });
        break;
      case 'not-text':
        diagnostics.reportSyntax('not-text', at, {});
        break;
      case 'habit':
        reportHabit(fact, at, diagnostics);
        break;
      default:
        unreachable(fact);
    }
  }
  for (const fact of parsed) {
    if (fact.kind === 'bracket') {
      const at = line(fact.bracket.start);
      if (!taken.has(at)) bracket(file, fact, diagnostics);
      taken.add(at);
      continue;
    }
    const before = line(Math.max(0, (fact.previous?.end ?? 1) - 1));
    const here = line(fact.found.start);
    // What stands at the start of a line and belongs nowhere is its own mistake, whatever the line before holds.
    const place = stands(fact) ? here : before;
    if (taken.has(place)) continue;
    taken.add(place);
    unexpected(file, fact, diagnostics);
  }
}

/** What closes nothing, or is never closed. */
function bracket(file: SourceFile, fact: BracketFact, diagnostics: Diagnostics): void {
  if (fact.fault === 'unclosed') unclosed(file, fact.bracket, fact.found, fact.previous, diagnostics);
  else {
    const at = span(file, fact.bracket.start, fact.bracket.end);
    diagnostics.reportSyntax('unexpected-input', at, { found: describe(fact.bracket) }, { hint: 'it closes nothing' });
  }
}

function unclosed(
  file: SourceFile,
  opener: FoundToken,
  found: FoundToken,
  previous: FoundToken | undefined,
  diagnostics: Diagnostics,
): void {
  const close = partner[`'${opener.image}'`] ?? "')'";
  const after = afterToken(file, previous);
  diagnostics.reportSyntax(
    'missing-close',
    span(file, opener.start, opener.end),
    { open: `'${opener.image}'`, close, found: describe(found) },
    {
      label: 'opened here',
      labels: [{ span: after, text: `${close} expected after this` }],
      hint: commentHint(file, after).hint ?? `put ${close} where the ${opener.image === '{' ? 'block' : 'brackets'} should end`,
    },
  );
}

function unexpected(file: SourceFile, fact: UnexpectedFact, diagnostics: Diagnostics): void {
  const { found, previous, expected } = fact;
  const at = span(file, found.start, found.end);
  // A mark at the start of a line misses what belongs before it on that line.
  const after = found.firstOnLine && marks.has(found.image) ? span(file, found.start, found.start) : afterToken(file, previous);
  const text = describe(found);
  if (found.type === 'Minus' && found.firstOnLine) {
    diagnostics.reportSyntax('foreign-dash', at, {}, { hint: "to subtract, end the line before with '-' or put the value in parentheses" });
    return;
  }
  const wanted = expected.length === 1 ? expected[0] : undefined;
  if (fact.cause === 'token' && wanted !== undefined && closers.has(wanted)) {
    closing(file, fact, wanted, diagnostics);
    return;
  }
  if (fact.rule === 'file') {
    stray(at, fact, diagnostics);
    return;
  }
  // A pattern in braces may stand there too; who forgets the name does not mean one.
  if (wanted === 'a name' || (fact.rule === 'letStatement' && fact.cause === 'alternative')) {
    diagnostics.reportSyntax('expected-name', after, { found: text }, nameHint(fact));
    return;
  }
  if (fact.cause === 'token' && wanted !== undefined) {
    diagnostics.reportSyntax(
      'expected-token',
      after,
      { expected: wanted, found: text },
      { ...tokenHint(fact, wanted), ...tokenFix(fact, wanted, after) },
    );
    return;
  }
  if (previous?.type === 'Origin') {
    diagnostics.reportSyntax('misplaced-origin', span(file, previous.start, previous.end), { origin: previous.image });
  } else if (valueRules.has(fact.rule)) {
    diagnostics.reportSyntax('expected-expression', after, { found: text }, valueHint(previous, found));
  } else if (fact.rule === 'type') {
    diagnostics.reportSyntax('expected-type', after, { found: text });
  } else if (expected.length === 0 || expected.length > 5) {
    diagnostics.reportSyntax('unexpected-input', at, { found: text });
  } else {
    diagnostics.reportSyntax('expected-one-of', after, { expected: joinOr(expected), found: text });
  }
}

const marks: ReadonlySet<string> = new Set([',', ':', '=', '=>', '|>', '?', '+', '*', '/']);

function afterToken(file: SourceFile, token: FoundToken | undefined): Span {
  return token ? span(file, token.end, token.end) : span(file, 0, 0);
}

/** Rules that begin with a value. */
const valueRules: ReadonlySet<string> = new Set(['primary', 'expression', 'caseItem', 'groupSetting', 'indexItem']);
const closers: ReadonlySet<string> = new Set(["')'", "']'", "'}'"]);
const partner: Readonly<Record<string, string>> = { "'('": "')'", "'['": "']'", "'{'": "'}'" };
const statementTypes: ReadonlyMap<string, string> = new Map([...statementWords, 'let', 'return', 'import'].map((w) => [tokenName(w), w]));
/** Rules whose braces hold settings, views, stages or assignments: a statement there means that the brace was forgotten. */
const innerBlocks: ReadonlySet<string> = new Set([
  'trainBlock',
  'dataItem',
  'pipelineBlock',
  'afterStepStatement',
  'datasetDeclaration',
  'body',
]);
/** Where words belong that are no statements of every body. */
const homes: Readonly<Record<string, string>> = {
  stage: 'pipeline block',
  data: 'train block',
  group: 'train block',
  freeze: 'train block',
  exclude: 'train block',
  remove: 'variant',
  paper: 'method',
  supervision: 'method',
  train: 'method',
  infer: 'method',
  pipeline: 'method',
  language: 'first line',
};

function tokenName(word: string): string {
  return `${word[0].toUpperCase()}${word.slice(1)}Word`;
}

/** Rules whose brackets hold elements separated by commas. */
const lists: ReadonlySet<string> = new Set(['importDeclaration', 'record', 'recordType']);

/**
 * What it means that a closing bracket was expected: it is `missing`; the statement found belongs elsewhere (`misplaced`); a comma is
 * missing in a list (`separator`); or what was found starts nothing (`stray`).
 */
function closingKind(fact: UnexpectedFact, wanted: string): 'missing' | 'misplaced' | 'separator' | 'stray' {
  const { found, open } = fact;
  const word = statementTypes.get(found.type);
  const home = word === undefined ? undefined : homes[word];
  const otherCloser = closers.has(`'${found.image}'`) && `'${found.image}'` !== wanted;
  if (wanted === "'}'" && home !== undefined && !innerBlocks.has(fact.rule)) return 'misplaced';
  const ends = found.type === 'EOF' || (found.firstOnLine && word !== undefined) || otherCloser;
  if (ends && open && partner[`'${open.image}'`] === wanted) return 'missing';
  return wanted === "'}'" && !lists.has(fact.rule) ? 'stray' : 'separator';
}

/** True when the message stands at what was found, not after what was before. */
function stands(fact: UnexpectedFact): boolean {
  const wanted = fact.expected.length === 1 ? fact.expected[0] : undefined;
  if (fact.found.type === 'Minus' && fact.found.firstOnLine) return true;
  if (fact.cause !== 'token' || wanted === undefined || !closers.has(wanted)) return fact.rule === 'file';
  const kind = closingKind(fact, wanted);
  return kind === 'stray' || kind === 'misplaced';
}

function closing(file: SourceFile, fact: UnexpectedFact, wanted: string, diagnostics: Diagnostics): void {
  const { found, previous, open } = fact;
  const at = span(file, found.start, found.end);
  const after = found.firstOnLine && marks.has(found.image) ? span(file, found.start, found.start) : afterToken(file, previous);
  switch (closingKind(fact, wanted)) {
    case 'missing':
      unclosed(file, open ?? found, found, previous, diagnostics);
      return;
    case 'misplaced': {
      const word = statementTypes.get(found.type) ?? found.image;
      diagnostics.reportSyntax('misplaced-statement', at, { what: `'${word}'`, where: homes[word] ?? 'method' });
      return;
    }
    case 'stray':
      stray(at, fact, diagnostics);
      return;
    case 'separator':
      diagnostics.reportSyntax(
        'expected-one-of',
        after,
        { expected: `',' or ${wanted}`, found: describe(found) },
        wanted === "']'" && previous?.image === '..' ? { hint: SLICING } : commentHint(file, after),
      );
  }
}

/** `//` for whole-number division makes a comment of the rest of the line, brackets included. */
function commentHint(file: SourceFile, after: Span): { readonly hint?: string } {
  const lineEnd = file.text.indexOf('\n', after.end);
  const rest = file.text.slice(after.end, lineEnd < 0 ? undefined : lineEnd);
  return /^\s*\/\/[^/]*[\])]/.test(rest) ? { hint: "'//' starts a comment; whole-number division is written 'a div b'" } : {};
}

/** Something that starts nothing, in a body or at the top of the file. */
function stray(at: Span, fact: UnexpectedFact, diagnostics: Diagnostics): void {
  const { found, next } = fact;
  const top = fact.rule === 'file';
  const word = statementTypes.get(found.type);
  if (top && word !== undefined) {
    diagnostics.reportSyntax('misplaced-statement', at, { what: `'${word}'`, where: homes[word] ?? 'method or module' });
    return;
  }
  let hint: string | Suggestion | undefined;
  if (found.image === '}' || found.image === ')' || found.image === ']') hint = 'it closes nothing';
  else if (found.image === ';') hint = 'statements need no separator';
  else if (found.type !== 'Identifier') hint = statementHabit(found.image);
  else {
    hint = statementHabit(found.image) ?? didYouMean(found.image, top ? declarationWords : statementWords);
    if (hint === undefined && !top && next?.type === 'Identifier') hint = `to declare a value, write ${found.image} ${next.image} = …`;
    if (hint === undefined && next?.image === '=') hint = `to declare a value, write let ${found.image} = …`;
    if (hint === undefined && top) hint = `a file holds imports and ${joinOr(declarationWords.map((w) => `'${w}'`))} declarations`;
  }
  diagnostics.reportSyntax('unexpected-input', at, { found: describe(found) }, hint === undefined ? {} : { hint });
}

function nameHint(fact: UnexpectedFact): { readonly hint?: string } {
  const reserved = /^[a-z]+$/.test(fact.found.image) && fact.found.type.endsWith('Word');
  return reserved ? { hint: `'${fact.found.image}' is a word of the language` } : {};
}

function tokenHint(fact: UnexpectedFact, wanted: string): { readonly hint?: string } {
  if (wanted === "'='" && fact.found.image === '==') return { hint: "'=' declares; '==' compares" };
  if (fact.rule === 'importDeclaration' && isLibrary(fact.found.image)) return { hint: IMPORTING };
  if (wanted === "'{'" && fact.found.image === 'else') return { hint: 'a choice between values is written condition ? a : b' };
  if (fact.rule === 'importDeclaration' && fact.found.type === 'Identifier')
    return { hint: `names stand in braces: import { ${fact.found.image} } from "…"` };
  if (wanted === "'='" && fact.found.image === ':') return { hint: "a value is declared with '='; ':' gives a type or names an argument" };
  if (wanted === "':'") return { hint: colonHint(fact) };
  return { hint: `put ${wanted} here` };
}

/** A word that is left out, before a value that goes with it: `from 2` for `from epoch 2`. */
function tokenFix({ found }: UnexpectedFact, wanted: string, after: Span): { readonly fix?: Fix } {
  const word = /^'([a-z]+)'$/.exec(wanted)?.[1];
  if (word === undefined || found.type !== 'Integer') return {};
  return { fix: { title: `put '${word}' here`, edits: [{ span: { ...after, end: after.start }, text: ` ${word}` }] } };
}

/** What a colon stands before. */
function colonHint(fact: UnexpectedFact): string {
  if (fact.rule === 'inputStatement' || fact.rule === 'parameter' || fact.rule === 'weightStatement' || fact.rule === 'stateStatement')
    return `a type follows its name after a colon: ${fact.previous?.image ?? 'x'}: ${fact.found.image}…`;
  return "put ':' here";
}

const SLICING = 'an axis is named where it is cut: x[channel: 0], x[height: 2..5]; the other axes are left out';

/** What an operator or a comma at the end of a line waits for. */
function valueHint(previous: FoundToken | undefined, found: FoundToken): { readonly hint?: string } {
  if (!previous) return {};
  if (found.image === ':' && (previous.image === '[' || previous.image === ',')) return { hint: SLICING };
  const joins = /^(?:[-+*/^%<>=!&|,]|\|>|=>|==|!=|<=|>=|and|or|div|not|as)$/.test(previous.image);
  return joins ? { hint: `write what belongs after '${previous.image}', or take it away` } : {};
}

function describe(token: FoundToken): string {
  if (token.type === 'EOF') return 'the end of the file';
  if (token.type === 'Text' || token.type === 'OpenText') return 'a string';
  return `'${token.image}'`;
}

function unreachable(value: never): never {
  throw new Error(`unhandled ${JSON.stringify(value)}`);
}
