import type { Program } from './program.ts';

/** What generated programs import. */
export * from './host/generated.ts';
export type * from './program.ts';

/**
 * Runs a program without the compiler: `process.exitCode = await runProgram(program, process.argv.slice(2), import.meta.url)` at the end of a script
 * that exports `program`. Loaded when called, so that a program by itself needs tfjs core only. Returns the exit code.
 */
export async function runProgram(program: Program, args: readonly string[], url: string): Promise<number> {
  const { runProgram: run } = await import('./pipeline/standalone.ts');
  return run(program, args, url);
}
