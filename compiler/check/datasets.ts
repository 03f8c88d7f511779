/** `dataset emojivoc { format emojivoc, seed 1, train 4000, val 800 }`: where images come from. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Span } from '../source/source.ts';
import type { DatasetDeclaration } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import type { Json } from './pipeline.ts';
import { Scope } from './scope.ts';
import { describe } from './values.ts';

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  voc: ['root', 'tags_from_masks', 'masks', 'saliency', 'labels', 'images'],
  emojivoc: ['seed', 'train', 'val', 'classes'],
};

/** What is known of all images of a set: one label each, or found on the web by a label. Training on them is supervision of its own. */
const IMAGES: readonly string[] = ['single_label', 'web'];

/** Lists that a format has, or that folders of it usually have: `train_aug` is train with the masks that SBD adds. */
const SPLITS: Readonly<Record<string, { readonly names: readonly string[]; readonly closed: boolean }>> = {
  voc: { names: ['train', 'val', 'trainval', 'test', 'train_aug'], closed: false },
  emojivoc: { names: ['train', 'val'], closed: true },
};

/**
 * Reports a split that a data set does not have. A folder may hold lists of any name, so that there only what looks like a typing error is told, as
 * a warning.
 */
export function checkSplit(E: Elaboration, dataset: string, split: string, at: Span): void {
  const settings = E.session.datasets[dataset];
  const kind = typeof settings === 'object' && settings !== null && 'kind' in settings ? String(settings.kind) : '';
  const known = Object.hasOwn(SPLITS, kind) ? SPLITS[kind] : undefined;
  if (!known || known.names.includes(split)) return;
  const hint = didYouMean(split, known.names);
  const extra = { cause: `${dataset}.${split}`, hint: hint ?? `it has ${known.names.join(', ')}` };
  if (known.closed) E.report('unknown-split', at, { dataset, split }, extra);
  else if (hint) E.report('unusual-split', at, { dataset, split }, extra);
}

export function readDataset(E: Elaboration, declaration: DatasetDeclaration): Json {
  const values: Record<string, Json> = {};
  const name = declaration.name.text;
  const format = declaration.settings.find((s) => s.name.text === 'format');
  const kind = format?.value.kind === 'name' ? format.value.name.text : undefined;
  if (kind === undefined || !Object.hasOwn(FORMATS, kind)) {
    if (format)
      E.report('bad-setting', format.value.span, { name: 'format', expected: Object.keys(FORMATS).join(' or '), found: kind ?? 'this' });
    else E.report('missing-setting', declaration.name.span, { block: `the data set ${name}`, name: 'format' });
    return { kind: 'voc' };
  }
  for (const s of declaration.settings) {
    if (s === format) continue;
    const key = s.name.text;
    if (!FORMATS[kind].includes(key)) {
      E.report(
        'unknown-setting',
        s.name.span,
        { block: `the data set ${name}`, name: key },
        { hint: didYouMean(key, FORMATS[kind]) ?? `settings: format, ${FORMATS[kind].join(', ')}` },
      );
      continue;
    }
    if (key === 'images') {
      const word = s.value.kind === 'name' ? s.value.name.text : 'something else';
      if (IMAGES.includes(word)) values.images = word;
      else if (s.value.kind !== 'error')
        E.report(
          'bad-setting',
          s.value.span,
          { name: key, expected: IMAGES.join(' or '), found: word },
          { hint: didYouMean(word, IMAGES) },
        );
      continue;
    }
    const value = evaluate(E, s.value, new Scope(undefined));
    const target = key === 'tags_from_masks' ? 'tagsFromMasks' : key;
    if (value.kind === 'number' || value.kind === 'string' || value.kind === 'boolean') values[target] = value.value;
    else if (value.kind === 'list' && value.items.every((v) => v.kind === 'string'))
      values[target] = value.items.map((v) => (v.kind === 'string' ? v.value : ''));
    else if (value.kind !== 'poison')
      E.report('bad-setting', s.value.span, { name: key, expected: 'a number, a text or a list of texts', found: describe(value) });
  }
  return { kind, ...values };
}
