/** Mistakes with what trains: detached, cut, frozen, forgotten. */
import type { Node } from '../../../compiler/syntax/visit.ts';
import type { MutationKind } from '../kind.ts';
import { calleeOf, declaredAt, type Place, placesOf, textOf, within } from '../spec.ts';
import { removed, replaced, withoutItem } from './text.ts';

/** Layers that the method around a place declares. */
function layersOf(place: Place): readonly string[] {
  const method: Node | undefined = within(place, 'method', 'variant');
  return method?.kind === 'method' ? method.members.flatMap((m) => (m.kind === 'layer' ? [m.name.text] : [])) : [];
}

export const GRADIENTS: readonly MutationKind[] = [
  {
    name: 'detached-loss',
    mistake: 'a loss is detached',
    promise: 'gradients',
    sites: (spec) =>
      placesOf(spec, 'loss').map((place) =>
        replaced(place, place.node.value, `detach(${textOf(spec, place.node.value)})`, [place.node.name.text, ...layersOf(place)]),
      ),
  },
  {
    name: 'detached-value',
    mistake: 'a value of the training step is detached',
    promise: 'gradients',
    sites: (spec) =>
      placesOf(spec, 'let')
        .filter((place) => within(place, 'infer') === undefined && place.above.at(-1)?.kind === 'method')
        .map((place) =>
          replaced(place, place.node.value, `detach(${textOf(spec, place.node.value)})`, [...declaredAt(place), ...layersOf(place)]),
        ),
  },
  {
    name: 'dropped-detach',
    mistake: 'a detach is forgotten',
    promise: 'gradients',
    sites: (spec) =>
      placesOf(spec, 'call')
        .filter(({ node }) => calleeOf(node) === 'detach' && node.args.length === 1)
        .map((place) => replaced(place, place.node, textOf(spec, place.node.args[0].value))),
  },
  {
    name: 'decided-loss',
    mistake: 'a loss counts decisions, which have no gradient',
    promise: 'gradients',
    sites: (spec) =>
      placesOf(spec, 'loss').map((place) =>
        replaced(place, place.node.value, `mean(float((${textOf(spec, place.node.value)}) > 0))`, [
          place.node.name.text,
          ...layersOf(place),
        ]),
      ),
  },
  {
    name: 'hard-threshold',
    mistake: 'scores or maps are thresholded before the loss',
    promise: 'gradients',
    sites: (spec) =>
      placesOf(spec, 'let')
        .filter(
          (place) =>
            place.node.names.length === 1 && /score|logits|maps|raw/.test(place.node.names[0].text) && within(place, 'infer') === undefined,
        )
        .map((place) => replaced(place, place.node.value, `float((${textOf(spec, place.node.value)}) > 0) as logits`)),
  },
  {
    name: 'dropped-loss',
    mistake: 'a loss is forgotten',
    promise: 'gradients',
    sites: (spec) =>
      placesOf(spec, 'loss').map((place) =>
        removed(spec, place.node, ['train', place.node.name.text, ...namesUsed(place), ...layersOf(place)]),
      ),
  },
  {
    name: 'watched-loss',
    mistake: 'a loss is only watched',
    promise: 'gradients',
    sites: (spec) =>
      placesOf(spec, 'loss').map((place) => ({
        start: place.node.span.start,
        end: place.node.span.start + 'loss'.length,
        text: 'watch',
        blames: ['train', place.node.name.text, ...layersOf(place)],
      })),
  },
  {
    name: 'frozen-layer',
    mistake: 'a layer that should train is frozen',
    promise: 'gradients',
    sites: (spec) =>
      placesOf(spec, 'freeze').flatMap((place) =>
        layersOf(place).map((layer) => ({
          start: place.node.span.end,
          end: place.node.span.end,
          text: `, ${layer}`,
          blames: [layer, 'loss'],
        })),
      ),
  },
  {
    name: 'frozen-everything',
    mistake: 'everything is frozen',
    promise: 'gradients',
    sites: (spec) =>
      placesOf(spec, 'train')
        .filter((place) => layersOf(place).length > 0 && !place.node.items.some((i) => i.kind === 'freeze'))
        .map((place) => ({
          start: place.node.span.end - 1,
          end: place.node.span.end - 1,
          text: `  freeze ${layersOf(place).join(', ')}\n  `,
          blames: ['train', 'loss', ...layersOf(place)],
        })),
  },
  {
    name: 'unfrozen',
    mistake: 'a part that should keep its weights is not frozen',
    promise: 'gradients',
    sites: (spec) =>
      placesOf(spec, 'freeze').flatMap((place) =>
        place.node.members.length > 1 ? place.node.members.map((_, i) => withoutItem(spec, place.node.members, i, [])) : [],
      ),
  },
];

/** Names that a loss reads: without it nothing may read them. */
function namesUsed(place: Place): readonly string[] {
  const node = place.node;
  return node.kind === 'loss' && node.value.kind === 'member' && node.value.object.kind === 'name' ? [node.value.object.name.text] : [];
}
