/** Partners of images: a class of the image is drawn, then an image of that class (MCIS). */
import { draws } from '../random/counter.ts';
import { type Dataset, originOf } from './dataset.ts';
import { DataError } from './errors.ts';

export interface PairRule {
  /** Names the draws: two pairs of one method are independent. */
  readonly name: string;
  /** Whether an image may be its own partner. */
  readonly self: boolean;
}

/** Images of a data set from which partners are drawn. */
export interface Pool {
  readonly dataset: Dataset;
  readonly ids: readonly string[];
}

export interface Partner {
  readonly dataset: Dataset;
  readonly id: string;
}

/** What a partner depends on: neither the order of the images nor the batch they are in. */
export interface PairKey {
  readonly seed: number;
  readonly epoch: number;
  /** The image that gets a partner, and the data set that it is of. */
  readonly id: string;
  readonly dataset: Dataset;
}

/** Partners of one photo for an inference program. */
export interface GroupRule {
  readonly name: string;
  /** Partners for each of the photo's classes in turn; otherwise for each partner a class is drawn, uniform. */
  readonly every: boolean;
  /** Partners of one class, drawn with replacement. */
  readonly images: number;
  readonly self: boolean;
}

/** A partner, and the class (from 0) that it was drawn for. */
export interface GroupMember extends Partner {
  readonly drawn: number;
}

/** The images of a pool by class; tags are read once. */
class ClassIndex {
  readonly #pool: Pool;
  #byClass: Promise<readonly (readonly string[])[]> | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The classes of an image that have partners, ascending, with these. Throws DataError `data-no-partner` where none has one. */
  async choices(
    { name, self }: PairRule,
    dataset: Dataset,
    id: string,
  ): Promise<readonly { readonly drawn: number; readonly images: readonly string[] }[]> {
    const pool = this.#pool;
    this.#byClass ??= imagesByClass(pool);
    const byClass = await this.#byClass;
    const own = self ? undefined : originOf(dataset, id);
    const tags = await dataset.tags(id);
    const choices: { readonly drawn: number; readonly images: readonly string[] }[] = [];
    tags.forEach((tag, k) => {
      const images = byClass[k] ?? [];
      const others = tag > 0 && own !== undefined ? images.filter((image) => originOf(pool.dataset, image) !== own) : images;
      if (tag > 0 && others.length > 0) choices.push({ drawn: k, images: others });
    });
    if (choices.length > 0) return choices;
    throw new DataError('data-no-partner', {
      what: `The image '${id}' has no partner for '${name}'`,
      file: pool.dataset.root,
      expected: `another image of ${pool.dataset.name} with one of its classes`,
      found: 'none',
      hint: 'Allow it to be its own partner (self: allowed), draw from more images (from: union(…)), or take it out of the list.',
    });
  }
}

/** Who draws a partner for each image of a batch. */
export class PairIndex {
  readonly #pool: Pool;
  readonly #rule: PairRule;
  readonly #index: ClassIndex;

  constructor(pool: Pool, rule: PairRule) {
    this.#pool = pool;
    this.#rule = rule;
    this.#index = new ClassIndex(pool);
  }

  /**
   * A class uniform over those of the image that has a partner, then one of its images uniformly (draws 0 and 1 of `pair.NAME`). Throws DataError
   * `data-no-partner` where no class of the image has one.
   */
  async partner({ seed, epoch, id, dataset }: PairKey): Promise<Partner> {
    const choices = await this.#index.choices(this.#rule, dataset, id);
    const stream = draws({ seed, step: epoch, image: id, name: `pair.${this.#rule.name}` });
    const { images } = choices[stream.integer(0, 0, choices.length - 1)];
    return { dataset: this.#pool.dataset, id: images[stream.integer(1, 0, images.length - 1)] };
  }
}

/** Who draws the partners of one photo. */
export class GroupIndex {
  readonly #pool: Pool;
  readonly #rule: GroupRule;
  readonly #index: ClassIndex;

  constructor(pool: Pool, rule: GroupRule) {
    this.#pool = pool;
    this.#rule = rule;
    this.#index = new ClassIndex(pool);
  }

  /**
   * For each class of the photo in ascending order (`every`), or as often as there are images for a class drawn uniformly, images of it, uniform
   * and with replacement: draws of `group.NAME`, counted up. Throws DataError `data-no-partner`.
   */
  async partners({ seed, id, dataset }: Omit<PairKey, 'epoch'>): Promise<readonly GroupMember[]> {
    const { every, images: count } = this.#rule;
    const choices = await this.#index.choices(this.#rule, dataset, id);
    const stream = draws({ seed, step: 0, image: id, name: `group.${this.#rule.name}` });
    let next = 0;
    const draw = (last: number): number => stream.integer(next++, 0, last);
    const of = ({ drawn, images }: (typeof choices)[number]): GroupMember => ({
      dataset: this.#pool.dataset,
      id: images[draw(images.length - 1)],
      drawn,
    });
    if (every) return choices.flatMap((choice) => Array.from({ length: count }, () => of(choice)));
    return Array.from({ length: count }, () => of(choices[draw(choices.length - 1)]));
  }
}

async function imagesByClass({ dataset, ids }: Pool): Promise<readonly (readonly string[])[]> {
  const byClass: string[][] = Array.from({ length: dataset.classCount }, () => []);
  for (const id of ids) {
    const tags = await dataset.tags(id);
    tags.forEach((tag, k) => {
      if (tag > 0) byClass[k].push(id);
    });
  }
  return byClass;
}
