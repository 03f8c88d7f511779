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
  const { on, save } = stage.args;
  const opened = await context.datasets.open(on.dataset);
  const form = save === 'labels' ? 'labels' : entry.returns.kind === 'cam' ? 'cams' : 'maps';
  const job = {
    kind: 'infer',
    entry: stage.args.entry,
    checkpoint: checkpointFile(checkpoint),
    save: form,
    backend: context.backend,
  } as const;
  await runOnImages(context, job, splitIds(opened.dataset, on), opened, loaded);
  return {
    kind: form === 'labels' ? 'masks' : form,
    on,
    protocol: { ...checkpoint.record.protocol, readsTags: entry.readsTags },
  };
}
