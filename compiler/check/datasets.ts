/** `dataset emojivoc { format emojivoc, seed 1, train 4000, val 800 }`: where images come from. */
import { didYouMean, type Suggestion } from '../diagnostics/suggest.ts';
import type { Span } from '../source/source.ts';
import type { DatasetDeclaration, SettingItem } from '../syntax/ast.ts';
import type { Elaboration } from './elaboration.ts';
import { evaluate } from './evaluate.ts';
import { type NumberTypeName, numberOf } from './number-types.ts';
import type { Json } from './pipeline.ts';
import { Scope } from './scope.ts';
import { describe } from './values.ts';

type SettingType = 'text' | 'texts' | 'flag' | 'images' | NumberTypeName;

/** Settings of each format, and what each takes. */
const FORMATS: Readonly<Record<string, Readonly<Record<string, SettingType>>>> = {
  voc: { root: 'text', tags_from_masks: 'flag', masks: 'text', saliency: 'text', labels: 'text', images: 'images' },
  emojivoc: { seed: 'natural', train: 'count', val: 'count', classes: 'texts' },
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
  const settings = FORMATS[kind];
  for (const s of declaration.settings) {
    if (s === format) continue;
    const key = s.name.text;
    if (!Object.hasOwn(settings, key)) {
      E.report(
        'unknown-setting',
        s.name.span,
        { block: `the data set ${name}`, name: key },
        { hint: didYouMean(key, Object.keys(settings)) ?? `settings: format, ${Object.keys(settings).join(', ')}` },
      );
      continue;
    }
    const found = readSetting(E, s, settings[key], name);
    if (found !== undefined) values[key === 'tags_from_masks' ? 'tagsFromMasks' : key] = found;
  }
  return { kind, ...values };
}

/** Undefined after a report. */
function readSetting(E: Elaboration, { name, value: expression }: SettingItem, type: SettingType, dataset: string): Json | undefined {
  const key = name.text;
  const wrong = (expected: string, found: string, hint?: Suggestion): undefined => {
    E.report('bad-setting', expression.span, { name: key, expected, found }, { hint });
    return undefined;
  };
  if (type === 'images') {
    const word = expression.kind === 'name' ? expression.name.text : 'something else';
    if (IMAGES.includes(word)) return word;
    return expression.kind === 'error' ? undefined : wrong(IMAGES.join(' or '), word, didYouMean(word, IMAGES));
  }
  const value = evaluate(E, expression, new Scope(undefined));
  if (value.kind === 'poison') return undefined;
  switch (type) {
    case 'text':
      return value.kind === 'string' ? value.value : wrong('a text in quotes', describe(value));
    case 'flag':
      return value.kind === 'boolean' ? value.value : wrong('true or false', describe(value));
    case 'texts': {
      const texts = value.kind === 'list' ? value.items.flatMap((item) => (item.kind === 'string' ? [item.value] : [])) : [];
      return value.kind === 'list' && texts.length === value.items.length ? texts : wrong('a list of texts', describe(value));
    }
    default:
      return numberOf(E, `${key} of the data set ${dataset}`, value, type, expression.span);
  }
}
