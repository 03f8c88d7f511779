/** Mistakes in the train block. */
import type { MutationKind } from '../kind.ts';
import { placesOf, textOf, within } from '../spec.ts';
import { misspelt, removed, replaced, withoutItem } from './text.ts';

const INSIDE_TRAIN = 'train';

export const TRAINING: readonly MutationKind[] = [
  {
    name: 'misspelt-setting',
    mistake: 'a setting of training is misspelt',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'setting')
        .filter((place) => within(place, INSIDE_TRAIN) !== undefined)
        .flatMap((place) => misspelt(spec, place, place.node.name)),
  },
  {
    name: 'missing-setting',
    mistake: 'a setting of training is left out',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'setting')
        .filter((place) => within(place, INSIDE_TRAIN) !== undefined)
        .map((place) => {
          const before = /,\s*$/.exec(spec.text.slice(0, place.node.span.start));
          const after = /^\s*,/.exec(spec.text.slice(place.node.span.end));
          const site = removed(spec, place.node, ['train']);
          if (before) return { ...site, start: place.node.span.start - before[0].length };
          return after ? { ...site, end: place.node.span.end + after[0].length } : site;
        }),
  },
  {
    name: 'bad-epochs',
    mistake: 'a number of epochs or images that cannot be',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'setting')
        .filter((place) => /^(epochs|batch)$/.test(place.node.name.text) && place.node.value.kind === 'number')
        .flatMap((place) =>
          ['0', '0.5', '-1', `[${textOf(spec, place.node.value)}]`].map((text) => replaced(place, place.node.value, text)),
        ),
  },
  {
    name: 'bad-rate',
    mistake: 'a rate, moment or probability outside its range',
    promise: 'numbers',
    sites: (spec) =>
      placesOf(spec, 'call')
        .filter((place) => within(place, INSIDE_TRAIN) !== undefined)
        .flatMap((place) =>
          place.node.args.flatMap((a) => {
            const name = a.name?.text ?? (place.node.callee.kind === 'name' ? place.node.callee.name.text : '');
            if (a.value.kind !== 'number') return [];
            if (/^(lr|weight_decay)$/.test(name)) return [replaced(place, a.value, `-${textOf(spec, a.value)}`)];
            if (/^(momentum|beta1|beta2)$/.test(name)) return [replaced(place, a.value, String(a.value.value + 1))];
            return name === 'flip' ? [replaced(place, a.value, '50')] : [];
          }),
        ),
  },
  {
    name: 'misspelt-group',
    mistake: 'a member of a group or of what is frozen is misspelt',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'group', 'freeze').flatMap((place) =>
        place.node.members.flatMap((member) => misspelt(spec, place, member.kind === 'member' ? member.name : member)),
      ),
  },
  {
    name: 'wrong-group',
    mistake: 'a group holds something that has no parameters',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'group', 'freeze').flatMap((place) =>
        place.node.members.flatMap((member) => ['image', 'tags', 'cls'].map((other) => replaced(place, member, other))),
      ),
  },
  {
    name: 'overlapping-groups',
    mistake: 'parameters are in two groups',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'group').flatMap((place) =>
        place.node.members.map((member) => {
          const { end } = place.node.span;
          return { start: end, end, text: `\n    group ${textOf(spec, member)}: lr x2`, blames: [] };
        }),
      ),
  },
  {
    name: 'missing-view',
    mistake: 'an input gets no view',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'data').flatMap((place) =>
        place.node.views.flatMap((view) =>
          view.names.length > 1 ? view.names.map((name, i) => withoutItem(spec, view.names, i, [name.text])) : [],
        ),
      ),
  },
  {
    name: 'misspelt-view',
    mistake: 'a view is misspelt',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'data').flatMap((place) =>
        place.node.views.flatMap((view) => view.names.flatMap((name) => misspelt(spec, place, name, [name.text]))),
      ),
  },
  {
    name: 'dropped-transform',
    mistake: 'a step that makes the images is forgotten',
    promise: 'numbers',
    sites: (spec) => placesOf(spec, 'pipe').map((place) => replaced(place, place.node, textOf(spec, place.node.left))),
  },
  {
    name: 'wrong-split',
    mistake: 'a split is misspelt',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'member')
        .filter(
          (place) =>
            place.node.object.kind === 'name' && /voc/.test(place.node.object.name.text) && within(place, 'pipeline', 'data') !== undefined,
        )
        .flatMap((place) => misspelt(spec, place, place.node.name)),
  },
];
