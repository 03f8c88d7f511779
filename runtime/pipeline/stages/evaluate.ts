import { join } from 'node:path';
import { writeAtomic } from '../../data/atomic.ts';
import { allBackground, bestConstantClass, tagsOnlyMask } from '../../metrics/baselines.ts';
import { addToConfusion, coverage as coverageOf, createConfusion } from '../../metrics/confusion.ts';
import { errorRates, iouPerClass, meanIou } from '../../metrics/iou.ts';
import { formatScores, type Protocol, type Score } from '../../report/scores.ts';
import { backgroundOf, inputOf, type StageContext, type StageOutcome } from '../context.ts';
import { splitIds, splitName } from '../datasets.ts';
import type { BaselineStage, EvaluateStage } from '../plan.ts';
import { predictedLabels } from '../predictions.ts';
import { type SweepFile, sweepFile, sweepOver, thresholdGrid } from './threshold.ts';

/** `details.json` beside `scores.json`: what the report draws. */
export interface EvaluationDetails {
  readonly label: string;
  readonly split: string;
  readonly classes: readonly string[];
  /** IoU by class in percent; null for a class that occurs in neither. */
  readonly perClass: readonly (number | null)[];
  /**
   * Shares of the union of a class that are falsely predicted and that are missed, as IRN and its followers print them: means over the foreground
   * classes in percent, null where none occurs.
   */
  readonly errors: { readonly falsePositive: number | null; readonly falseNegative: number | null };
  readonly threshold?: number;
  readonly thresholdSource?: string;
  readonly sweep?: SweepFile;
}

export async function runEvaluate(context: StageContext, stage: EvaluateStage): Promise<StageOutcome> {
  const { args, inputs } = stage;
  const predictions = inputOf(context, inputs.predictions, 'masks', 'cams', 'maps');
  const background = await backgroundOf(context, inputs.threshold, args.threshold, args.thresholdSource);
  const { dataset } = await context.datasets.open(args.on.dataset);
  const ids = splitIds(dataset, args.on);
  const confusion = createConfusion(dataset.classes.length, args.predicted255 ?? 'background');
  const progress = context.progress.begin(context.name, ids.length, 'images');
  let done = 0;
  for (const id of ids) {
    const truth = await dataset.mask(id);
    const found = await predictedLabels(predictions, id, background.value, { classes: dataset.classes.length, size: truth });
    addToConfusion(confusion, truth.data, found.data);
    progress.update(++done);
  }
  progress.finish();
  const label = args.label ?? inputs.predictions;
  const inherited = predictions.record.protocol;
  const threshold = background.value ?? inherited.threshold;
  const thresholdSource = background.source ?? inherited.thresholdSource;
  const protocol: Protocol = {
    images: ids.length,
    classes: dataset.classes.length,
    threshold,
    thresholdSource,
    crf: inherited.crf ?? 'none',
    scales: inherited.scales,
    checkpoint: inherited.checkpoint,
    initialWeights: inherited.initialWeights,
    predicted255: confusion.predictedIgnore,
    coverage: confusion.predictedIgnore === 'exclude' ? coverageOf(confusion) : undefined,
    seed: context.seed,
    other: { tags: inherited.readsTags === undefined ? 'unknown' : inherited.readsTags ? 'read' : 'not read' },
  };
  const split = splitName(args.on);
  const perClass = Array.from(iouPerClass(confusion), (value) => (Number.isNaN(value) ? null : 100 * value));
  const value = 100 * meanIou(confusion);
  const sweep = args.sweep && sweepFile(await sweepOver(context, predictions, dataset, ids, thresholdGrid(args.sweep)));
  const rates = errorRates(confusion);
  const inPercent = (share: number): number | null => (Number.isNaN(share) ? null : 100 * share);
  const errors = { falsePositive: inPercent(rates.falsePositiveMean), falseNegative: inPercent(rates.falseNegativeMean) };
  const details: EvaluationDetails = { label, split, classes: dataset.classes, perClass, errors, threshold, thresholdSource, sweep };
  const { readings } = context;
  const score: Score = { stage: label, split, metric: 'mIoU', value, protocol, ...(readings.length > 0 && { readings }) };
  await writeScores(context, [score], details);
  const ours = readings.length > 0 ? ` (our reading: ${readings.join('; ')})` : '';
  return { kind: 'scores', on: args.on, note: `${label}: ${value.toFixed(1)} mIoU on ${split}${ours}` };
}

/** Share of the image that the tags-only rectangle covers; stated, not chosen on anything. */
const TAGS_ONLY_SHARE = 0.25;

export async function runBaseline(context: StageContext, stage: BaselineStage): Promise<StageOutcome> {
  const { on } = stage.args;
  const { dataset } = await context.datasets.open(on.dataset);
  const ids = splitIds(dataset, on);
  const classes = dataset.classes.length;
  const pixels = new Float64Array(classes);
  const tagsOnly = createConfusion(classes);
  for (const id of ids) {
    const mask = await dataset.mask(id);
    for (const label of mask.data) if (label < classes) pixels[label]++;
    const tags = Array.from(await dataset.tags(id)).flatMap((tag, c) => (tag > 0 ? [c + 1] : []));
    addToConfusion(tagsOnly, mask.data, tagsOnlyMask(tags, mask.height, mask.width, TAGS_ONLY_SHARE));
  }
  const split = splitName(on);
  const constant = bestConstantClass(pixels);
  const score = (name: string, share: number, other: Protocol['other']): Score => ({
    stage: name,
    split,
    metric: 'mIoU',
    value: 100 * share,
    role: 'baseline',
    protocol: { images: ids.length, classes, other },
  });
  await writeScores(context, [
    score('all background', allBackground(pixels), { tags: 'not read' }),
    score(`best constant class (${dataset.classes[constant.label]})`, constant.meanIou, { tags: 'not read' }),
    score('tags in a centred rectangle', meanIou(tagsOnly), { tags: 'read', share: TAGS_ONLY_SHARE }),
  ]);
  return { kind: 'scores', on };
}

async function writeScores(context: StageContext, scores: readonly Score[], details?: EvaluationDetails): Promise<void> {
  await writeAtomic(join(context.work, 'scores.json'), formatScores(scores));
  if (details) await writeAtomic(join(context.work, 'details.json'), `${JSON.stringify(details, null, 2)}\n`);
}
