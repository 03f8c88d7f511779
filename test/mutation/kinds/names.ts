/** Mistakes with names: misspelt, of something else, of something that is not there. */
import type { Node } from '../../../compiler/syntax/visit.ts';
import type { MutationKind } from '../kind.ts';
import { declaredAt, placesOf, scopeOf, textOf, within } from '../spec.ts';
import { isCallee, misspelt, removed, replaced } from './text.ts';

/** Fields that records of the spec have somewhere. */
function fieldNames(nodes: readonly { readonly node: Node }[]): readonly string[] {
  const names = nodes.flatMap(({ node }) =>
    node.kind === 'record' || node.kind === 'record_type'
      ? node.fields.map((f) => f.name.text)
      : node.kind === 'member'
        ? [node.name.text]
        : [],
  );
  return [...new Set(names)].sort();
}

export const NAMES: readonly MutationKind[] = [
  {
    name: 'misspelt-name',
    mistake: 'a name or word is misspelt where it is used',
    promise: 'names',
    sites: (spec) => placesOf(spec, 'name').flatMap((place) => misspelt(spec, place, place.node)),
  },
  {
    name: 'other-name',
    mistake: 'another value of the same body is used',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'name').flatMap((place) => {
        const scope = scopeOf(place);
        const { text } = place.node.name;
        if (isCallee(place) || within(place, 'group', 'freeze') || !scope.includes(text)) return [];
        const own = new Set(declaredAt(place));
        return scope.filter((other) => other !== text && !own.has(other)).map((other) => replaced(place, place.node, other));
      }),
  },
  {
    name: 'missing-let',
    mistake: 'a value that is used is never declared',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'let').map(({ node }) =>
        removed(
          spec,
          node,
          node.names.map((n) => n.text),
        ),
      ),
  },
  {
    name: 'missing-declaration',
    mistake: 'a layer, input or hyper that is used is never declared',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'layer', 'input', 'hyper')
        .filter((place) => within(place, 'variant') === undefined)
        .map(({ node }) => removed(spec, node, [node.name.text])),
  },
  {
    name: 'duplicate-name',
    mistake: 'a declaration stands there twice',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'let', 'layer', 'hyper', 'input', 'stage', 'loss').map((place) => {
        const { end } = place.node.span;
        return { start: end, end, text: `\n  ${textOf(spec, place.node)}`, blames: declaredAt(place) };
      }),
  },
  {
    name: 'misspelt-member',
    mistake: 'a member is misspelt',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'member')
        .filter((place) => within(place, 'group', 'freeze') === undefined)
        .flatMap((place) => misspelt(spec, place, place.node.name)),
  },
  {
    name: 'other-member',
    mistake: 'another field of a record is taken',
    promise: 'shapes',
    sites: (spec) => {
      const fields = fieldNames(spec.places);
      return placesOf(spec, 'member')
        .filter((place) => within(place, 'group', 'freeze', 'data', 'pipeline') === undefined)
        .flatMap((place) =>
          fields.filter((field) => field !== place.node.name.text).map((field) => replaced(place, place.node.name, field)),
        );
    },
  },
  {
    name: 'misspelt-type',
    mistake: 'the name of a type is misspelt',
    promise: 'names',
    sites: (spec) => placesOf(spec, 'named_type').flatMap((place) => misspelt(spec, place, place.node.name)),
  },
  {
    name: 'misspelt-import',
    mistake: 'the path of an import is misspelt',
    promise: 'names',
    sites: (spec) =>
      spec.file.imports.map((node) => {
        const path = node.from.value;
        return { start: node.from.span.start, end: node.from.span.end, text: `"${path}s"`, blames: [] };
      }),
  },
  {
    name: 'missing-import',
    mistake: 'an import is left out',
    promise: 'names',
    sites: (spec) => spec.file.imports.map((node) => ({ ...removed(spec, node, []), blames: ['*'] })),
  },
  {
    name: 'misspelt-reference',
    mistake: 'what a variant is made from or takes away is misspelt',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'variant').flatMap((place) => [
        ...misspelt(spec, place, place.node.of),
        ...place.node.removals.flatMap((r) => misspelt(spec, place, r.name)),
      ]),
  },
];
