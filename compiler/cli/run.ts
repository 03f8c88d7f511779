/** `wsss run`: builds a spec's programs and runs its pipeline. */
import type { LoadedProgram } from '../../runtime/pipeline/context.ts';
import type { PipelinePlan } from '../../runtime/pipeline/plan.ts';
import { CommandFailure, EXIT, type Output, writeJson } from './output.ts';
import { type ComputeOptions, datasetPlans, loadMethod, type PretrainingOptions, runPlan, scoresOf, stagesJson } from './session.ts';
import { chooseMethod, openSpec } from './spec.ts';

export interface RunCommand extends ComputeOptions, PretrainingOptions {
  readonly out: string;
  readonly set: readonly string[];
  readonly json: boolean;
}

export async function runRun(output: Output, target: string, options: RunCommand): Promise<number> {
  const spec = openSpec(output, target, options);
  if (!spec) return EXIT.problems;
  const { file, checked } = spec;
  const { out } = options;
  const method = chooseMethod(spec, 'has a pipeline', (m) => m.pipeline !== undefined);
  const { pipeline } = method;
  if (!pipeline) return EXIT.problems;
  const programs: Record<string, LoadedProgram> = {};
  for (const name of pipeline.methods) {
    const trained = checked.methods.get(name);
    if (!trained) {
      throw new CommandFailure(EXIT.problems, { code: 'no-such-method', message: `a stage trains '${name}', which is not declared`, file });
    }
    programs[name] = await loadMethod(out, trained, file, options);
  }
  const plan: PipelinePlan = {
    format: 1,
    name: method.name,
    datasets: datasetPlans(checked, pipeline.datasets),
    stages: JSON.parse(JSON.stringify(pipeline.stages)),
  };
  const result = await runPlan(plan, programs, out, options, options);
  if (options.json) {
    writeJson(output, {
      file,
      method: method.name,
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
