/** Compiles the toy spec beside this file and gives what a run of its pipeline needs. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkFile } from '../../../compiler/check/check.ts';
import { diskHost } from '../../../compiler/cli/host.ts';
import { compileMethod } from '../../../compiler/compile.ts';
import { Diagnostics } from '../../../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../../../compiler/diagnostics/render.ts';
import { emitProgram } from '../../../compiler/emit/eager/emit.ts';
import { loadProgram } from '../../../runtime/host/load.ts';
import type { LoadedProgram } from '../../../runtime/pipeline/context.ts';
import type { PipelinePlan } from '../../../runtime/pipeline/plan.ts';

export interface Toy {
  readonly plan: PipelinePlan;
  readonly programs: Readonly<Record<string, LoadedProgram>>;
  /** The emitted JavaScript. */
  readonly text: string;
}

/** With `change`, another text of the spec is compiled. */
export function compileToy(change?: (spec: string) => string): Promise<Toy> {
  return compileSpec('toy.wsss', 'toy_cam', change);
}

/** A spec beside this file, for the run of the pipeline of one method. */
export async function compileSpec(file: string, name: string, change: (spec: string) => string = (spec) => spec): Promise<Toy> {
  const diagnostics = new Diagnostics();
  const spec = fileURLToPath(new URL(`./${file}`, import.meta.url));
  const host = { ...diskHost, read: (path: string) => (path === spec ? change(readFileSync(spec, 'utf8')) : diskHost.read(path)) };
  const checked = checkFile(host, spec, diagnostics);
  const method = checked?.methods.get(name);
  if (!checked || !method?.pipeline || diagnostics.hasErrors) throw new Error(renderAll(diagnostics.all));
  const compiled = compileMethod(method);
  if (!compiled.ok) throw new Error(compiled.problems.map((problem) => problem.kind).join(', '));
  const info = { specName: file, compilerVersion: 'test', separability: compiled.separability };
  const text = (await emitProgram(compiled.program, info)).files.find((emitted) => emitted.path.endsWith('.js'))?.text ?? '';
  const source = { text, name: `${name}.js` };
  const plan = { format: 1, name: 'toy', datasets: checked.datasets, stages: method.pipeline.stages };
  return { plan: JSON.parse(JSON.stringify(plan)), programs: { [name]: { program: await loadProgram(source), source } }, text };
}
