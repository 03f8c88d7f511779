/** `wsss check`: reads specs and says what is wrong with them. */
import type { SourceHost } from '../bind/bind.ts';
import { type CheckedFile, checkFile } from '../check/check.ts';
import { methodValues } from '../describe/values.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { failureOf } from './failure.ts';
import { diskHost } from './host.ts';
import { EXIT, type Output, writeDiagnostics, writeJson, writeProblem } from './output.ts';
import { checkSettings, parseSettings } from './settings.ts';
import { missingFile, unknownMethod } from './spec.ts';
import { splitTarget } from './target.ts';
import { valueLines } from './value-table.ts';

export interface CheckCommand {
  readonly json: boolean;
  readonly set: readonly string[];
  readonly strictShapes: boolean;
  /** Also prints what the method's own named values are; as data all are told. */
  readonly kinds: boolean;
  /** Also prints those inside its modules. */
  readonly allKinds: boolean;
}

/** What went before the check: the files as the fixes leave them, and what `--json` tells of these. */
export interface Fixed {
  readonly host: SourceHost;
  readonly document: Readonly<Record<string, unknown>>;
}

/** What checking one spec gave. */
interface Outcome {
  readonly code: number;
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * Checks `FILE` or `FILE#METHOD` for each argument; with several, one that fails does not keep the others from being checked. With `--json` the
 * document of the spec, and of several specs one document: `{ "files": [ … ] }` in the order of the arguments.
 */
export function runCheck(output: Output, targets: readonly string[], options: CheckCommand, fixed?: Fixed): number {
  const settings = parseSettings(options.set);
  const outcomes = targets.map((target): Outcome => {
    try {
      return checkOne(output, target, settings, options, fixed?.host ?? diskHost);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      if (!options.json) writeProblem(output, failure.problem, false);
      const file = targets.length > 1 ? { file: splitTarget(target).file } : {};
      return { code: failure.exit, document: { ...file, error: failure.problem } };
    }
  });
  if (options.json) {
    const document = outcomes.length === 1 ? outcomes[0].document : { files: outcomes.map((o) => o.document) };
    writeJson(output, { ...document, ...fixed?.document });
  }
  return Math.max(EXIT.good, ...outcomes.map((o) => o.code));
}

function checkOne(
  output: Output,
  target: string,
  settings: ReturnType<typeof parseSettings>,
  { json, strictShapes, kinds: own, allKinds }: CheckCommand,
  host: SourceHost,
): Outcome {
  const { file, only } = splitTarget(target);
  const kinds = allKinds ? 'all' : own ? 'own' : undefined;
  const diagnostics = new Diagnostics();
  const checked = checkFile(host, file, diagnostics, { only, settings, strictShapes });
  if (!checked) throw missingFile(file);
  if (!diagnostics.hasErrors) {
    if (only && !checked.methods.has(only[0])) throw unknownMethod(file, only[0], checkFile(host, file, new Diagnostics()) ?? checked);
    if (checked.methods.size > 0 || settings.size > 0) checkSettings(settings, [...checked.methods.values()]);
  }
  const methods = [...checked.methods.values()].map((m) => ({
    name: m.name,
    parameters: [...m.states.values()].filter((s) => s.role === 'parameter').length,
    operators: m.forward.graph.nodes.length,
    infer: m.infer.map((p) => p.name),
    stages: m.pipeline?.stages.map((s) => s.name) ?? [],
    ...(kinds ? { values: methodValues(m) } : {}),
  }));
  if (!json) writeDiagnostics(output, diagnostics, false);
  const code = diagnostics.hasErrors ? EXIT.problems : EXIT.good;
  if (code === EXIT.good && !json) {
    for (const m of methods) output.out(`${file}: ${m.name} is sound (${m.parameters} parameter tensors, ${m.operators} operators)`);
    if (kinds) output.out(methods.flatMap((m) => ['', ...valueLines(m.name, m.values ?? [], kinds, output.colourOut === true)]).join('\n'));
    if (methods.length === 0) output.out(`${file}: declares no method; ${declarationsOf(checked)}`);
  }
  return { code, document: { file, methods, diagnostics: diagnostics.toJson() } };
}

/** What a file without methods has, in words. Bodies that no method uses have been parsed, not elaborated. */
function declarationsOf({ file }: CheckedFile): string {
  const counts = new Map<string, number>();
  for (const { declaration } of file.declared) counts.set(declaration.kind, (counts.get(declaration.kind) ?? 0) + 1);
  if (counts.size === 0) return 'it declares nothing at all';
  const told = [...counts].map(([kind, n]) => `${n} ${kind}${n === 1 ? '' : 's'}`);
  return `read and parsed: ${told.join(', ')} (bodies are checked where a method uses them)`;
}
