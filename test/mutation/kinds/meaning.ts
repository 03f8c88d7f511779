/** Mistakes with what a tensor means, and with what training may look at. */
import type { MutationKind } from '../kind.ts';
import { calleeOf, declaredAt, placesOf, textOf, within } from '../spec.ts';
import { replaced } from './text.ts';

const KIND_WORDS = ['cam', 'logits', 'mask', 'features', 'seeds'];
/** Types of the same axes that mean something else. */
const TYPES: readonly (readonly string[])[] = [
  ['Image', 'Cam', 'Features', 'Logits', 'Mask'],
  ['Tags', 'Logits'],
  ['Region', 'Labels'],
];
const LOGIT_LOSSES = /soft_margin|cross_entropy/;

export const MEANING: readonly MutationKind[] = [
  {
    name: 'squashed-logits',
    mistake: 'a sigmoid or softmax stands before a loss that applies it itself',
    promise: 'kinds',
    sites: (spec) =>
      placesOf(spec, 'call')
        .filter(({ node }) => LOGIT_LOSSES.test(calleeOf(node) ?? '') && node.args.length > 0)
        .flatMap((place) => {
          const logits = place.node.args[0].value;
          return [replaced(place, logits, `sigmoid(${textOf(spec, logits)})`)];
        }),
  },
  {
    name: 'wrong-as',
    mistake: 'a value is said to be of another kind',
    promise: 'kinds',
    sites: (spec) =>
      placesOf(spec, 'as').flatMap((place) =>
        KIND_WORDS.filter((kind) => kind !== place.node.target.text).map((kind) => replaced(place, place.node.target, kind)),
      ),
  },
  {
    name: 'dropped-as',
    mistake: 'a change of kind is not said',
    promise: 'kinds',
    sites: (spec) => placesOf(spec, 'as').map((place) => replaced(place, place.node, textOf(spec, place.node.value))),
  },
  {
    name: 'wrong-word',
    mistake: 'a declaration names another kind',
    promise: 'kinds',
    sites: (spec) =>
      placesOf(spec, 'let').flatMap((place) => {
        const { word } = place.node;
        return word ? KIND_WORDS.filter((kind) => kind !== word.text).map((kind) => replaced(place, word, kind)) : [];
      }),
  },
  {
    name: 'wrong-type',
    mistake: 'a type of the same axes that means something else',
    promise: 'kinds',
    sites: (spec) =>
      placesOf(spec, 'named_type').flatMap((place) => {
        const group = TYPES.find((names) => names.includes(place.node.name.text)) ?? [];
        return group.filter((name) => name !== place.node.name.text).map((name) => replaced(place, place.node.name, name));
      }),
  },
  {
    name: 'masks-under-tags',
    mistake: 'the training loss reads masks that the method does not declare',
    promise: 'supervision',
    sites: (spec) =>
      placesOf(spec, 'input')
        .filter(
          (place) =>
            within(place, 'method') !== undefined &&
            /^(Tags|Labels)$/.test(place.node.type.kind === 'named_type' ? place.node.type.name.text : ''),
        )
        .map((place) =>
          place.node.type.kind === 'named_type' && place.node.type.name.text === 'Tags'
            ? { start: place.node.span.end, end: place.node.span.end, text: '\n  input truth: Labels[N, H, W]', blames: ['truth'] }
            : replaced(place, place.node.type.kind === 'named_type' ? place.node.type.name : place.node.type, 'Saliency'),
        ),
  },
  {
    name: 'less-supervision',
    mistake: 'the method declares less supervision than it reads',
    promise: 'supervision',
    sites: (spec) =>
      placesOf(spec, 'supervision').flatMap((place) => {
        const inputs = (within(place, 'method')?.members ?? []).flatMap((m) => (m.kind === 'input' ? [m.name.text] : []));
        return place.node.levels.flatMap((level) =>
          ['none', 'saliency', 'tags'].filter((other) => other !== level.text).map((other) => replaced(place, level, other, inputs)),
        );
      }),
  },
  {
    name: 'misspelt-level',
    mistake: 'the supervision is misspelt',
    promise: 'names',
    sites: (spec) =>
      placesOf(spec, 'supervision').flatMap((place) =>
        place.node.levels.map((level) => replaced(place, level, `${level.text}s`, declaredAt(place))),
      ),
  },
  {
    name: 'evaluation-tags',
    mistake: 'tags are read on a split that scores',
    promise: 'supervision',
    sites: (spec) =>
      placesOf(spec, 'stage').flatMap((place) => {
        const { value } = place.node;
        if (value.kind !== 'call' || calleeOf(value) !== 'infer') return [];
        const given = value.args.findIndex((a) => a.name?.text === 'tags');
        if (given > 0)
          return [{ start: value.args[given - 1].span.end, end: value.args[given].span.end, text: '', blames: declaredAt(place) }];
        const on = value.args.find((a) => a.name?.text === 'on')?.value;
        return on?.kind === 'member' && /^train/.test(on.name.text) ? [replaced(place, on.name, 'val')] : [];
      }),
  },
  {
    name: 'zero-epsilon',
    mistake: 'what keeps a division from zero is zero itself',
    promise: 'numbers',
    sites: (spec) =>
      placesOf(spec, 'number')
        .filter((place) => place.node.value > 0 && place.node.value <= 1e-4)
        .filter((place) => /eps/.test(within(place, 'hyper')?.name.text ?? (within(place, 'module') ? 'eps' : '')))
        .map((place) => replaced(place, place.node, '0')),
  },
];
