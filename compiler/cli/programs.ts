/** Compiling methods to programs, writing and loading them. */
import { join } from 'node:path';
import { unwritable, writeAtomic } from '../../runtime/data/atomic.ts';
import type { GraphMemory } from '../../runtime/train/memory-limit.ts';
import type { LineMap } from '../../runtime/train/numerics/line-map.ts';
import type { CheckedMethod } from '../check/check.ts';
import { compileMethod } from '../compile.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import type { MethodProgram } from '../ir/program.ts';
import { reportGradientProblems } from '../report-gradients.ts';
import { showPlace } from '../source/source.ts';
import { peakBytes, planMemory } from '../transform/plan-memory.ts';
import { CommandFailure, EXIT } from './output.ts';
import { compilerVersion } from './version.ts';

export interface WrittenProgram {
  readonly name: string;
  /** Paths of the files, the folder included. */
  readonly files: readonly string[];
  readonly script: { readonly text: string; readonly path: string };
  /** From lines of the script to the spec. */
  readonly lines: LineMap;
  /** What its graphs hold at given sizes. */
  readonly memory: GraphMemory;
}

export interface WriteOptions {
  /** Also as one TensorFlow graph, in a folder `<name>.graph` beside the program. */
  readonly graph?: boolean;
}

/** Compiles a method and writes its program, each file whole or not at all. Throws CommandFailure, DataError `output-unwritable`. */
export async function writeProgram(
  folder: string,
  method: CheckedMethod,
  spec: string,
  options: WriteOptions = {},
): Promise<WrittenProgram> {
  const compiled = compileMethod(method);
  if (!compiled.ok) {
    const problems = new Diagnostics();
    reportGradientProblems(method, compiled.problems, problems);
    throw new CommandFailure(EXIT.problems, {
      code: 'not-differentiable',
      message: `${method.name} cannot be differentiated`,
      file: spec,
      found: problems.all.map((d) => `${d.message} (${showPlace(d.span)})`).join('; '),
      hint: 'Let every trainable layer reach a loss through differentiable operators, or freeze it.',
    });
  }
  // The code writer is the largest of the dependencies: commands that write no program do without it.
  const { emitProgram } = await import('../emit/eager/emit.ts');
  const { files } = await emitProgram(compiled.program, {
    specName: spec.replace(/^.*[\\/]/, ''),
    compilerVersion: compilerVersion(),
    separability: compiled.separability,
  });
  const script = files.find((file) => file.path.endsWith('.js'));
  if (!script) throw unwritable(folder, new Error(`the program ${method.name} has no script`));
  const graph = options.graph === true ? await graphFiles(compiled.program, spec) : [];
  for (const { path, text } of files) await writeAtomic(join(folder, path), text);
  for (const { path, bytes } of graph) await writeAtomic(join(folder, path), bytes);
  return {
    name: method.name,
    files: [...files, ...graph].map(({ path }) => join(folder, path)),
    script: { text: script.text, path: join(folder, script.path) },
    lines: scriptLines(files, script.path),
    memory: (graph, dims) => peakBytes(planMemory(compiled.program.graphs[graph]), dims),
  };
}

/** What `<name>.map.json` says of the script. */
function scriptLines(files: readonly { readonly path: string; readonly text: string }[], script: string): LineMap {
  const map: Readonly<Record<string, LineMap>> = JSON.parse(files.find((file) => file.path.endsWith('.map.json'))?.text ?? '{}');
  return map[script] ?? {};
}

async function graphFiles(program: MethodProgram, spec: string): Promise<readonly { readonly path: string; readonly bytes: Uint8Array }[]> {
  const { emitGraph, UnsupportedOperator } = await import('../emit/graph/emit.ts');
  try {
    return emitGraph(program).files;
  } catch (error) {
    if (!(error instanceof UnsupportedOperator)) throw error;
    throw new CommandFailure(EXIT.problems, {
      code: 'no-graph-operator',
      message: `${program.name} cannot be written as a TensorFlow graph`,
      file: spec,
      found: error.message,
      hint: 'Build without --graph; the program itself runs on every backend.',
    });
  }
}
