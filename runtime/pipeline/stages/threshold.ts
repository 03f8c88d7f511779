import { join } from 'node:path';
import { writeAtomic } from '../../data/atomic.ts';
import type { Dataset } from '../../data/dataset.ts';
import { addToSweep, createSweep, type SweepScores, sweepScores } from '../../metrics/background-sweep.ts';
import { RunError } from '../../train/errors.ts';
import type { Artefact } from '../artefact.ts';
import { hasBackground } from '../cam-files.ts';
import { inputOf, type StageContext, type StageOutcome } from '../context.ts';
import { splitIds, splitName } from '../datasets.ts';
import type { ThresholdStage } from '../plan.ts';
import { mapsOf } from '../predictions.ts';

/** `threshold.json`: the number, how it was found, and whose ground truth it rests on. */
export interface ThresholdFile {
  readonly threshold: number;
  /** A selection on pixel ground truth is supervision, and is said to be. */
  readonly supervision: string;
  readonly chosenOn: string;
  readonly images: number;
  readonly sweep: SweepFile;
}

/** mIoU (shares) over background thresholds. */
export interface SweepFile {
  readonly thresholds: readonly number[];
  readonly meanIou: readonly (number | null)[];
}

/** Thresholds from, from + step, … up to `to`, without the error that adding up would bring. */
export function thresholdGrid({
  from,
  to,
  step,
}: {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}): readonly number[] {
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (!(step > 0) || !(count >= 1)) {
    throw new RunError('run-plan', `no thresholds from ${from} to ${to} by ${step}`, 'Let from be at most to, and step above 0.');
  }
  return Array.from({ length: count }, (_, i) => Number((from + i * step).toFixed(6)));
}

/** Scores of an artefact's maps over thresholds on the ground truth of some images. */
export async function sweepOver(
  context: StageContext,
  maps: Artefact,
  dataset: Dataset,
  ids: readonly string[],
  thresholds: readonly number[],
): Promise<SweepScores> {
  const sweep = createSweep(thresholds, dataset.classes.length);
  const progress = context.progress.begin(context.name, ids.length, 'images');
  let done = 0;
  for (const id of ids) {
    const truth = await dataset.mask(id);
    const cams = await mapsOf(maps, id, { classes: dataset.classes.length, size: truth });
    if (hasBackground(cams)) {
      throw new RunError(
        'run-plan',
        `the maps of '${maps.record.stage}' have a background of their own; no threshold applies`,
        'Leave the threshold stage out.',
      );
    }
    addToSweep(sweep, cams.data, cams.labels, truth.data);
    progress.update(++done);
  }
  progress.finish();
  return sweepScores(sweep);
}

export function sweepFile(scores: SweepScores): SweepFile {
  return {
    thresholds: scores.thresholds.map((t) => Number(t.toFixed(6))),
    meanIou: scores.meanIou.map((v) => (Number.isNaN(v) ? null : v)),
  };
}

export async function runThreshold(context: StageContext, stage: ThresholdStage): Promise<StageOutcome> {
  const cams = inputOf(context, stage.inputs.cams, 'cams');
  const { on } = stage.args;
  const { dataset } = await context.datasets.open(on.dataset);
  const ids = splitIds(dataset, on);
  const scores = await sweepOver(context, cams, dataset, ids, thresholdGrid(stage.args));
  const sweep = sweepFile(scores);
  const threshold = sweep.thresholds[scores.best];
  const chosenOn = `ground truth of ${splitName(on)}`;
  const file: ThresholdFile = {
    threshold,
    supervision: `masks of ${ids.length} images of ${splitName(on)}`,
    chosenOn,
    images: ids.length,
    sweep,
  };
  await writeAtomic(join(context.work, 'threshold.json'), `${JSON.stringify(file, null, 2)}\n`);
  return {
    kind: 'threshold',
    on,
    protocol: { threshold, thresholdSource: chosenOn },
    note: `threshold ${threshold} (mIoU ${(100 * (sweep.meanIou[scores.best] ?? Number.NaN)).toFixed(1)} on ${splitName(on)}); it is fixed from here on`,
  };
}
