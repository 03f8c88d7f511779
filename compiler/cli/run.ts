/** `wsss run`: builds a spec's programs and runs its pipeline. */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DataError } from '../../runtime/data/errors.ts';
import { loadProgram } from '../../runtime/host/load.ts';
import { progressTo } from '../../runtime/host/progress.ts';
import type { LoadedProgram } from '../../runtime/pipeline/context.ts';
import type { PipelinePlan } from '../../runtime/pipeline/plan.ts';
import { runPipeline } from '../../runtime/pipeline/run.ts';
import { RunError } from '../../runtime/train/errors.ts';
import { type CheckedMethod, checkFile } from '../check/check.ts';
import { compileMethod } from '../compile.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { emitProgram } from '../emit/eager/emit.ts';
import { writeFolder } from './files.ts';
import { diskHost } from './host.ts';
import { EXIT, type Output, writeDiagnostics } from './output.ts';
import { parseSetting } from './settings.ts';
import { splitTarget } from './target.ts';
import { compilerVersion } from './version.ts';

export interface RunCommand {
  readonly out: string;
  readonly data?: string;
  readonly seed?: string;
  readonly backend?: string;
  readonly workers?: string;
  readonly set: readonly string[];
}

export async function runRun(output: Output, target: string, options: RunCommand): Promise<number> {
  const { file, only } = splitTarget(target);
  const diagnostics = new Diagnostics();
  const settings = new Map(options.set.flatMap((text) => [parseSetting(text)].filter((s) => s !== undefined)));
  const checked = checkFile(diskHost, file, diagnostics, { settings });
  if (!checked) {
    output.error(`${file}: there is no such file, or it cannot be read`);
    return EXIT.usage;
  }
  if (diagnostics.hasErrors) return writeDiagnostics(output, diagnostics, false);
  const method = only ? checked.methods.get(only[0]) : [...checked.methods.values()].find((m) => m.pipeline);
  if (!method?.pipeline) {
    output.error(`${file}: ${only ? `'${only[0]}' has` : 'no method here has'} no pipeline to run`);
    return EXIT.problems;
  }
  const { pipeline } = method;
  const programs: Record<string, LoadedProgram> = {};
  for (const name of pipeline.methods) {
    const built = await buildInto(join(options.out, 'program'), checked.methods.get(name), file);
    if (typeof built === 'string') {
      output.error(built);
      return EXIT.problems;
    }
    programs[name] = built;
  }
  const plan = {
    format: 1,
    name: method.name,
    datasets: Object.fromEntries(pipeline.datasets.map((d) => [d, checked.datasets[d]])),
    stages: pipeline.stages,
  };
  try {
    await runPipeline({
      plan: JSON.parse(JSON.stringify(plan)) as PipelinePlan,
      programs,
      out: options.out,
      data: options.data === undefined ? {} : { '': options.data },
      seed: options.seed === undefined ? undefined : Number(options.seed),
      backend: options.backend,
      workers: options.workers === undefined ? availableParallelism() : Number(options.workers),
      progress: progressTo(
        {
          write: (text) => void process.stderr.write(text),
          terminal: process.stderr.isTTY === true,
          columns: process.stderr.columns ?? 80,
        },
        () => performance.now(),
      ),
    });
  } catch (error) {
    if (error instanceof DataError || error instanceof RunError) {
      output.error(`error[${error.code}]: ${error.message}`);
      return error instanceof DataError ? EXIT.problems : EXIT.failure;
    }
    throw error;
  }
  output.out(`done: ${options.out}`);
  return EXIT.good;
}

async function buildInto(folder: string, method: CheckedMethod | undefined, file: string): Promise<LoadedProgram | string> {
  if (!method) return `${file}: a stage trains a method that is not declared there`;
  const compiled = compileMethod(method);
  if (!compiled.ok)
    return `${file}: ${method.name} cannot be differentiated: ${compiled.problems.map((p) => `${p.kind} ${p.subject}`).join(', ')}`;
  const { files } = await emitProgram(compiled.program, {
    specName: file.replace(/^.*\//, ''),
    hash: compiled.hash,
    compilerVersion: compilerVersion(),
    separability: compiled.separability,
  });
  const problem = writeFolder(folder, files);
  if (problem) return problem;
  const script = files.find((f) => f.path.endsWith('.js'))!;
  const path = join(folder, script.path);
  return { program: await loadProgram(path), source: { text: script.text, name: path } };
}
