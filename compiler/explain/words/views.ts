/** Steps of data views, from the table that a spec is checked against. */
import { type StepParameter, VIEW_STEPS } from '../../check/data/transforms.ts';
import type { WordGroup } from './word.ts';

function shown({ name, words, optional, within, form }: StepParameter): string {
  const bounded = within && within[1] !== 65536 ? ` ${within[0] === Number.MIN_VALUE ? 'above 0' : within[0]} to ${within[1]}` : '';
  const kind = words ? words.join(' | ') : form.replace('_', ' ') + bounded;
  return optional ? `[${name}: ${kind}]` : `${name}: ${kind}`;
}

export const STEPS: WordGroup = {
  name: 'view-steps',
  title: 'Steps of views',
  intro:
    'After `|>` in a data block, in the order in which they are done; geometry is done to masks and saliency of the image too. `range` takes a number or `0.5..1.5`. Those marked as colour stand before `normalize`.',
  words: Object.entries(VIEW_STEPS).map(([name, { params, doc, colour }]) => ({
    name,
    form: `${name}(${params.map(shown).join(', ')})`,
    text: colour ? `${doc} Colour.` : doc,
  })),
};
