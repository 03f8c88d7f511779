import { join } from 'node:path';
import { writeAtomic } from '../../data/atomic.ts';
import type { Dataset } from '../../data/dataset.ts';
import { vocPalette } from '../../data/palette.ts';
import { readTextIfThere } from '../../host/files.ts';
import { heatPicture, maskPicture, shrinkPicture } from '../../report/pictures.ts';
import { type Picture, pngDataUri } from '../../report/png.ts';
import { type PanelRow, type Panels, type Report, type SweepCurve, writeReport } from '../../report/report.ts';
import { formatScores, parseScores, type Score } from '../../report/scores.ts';
import { readLog } from '../../train/log.ts';
import { type Artefact, artefactNamed } from '../artefact.ts';
import { type CamMaps, hasBackground } from '../cam-files.ts';
import { inputOf, type StageContext, type StageOutcome } from '../context.ts';
import { splitIds, splitName } from '../datasets.ts';
import type { ReportStage } from '../plan.ts';
import { mapsOf, predictedLabels } from '../predictions.ts';
import type { EvaluationDetails } from './evaluate.ts';
import type { ThresholdFile } from './threshold.ts';

/** What a report stage writes. */
export const REPORT_FILES = ['report.html', 'scores.json'] as const;

/** Longest side of a picture in the report. */
const LONGEST = 320;

export async function runReport(context: StageContext, stage: ReportStage): Promise<StageOutcome> {
  const { on, title, images } = stage.args;
  const { dataset } = await context.datasets.open(on.dataset);
  const scored = stage.inputs.scores.map((name) => inputOf(context, name, 'scores'));
  const scores: Score[] = [];
  for (const { folder } of scored) {
    const path = join(folder, 'scores.json');
    scores.push(...parseScores((await readTextIfThere(path)) ?? '', path));
  }
  const details: EvaluationDetails[] = [];
  for (const { folder } of scored) {
    const text = await readTextIfThere(join(folder, 'details.json'));
    if (text !== undefined) details.push(JSON.parse(text));
  }
  const report: Report = {
    title,
    subtitle: `${dataset.name}, ${splitName(on)}`,
    facts: facts(context, dataset),
    scores,
    curves: await trainingCurves(context, stage),
    sweeps: [...(await thresholdCurves(context, stage)), ...details.flatMap(evaluationSweep)],
    perClass: perClassBars(details),
    panels: await panels(context, stage, dataset, splitIds(dataset, on), images),
    notes: notes(context, stage),
  };
  const [page, numbers] = REPORT_FILES;
  await writeAtomic(join(context.work, page), writeReport(report));
  await writeAtomic(join(context.work, numbers), formatScores(scores));
  return { kind: 'report', on };
}

function facts(context: StageContext, dataset: Dataset): Report['facts'] {
  return [
    ['Data', `${dataset.name}: ${dataset.classCount} classes, splits ${dataset.splits().join(', ')}`],
    ...programFacts(context),
    ['Seed', String(context.seed)],
    ['Backend', `${context.backend}, ${context.workers} worker${context.workers === 1 ? '' : 's'}`],
  ];
}

/** What the page says of the programs: part of the key of a report, beside what it is made from. */
export function programFacts(context: StageContext): Report['facts'] {
  const programs = Object.values(context.programs).map(({ program }) => program.meta);
  return [
    ...programs.map((meta): readonly [string, string] => [
      `Program ${meta.name}`,
      `${meta.spec}, ${meta.hash.slice(0, 12)}, compiler ${meta.compiler}`,
    ]),
    ['Supervision in training', [...new Set(programs.flatMap((meta) => meta.supervision))].join(', ') || 'none'],
  ];
}

async function trainingCurves(context: StageContext, stage: ReportStage): Promise<Report['curves']> {
  const curves: Report['curves'][number][] = [];
  for (const name of stage.inputs.training) {
    const { folder } = inputOf(context, name, 'checkpoint');
    const log = await readLog(join(folder, 'log.jsonl'));
    const names = [...new Set(log.flatMap((record) => Object.keys(record.losses)))];
    // With one loss the total is the same curve again.
    const losses = names.length === 2 ? names.filter((loss) => loss !== 'total') : names;
    curves.push({
      title: `${name}: losses`,
      x: log.map((record) => record.step),
      series: losses.map((loss) => ({ name: loss, points: log.map((record) => record.losses[loss] ?? null) })),
      xLabel: 'step',
      yLabel: 'loss',
    });
  }
  return curves;
}

