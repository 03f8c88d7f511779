/** `wsss infer`: runs one inference program of a method on images, with trained weights. */

import { PHOTOS_SPLIT } from '../../runtime/data/photos.ts';
import { readSafetensors } from '../../runtime/data/safetensors.ts';
import type { LoadedProgram } from '../../runtime/pipeline/context.ts';
import type { PipelinePlan, SplitPlan } from '../../runtime/pipeline/plan.ts';
import { type DatasetPlans, inferPlan } from '../../runtime/pipeline/single.ts';
import { classCountOf } from '../../runtime/train/class-count.ts';
import type { CheckedMethod } from '../check/check.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { CommandFailure, EXIT, type Output, usage, writeJson } from './output.ts';
import { photoFiles } from './photo-files.ts';
import { type ComputeOptions, datasetPlans, loadMethod, nameOfData, runPlan } from './session.ts';
import { chooseMethod, type OpenedSpec, openSpec } from './spec.ts';

export interface InferCommand extends ComputeOptions {
  readonly out: string;
  readonly set: readonly string[];
  readonly json: boolean;
  readonly weights: string;
  readonly split?: string;
  readonly images?: readonly string[];
  readonly limit?: number;
  readonly labels: boolean;
  readonly threshold?: number;
}

export async function runInfer(output: Output, target: string, entry: string | undefined, options: InferCommand): Promise<number> {
  checkOptions(options);
  const spec = openSpec(output, target, options);
  if (!spec) return EXIT.problems;
  const { file } = spec;
  const { method, program: name } = chooseProgram(spec, entry);
  if (options.images && method.infer.some((p) => p.name === name && p.readsTags))
    throw usage(`'${name}' reads image-level tags, which --images has not`, 'use --data DIR: a folder in VOC layout with labels');
  const loaded = await loadMethod(options.out, method, file);
  const { meta } = loaded.program;
  const { returns: results, readsTags } = meta.infer[name];
  const [returns] = results;
  if (options.labels && results.length > 1)
    throw usage(`'${name}' returns ${results.length} maps, and --labels is for one`, 'leave --labels out');
  // The arg-max is a label map only where the background takes part.
  const cut = options.labels && !returns.background;
  if (cut && options.threshold === undefined)
    throw usage(`the maps of '${name}' have no background channel`, 'give --labels a background score: --threshold 0.2');
  if (options.threshold !== undefined && !cut)
    throw usage(`--threshold does nothing here: it goes with --labels and maps without background`);
  const { on, datasets } = options.images
    ? await photosOf(loaded, options)
    : { on: splitOf(spec, loaded, options), datasets: datasetPlans(spec.checked) };
  const plan = withMasks(
    inferPlan({
      program: meta.name,
      entry: name,
      checkpoint: options.weights,
      on,
      save: options.labels && !cut ? 'labels' : 'maps',
      datasets,
    }),
    name,
    cut ? options.threshold : undefined,
  );
  const result = await runPlan(plan, { [meta.name]: loaded }, options.out, options);
  const last = plan.stages[plan.stages.length - 1].name;
  const made = result.artefacts.get(last);
  if (options.json) {
    writeJson(output, {
      file,
      method: method.name,
      program: name,
      out: options.out,
      backend: result.backend.name,
      folder: made?.folder,
      kind: made?.record.kind,
      protocol: made?.record.protocol,
      reused: result.reused.includes(last),
      diagnostics: spec.diagnostics.toJson(),
    });
    return EXIT.good;
  }
  if (readsTags)
    output.error(`note: '${name}' reads the image-level tags of ${on.dataset}.${on.split}; scores of what it writes rest on them`);
  output.out(`${made?.record.kind ?? 'results'}: ${made?.folder ?? options.out}`);
  return EXIT.good;
}

function checkOptions({ images, data, split, limit }: InferCommand): void {
  if (images && (data.length > 0 || split !== undefined || limit !== undefined))
    throw usage('--images excludes --data, --split and --limit', 'give image files, or a data set and one of its splits');
}

/** The named program, or the only one; the method that has it. */
function chooseProgram(spec: OpenedSpec, entry: string | undefined): { readonly method: CheckedMethod; readonly program: string } {
  const has = (method: CheckedMethod): boolean => method.infer.some((p) => entry === undefined || p.name === entry);
  const methods = [...spec.checked.methods.values()].filter((m) => spec.named === undefined || m.name === spec.named);
  const names = [...new Set(methods.flatMap((m) => m.infer.map((p) => p.name)))];
  if (entry !== undefined && names.length > 0 && !names.includes(entry)) {
    throw usage(`${spec.file}: there is no inference program '${entry}'`, nearest(entry, names) ?? `there is ${names.join(', ')}`);
  }
  const method = chooseMethod(spec, entry === undefined ? 'has an inference program' : `has the inference program '${entry}'`, has);
  const own = method.infer.map((p) => p.name);
  if (entry !== undefined) return { method, program: entry };
  if (own.length === 1) return { method, program: own[0] };
  throw usage(`${method.name} has several inference programs`, `name one behind the spec: ${own.join(', ')}`);
}

function splitOf({ checked }: OpenedSpec, { program }: LoadedProgram, { data, split = 'val', limit }: InferCommand): SplitPlan {
  const [only, ...others] = Object.keys(checked.datasets);
  const declared = program.meta.train?.source?.dataset ?? (others.length === 0 ? only : undefined);
  return { dataset: declared ?? nameOfData(data) ?? 'data', split, limit };
}

async function photosOf(
  { program }: LoadedProgram,
  { images = [], weights }: InferCommand,
): Promise<{ readonly on: SplitPlan; readonly datasets: DatasetPlans }> {
  const files = await photoFiles(images);
  const { meta } = program;
  const needsClasses = meta.state.some(({ shape }) => JSON.stringify(shape).includes(JSON.stringify(meta.classDim)));
  const classes = needsClasses ? classCountOf(meta, (await readSafetensors(weights)).tensors) : 1;
  if (classes === undefined) {
    throw new CommandFailure(EXIT.problems, {
      code: 'run-missing-state',
      message: 'the weights do not say how many classes they are for',
      file: weights,
      expected: `a tensor of ${meta.name} with a side that depends on ${meta.classDim}`,
      hint: 'Give the weights that `wsss train` wrote for this method, or a data set in place of --images.',
    });
  }
  return { on: { dataset: 'photos', split: PHOTOS_SPLIT }, datasets: { photos: { kind: 'photos', files, classes } } };
}

/** With a background score the maps are turned into label maps by a stage of their own. */
function withMasks(plan: PipelinePlan, cams: string, threshold: number | undefined): PipelinePlan {
  if (threshold === undefined) return plan;
  return {
    ...plan,
    stages: [
      ...plan.stages,
      { op: 'masks', name: `${cams}_labels`, inputs: { cams }, args: { threshold, thresholdSource: 'the command line' } },
    ],
  };
}
