/** What a train block reads: its data, and the partners that it draws. */
import type { PairPlan, SourceRef } from '../../ir/program.ts';
import type { Node } from '../../ops/graph.ts';
import type { PairItem, TrainBlock } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';
import type { Scope } from '../scope.ts';
import { readViews, type Views } from '../views.ts';
import { readPair } from './pairs.ts';
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
  const main = readViews(
    E,
    data.views,
    root,
    scope,
    inputs.filter((node) => !String(node.attrs.name).includes('.')),
  );
  const items = block.items.filter((item) => item.kind === 'pair');
  const pairs = items.flatMap((item) => {
    const first = items.find((other) => other.name.text === item.name.text);
    if (first && first !== item) {
      E.report(
        'duplicate-name',
        item.name.span,
        { name: item.name.text },
        { labels: [{ span: first.name.span, text: 'first drawn here' }] },
      );
      return [];
    }
    return readPair(E, item, method, scope, inputs, supervision) ?? [];
  });
  reportUndrawn(E, inputs, items);
  const views = [...main.views, ...pairs.flatMap((pair) => pair.views)];
  const bindings = [...main.bindings, ...pairs.flatMap((pair) => pair.bindings)];
  checkViewSizes(E, views, bindings, inputs, data.span);
  checkReading(E, [...sources, ...pairs.flatMap((pair) => pair.sources)], bindings, inputs, supervision);
  const [source, ...also] = sources.map(refOf);
  return {
    views,
    bindings,
    source,
    ...(also.length > 0 && { also }),
    ...(pairs.length > 0 && { pairs: pairs.map((pair) => pair.plan) }),
  };
}

/** Records among the inputs are partners: each needs a pair. */
function reportUndrawn(E: Elaboration, inputs: readonly Node[], pairs: readonly PairItem[]): void {
  const told = new Set(pairs.map((pair) => pair.name.text));
  for (const node of inputs) {
    const [record, field] = String(node.attrs.name).split('.');
    if (field === undefined || told.has(record)) continue;
    told.add(record);
    if (!E.session.told.inputs.has(String(node.attrs.name)))
      E.report(
        'missing-pair',
        node.span ?? pairs[0]?.span,
        { name: record },
        {
          hint: `pair ${record} = draw(class: uniform, image: uniform, self: allowed) { image = source |> square(256) |> normalize(imagenet) }`,
        },
      );
  }
}
