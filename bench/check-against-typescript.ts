/**
 * Checking a generated spec of about 2,000 lines, against the TypeScript compiler checking the program that `wsss build` emits from it: the
 * same method, once as its author writes it and once as it runs. Both in this process, warm, in turn.
 *
 *     npm run build && npx vite-node bench/check-against-typescript.ts -- [repeats]
 *
 * TypeScript's own library and the types of the runtime are parsed once, before; each turn parses, binds and checks the program anew.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { SoundSpecs } from '../compiler/bind/sound-specs.ts';
import { checkFile } from '../compiler/check/check.ts';
import { compileMethod } from '../compiler/compile.ts';
import { Diagnostics } from '../compiler/diagnostics/diagnostics.ts';
import { renderAll } from '../compiler/diagnostics/render.ts';
import { emitProgram } from '../compiler/emit/eager/emit.ts';
import { generatedSpec } from './generated-spec.ts';
import { line, median } from './timing.ts';

const repeats = Number(process.argv.at(-1)) || 5;
const root = fileURLToPath(new URL('../', import.meta.url));
const SPEC = 'generated.wsss';
const WANTED = 300;

const spec = generatedSpec(2000);
const sound = new SoundSpecs();
/** A new text each time, so that nothing of it has been read before. */
let version = 0;
function check(): ReturnType<typeof checkFile> {
  const diagnostics = new Diagnostics();
  const text = `${spec}// ${++version}\n`;
  const host = { read: (name: string) => (name === SPEC ? text : readFileSync(`${root}specs/${name}`, 'utf8')) };
  const checked = checkFile(host, SPEC, diagnostics, { sound });
  if (diagnostics.all.length > 0) throw new Error(renderAll(diagnostics.all.slice(0, 3)));
  return checked;
}

const method = check()?.methods.get('generated');
if (!method) throw new Error('the spec declares no method');
const compiled = compileMethod(method);
if (!compiled.ok) throw new Error('the method cannot be differentiated');
const { files } = await emitProgram(compiled.program, { specName: SPEC, compilerVersion: '0', separability: compiled.separability });
const program = files.find(({ path }) => path.endsWith('.ts'));
if (!program) throw new Error('no program was written');

// The program stands, for TypeScript, in the root of this package, where its imports are found.
const path = `${root}${program.path.replace(/^.*\//, '')}`;
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};
const disk = ts.createCompilerHost(options);
const parsed = new Map<string, ts.SourceFile | undefined>();
const host: ts.CompilerHost = {
  ...disk,
  fileExists: (name) => name === path || disk.fileExists(name),
  readFile: (name) => (name === path ? program.text : disk.readFile(name)),
  getSourceFile: (name, languageVersion) => {
    if (name === path) return ts.createSourceFile(name, `${program.text}// ${++version}\n`, languageVersion, true);
    if (!parsed.has(name)) parsed.set(name, disk.getSourceFile(name, languageVersion));
    return parsed.get(name);
  },
};
function typescript(): void {
  const all = ts.createProgram([path], options, host);
  const source = all.getSourceFile(path);
  const found = [...all.getSyntacticDiagnostics(source), ...all.getSemanticDiagnostics(source)];
  if (found.length > 0) throw new Error(ts.formatDiagnostics(found.slice(0, 3), { ...disk, getCanonicalFileName: (name) => name }));
}

for (let i = 0; i < 4; i++) {
  check();
  typescript();
}
const ours = median(repeats, check);
const theirs = median(repeats, typescript);
const count = (text: string): number => text.split('\n').length - 1;
line(`wsss checks the spec, ${count(spec)} lines`, ours, `   (wanted: under ${WANTED} ms)`);
line(`TypeScript checks its program, ${count(program.text)} lines`, theirs);
console.log(
  `ratio: wsss takes ${(ours.cpu / theirs.cpu).toFixed(2)} times TypeScript's processor time, ${(ours.wall / theirs.wall).toFixed(2)} on the clock`,
);
