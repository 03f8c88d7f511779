/** `wsss check`: reads specs and says what is wrong with them. */
import { checkFile } from '../check/check.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { diskHost } from './host.ts';
import { EXIT, type Output, writeDiagnostics } from './output.ts';
import { parseSetting } from './settings.ts';
import { splitTarget } from './target.ts';

export interface CheckCommand {
  readonly json: boolean;
  readonly set: readonly string[];
}

/** Checks `FILE` or `FILE:METHOD` for each argument. */
export function runCheck(output: Output, targets: readonly string[], options: CheckCommand): number {
  const settings = options.set.map((text) => ({ text, parsed: parseSetting(text) }));
  const wrong = settings.find((s) => !s.parsed);
  if (wrong) {
    output.error(`--set needs name=value, and got '${wrong.text}'`);
    return EXIT.usage;
  }
  let worst: number = EXIT.good;
  for (const target of targets) {
    const { file, only } = splitTarget(target);
    const diagnostics = new Diagnostics();
    const checked = checkFile(diskHost, file, diagnostics, {
      only,
      settings: new Map(settings.flatMap((s) => (s.parsed ? [s.parsed] : []))),
    });
    if (!checked) {
      output.error(`${file}: there is no such file, or it cannot be read`);
      worst = Math.max(worst, EXIT.usage);
      continue;
    }
    if (only && !checked.methods.has(only[0]) && !diagnostics.hasErrors) {
      output.error(`${file}: declares no method or variant '${only[0]}'`);
      worst = Math.max(worst, EXIT.problems);
      continue;
    }
    const methods = [...checked.methods.values()].map((m) => ({
      name: m.name,
      parameters: [...m.states.values()].filter((s) => s.role === 'parameter').length,
      operators: m.forward.graph.nodes.length,
      infer: m.infer.map((p) => p.name),
      stages: m.pipeline?.stages.map((s) => s.name) ?? [],
    }));
    const code = writeDiagnostics(output, diagnostics, options.json, { file, methods });
    worst = Math.max(worst, code);
    if (code === EXIT.good && !options.json)
      for (const m of methods) output.out(`${file}: ${m.name} is sound (${m.parameters} parameter tensors, ${m.operators} operators)`);
  }
  return worst;
}
