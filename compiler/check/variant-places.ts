/** Where the mistakes of a variant are told: at its own lines, though they show in those that it takes over from its method. */
import type { Retelling } from '../diagnostics/diagnostics.ts';
import type { Span } from '../source/source.ts';
import type { VariantDeclaration } from '../syntax/ast.ts';
import type { MethodSource } from './variants.ts';

/**
 * Moves reports inside the members of the method to the variant. What misses a thing that the variant removes is one message at the removal, with every
 * reader as a label; anything else stands at the variant's name. Holds where the method itself has no mistake.
 */
export function atVariant(declaration: VariantDeclaration, base: MethodSource): Retelling {
  const name = declaration.name.text;
  const inherited = (at: Span): boolean => base.members.some(({ span }) => holds(span, at)) && !holds(declaration.span, at);
  return (report) => {
    if (!inherited(report.at)) return undefined;
    const words = Object.values(report.args).filter((value) => typeof value === 'string');
    const removal = declaration.removals.find(({ name: { text } }) => words.some((word) => word === text || word.startsWith(`${text}.`)));
    if (removal && report.severity === 'error')
      return {
        code: 'removed-but-read',
        at: removal.span,
        args: { variant: name, name: removal.name.text, method: base.name },
        extra: {
          label: undefined,
          labels: [{ span: report.at, text: `${base.name} reads it here` }],
          hint: 'remove what reads it too, or declare it again in the variant',
          cause: `removed ${name}.${removal.name.text}`,
        },
      };
    return {
      code: report.code,
      at: declaration.name.span,
      args: report.args,
      extra: {
        ...report.extra,
        labels: [
          { span: report.at, text: report.extra.label ?? `this line of ${base.name}` },
          ...(report.extra.labels ?? []).filter(({ span }) => span.start !== declaration.name.span.start),
        ],
        label: undefined,
        // What it suggests is for the line of the method, which is right there.
        fix: undefined,
        hint: typeof report.extra.hint === 'object' ? report.extra.hint.text : report.extra.hint,
        notes: [...(report.extra.notes ?? []), `in the variant ${name}; ${base.name} itself is right`],
        cause: `in ${name}: ${report.extra.cause ?? ''}`,
      },
    };
  };
}

function holds(outer: Span, inner: Span): boolean {
  return outer.file === inner.file && outer.start <= inner.start && inner.end <= outer.end;
}
