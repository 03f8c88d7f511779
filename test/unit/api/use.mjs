/** What a project that depends on the package may write: compiles the spec whose text is given, saves the program here, loads it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { checkFile, compileMethod, Diagnostics, emitProgram, renderAll, reportGradientProblems } from 'wsss';
import * as runtime from 'wsss/runtime';

const specs = join(dirname(createRequire(import.meta.url).resolve('wsss/package.json')), 'specs');
const text = process.argv[2];
const host = {
  read: (name) => (name === 'mine.wsss' ? text : name.startsWith('std/') ? readFileSync(join(specs, name), 'utf8') : undefined),
};

async function use() {
  const diagnostics = new Diagnostics();
  const method = checkFile(host, 'mine.wsss', diagnostics)?.methods.get('mine');
  if (diagnostics.hasErrors || !method) return { problems: renderAll(diagnostics.all) };
  const compiled = compileMethod(method);
  if (!compiled.ok) {
    reportGradientProblems(method, compiled.problems, diagnostics);
    return { problems: renderAll(diagnostics.all) };
  }
  const info = { specName: 'mine.wsss', compilerVersion: 'test', separability: compiled.separability };
  const { files } = await emitProgram(compiled.program, info);
  const script = files.find((file) => file.path.endsWith('.js'));
  const path = new URL(script.path, import.meta.url);
  writeFileSync(path, script.text);
  const { program } = await import(path.href);
  return {
    files: files.map((file) => file.path),
    name: program.meta.name,
    graphs: Object.keys(program.graphs),
    runtime: Object.keys(runtime),
  };
}
process.stdout.write(JSON.stringify(await use()));
