/**
 * `naming torchvision of resnet { "fc.*" = none  "*" = "stem.*" }`: how files of weights that others made call the tensors of a module. On the left
 * their names, on the right ours below the backbone; `*` stands for any text, `{i}` for a whole number, `{i+1}` on the left for the next one. The first
 * line whose right side fits says the name. Backbones that start from weights carry these lines into the program; the runtime reads files by them.
 */
import type { BoundFile } from '../bind/bind.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Naming } from '../ir/program.ts';
import type { NamingDeclaration, NamingLine } from '../syntax/ast.ts';
import type { Value } from './values.ts';

/** The namings of the module that a backbone was made of, which stand in the module's own file. */
export function namingsOf(value: Value): readonly Naming[] {
  if (value.kind !== 'instance') return [];
  const { file, declaration } = value.instance;
  return file.declared.flatMap(({ declaration: d }) => (d.kind === 'naming' && d.of.text === declaration.name.text ? [read(d)] : []));
}

function read({ name, lines }: NamingDeclaration): Naming {
  return {
    name: name.text,
    lines: lines.flatMap(({ theirs, ours }) => (ours.kind === 'string' ? [[theirs.value, ours.value] as const] : [])),
    others: lines.flatMap(({ theirs, ours }) => (ours.kind === 'string' ? [] : [theirs.value])),
  };
}

/** Reports namings of modules that the file does not declare, and lines whose sides do not fit. */
export function checkNamings(file: BoundFile, diagnostics: Diagnostics): void {
  const modules = file.declared.flatMap(({ declaration }) => (declaration.kind === 'module' ? [declaration.name.text] : []));
  for (const { declaration } of file.declared) {
    if (declaration.kind !== 'naming') continue;
    if (!modules.includes(declaration.of.text))
      diagnostics.report(
        'unknown-name',
        declaration.of.span,
        { name: declaration.of.text },
        { hint: didYouMean(declaration.of.text, modules) ?? 'a naming stands in the file of its module' },
      );
    for (const line of declaration.lines) checkLine(declaration, line, diagnostics);
  }
}

function checkLine({ name }: NamingDeclaration, { theirs, ours, span }: NamingLine, diagnostics: Diagnostics): void {
  const reason =
    ours.kind === 'string' ? unlike(theirs.value, ours.value) : ours.text === 'none' ? undefined : `'${ours.text}' is not a text, nor none`;
  if (reason !== undefined) diagnostics.report('naming-line', span, { naming: name.text, reason });
}

function unlike(theirs: string, ours: string): string | undefined {
  const stars = (text: string): number => text.split('*').length - 1;
  if (stars(ours) > 1 || stars(theirs) !== stars(ours)) return 'both sides have one * or none';
  const numbers = new Set([...ours.matchAll(/\{([a-z]+)\}/g)].map(([, letter]) => letter));
  const open = [...theirs.matchAll(/\{([^}]*)\}/g)].find(([, inside]) => !numbers.has(inside.replace(/[+-]\d+$/, '')));
  if (open) return `the number ${open[0]} does not stand on the right side`;
  return undefined;
}
