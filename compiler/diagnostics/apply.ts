/** Fixes applied to text: for `wsss check --fix` and for editors. */
import type { Diagnostic, Edit, Fix } from './diagnostics.ts';

export interface AppliedFixes {
  /** New text of every file that changed, by name. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whose fixes were applied, in their order. */
  readonly applied: readonly (Diagnostic & { readonly fix: Fix })[];
}

/**
 * Applies the fixes of diagnostics to the texts in which these were found. A fix whose edits touch those of an earlier one waits: check the new texts
 * and apply again. A fix with an edit in a file that `mayEdit` refuses is left out as a whole.
 */
export function applyFixes(diagnostics: readonly Diagnostic[], mayEdit: (file: string) => boolean = () => true): AppliedFixes {
  const edits = new Map<string, Edit[]>();
  const applied: (Diagnostic & { readonly fix: Fix })[] = [];
  for (const found of diagnostics) {
    const { fix } = found;
    if (!fix || fix.edits.length === 0) continue;
    const free = fix.edits.every(({ span }) => mayEdit(span.file.name) && !(edits.get(span.file.name) ?? []).some((e) => touch(e, span)));
    if (!free) continue;
    for (const edit of fix.edits) {
      const { name } = edit.span.file;
      const known = edits.get(name);
      if (known) known.push(edit);
      else edits.set(name, [edit]);
    }
    applied.push({ ...found, fix });
  }
  return { texts: new Map([...edits].map(([name, list]) => [name, edited(list)])), applied };
}

/** Whether two places share a character, or one lies inside the other; of neighbours neither hinders the other. */
function touch({ span: a }: Edit, b: Edit['span']): boolean {
  if (a.start === a.end || b.start === b.end) return a.start <= b.end && b.start <= a.end;
  return a.start < b.end && b.start < a.end;
}

function edited(edits: readonly Edit[]): string {
  let { text } = edits[0].span.file;
  for (const { span, text: replacement } of [...edits].sort((a, b) => b.span.start - a.span.start))
    text = text.slice(0, span.start) + replacement + text.slice(span.end);
  return text;
}