async function thresholdCurves(context: StageContext, stage: ReportStage): Promise<readonly SweepCurve[]> {
  const curves: SweepCurve[] = [];
  for (const name of stage.inputs.thresholds) {
    const { folder } = inputOf(context, name, 'threshold');
    const file: ThresholdFile = JSON.parse((await readTextIfThere(join(folder, 'threshold.json'))) ?? '{}');
    curves.push({
      title: `${name}: mIoU over thresholds, where it was chosen`,
      thresholds: file.sweep.thresholds,
      series: [{ name: 'mIoU', points: percent(file.sweep.meanIou) }],
      chosen: file.threshold,
      chosenOn: file.chosenOn,
      yLabel: 'mIoU (%)',
    });
  }
  return curves;
}

function evaluationSweep({ label, split, sweep, threshold, thresholdSource }: EvaluationDetails): readonly SweepCurve[] {
  if (!sweep || threshold === undefined) return [];
  return [
    {
      title: `${label} on ${split}: mIoU over thresholds (nothing is chosen here)`,
      thresholds: sweep.thresholds,
      series: [{ name: 'mIoU', points: percent(sweep.meanIou) }],
      chosen: threshold,
      chosenOn: thresholdSource ?? 'the spec',
      yLabel: 'mIoU (%)',
    },
  ];
}

function percent(shares: readonly (number | null)[]): readonly (number | null)[] {
  return shares.map((share) => (share === null ? null : 100 * share));
}

/** One chart for each split and list of classes. */
function perClassBars(details: readonly EvaluationDetails[]): Report['perClass'] {
  const groups = new Map<string, EvaluationDetails[]>();
  for (const entry of details) {
    const key = JSON.stringify([entry.split, entry.classes]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].map((group) => ({
    title: `IoU by class on ${group[0].split}`,
    classes: group[0].classes,
    series: group.map(({ label, perClass }) => ({ name: label, values: perClass.map((value) => value ?? Number.NaN) })),
  }));
}

/** Images spread evenly over the split, each with its ground truth and what the stages made of it. */
async function panels(context: StageContext, stage: ReportStage, dataset: Dataset, ids: readonly string[], count: number): Promise<Panels> {
  const shown = Array.from(
    { length: Math.min(count, ids.length) },
    (_, i) => ids[Math.floor((i * ids.length) / Math.min(count, ids.length))],
  );
  const artefacts = stage.inputs.panels.map(({ title, stage: name }) => ({
    title,
    artefact: inputOf(context, name, 'cams', 'maps', 'masks'),
  }));
  const palette = vocPalette();
  const rows: PanelRow[] = [];
  let largest = 0;
  for (const id of shown) {
    const image = await dataset.image(id);
    largest = Math.max(largest, image.width, image.height);
    const picture: Picture = { width: image.width, height: image.height, rgb: image.data };
    const truth = dataset.hasMasks ? await dataset.mask(id) : undefined;
    const images = [show(picture), truth ? show(maskPicture(truth.data, truth.width, truth.height, palette)) : null];
    for (const { artefact } of artefacts) images.push(await panel(artefact, id, picture, palette));
    const tags = Array.from(await dataset.tags(id)).flatMap((tag, c) => (tag > 0 ? [dataset.classes[c + 1]] : []));
    rows.push({ label: id, images, note: tags.join(', ') });
  }
  return {
    columns: ['image', 'ground truth', ...artefacts.map(({ title }) => title)],
    rows,
    legend: dataset.classes.map((name, c) => ({ name, colour: [palette[3 * c], palette[3 * c + 1], palette[3 * c + 2]] })),
    crisp: largest <= 128,
  };
}

async function panel(artefact: Artefact, id: string, image: Picture, palette: Uint8Array): Promise<string> {
  if (artefact.record.kind === 'cams') return show(heatPicture(image, foreground(await mapsOf(artefact, id))));
  const { data, width, height } = await predictedLabels(artefact, id, undefined);
  return show(maskPicture(data, width, height, palette));
}

function foreground(maps: CamMaps): Float32Array {
  return hasBackground(maps) ? maps.data.subarray(maps.width * maps.height) : maps.data;
}

function show(picture: Picture): string {
  return pngDataUri(shrinkPicture(picture, LONGEST));
}

/** Where numbers rest on more than the method's supervision. */
function notes(context: StageContext, stage: ReportStage): readonly string[] {
  const maps = stage.inputs.panels.filter(({ stage: name }) => artefactNamed(context.artefacts, name)?.record.kind === 'cams');
  const shown = maps.map(({ title }) => `'${title}'`).join(', ');
  const ofMaps =
    maps.length > 0
      ? [`${shown} in the examples: the largest map over the present foreground classes; plain grey is zero everywhere.`]
      : [];
  const ofThresholds = stage.inputs.thresholds.map((name) => {
    const { protocol } = inputOf(context, name, 'threshold').record;
    return `The background threshold ${protocol.threshold} of '${name}' was chosen on the ${protocol.thresholdSource} and then fixed: that choice is supervision by masks.`;
  });
  return [...ofMaps, ...ofThresholds];
}
