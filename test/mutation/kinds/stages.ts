/** Mistakes in pipelines. */
import type { MutationKind } from '../kind.ts';
import { calleeOf, declaredAt, type Place, placesOf, type Spec, textOf, within } from '../spec.ts';
import { misspelt, removed, replaced } from './text.ts';

/** Names of stages where they are read, with the names of the other stages. */
function references(
  spec: Spec,
): readonly { readonly place: Place<Extract<Place['node'], { kind: 'name' }>>; readonly others: readonly string[] }[] {
  return placesOf(spec, 'name').flatMap((place) => {
    const stages = (within(place, 'pipeline')?.items ?? []).flatMap((s) => (s.kind === 'stage' ? [s.name.text] : []));
    const own = within(place, 'stage')?.name.text;
    const parent = place.above.at(-1);
    if (!stages.includes(place.node.name.text) || (parent?.kind === 'call' && parent.callee === place.node)) return [];
    return [{ place, others: stages.filter((s) => s !== own && s !== place.node.name.text) }];
  });
}

export const STAGES: readonly MutationKind[] = [
  {
    name: 'misspelt-stage',
    mistake: 'a stage is misspelt where it is read',
    promise: 'names',
    sites: (spec) => references(spec).flatMap(({ place }) => misspelt(spec, place, place.node)),
  },
  {
    name: 'wrong-stage',
    mistake: 'another stage is read',
    promise: 'kinds',
    sites: (spec) => references(spec).flatMap(({ place, others }) => others.map((other) => replaced(place, place.node, other))),
  },
  {
    name: 'missing-stage',
    mistake: 'a stage is left out',
    promise: 'names',
    sites: (spec) => placesOf(spec, 'stage').map(({ node }) => removed(spec, node, [node.name.text])),
  },
  {
    name: 'late-stage',
    mistake: 'a stage stands below the one that reads it',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'pipeline').flatMap(({ node }) =>
        node.items.slice(1).flatMap((second, i) => {
          const first = node.items[i];
          if (first.kind !== 'stage' || second.kind !== 'stage') return [];
          const reads = new RegExp(`\\b${first.name.text}\\b`).test(textOf(spec, second.value));
          if (!reads) return [];
          const between = spec.text.slice(first.span.end, second.span.start);
          return [
            {
              start: first.span.start,
              end: second.span.end,
              text: textOf(spec, second) + between + textOf(spec, first),
              blames: [first.name.text],
            },
          ];
        }),
      ),
  },
  {
    name: 'wrong-program',
    mistake: 'an inference program that the method does not have',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'call').flatMap((place) => {
        const program = calleeOf(place.node) === 'infer' && within(place, 'pipeline') ? place.node.args[1]?.value : undefined;
        return program ? [replaced(place, program, 'maps'), replaced(place, program, 'export')] : [];
      }),
  },
  {
    name: 'wrong-stage-kind',
    mistake: 'a stage does what no stage can',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'stage').flatMap((place) =>
        place.node.value.kind === 'call' ? misspelt(spec, place, place.node.value.callee, declaredAt(place)) : [],
      ),
  },
];
