import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferEntry } from '../../program.ts';
import { RunError } from '../../train/errors.ts';
import { bestOf, readValidations } from '../../train/validation.ts';
import { checkpointFile, type ProtocolFacts } from '../artefact.ts';
import { inputOf, programOf, type StageContext, type StageOutcome } from '../context.ts';
import { splitIds } from '../datasets.ts';
import type { ResultForm } from '../image-tasks.ts';
import { runOnImages } from '../image-work.ts';
import { inferEntry } from '../infer.ts';
import type { FurtherInputs } from '../infer-inputs.ts';
import type { InferStage } from '../plan.ts';

/** Runs an inference program on every image. A record of maps becomes one folder for each of them, of its own kind. */
export async function runInfer(context: StageContext, stage: InferStage): Promise<StageOutcome> {
  const loaded = programOf(context, stage.program);
  const checkpoint = stage.inputs.checkpoint === undefined ? undefined : inputOf(context, stage.inputs.checkpoint, 'checkpoint');
  const entry = inferEntry(loaded.program, stage.args.entry);
  const { on, save, checkpoint: which = 'last' } = stage.args;
  const chosen =
    !checkpoint || which === 'last' ? undefined : which === 'best' ? await bestChoice(stage, checkpoint.folder) : `epoch ${which.epoch}`;
  const opened = await context.datasets.open(on.dataset);
  const several = entry.returns.length > 1 || entry.returns[0]?.name !== 'result';
  const results = entry.returns.map(({ name, kind }) => ({
    name,
    folder: several ? name : '',
    form: formOf(kind, save),
  }));
  for (const { folder } of results) await mkdir(join(context.work, folder), { recursive: true });
  const job = {
    kind: 'infer',
    entry: stage.args.entry,
    checkpoint: checkpoint && checkpointFile(checkpoint, which),
    further: await furtherInputs(context, stage),
    results,
    backend: context.backend,
  } as const;
  await runOnImages(context, job, splitIds(opened.dataset, on), opened, loaded);
  return {
    ...(several
      ? { kind: 'record', parts: Object.fromEntries(results.map(({ name, form }) => [name, form])) }
      : { kind: results[0]?.form ?? 'maps' }),
    on,
    protocol: {
      ...madeFrom(context, stage),
      ...checkpoint?.record.protocol,
      ...(chosen !== undefined && { checkpoint: chosen }),
      readsTags: entry.readsTags,
      scales: scalesOf(entry),
    },
  };
}

function formOf(kind: string, save: InferStage['args']['save']): ResultForm {
  if (kind === 'saliency') return 'saliency';
  if (save === 'labels' || kind === 'labels') return 'masks';
  return kind === 'cam' ? 'cams' : 'maps';
}

/** Artefacts of earlier stages, and the splits that partners come from: those of the stage where it names none. */
async function furtherInputs(context: StageContext, { inputs, args }: InferStage): Promise<FurtherInputs> {
  const given: Record<string, string> = {};
  for (const [parameter, name] of Object.entries(inputs.given ?? {}))
    given[parameter] = inputOf(context, name, 'cams', 'maps', 'masks', 'saliency').folder;
  const groups: Record<string, FurtherInputs['groups'][string]> = {};
  for (const [name, { from = [args.on], ...rule }] of Object.entries(args.groups ?? {})) {
    const sources = from.map(async ({ dataset, split, limit }) => ({
      source: (await context.datasets.open(dataset)).source,
      split,
      limit,
    }));
    groups[name] = { ...rule, from: await Promise.all(sources) };
  }
  return { given, groups, seed: context.seed };
}

/** What numbers made from the artefacts that a program reads have to say; of two that speak of one thing the first. */
function madeFrom(context: StageContext, { inputs }: InferStage): ProtocolFacts {
  const facts = Object.values(inputs.given ?? {}).map(
    (name) => inputOf(context, name, 'cams', 'maps', 'masks', 'saliency').record.protocol,
  );
  return Object.assign({}, ...facts.reverse());
}

/** How the best weights of a training were chosen, for the protocol. */
async function bestChoice(stage: InferStage, folder: string): Promise<string> {
  const best = bestOf(await readValidations(join(folder, 'validation.jsonl')));
  if (best) return `best(miou on ${best.on}: ${best.miou.toFixed(1)}, step ${best.step}): chosen on its ground truth`;
  throw new RunError(
    'run-plan',
    `stage '${stage.name}' takes the best weights of '${stage.inputs.checkpoint}', which chose none`,
    'Add `validate every 1 epochs on NAME.val with PROGRAM keep best(miou), last` to its train block, or take checkpoint: last.',
  );
}

/** The scales of the photo that a program looks at, each once, in its order; steps that resize to given sides are not scales. */
function scalesOf({ inputs }: InferEntry): readonly number[] {
  const found = inputs.flatMap(({ part, steps }) => {
    if (part !== 'image') return [];
    return [steps.reduce((scale, { op, args }) => (op === 'scale' && typeof args.factor === 'number' ? scale * args.factor : scale), 1)];
  });
  return [...new Set(found)];
}
