/** What a train block reads: its data, and the partners that it draws. */
import type { PairPlan, SourceRef } from '../../ir/program.ts';
import type { Node } from '../../ops/graph.ts';
import type { TrainBlock } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import type { Scope } from '../scope.ts';
import { readViews, type Views } from '../views.ts';
import { checkReading } from './reading.ts';
import { checkViewSizes } from './sizes.ts';
import { readSources, refOf } from './sources.ts';

export interface CheckedData extends Views {
  /** The split that is trained on where a stage names no other; undefined where the block names a data set alone. */
  readonly source: SourceRef | undefined;
  readonly also?: readonly SourceRef[];
  readonly pairs?: readonly PairPlan[];
}

/** Undefined where the block has no `data`. */
export function readData(
  E: Elaboration,
  block: TrainBlock,
  method: string,
  scope: Scope,
  inputs: readonly Node[],
  supervision: readonly string[],
): CheckedData | undefined {
  const [data, second] = block.items.filter((item) => item.kind === 'data');
  if (!data) return undefined;
  if (second)
    E.report(
      'duplicate-setting',
      second.span,
      { name: 'data' },
      {
        labels: [{ span: data.span, text: 'the first is here' }],
        hint: 'several data sets in one block: data union(voc.train_aug, extra.train) { … }',
      },
    );
  const sources = readSources(E, data.source, 'data');
  const root = {
    name: 'source',
    prefix: '',
    span: data.span,
    text: sources.map((s) => `${s.dataset}.${s.split}`).join(' and ') || 'here',
    method,
  };
  const { views, bindings } = readViews(E, data.views, root, scope, inputs);
  checkViewSizes(E, views, bindings, inputs, data.span);
  checkReading(E, sources, bindings, inputs, supervision);
  const [source, ...also] = sources.map(refOf);
  return { views, bindings, source, ...(also.length > 0 && { also }) };
}
