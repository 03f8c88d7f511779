import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferEntry } from '../../program.ts';
import { RunError } from '../../train/errors.ts';
import { bestOf, readValidations } from '../../train/validation.ts';
import { checkpointFile } from '../artefact.ts';
import { inputOf, programOf, type StageContext, type StageOutcome } from '../context.ts';
import { splitIds } from '../datasets.ts';
import { runOnImages } from '../image-work.ts';
import { inferEntry } from '../infer.ts';
import type { InferStage } from '../plan.ts';

/** Runs an inference program on every image. A record of maps becomes one folder for each of them, of its own kind. */
export async function runInfer(context: StageContext, stage: InferStage): Promise<StageOutcome> {
  const loaded = programOf(context, stage.program);
  const checkpoint = inputOf(context, stage.inputs.checkpoint, 'checkpoint');
  const entry = inferEntry(loaded.program, stage.args.entry);
  const { on, save, checkpoint: which = 'last' } = stage.args;
  const chosen = which === 'best' ? await bestChoice(stage, checkpoint.folder) : undefined;
  const opened = await context.datasets.open(on.dataset);
  const several = entry.returns.length > 1 || entry.returns[0]?.name !== 'result';
  const results = entry.returns.map(({ name, kind }) => ({
    name,
    folder: several ? name : '',
    form: save === 'labels' ? ('masks' as const) : kind === 'cam' ? ('cams' as const) : ('maps' as const),
  }));
  for (const { folder } of results) await mkdir(join(context.work, folder), { recursive: true });
  const job = {
    kind: 'infer',
    entry: stage.args.entry,
    checkpoint: checkpointFile(checkpoint, which),
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
      ...checkpoint.record.protocol,
      ...(chosen !== undefined && { checkpoint: chosen }),
      readsTags: entry.readsTags,
      scales: scalesOf(entry),
    },
  };
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
