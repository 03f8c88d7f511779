/** Splits of data sets as a train block names them: `voc.train_aug`, or `union(voc.train_aug, extra.train)`. */
import { lacks } from '../../bind/bind.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { SourceRef } from '../../ir/program.ts';
import type { Span } from '../../source/source.ts';
import type { Expression } from '../../syntax/ast.ts';
import { checkSplit } from '../datasets.ts';
import type { Elaboration } from '../elaboration.ts';
import { sourceText } from '../views.ts';

export interface NamedSource extends SourceRef {
  readonly span: Span;
}

/** The splits of an expression, the first one first; empty where it names a data set without a split, which a stage then does. */
export function readSources(E: Elaboration, expression: Expression, where: string): readonly NamedSource[] {
  const isUnion = expression.kind === 'call' && expression.callee.kind === 'name' && expression.callee.name.text === 'union';
  const parts = isUnion ? expression.args.map((arg) => arg.value) : [expression];
  if (isUnion && parts.length < 2) E.report('data-source', expression.span, { where }, { hint: 'union(voc.train_aug, extra.train)' });
  const found = parts.flatMap((part): readonly NamedSource[] => {
    if (part.kind !== 'name' && part.kind !== 'member') {
      if (part.kind !== 'error')
        E.report('data-source', part.span, { where }, { hint: 'name a split: voc.train, or union(voc.train, extra.train)' });
      return [];
    }
    const [dataset, split, ...rest] = sourceText(part).split('.');
    if (!knownDataset(E, dataset, part.span)) return [];
    if (split !== undefined && rest.length === 0) checkSplit(E, dataset, split, part.span);
    if (split !== undefined && rest.length === 0) return [{ dataset, split, span: part.span }];
    if (isUnion || rest.length > 0)
      E.report('data-source', part.span, { where }, { hint: `say which split of ${dataset}: ${dataset}.train` });
    return [];
  });
  const twice = found.find((a, i) => found.some((b, j) => j < i && a.dataset === b.dataset && a.split === b.split));
  if (twice) E.report('duplicate-name', twice.span, { name: `${twice.dataset}.${twice.split}` });
  return found;
}

/** A file that declares no data set leaves them to the run. */
function knownDataset(E: Elaboration, name: string, at: Span): boolean {
  const known = Object.keys(E.session.datasets);
  if (known.length === 0 || known.includes(name)) return true;
  if (lacks(E.session.root, name)) return false;
  E.report('unknown-dataset', at, { name }, { cause: name, hint: didYouMean(name, known) ?? `data sets here: ${known.join(', ')}` });
  return false;
}

export function refOf({ dataset, split }: NamedSource): SourceRef {
  return { dataset, split };
}
