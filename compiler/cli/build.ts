/** `wsss build`: writes the program of each method of a spec. */
import { CommandFailure, EXIT, type Output, writeJson } from './output.ts';
import { writeProgram } from './programs.ts';
import { openSpec } from './spec.ts';

export interface BuildCommand {
  readonly out: string;
  readonly set: readonly string[];
  /** Also write each program as one TensorFlow graph. */
  readonly graph?: boolean;
  readonly json: boolean;
}

export async function runBuild(output: Output, target: string, options: BuildCommand): Promise<number> {
  const spec = openSpec(output, target, options);
  if (!spec) return EXIT.problems;
  const { file, named, checked } = spec;
  const methods = [...checked.methods.values()].filter((method) => named === undefined || method.name === named);
  if (methods.length === 0) {
    throw new CommandFailure(EXIT.problems, {
      code: 'no-such-method',
      message: 'this file declares no method',
      file,
      hint: '`wsss new NAME` writes a spec to start from.',
    });
  }
  const written: string[] = [];
  for (const method of methods) written.push(...(await writeProgram(options.out, method, file, options)).files);
  if (options.json) writeJson(output, { file, written, diagnostics: spec.diagnostics.toJson() });
  else for (const path of written) output.out(path);
  return EXIT.good;
}
