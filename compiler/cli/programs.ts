/** Compiling methods to programs, writing and loading them. */
import { join } from 'node:path';
import { unwritable, writeAtomic } from '../../runtime/data/atomic.ts';
import type { CheckedMethod } from '../check/check.ts';
import { compileMethod } from '../compile.ts';
import { emitProgram } from '../emit/eager/emit.ts';
import { showPlace } from '../source/source.ts';
import { CommandFailure, EXIT } from './output.ts';
import { compilerVersion } from './version.ts';

export interface WrittenProgram {
  readonly name: string;
  /** Paths of the files, the folder included. */
  readonly files: readonly string[];
  readonly script: { readonly text: string; readonly path: string };
}

/** Compiles a method and writes its program, each file whole or not at all. Throws CommandFailure, DataError `output-unwritable`. */
export async function writeProgram(folder: string, method: CheckedMethod, spec: string): Promise<WrittenProgram> {
  const compiled = compileMethod(method);
  if (!compiled.ok) {
    const reasons = compiled.problems.map((p) => `${p.kind} ${p.subject}${p.node?.span ? ` at ${showPlace(p.node.span)}` : ''}`);
    throw new CommandFailure(EXIT.problems, {
      code: 'not-differentiable',
      message: `${method.name} cannot be differentiated`,
      file: spec,
      found: reasons.join('; '),
      hint: 'Let every trainable layer reach a loss through differentiable operators, or freeze it.',
    });
  }
  const { files } = await emitProgram(compiled.program, {
    specName: spec.replace(/^.*[\\/]/, ''),
    hash: compiled.hash,
    compilerVersion: compilerVersion(),
    separability: compiled.separability,
  });
  const script = files.find((file) => file.path.endsWith('.js'));
  if (!script) throw unwritable(folder, new Error(`the program ${method.name} has no script`));
  for (const { path, text } of files) await writeAtomic(join(folder, path), text);
  return {
    name: method.name,
    files: files.map(({ path }) => join(folder, path)),
    script: { text: script.text, path: join(folder, script.path) },
  };
}
