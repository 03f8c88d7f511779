/** Looking at the data that the stages of a plan will read, before the first of them runs. */
import { saliencyOf } from '../data/union.ts';
import type { BindingJson, Program } from '../program.ts';
import { type Datasets, splitIds } from './datasets.ts';
import type { InferStage, SplitPlan, StagePlan } from './plan.ts';
import { trainingSplit } from './stages/train.ts';
import { allSplits, trainingSplits } from './training-data.ts';

interface Reading {
  readonly on: SplitPlan;
  readonly masks: boolean;
  readonly saliency: boolean;
}

/** The images that a stage reads, and whether it reads their ground truth or saliency. */
function readBy(stage: StagePlan, program: (name: string) => Program): readonly Reading[] {
  switch (stage.op) {
    case 'train': {
      const { train } = program(stage.program).meta;
      if (!train) return [];
      const reads = (part: BindingJson['part']): boolean => train.bindings.some((binding) => binding.part === part);
      const masks = stage.inputs.masks === undefined && reads('mask');
      const saliency = stage.inputs.saliency === undefined && reads('saliency');
      return [
        ...allSplits(trainingSplits(train, trainingSplit(stage, train.source))).map((on) => ({ on, masks, saliency })),
        ...(train.validate ?? []).map(({ on }) => ({ on, masks: true, saliency: false })),
      ];
    }
    case 'infer':
      return inferred(stage, program(stage.program));
    case 'threshold':
    case 'evaluate':
    case 'baseline':
      return [{ on: stage.args.on, masks: true, saliency: false }];
    default:
      return [];
  }
}

function inferred({ inputs, args }: InferStage, program: Program): readonly Reading[] {
  const entry = program.meta.infer[args.entry];
  const saliency = entry?.inputs.some(({ input, part }) => part === 'saliency' && inputs.given?.[input] === undefined) ?? false;
  const partners = Object.values(args.groups ?? {}).flatMap(({ from = [] }) => from);
  return [{ on: args.on, masks: false, saliency }, ...partners.map((on) => ({ on, masks: false, saliency: false }))];
}

/**
 * Looks at every image, mask and saliency map that the stages will read: a missing image, a file that is cut off or a mask of another size stops a run before it
 * starts. Data that this run makes itself is not looked at. Throws DataError.
 */
export async function inspectData(stages: readonly StagePlan[], datasets: Datasets, program: (name: string) => Program): Promise<void> {
  const wanted = new Map<string, Reading>();
  for (const read of stages.flatMap((stage) => readBy(stage, program))) {
    const key = JSON.stringify([read.on.dataset, read.on.split, read.on.limit]);
    const known = wanted.get(key);
    wanted.set(key, { on: read.on, masks: read.masks || known?.masks === true, saliency: read.saliency || known?.saliency === true });
  }
  for (const { on, masks, saliency } of wanted.values()) {
    const { dataset, generated } = await datasets.open(on.dataset);
    if (!generated) await dataset.inspect?.(splitIds(dataset, on), { masks, saliency });
    else if (saliency) await saliencyOf(dataset, splitIds(dataset, on)[0]);
  }
}
