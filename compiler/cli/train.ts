/** `wsss train`: trains one method, without its pipeline. */
import { join } from 'node:path';
import type { SplitPlan } from '../../runtime/pipeline/plan.ts';
import { trainPlan, withCurves } from '../../runtime/pipeline/single.ts';
import type { Program } from '../../runtime/program.ts';
import { readLog } from '../../runtime/train/log.ts';
import { learnsPseudoMasks } from '../check/supervision.ts';
import { EXIT, type Output, usage, writeJson } from './output.ts';
import { overfitOneBatch } from './overfit.ts';
import { type ComputeOptions, datasetPlans, loadMethod, nameOfData, type PretrainingOptions, runPlan } from './session.ts';
import { chooseMethod, openSpec } from './spec.ts';

export interface TrainCommand extends ComputeOptions, PretrainingOptions {
  readonly out: string;
  readonly set: readonly string[];
  readonly json: boolean;
  readonly split?: string;
  readonly limit?: number;
  readonly epochs?: number;
  readonly steps?: number;
  readonly init?: string;
  readonly masks?: string;
  /** Steps on the first batch alone; nothing else is trained. */
  readonly overfitOneBatch?: number;
}

export async function runTrain(output: Output, target: string, options: TrainCommand): Promise<number> {
  if (options.epochs !== undefined && options.steps !== undefined)
    throw usage('--epochs and --steps exclude each other', 'give the one that counts');
  if (options.overfitOneBatch !== undefined && (options.epochs ?? options.steps) !== undefined)
    throw usage('--overfit-one-batch says its steps itself', 'for example --overfit-one-batch 300');
  const spec = openSpec(output, target, options);
  if (!spec) return EXIT.problems;
  const { file, checked } = spec;
  const { out, epochs, steps, init, masks } = options;
  const method = chooseMethod(spec, 'trains', (m) => m.train !== undefined);
  if (learnsPseudoMasks(method.supervision, method.train) && masks === undefined) {
    throw usage(
      `${method.name} learns from pseudo masks, and none are given`,
      'give their folder: --masks DIR with one ID.png for each image',
    );
  }
  if (options.overfitOneBatch !== undefined)
    return overfitOneBatch(output, spec, method, { ...options, overfitOneBatch: options.overfitOneBatch });
  const loaded = await loadMethod(out, method, file, options);
  const { program } = loaded;
  const on = trainingSplit(program, options);
  const plan = withCurves(trainPlan({ program: program.meta.name, on, epochs, steps, init, masks, datasets: datasetPlans(checked) }), on);
  const result = await runPlan(plan, { [program.meta.name]: loaded }, out, options, options);
  const log = join(out, 'train', 'log.jsonl');
  const made = {
    weights: join(out, 'train', 'checkpoint.safetensors'),
    log,
    curves: result.report ?? join(out, 'curves', 'report.html'),
  };
  if (options.json) {
    const records = await readLog(log);
    writeJson(output, {
      file,
      method: method.name,
      out,
      backend: result.backend.name,
      ...made,
      steps: records.length,
      losses: records[records.length - 1]?.losses ?? {},
      reused: result.reused.includes('train'),
      diagnostics: spec.diagnostics.toJson(),
    });
    return EXIT.good;
  }
  for (const [what, path] of Object.entries(made)) output.out(`${what}: ${path}`);
  return EXIT.good;
}

export function trainingSplit({ meta }: Program, { data, split, limit }: TrainCommand): SplitPlan {
  const source = meta.train?.source;
  return { dataset: source?.dataset ?? nameOfData(data) ?? 'data', split: split ?? source?.split ?? 'train', limit };
}
