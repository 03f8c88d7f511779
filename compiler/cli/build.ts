/** `wsss build`: writes the program of each method of a spec. */
import { checkFile } from '../check/check.ts';
import { compileMethod } from '../compile.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';
import { emitProgram } from '../emit/eager/emit.ts';
import { reportGradientProblems } from '../report-gradients.ts';
import { writeFolder } from './files.ts';
import { diskHost } from './host.ts';
import { EXIT, type Output, writeDiagnostics } from './output.ts';
import { splitTarget } from './target.ts';
import { compilerVersion } from './version.ts';

export async function runBuild(output: Output, target: string, options: { readonly out: string; readonly json: boolean }): Promise<number> {
  const { file, only } = splitTarget(target);
  const diagnostics = new Diagnostics();
  const checked = checkFile(diskHost, file, diagnostics, { only });
  if (!checked) {
    output.error(`${file}: there is no such file, or it cannot be read`);
    return EXIT.usage;
  }
  if (diagnostics.hasErrors) return writeDiagnostics(output, diagnostics, options.json, { file });
  if (checked.methods.size === 0) {
    output.error(only ? `${file}: declares no method or variant '${only[0]}'` : `${file}: declares no method`);
    return EXIT.problems;
  }
  const written: string[] = [];
  for (const method of checked.methods.values()) {
    const compiled = compileMethod(method);
    if (!compiled.ok) {
      reportGradientProblems(method, compiled.problems);
      return writeDiagnostics(output, diagnostics, options.json, { file });
    }
    const info = {
      specName: file.replace(/^.*\//, ''),
      hash: compiled.hash,
      compilerVersion: compilerVersion(),
      separability: compiled.separability,
    };
    const { files } = await emitProgram(compiled.program, info);
    const problem = writeFolder(options.out, files);
    if (problem) {
      output.error(problem);
      return EXIT.problems;
    }
    written.push(...files.map((f) => `${options.out}/${f.path}`));
  }
  if (options.json) output.out(JSON.stringify({ file, written }, null, 2));
  else for (const path of written) output.out(path);
  return EXIT.good;
}
