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

/** The images of a pool by class; tags are read once. */
export class PairIndex {
  readonly #pool: Pool;
  readonly #rule: PairRule;
  #byClass: Promise<readonly (readonly string[])[]> | undefined;

  constructor(pool: Pool, rule: PairRule) {
    this.#pool = pool;
    this.#rule = rule;
  }

  /**
   * A class uniform over those of the image that has a partner, then one of its images uniformly (draws 0 and 1 of `pair.NAME`). Throws DataError
   * `data-no-partner` where no class of the image has one.
   */
  async partner({ seed, epoch, id, dataset }: PairKey): Promise<Partner> {
    const pool = this.#pool;
    this.#byClass ??= imagesByClass(pool);
    const byClass = await this.#byClass;
    const own = this.#rule.self ? undefined : originOf(dataset, id);
    const tags = await dataset.tags(id);
    const choices: (readonly string[])[] = [];
    tags.forEach((tag, k) => {
      const images = byClass[k] ?? [];
      const others = tag > 0 && own !== undefined ? images.filter((image) => originOf(pool.dataset, image) !== own) : images;
      if (tag > 0 && others.length > 0) choices.push(others);
    });
    if (choices.length === 0) {
      throw new DataError('data-no-partner', {
        what: `The image '${id}' has no partner for '${this.#rule.name}'`,
        file: pool.dataset.root,
        expected: `another image of ${pool.dataset.name} with one of its classes`,
        found: 'none',
        hint: 'Allow it to be its own partner (self: allowed), draw from more images (from: union(…)), or take it out of the list.',
      });
    }
    const stream = draws({ seed, step: epoch, image: id, name: `pair.${this.#rule.name}` });
    const images = choices[stream.integer(0, 0, choices.length - 1)];
    return { dataset: pool.dataset, id: images[stream.integer(1, 0, images.length - 1)] };
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
