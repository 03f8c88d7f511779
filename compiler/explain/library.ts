/** What the files of a library declare, as pages of `wsss explain` and of the reference tell it. */
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { sourceFile } from '../source/source.ts';
import type { Declaration } from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';

/** One file of a library under the name that imports it: `std/layers`. */
export interface LibraryFile {
  readonly name: string;
  readonly text: string;
}

export interface LibraryEntry {
  readonly name: string;
  readonly kind: 'module' | 'operator' | 'method' | 'variant' | 'grid' | 'dataset' | 'naming';
  /** What imports it; empty where nothing needs to be imported (operators). */
  readonly file: string;
  /** As it is declared, without the body. */
  readonly signature: string;
  /** Its `///` lines; empty where it has none. */
  readonly doc: string;
}

/** What the files declare, in their order. A file with errors gives what could be read of it. */
export function libraryEntries(files: readonly LibraryFile[]): readonly LibraryEntry[] {
  return files.flatMap(({ name, text }) => {
    const file = parse(sourceFile(name, text), new Diagnostics());
    return file.declarations.flatMap((declaration) => entryOf(declaration, name, text));
  });
}

function entryOf(declaration: Declaration, file: string, text: string): readonly LibraryEntry[] {
  const { kind } = declaration;
  if (kind === 'case') return [];
  return [
    {
      name: declaration.name.text,
      kind: kind === 'extern' ? 'operator' : kind,
      file: kind === 'extern' ? '' : file,
      signature: signature(declaration, text),
      doc: declaration.doc ?? '',
    },
  ];
}

/** The text up to the body: parameters and result of a module, the first line of the others. */
function signature(declaration: Declaration, text: string): string {
  const { start, end } = declaration.span;
  if (declaration.kind === 'extern') return text.slice(start, end).trim();
  if (declaration.kind !== 'module') return text.slice(start, end).split(/\s*\{/, 1)[0].trim();
  const head = declaration.returns?.span.end ?? lastParenthesis(text, declaration);
  return text.slice(start, head).trim();
}

/** Where the parameters of a module end that states no result. */
function lastParenthesis(text: string, { params, config, name }: Extract<Declaration, { kind: 'module' }>): number {
  const after = (params.at(-1) ?? config?.at(-1))?.span.end ?? name.span.end;
  const body = text.indexOf('{', after);
  return body < 0 ? after : text.lastIndexOf(')', body) + 1;
}
