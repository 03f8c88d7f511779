/** Validation while training: an inference program on every image of a split, its arg-max held against the ground truth. */
import { addToConfusion, createConfusion } from '../metrics/confusion.ts';
import { meanIou } from '../metrics/iou.ts';
import type { Program, ValidationJson } from '../program.ts';
import { RunError } from '../train/errors.ts';
import type { Validation } from '../train/validation.ts';
import { type Datasets, splitIds, splitName } from './datasets.ts';
import { Inferrer, labelsOf } from './infer.ts';

/** The validations of a program on opened data; predicted labels are never 255, pixels of ground truth 255 do not count. */
export function validationsOf(program: Program, datasets: Datasets): readonly Validation[] {
  return (program.meta.train?.validate ?? []).map((plan) => ({ plan, score: (state) => scoreOf(program, plan, datasets, state) }));
}

async function scoreOf(
  program: Program,
  plan: ValidationJson,
  datasets: Datasets,
  state: Parameters<Validation['score']>[0],
): Promise<number> {
  const { dataset } = await datasets.open(plan.on.dataset);
  const confusion = createConfusion(dataset.classes.length);
  const inferrer = new Inferrer(program, plan.program, state, dataset.classCount);
  try {
    for (const id of splitIds(dataset, plan.on)) {
      const truth = await dataset.mask(id);
      const [found] = (await inferrer.run(id, await dataset.image(id), plan.tags ? await dataset.tags(id) : undefined)).values();
      if (found.height !== truth.height || found.width !== truth.width || found.channels !== dataset.classes.length)
        throw new RunError(
          'run-validation',
          `'${plan.program}' returns ${found.height} x ${found.width} x ${found.channels} for '${id}' of ${splitName(plan.on)}, whose ground truth is ${truth.height} x ${truth.width} with ${dataset.classes.length} classes`,
          'Let it return maps at the size of the photo, with the background first: resize(…, size: [h0, w0]).',
        );
      addToConfusion(confusion, truth.data, labelsOf(found));
    }
  } finally {
    inferrer.dispose();
  }
  return 100 * meanIou(confusion);
}
