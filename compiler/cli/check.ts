/** `wsss check`: reads specs and says what is wrong with them. */
import { checkFile } from '../check/check.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { failureOf } from './failure.ts';
import { diskHost } from './host.ts';
import { EXIT, type Output, writeDiagnostics, writeProblem } from './output.ts';
import { checkSettings, parseSettings } from './settings.ts';
import { missingFile, unknownMethod } from './spec.ts';
import { splitTarget } from './target.ts';

export interface CheckCommand {
  readonly json: boolean;
  readonly set: readonly string[];
}

/** Checks `FILE` or `FILE#METHOD` for each argument; with several, one that fails does not keep the others from being checked. */
export function runCheck(output: Output, targets: readonly string[], options: CheckCommand): number {
  const settings = parseSettings(options.set);
  let worst: number = EXIT.good;
  for (const target of targets) {
    try {
      worst = Math.max(worst, checkOne(output, target, settings, options.json));
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      writeProblem(output, failure.problem, options.json);
      worst = Math.max(worst, failure.exit);
    }
  }
  return worst;
}

function checkOne(output: Output, target: string, settings: ReturnType<typeof parseSettings>, json: boolean): number {
  const { file, only } = splitTarget(target);
  const diagnostics = new Diagnostics();
  const checked = checkFile(diskHost, file, diagnostics, { only, settings });
  if (!checked) throw missingFile(file);
  if (!diagnostics.hasErrors) {
    if (only && !checked.methods.has(only[0])) throw unknownMethod(file, only[0], checkFile(diskHost, file, new Diagnostics()) ?? checked);
    if (checked.methods.size > 0 || settings.size > 0) checkSettings(settings, [...checked.methods.values()]);
  }
  const methods = [...checked.methods.values()].map((m) => ({
    name: m.name,
    parameters: [...m.states.values()].filter((s) => s.role === 'parameter').length,
    operators: m.forward.graph.nodes.length,
    infer: m.infer.map((p) => p.name),
    stages: m.pipeline?.stages.map((s) => s.name) ?? [],
  }));
  const code = writeDiagnostics(output, diagnostics, json, { file, methods });
  if (code === EXIT.good && !json)
    for (const m of methods) output.out(`${file}: ${m.name} is sound (${m.parameters} parameter tensors, ${m.operators} operators)`);
  return code;
}
