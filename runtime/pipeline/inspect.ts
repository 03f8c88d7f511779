/** Looking at the data that the stages of a plan will read, before the first of them runs. */
import type { Program } from '../program.ts';
import { type Datasets, splitIds } from './datasets.ts';
import type { SplitPlan, StagePlan } from './plan.ts';
import { trainingSplit } from './stages/train.ts';

/** The images that a stage reads, and whether it reads their ground truth. */
function readBy(stage: StagePlan, program: (name: string) => Program): { readonly on: SplitPlan; readonly masks: boolean } | undefined {
  switch (stage.op) {
    case 'train': {
      const { train } = program(stage.program).meta;
      const masks = stage.inputs.masks === undefined && (train?.bindings.some((binding) => binding.part === 'mask') ?? false);
      return { on: trainingSplit(stage, train?.source), masks };
    }
    case 'infer':
      return { on: stage.args.on, masks: false };
    case 'threshold':
    case 'evaluate':
    case 'baseline':
      return { on: stage.args.on, masks: true };
    default:
      return undefined;
  }
}

/**
 * Looks at every image and mask that the stages will read: a missing image, a file that is cut off or a mask of another size stops a run before it
 * starts. Data that this run makes itself is not looked at. Throws DataError.
 */
export async function inspectData(stages: readonly StagePlan[], datasets: Datasets, program: (name: string) => Program): Promise<void> {
  const wanted = new Map<string, { readonly on: SplitPlan; masks: boolean }>();
  for (const stage of stages) {
    const read = readBy(stage, program);
    if (!read) continue;
    const key = JSON.stringify([read.on.dataset, read.on.split, read.on.limit]);
    const known = wanted.get(key);
    if (known) known.masks ||= read.masks;
    else wanted.set(key, read);
  }
  for (const { on, masks } of wanted.values()) {
    const { dataset, generated } = await datasets.open(on.dataset);
    if (!generated) await dataset.inspect?.(splitIds(dataset, on), masks);
  }
}
