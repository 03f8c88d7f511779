/** `wsss run`: builds a spec's programs and runs its pipeline. */
import type { LoadedProgram } from '../../runtime/pipeline/context.ts';
import type { PipelinePlan } from '../../runtime/pipeline/plan.ts';
import type { PipelineResult } from '../../runtime/pipeline/run.ts';
import type { CheckedFile, CheckedMethod } from '../check/check.ts';
import { CommandFailure, EXIT, type Output, writeJson } from './output.ts';
import { type ComputeOptions, datasetPlans, loadMethod, type PretrainingOptions, runPlan, scoresOf, stagesJson } from './session.ts';
import { chooseMethod, type OpenedSpec, openSpec } from './spec.ts';

export interface RunCommand extends ComputeOptions, PretrainingOptions {
  readonly out: string;
  readonly set: readonly string[];
  readonly json: boolean;
}

export interface SpecRun {
  readonly spec: OpenedSpec;
  readonly plan: PipelinePlan;
  readonly result: PipelineResult;
}

/** Runs the pipeline of the one method that is meant; undefined when the spec has errors, which are written then. */
export async function runSpec(output: Output, target: string, options: RunCommand): Promise<SpecRun | undefined> {
  const spec = openSpec(output, target, options);
  if (!spec) return undefined;
  const method = chooseMethod(spec, 'has a pipeline', (m) => m.pipeline !== undefined);
  const programs = await programsOf(options.out, spec.checked, method, spec.file, options);
  const plan = planOf(spec.checked, method);
  return { spec, plan, result: await runPlan(plan, programs, options.out, options, options) };
}

export async function runRun(output: Output, target: string, options: RunCommand): Promise<number> {
  const ran = await runSpec(output, target, options);
  if (!ran) return EXIT.problems;
  const { spec, plan, result } = ran;
  const { out } = options;
  if (options.json) {
    writeJson(output, {
      file: spec.file,
      method: plan.name,
      out,
      backend: result.backend.name,
      stages: stagesJson(plan, result),
      scores: await scoresOf(result),
      report: result.report,
      diagnostics: spec.diagnostics.toJson(),
    });
    return EXIT.good;
  }
  output.out(`done: ${out}`);
  if (result.report !== undefined) output.out(`report: ${result.report}`);
  return EXIT.good;
}

/** The programs that a method's pipeline runs, written and loaded, by their names. Throws CommandFailure, DataError. */
export async function programsOf(
  out: string,
  checked: CheckedFile,
  { pipeline }: CheckedMethod,
  file: string,
  options: Pick<ComputeOptions, 'checkNumerics'>,
): Promise<Readonly<Record<string, LoadedProgram>>> {
  const programs: Record<string, LoadedProgram> = {};
  for (const name of pipeline?.methods ?? []) {
    const trained = checked.methods.get(name);
    if (!trained) {
      throw new CommandFailure(EXIT.problems, { code: 'no-such-method', message: `a stage trains '${name}', which is not declared`, file });
    }
    programs[name] = await loadMethod(out, trained, file, options);
  }
  return programs;
}

/** A method's pipeline as plain data; without stages where it has none. */
export function planOf(checked: CheckedFile, { name, pipeline }: CheckedMethod): PipelinePlan {
  return {
    format: 1,
    name,
    datasets: datasetPlans(checked, pipeline?.datasets ?? []),
    stages: JSON.parse(JSON.stringify(pipeline?.stages ?? [])),
  };
}
