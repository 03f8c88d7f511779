/**
 * The compiler as a library: what `import … from 'wsss'` gives. Nothing here touches files, the process or the console: the caller reads specs
 * (`SourceHost`, which is also asked for the standard library under `std/`; the package has it in its folder `specs/`) and writes what comes out.
 *
 * ```ts
 * const diagnostics = new Diagnostics();
 * const checked = checkFile({ read: (name) => texts.get(name) }, 'mine.wsss', diagnostics);
 * const method = checked?.methods.get('mine');
 * if (diagnostics.hasErrors || !method) throw new Error(renderAll(diagnostics.all));
 * const compiled = compileMethod(method);
 * if (!compiled.ok) {
 *   reportGradientProblems(method, compiled.problems, diagnostics);
 *   throw new Error(renderAll(diagnostics.all));
 * }
 * const { separability, program } = compiled;
 * const { files } = await emitProgram(program, { specName: 'mine.wsss', compilerVersion: '1', separability });
 * ```
 *
 * The files import `wsss/runtime`, which is the other entry of the package. Other modules of the compiler are not part of its interface.
 */
export type { SourceHost } from './bind/bind.ts';
export { type CheckedFile, type CheckedMethod, type CheckOptions, checkFile } from './check/check.ts';
export { type CompilableMethod, type Compiled, type CompileOptions, compileMethod } from './compile.ts';
export { type AppliedFixes, applyFixes } from './diagnostics/apply.ts';
export { type Diagnostic, Diagnostics, type Edit, type Fix } from './diagnostics/diagnostics.ts';
export { type RenderOptions, render, renderAll, summary } from './diagnostics/render.ts';
export { type EmitOptions, type EmittedFile, type EmittedProgram, emitProgram, type ProgramInfo } from './emit/eager/emit.ts';
export { type Formatted, format } from './format/format.ts';
export type { MethodProgram } from './ir/program.ts';
export { reportGradientProblems } from './report-gradients.ts';
