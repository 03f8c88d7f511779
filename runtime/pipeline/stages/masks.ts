import type { Artefact } from '../artefact.ts';
import { backgroundOf, coverage, inputOf, type StageContext, type StageOutcome } from '../context.ts';
import { splitIds } from '../datasets.ts';
import { runOnImages } from '../image-work.ts';
import type { CrfKernelPlan, CrfStage, IrLabelStage, MasksStage, RandomWalkStage } from '../plan.ts';

/** Dense CRF on the maps of every image. */
export async function runCrf(context: StageContext, stage: CrfStage): Promise<StageOutcome> {
  const cams = inputOf(context, stage.inputs.cams, 'cams', 'maps');
  const { on, opened } = await coverage(context, cams);
  const background = await backgroundOf(context, stage.inputs.threshold, stage.args.threshold, stage.args.thresholdSource);
  const job = { kind: 'crf', maps: cams.folder, of: formOf(cams), background: background.value, args: stage.args } as const;
  await runOnImages(context, job, splitIds(opened.dataset, on), opened);
  const protocol = { ...cams.record.protocol, threshold: background.value, thresholdSource: background.source, crf: crfText(stage.args) };
  return { kind: 'masks', on, protocol };
}

/** The arg-max of the maps of every image. */
export async function runMasks(context: StageContext, stage: MasksStage): Promise<StageOutcome> {
  const maps = inputOf(context, stage.inputs.cams, 'cams', 'maps');
  const { on, opened } = await coverage(context, maps);
  const background = await backgroundOf(context, stage.inputs.threshold, stage.args.threshold, stage.args.thresholdSource);
  await runOnImages(
    context,
    { kind: 'masks', maps: maps.folder, of: formOf(maps), background: background.value },
    splitIds(opened.dataset, on),
    opened,
  );
  return {
    kind: 'masks',
    on,
    protocol: { ...maps.record.protocol, threshold: background.value, thresholdSource: background.source, crf: 'none' },
  };
}

/** Inter-pixel labels of every image. */
export async function runIrLabel(context: StageContext, stage: IrLabelStage): Promise<StageOutcome> {
  const cams = inputOf(context, stage.inputs.cams, 'cams');
  const { on, opened } = await coverage(context, cams);
  await runOnImages(context, { kind: 'ir_label', cams: cams.folder, args: stage.args }, splitIds(opened.dataset, on), opened);
  const { kernels, iterations, confidence } = stage.args;
  const crf = kernels.length === 0 ? 'none' : crfText({ unary: { kind: 'labels', confidence }, kernels, iterations });
  return { kind: 'masks', on, protocol: { ...cams.record.protocol, crf } };
}

/** Random walk on the maps of every image. */
export async function runRandomWalk(context: StageContext, stage: RandomWalkStage): Promise<StageOutcome> {
  const cams = inputOf(context, stage.inputs.cams, 'cams');
  const boundary = inputOf(context, stage.inputs.boundary, 'maps');
  const { on, opened } = await coverage(context, cams);
  const background = await backgroundOf(context, stage.inputs.threshold, stage.args.threshold, stage.args.thresholdSource);
  const job = {
    kind: 'random_walk',
    cams: cams.folder,
    boundary: boundary.folder,
    background: background.value,
    args: stage.args,
  } as const;
  await runOnImages(context, job, splitIds(opened.dataset, on), opened);
  return {
    kind: 'masks',
    on,
    protocol: { ...cams.record.protocol, threshold: background.value, thresholdSource: background.source, crf: 'none' },
  };
}

function formOf({ record }: Artefact): 'cams' | 'maps' {
  return record.kind === 'cams' ? 'cams' : 'maps';
}

function crfText({ unary, kernels, iterations }: Pick<CrfStage['args'], 'unary' | 'kernels' | 'iterations'>): string {
  const kernel = ({ kind, weight, sxy, srgb }: CrfKernelPlan): string =>
    `${kind} ${weight} / ${sxy}${srgb === undefined ? '' : ` / ${srgb}`}`;
  const from =
    unary.kind === 'labels'
      ? `labels ${unary.confidence}`
      : unary.kind === 'scores'
        ? `scores^${unary.power}`
        : `probabilities >= ${unary.clip}`;
  return `${from}, ${kernels.map(kernel).join(', ')}, ${iterations} iterations`;
}
