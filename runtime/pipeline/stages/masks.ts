import { backgroundOf, coverage, inputOf, type StageContext, type StageOutcome } from '../context.ts';
import { splitIds } from '../datasets.ts';
import { runOnImages } from '../image-work.ts';
import type { CrfKernelPlan, CrfStage, MasksStage } from '../plan.ts';

/** Dense CRF on the maps of every image. */
export async function runCrf(context: StageContext, stage: CrfStage): Promise<StageOutcome> {
  const cams = inputOf(context, stage.inputs.cams, 'cams');
  const { on, opened } = await coverage(context, cams);
  const background = await backgroundOf(context, stage.inputs.threshold, stage.args.threshold);
  const job = { kind: 'crf', cams: cams.folder, background: background.value, args: stage.args } as const;
  await runOnImages(context, job, splitIds(opened.dataset, on), opened);
  const protocol = { ...cams.record.protocol, threshold: background.value, thresholdSource: background.source, crf: crfText(stage.args) };
  return { kind: 'masks', on, protocol };
}

/** The arg-max of the maps of every image. */
export async function runMasks(context: StageContext, stage: MasksStage): Promise<StageOutcome> {
  const maps = inputOf(context, stage.inputs.cams, 'cams', 'maps');
  const { on, opened } = await coverage(context, maps);
  const background = await backgroundOf(context, stage.inputs.threshold, stage.args.threshold);
  const of = maps.record.kind === 'cams' ? 'cams' : 'maps';
  await runOnImages(context, { kind: 'masks', maps: maps.folder, of, background: background.value }, splitIds(opened.dataset, on), opened);
  return {
    kind: 'masks',
    on,
    protocol: { ...maps.record.protocol, threshold: background.value, thresholdSource: background.source, crf: 'none' },
  };
}

function crfText({ unary, kernels, iterations }: CrfStage['args']): string {
  const kernel = ({ kind, weight, sxy, srgb }: CrfKernelPlan): string =>
    `${kind} ${weight} / ${sxy}${srgb === undefined ? '' : ` / ${srgb}`}`;
  const from = unary.kind === 'labels' ? `labels ${unary.confidence}` : `scores^${unary.power}`;
  return `${from}, ${kernels.map(kernel).join(', ')}, ${iterations} iterations`;
}
