import type { Habit, HabitFact } from '../../grammar/facts.ts';
import type { Diagnostics, Fix } from '../diagnostics/diagnostics.ts';
import { type Span, span } from '../source/source.ts';

/** Names a habit from another language; the reader has already read on as if it had been written in ours. */
export function reportHabit(fact: HabitFact, at: Span, diagnostics: Diagnostics): void {
  const name: Habit = fact.habit;
  const replace = (text: string) => ({ fix: { title: `write ${text}`, edits: [{ span: at, text }] } });
  switch (name) {
    case 'def':
      diagnostics.reportSyntax('foreign-def', at, {});
      return;
    case 'class':
      diagnostics.reportSyntax('foreign-class', at, {});
      return;
    case 'self':
      diagnostics.reportSyntax(
        'foreign-self',
        at,
        {},
        { fix: { title: "remove 'self.'", edits: [{ span: span(at.file, at.start, at.end + 1), text: '' }] } },
      );
      return;
    case 'none':
      diagnostics.reportSyntax('foreign-none', at, { word: fact.text });
      return;
    case 'boolean':
      diagnostics.reportSyntax('foreign-boolean', at, { right: fact.text.toLowerCase() }, replace(fact.text.toLowerCase()));
      return;
    case 'power':
      diagnostics.reportSyntax('foreign-power', at, {}, replace('^'));
      return;
    case 'comment':
      diagnostics.reportSyntax(
        'foreign-comment',
        span(at.file, at.start, at.start + 1),
        {},
        { fix: { title: 'write //', edits: [{ span: span(at.file, at.start, at.start + 1), text: '//' }] } },
      );
      return;
    case 'assign':
      diagnostics.reportSyntax('foreign-assign', at, {});
      return;
    case 'quote':
      diagnostics.reportSyntax('foreign-quote', at, {}, replace(`"${fact.text.slice(1, -1).replaceAll('"', '\\"')}"`));
      return;
    case 'lambda':
      diagnostics.reportSyntax('foreign-lambda', at, {}, { fix: arrow(at) });
      return;
    case 'logic': {
      const right = fact.text === '&&' ? 'and' : fact.text === '||' ? 'or' : 'not';
      diagnostics.reportSyntax('foreign-logic', at, { right, wrong: fact.text }, replace(right === 'not' ? 'not ' : right));
      return;
    }
    case 'augmented':
      diagnostics.reportSyntax('foreign-augmented', at, { operator: fact.text });
      return;
    case 'else':
      diagnostics.reportSyntax('foreign-else', at, {});
      return;
    default:
      unreachable(name);
  }
}

/** `lambda x: …` as `x => …`. */
function arrow(at: Span): Fix | undefined {
  const found = /^lambda\s+(\w+)\s*:/.exec(at.file.text.slice(at.start));
  if (!found) return undefined;
  const [whole, name] = found;
  return { title: `write ${name} =>`, edits: [{ span: span(at.file, at.start, at.start + whole.length), text: `${name} =>` }] };
}

function unreachable(value: never): never {
  throw new Error(`unhandled ${JSON.stringify(value)}`);
}
