import { basename, join } from 'node:path';
import { writeAtomic } from '../../data/atomic.ts';
import type { Program } from '../../program.ts';
import { divergence } from '../../train/divergence.ts';
import { emptyLosses, emptyLossText } from '../../train/empty-losses.ts';
import { RunError } from '../../train/errors.ts';
import { readLog } from '../../train/log.ts';
import { train, trainEntry, workerCount } from '../../train/loop.ts';
import { checkTrainingMemory } from '../../train/memory-limit.ts';
import { weightsSha256 } from '../../train/pretrained/file.ts';
import { datasetBatches } from '../../train/source.ts';
import { checkpointFile, hashOf } from '../artefact.ts';
import { inputOf, programOf, type StageContext, type StageOutcome } from '../context.ts';
import type { SplitPlan, TrainStage } from '../plan.ts';
import { type InitialWeights, initialWeights, initialWeightsText, pretrainingKey } from '../pretraining.ts';
import { openTrainingSplits, type StandIns } from '../training-data.ts';
import { validationsOf } from '../validation.ts';

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
  const { data: read, source } = await openTrainingSplits(context.datasets, trainEntry(program), on, standIns(context, stage));
  const init: string[] = [];
  const pretraining = initialWeights(stage, program.meta, context.pretraining);
  if (namesPartialWeights(stage, program)) init.push(stage.args.weights);
  if (stage.inputs.init !== undefined) init.push(checkpointFile(inputOf(context, stage.inputs.init, 'checkpoint')));
  for (const { backbone, on: data } of pretraining.scratch) {
    context.progress.note(
      `warning: ${context.name}: ${backbone} starts from random values, frozen layers too, where the spec asks for weights trained on ${data}; every score says so`,
    );
  }
  const shared = loaded.source && { program: loaded.source, source };
  const data = {
    program,
    ids: read.ids,
    batches: datasetBatches(read, program, context.seed),
    classes: read.dataset.classCount,
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
    keep: stage.args.keep,
    oneBatch: stage.args.oneBatch,
    pretrained: pretraining.files,
    init,
    workers: context.workers,
    shared,
    checkpointEvery: context.checkpointEvery,
    validations: validationsOf(program, context.datasets),
    name: context.name,
    progress: context.progress,
  });
  for (const { backbone, file, layout, copied, ignored } of result.pretrained) {
    const left = ignored.length > 0 ? `; left out: ${ignored.slice(0, 3).join(', ')}${ignored.length > 3 ? ' …' : ''}` : '';
    context.progress.note(`${context.name}: ${backbone} starts from ${file} (${copied} tensors, named as ${layout} does${left})`);
  }
  for (const { file, copied, unmatched } of result.init) {
    context.progress.note(
      `${context.name}: ${copied.length} tensors from ${file}${unmatched.length > 0 ? `, ${unmatched.length} start afresh (${unmatched.slice(0, 3).join(', ')}${unmatched.length > 3 ? ' …' : ''})` : ''}`,
    );
  }
  if (result.single !== undefined) context.progress.note(`${context.name}: one worker only, because ${result.single}`);
  const log = await readLog(join(context.work, 'log.jsonl'));
  const diverged = divergence(log);
  if (diverged !== undefined) context.progress.note(`${context.name}: ${diverged}`);
  const empty = emptyLosses(
    log,
    trainEntry(program).losses.map((loss) => loss.name),
  ).map(emptyLossText);
  if (empty.length > 0 && context.emptyLosses === 'fail') {
    const hint = 'Rescale what chooses them (radius, thresholds, k, sizes of views) to images of this size, or give a larger batch.';
    throw new RunError('run-empty-loss', `${context.name}: ${empty.join('; ')}`, hint);
  }
  for (const text of empty) context.progress.note(`warning: ${context.name}: ${text}`);
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
  const from = await startOf(context, stage, program, pretraining);
  return { kind: 'checkpoint', on, protocol: { checkpoint: `last (${result.steps} steps)`, initialWeights: from } };
}

function standIns(context: StageContext, { inputs }: TrainStage): StandIns {
  const masks = [inputs.masks ?? []].flat().map((name) => inputOf(context, name, 'masks'));
  return {
    masks: masks.map(({ folder, record }) => ({ folder, on: record.on })),
    ...(inputs.saliency !== undefined && { saliency: inputOf(context, inputs.saliency, 'saliency').folder }),
  };
}

/** A program whose backbones ask for no weights takes from the file that its stage names what fits by name and shape. */
function namesPartialWeights(stage: TrainStage, { meta }: Program): stage is TrainStage & { readonly args: { readonly weights: string } } {
  return stage.args.weights !== undefined && (meta.pretrained ?? []).length === 0;
}

/** What the weights started from, for the protocol: files, an earlier stage, and those of the training that made the masks. */
async function startOf(context: StageContext, stage: TrainStage, program: Program, pretraining: InitialWeights): Promise<string> {
  const { init, masks } = stage.inputs;
  const parts = [await initialWeightsText(pretraining)];
  if (namesPartialWeights(stage, program))
    parts.push(`${basename(stage.args.weights)} (sha256 ${(await weightsSha256(stage.args.weights)).slice(0, 16)})`);
  if (init !== undefined) {
    const { initialWeights: first, checkpoint } = inputOf(context, init, 'checkpoint').record.protocol;
    parts.push(`stage '${init}' (${first ?? checkpoint ?? 'unknown'})`);
  }
  const own = parts.length > 1 && parts[0] === 'none' ? parts.slice(1).join(', ') : parts.join(', ');
  const before = [masks ?? []].flat().flatMap((name) => inputOf(context, name, 'masks').record.protocol.initialWeights ?? []);
  const others = [...new Set(before)].filter((text) => text !== own);
  return others.length === 0 ? own : `${own}; of the masks: ${others.join(', ')}`;
}

/** What the key of a training stage covers beside its plan: the bytes of pretrained weights. */
export async function weightsKey(context: StageContext, stage: TrainStage): Promise<string | undefined> {
  const { program } = programOf(context, stage.program);
  const files = await pretrainingKey(initialWeights(stage, program.meta, context.pretraining));
  const partial = namesPartialWeights(stage, program) ? await weightsSha256(stage.args.weights) : undefined;
  return files === undefined && partial === undefined ? undefined : hashOf([files, partial]);
}
