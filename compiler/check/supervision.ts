/** What training may look at. */
import type { Kind } from '../ops/graph.ts';
import type { CheckedTrain } from './train.ts';

/** Levels an author may declare. `pseudo_masks` are masks that an earlier stage made; `none` reads images alone. */
export const SUPERVISION_LEVELS = [
  'none',
  'tags',
  'saliency',
  'boxes',
  'points',
  'pseudo_masks',
  'masks',
  'single_label_images',
  'web_images',
] as const;

/** Whether a method learns from masks that an earlier stage has to make: those of the data set would be supervision that it does not declare. */
export function learnsPseudoMasks(supervision: readonly string[], train: Pick<CheckedTrain, 'bindings'> | undefined): boolean {
  return supervision.includes('pseudo_masks') && (train?.bindings.some((binding) => binding.part === 'mask') ?? false);
}

/** Levels of which one must be declared for an input of this kind; undefined when it needs none. */
export function requiredSupervision(kind: Kind): readonly string[] | undefined {
  switch (kind) {
    case 'tags':
      return ['tags', 'masks'];
    case 'labels':
    case 'mask':
      return ['masks', 'pseudo_masks'];
    case 'saliency':
      return ['saliency'];
    default:
      return undefined;
  }
}
