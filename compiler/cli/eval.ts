/** `wsss eval`: scores a folder of label maps or class activation maps. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { readNpy } from '../../runtime/data/npy.ts';
import { hasBackground, readCams } from '../../runtime/pipeline/cam-files.ts';
import { evalPlan } from '../../runtime/pipeline/single.ts';
import type { EvaluationDetails } from '../../runtime/pipeline/stages/evaluate.ts';
import { CommandFailure, EXIT, type Output, usage, writeJson } from './output.ts';
import { scoreText } from './score-table.ts';
import { type ComputeOptions, nameOfData, runPlan, scoresOf } from './session.ts';

export interface EvalCommand extends ComputeOptions {
  readonly out?: string;
  readonly json: boolean;
  readonly split: string;
  readonly limit?: number;
  readonly label?: string;
  readonly threshold?: number;
  readonly sweep?: readonly [number, number, number];
  readonly predicted255?: 'background' | 'exclude';
}

export async function runEval(output: Output, predictions: string, options: EvalCommand): Promise<number> {
  if (options.data.length === 0)
    throw usage(
      'eval needs the data set whose masks the predictions are held against',
      'give its folder: --data DIR (in the layout of PASCAL VOC)',
    );
  const kind = await kindOf(predictions, options);
  const { threshold, sweep, predicted255, split, limit } = options;
  const dataset = nameOfData(options.data) ?? 'data';
  const plan = evalPlan({
    predictions,
    kind,
    on: { dataset, split, limit },
    label: options.label ?? basename(resolve(predictions)),
    threshold,
    thresholdSource: threshold === undefined ? undefined : 'the command line',
    sweep: sweep && { from: sweep[0], to: sweep[1], step: sweep[2] },
    predicted255,
  });
  const scratch = options.out === undefined ? await mkdtemp(join(tmpdir(), 'wsss-eval-')) : undefined;
  const out = options.out ?? scratch ?? '.';
  try {
    const result = await runPlan(plan, {}, out, options);
    const details: EvaluationDetails = JSON.parse(await readFile(join(out, 'scores', 'details.json'), 'utf8'));
    const scores = await scoresOf(result);
    if (options.json) {
      const classes = details.classes.map((name, c) => ({ class: name, iou: details.perClass[c] }));
      writeJson(output, { predictions, kind, scores, classes, sweep: details.sweep, out: options.out });
    } else output.out(scoreText(scores, details));
    return EXIT.good;
  } finally {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  }
}

/** What lies in the folder, and whether the options go with it. Throws CommandFailure. */
async function kindOf(folder: string, { threshold, sweep }: EvalCommand): Promise<'cams' | 'maps' | 'masks'> {
  const names = await readdir(folder).catch(() => undefined);
  if (!names) throw usage(`${folder}: there is no such folder`, 'give the folder with one ID.png or ID.npy for each image');
  const maps = names.filter((name) => name.endsWith('.npy')).sort();
  const masks = names.filter((name) => name.endsWith('.png'));
  const background = threshold !== undefined || sweep !== undefined;
  if (maps.length === 0 && masks.length === 0) throw await nothingIn(folder, names);
  if (masks.length > 0 && (maps.length === 0 || !background)) {
    if (background) throw usage('--threshold and --sweep are for maps, and the folder holds label maps', 'leave them out');
    return 'masks';
  }
  const first = join(folder, maps[0]);
  if ((await readNpy(first)).kind === 'array') {
    if (background) throw usage('--threshold and --sweep are for class activation maps without background', 'leave them out');
    return 'maps';
  }
  const own = hasBackground(await readCams(first));
  if (own && background)
    throw usage('these maps have a background of their own; no threshold applies', 'leave --threshold and --sweep out');
  if (!own && !background)
    throw usage('these maps have no background channel', 'give its score (--threshold 0.2), or try many (--sweep 0.05,0.6,0.05)');
  return 'cams';
}

async function nothingIn(folder: string, names: readonly string[]): Promise<CommandFailure> {
  const inside: string[] = [];
  for (const name of names) {
    const files: readonly string[] = await readdir(join(folder, name)).catch(() => []);
    if (files.some((file) => /\.(npy|png)$/.test(file)) && files.includes('stage.json')) inside.push(join(folder, name));
  }
  return new CommandFailure(EXIT.problems, {
    code: 'no-predictions',
    message: 'The folder holds no predictions',
    file: folder,
    expected: 'ID.png (label maps) or ID.npy (class activation maps)',
    found: 'neither',
    hint: inside.length > 0 ? `Perhaps ${inside.join(' or ')}.` : 'Give the folder that `wsss infer` or a pipeline wrote.',
  });
}
