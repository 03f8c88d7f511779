/** What is given twice where one place takes one value: arguments of stages, fields of records, new values of a state. */
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import type { Identifier, SpecFile } from '../syntax/ast.ts';
import { type Node, visit } from '../syntax/visit.ts';

/** Reports the second of two; of two, one would silently do nothing. Arguments of other calls are told where they are matched. */
export function checkTwice(file: SpecFile, diagnostics: Diagnostics): void {
  const once = (names: readonly Identifier[], tell: (second: Identifier, first: Identifier) => void): void => {
    for (const [i, name] of names.entries()) {
      const first = names.findIndex((other) => other.text === name.text);
      if (first < i && !name.missing) tell(name, names[first]);
    }
  };
  const check = (node: Node): boolean => {
    if (node.kind === 'record' || node.kind === 'after_step') {
      const hint = node.kind === 'record' ? 'a field has one value' : 'write both changes as one expression';
      once(
        (node.kind === 'record' ? node.fields : node.assignments).map(({ name }) => name),
        (second, first) =>
          diagnostics.report('set-twice', second.span, { name: second.text }, { labels: [{ span: first.span, text: 'set here' }], hint }),
      );
    } else if (node.kind === 'stage' && node.value.kind === 'call') {
      const { callee, args } = node.value;
      once(
        args.flatMap(({ name }) => name ?? []),
        (second, first) =>
          diagnostics.report(
            'duplicate-argument',
            second.span,
            { name: second.text, callee: callee.kind === 'name' ? callee.name.text : node.name.text },
            { labels: [{ span: first.span, text: 'given here' }] },
          ),
      );
    }
    return true;
  };
  for (const declaration of file.declarations) visit(declaration, check);
}
