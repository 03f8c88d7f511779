import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../../data/atomic.ts';
import { RunError } from '../../train/errors.ts';
import { train, workerCount } from '../../train/loop.ts';
import { checkTrainingMemory } from '../../train/memory-limit.ts';
import { datasetBatches, withMasks } from '../../train/source.ts';
import { checkpointFile, hashOf } from '../artefact.ts';
import { inputOf, programOf, type StageContext, type StageOutcome } from '../context.ts';
import { splitIds } from '../datasets.ts';
import type { SplitPlan, TrainStage } from '../plan.ts';

/** The split that a stage trains on: its own, or the one named in the program. */
export function trainingSplit(stage: TrainStage, source: SplitPlan | undefined): SplitPlan {
  const on = stage.args.on ?? source;
  if (on) return on;
  throw new RunError('run-unknown-data', `stage '${stage.name}' names no data to train on`, 'Say on: NAME.train.');
}

export async function runTrain(context: StageContext, stage: TrainStage): Promise<StageOutcome> {
  const loaded = programOf(context, stage.program);
  const { program } = loaded;
  const on = trainingSplit(stage, program.meta.train?.source);
  const opened = await context.datasets.open(on.dataset);
  const masks = stage.inputs.masks === undefined ? undefined : inputOf(context, stage.inputs.masks, 'masks');
  const dataset = masks ? withMasks(opened.dataset, masks.folder) : opened.dataset;
  const init: string[] = [];
  if (stage.args.weights !== undefined) init.push(stage.args.weights);
  if (stage.inputs.init !== undefined) init.push(checkpointFile(inputOf(context, stage.inputs.init, 'checkpoint')));
  const source = { ...opened.source, masks: masks?.folder };
  const shared = loaded.source && { program: loaded.source, source };
  const data = {
    program,
    ids: splitIds(dataset, on),
    batches: datasetBatches(dataset, program, context.seed),
    classes: dataset.classCount,
    backend: context.backend,
  };
  const threads = workerCount({ program, backend: context.backend, workers: context.workers, shared }).count;
  await checkTrainingMemory({ ...data, memory: loaded.memory, workers: threads });
  const result = await train({
    ...data,
    seed: context.seed,
    out: context.work,
    // The key of the stage covers data, masks, initial weights and arguments.
    fingerprint: context.key,
    epochs: stage.args.epochs,
    steps: stage.args.steps,
    oneBatch: stage.args.oneBatch,
    init,
    workers: context.workers,
    shared,
    checkpointEvery: context.checkpointEvery,
    name: context.name,
    progress: context.progress,
  });
    pretrained: pretraining.files,
  for (const { file, copied, unmatched } of result.init) {
    context.progress.note(
      `${context.name}: ${copied.length} tensors from ${file}${unmatched.length > 0 ? `, ${unmatched.length} start afresh (${unmatched.slice(0, 3).join(', ')}${unmatched.length > 3 ? ' …' : ''})` : ''}`,
    );
  }
  if (result.single !== undefined) context.progress.note(`${context.name}: one worker only, because ${result.single}`);
  const { batch, gradients, update } = result.times;
  const ran = result.steps - result.resumedFrom;
  // Times belong beside the artefact, never into it: they differ from run to run.
  if (ran > 0) {
    const each = (ms: number): string => `${(ms / ran).toFixed(1)} ms`;
    context.progress.note(
      `${context.name}: a step took ${each(gradients)} for gradients, ${each(update)} for the update, ${each(batch)} waiting for data (${result.workers} worker${result.workers === 1 ? '' : 's'})`,
    );
  }
  await writeAtomic(
    join(context.work, 'init.json'),
    `${JSON.stringify(
      result.init.map(({ copied, unmatched }) => ({ copied, unmatched })),
      null,
      2,
    )}\n`,
  );
  return { kind: 'checkpoint', on, protocol: { checkpoint: `last (${result.steps} steps)` } };
}

/** What the key of a training stage covers beside its plan: the bytes of pretrained weights. */
export async function weightsKey(stage: TrainStage): Promise<string | undefined> {
  const file = stage.args.weights;
  if (file === undefined) return undefined;
  try {
    return hashOf(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    );
  } catch {
    throw new RunError('run-missing-state', `the pretrained weights ${file} cannot be read`, 'Check the path given to weights.');
  }
}
