import { join } from 'node:path';
import { RunError } from '../../train/errors.ts';
import { bestOf, readValidations } from '../../train/validation.ts';
import { checkpointFile } from '../artefact.ts';
import { inputOf, programOf, type StageContext, type StageOutcome } from '../context.ts';
import { splitIds } from '../datasets.ts';
import { runOnImages } from '../image-work.ts';
import { inferEntry } from '../infer.ts';
import type { InferStage } from '../plan.ts';

export async function runInfer(context: StageContext, stage: InferStage): Promise<StageOutcome> {
  const loaded = programOf(context, stage.program);
  const checkpoint = inputOf(context, stage.inputs.checkpoint, 'checkpoint');
  const entry = inferEntry(loaded.program, stage.args.entry);
  const { on, save, checkpoint: which = 'last' } = stage.args;
  const chosen = which === 'best' ? await bestChoice(stage, checkpoint.folder) : undefined;
  const opened = await context.datasets.open(on.dataset);
  const form = save === 'labels' ? 'labels' : entry.returns.kind === 'cam' ? 'cams' : 'maps';
  const job = {
    kind: 'infer',
    entry: stage.args.entry,
    checkpoint: checkpointFile(checkpoint, which),
    save: form,
    backend: context.backend,
  } as const;
  await runOnImages(context, job, splitIds(opened.dataset, on), opened, loaded);
  return {
    kind: form === 'labels' ? 'masks' : form,
    on,
    protocol: { ...checkpoint.record.protocol, ...(chosen !== undefined && { checkpoint: chosen }), readsTags: entry.readsTags },
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
