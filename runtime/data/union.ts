/** Splits of several data sets as one: MCIS trains on VOC with images of one class, or from the web, appended. */
import { createHash } from 'node:crypto';
import { type Dataset, originOf } from './dataset.ts';
import { DataError } from './errors.ts';
import type { Pool } from './pairs.ts';
import { type GreyMap, missingSaliency } from './saliency.ts';

/** The one split of a union. */
export const UNION_SPLIT = 'union';

/**
 * All images of the parts, in their order. Ids of the first part stay as they are, so that its draws do; those of the others are `NAME:ID`. Throws
 * DataError `data-other-classes` where the classes are not the same, in the same order.
 */
export function unionOf(parts: readonly Pool[]): Pool {
  const [first] = parts;
  if (parts.length === 1) return first;
  const places = new Map<string, { readonly dataset: Dataset; readonly id: string }>();
  for (const { dataset, ids } of parts) {
    checkClasses(first.dataset, dataset);
    for (const id of ids) places.set(dataset.root === first.dataset.root ? id : `${dataset.name}:${id}`, { dataset, id });
  }
  const place = (id: string): { readonly dataset: Dataset; readonly id: string } => {
    const found = places.get(id);
    if (!found) throw new RangeError(`no image '${id}' in the union`);
    return found;
  };
  const all = [...places.keys()];
  const dataset: Dataset = {
    name: parts.map((part) => part.dataset.name).join(' + '),
    root: first.dataset.root,
    classes: first.dataset.classes,
    classCount: first.dataset.classCount,
    hasMasks: parts.every((part) => part.dataset.hasMasks),
    splits: () => [UNION_SPLIT],
    ids: () => all,
    image: (id) => place(id).dataset.image(place(id).id),
    tags: (id) => place(id).dataset.tags(place(id).id),
    mask: (id) => place(id).dataset.mask(place(id).id),
    origin: (id) => originOf(place(id).dataset, place(id).id),
    saliency: (id) => saliencyOf(place(id).dataset, place(id).id),
    async fingerprint() {
      const hash = createHash('sha256');
      for (const part of parts) hash.update(`${JSON.stringify([part.dataset.name, await part.dataset.fingerprint(), part.ids])}\n`);
      return hash.digest('hex');
    },
  };
  return { dataset, ids: all };
}

/** The saliency of an image. Throws DataError `data-missing-saliency` for a data set that has none. */
export async function saliencyOf(dataset: Dataset, id: string): Promise<GreyMap> {
  if (dataset.saliency) return dataset.saliency(id);
  throw missingSaliency(dataset.root, `'${dataset.name}' has no saliency maps`);
}

function checkClasses(first: Dataset, other: Dataset): void {
  const at = first.classes.findIndex((name, i) => other.classes[i] !== name);
  if (at < 0 && other.classes.length === first.classes.length) return;
  const where = at < 0 ? first.classes.length : at;
  throw new DataError('data-other-classes', {
    what: `The data sets '${first.name}' and '${other.name}' do not have the same classes, so their images cannot be drawn together`,
    file: other.root,
    expected: `class ${where}: ${first.classes[where] ?? 'none'}`,
    found: other.classes[where] ?? 'none',
    hint: 'Give both the same classes.txt, in the same order.',
  });
}
