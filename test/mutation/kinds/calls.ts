/** Mistakes with calls: their arguments, and the call itself. */
import type { MutationKind } from '../kind.ts';
import { calleeOf, declaredAt, placesOf, textOf, within } from '../spec.ts';
import { misspelt, replaced, swapped, withoutItem } from './text.ts';

/** Functions that lower the number of axes or sum them up. */
export const REDUCTIONS: ReadonlySet<string> = new Set(['mean', 'sum', 'max', 'min', 'gap', 'reduce', 'argmax', 'weighted_pooling']);

export const CALLS: readonly MutationKind[] = [
  {
    name: 'swapped-arguments',
    mistake: 'two arguments of a call stand in the wrong order',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'call').flatMap((place) => {
        const given = place.node.args.filter((a) => a.name === undefined);
        return given.flatMap((a, i) =>
          given
            .slice(i + 1)
            .filter((b) => textOf(spec, a) !== textOf(spec, b))
            .map((b) => swapped(spec, place, a, b)),
        );
      }),
  },
  {
    name: 'missing-argument',
    mistake: 'an argument is left out',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'call').flatMap((place) => place.node.args.map((_, i) => withoutItem(spec, place.node.args, i, declaredAt(place)))),
  },
  {
    name: 'extra-argument',
    mistake: 'an argument is given twice',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'call').flatMap((place) =>
        place.node.args.map((a) => {
          const { end } = a.span;
          return { start: end, end, text: `, ${textOf(spec, a)}`, blames: declaredAt(place) };
        }),
      ),
  },
  {
    name: 'misspelt-argument',
    mistake: 'the name of an argument is misspelt',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'call').flatMap((place) => place.node.args.flatMap((a) => (a.name ? misspelt(spec, place, a.name) : []))),
  },
  {
    name: 'uncalled',
    mistake: 'a function stands there without its arguments',
    promise: 'names',
    sites: (spec) => placesOf(spec, 'call').map((place) => replaced(place, place.node, textOf(spec, place.node.callee))),
  },
  {
    name: 'dropped-reduction',
    mistake: 'a reduction is forgotten',
    promise: 'shapes',
    sites: (spec) =>
      placesOf(spec, 'call')
        .filter(({ node }) => node.args.length > 0 && REDUCTIONS.has(calleeOf(node) ?? ''))
        .map((place) => replaced(place, place.node, textOf(spec, place.node.args[0].value))),
  },
  {
    name: 'dropped-call',
    mistake: 'a step is forgotten: the first argument stands where the result belongs',
    promise: 'kinds',
    sites: (spec) =>
      placesOf(spec, 'call')
        .filter((place) => place.node.args.length > 0 && within(place, 'pipeline', 'train', 'pipe') === undefined)
        .map((place) => replaced(place, place.node, textOf(spec, place.node.args[0].value))),
  },
];
