/** Which images the stages of a pipeline are about: what is made on one split is of no use on another. */
import type { Span } from '../source/source.ts';
import type { Elaboration } from './elaboration.ts';

export interface ImagesRead {
  readonly name: string;
  /** `voc.train`; undefined where the stage takes the images of what it reads. */
  readonly on: string | undefined;
  /** Stages that it reads, by role. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly at: Span;
}

/** Not about images: weights, and numbers that were chosen. */
const WITHOUT_IMAGES: ReadonlySet<string> = new Set(['checkpoint', 'init', 'threshold']);

export class StageImages {
  readonly #of = new Map<string, string>();

  /** Notes a stage, after holding its images against those of what it reads. Reports `other-images` once. */
  add(E: Elaboration, { name, on, inputs, at }: ImagesRead): void {
    const read = Object.entries(inputs).flatMap(([role, input]) => (WITHOUT_IMAGES.has(role) ? [] : stagesIn(input)));
    const known = read.flatMap((stage) => {
      const theirs = this.#of.get(stage.split('.')[0]);
      return theirs === undefined ? [] : [{ stage, theirs }];
    });
    const own = on ?? known.at(0)?.theirs;
    if (own === undefined) return;
    this.#of.set(name, own);
    const other = known.find(({ theirs }) => apart(own, theirs));
    if (other) E.report('other-images', at, { stage: other.stage, theirs: other.theirs, ours: own });
  }
}

function stagesIn(input: unknown): readonly string[] {
  if (typeof input === 'string') return [input];
  // Several masks are of several data sets, one each.
  if (Array.isArray(input) || typeof input !== 'object' || input === null) return [];
  return Object.values(input).flatMap(stagesIn);
}

/** Whether two splits surely share no image: of two data sets, or one to learn from and one to score on by their names. Lists may hold each other otherwise. */
function apart(a: string, b: string): boolean {
  const [[first, x = ''], [second, y = '']] = [a.split('.'), b.split('.')];
  if (first !== second) return true;
  const learns = (split: string): boolean => /^train(?!val)/.test(split);
  const scores = (split: string): boolean => /^(val|test)/.test(split);
  return (learns(x) && scores(y)) || (scores(x) && learns(y));
}
