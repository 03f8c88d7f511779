/** What commands write, and how they end. */
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { renderAll } from '../diagnostics/render.ts';

/** Exit codes: 0 good, 1 problems found in the spec or the data, 2 wrong use of the command, 3 failure while running. */
export const EXIT = { good: 0, problems: 1, usage: 2, failure: 3 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Of the error stream. */
  readonly colour: boolean;
  /** Of what is asked for, on standard output. */
  readonly colourOut?: boolean;
  /** Width of the terminal that standard output is; undefined where it is none. */
  readonly columns?: number;
}

export function standardOutput(): Output {
  // A reader that has seen enough (`| head`) closes the pipe: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    error: (text) => void process.stderr.write(`${text}\n`),
    colour: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
    colourOut: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
  };
}

/** One problem that has no place in a spec: the command line, data on disk, the machine. */
export interface Problem {
  /** Stable: tests, documentation and `--json` refer to it. */
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly expected?: string;
  readonly found?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A command that cannot go on: what to tell, and how to end. Caught in one place, where the commands are called. */
export class CommandFailure extends Error {
  readonly exit: ExitCode;
  readonly problem: Problem;

  constructor(exit: ExitCode, problem: Problem) {
    super(problem.message);
    this.name = 'CommandFailure';
    this.exit = exit;
    this.problem = problem;
  }
}

/** Wrong use of the command line. */
export function usage(message: string, hint?: string): CommandFailure {
  return new CommandFailure(EXIT.usage, { code: 'usage', message, hint });
}

/** The lines of a problem, without colour. */
export function renderProblem({ code, message, file, line, expected, found, hint }: Problem): string {
  const lines = [`error[${code}]: ${message}`];
  if (file !== undefined) lines.push(` --> ${file}${line === undefined ? '' : `:${line}`}`);
  if (expected !== undefined) lines.push(`  = expected: ${expected}`);
  if (found !== undefined) lines.push(`  = found: ${found}`);
  if (hint !== undefined) lines.push(`  = hint: ${hint}`);
  return lines.join('\n');
}

/** Writes a problem: for people to the error stream, as `{ "error": … }` to the output. */
export function writeProblem(output: Output, problem: Problem, json: boolean): void {
  if (json) writeJson(output, { error: problem });
  else output.error(renderProblem(problem));
}

export function writeJson(output: Output, value: unknown): void {
  output.out(JSON.stringify(value, null, 2));
}

/** Writes diagnostics (for people to the error stream, as JSON to the output) and gives the exit code they mean. */
export function writeDiagnostics(
  output: Output,
  diagnostics: Diagnostics,
  json: boolean,
  extra: Readonly<Record<string, unknown>> = {},
): ExitCode {
  if (json) writeJson(output, { ...extra, diagnostics: diagnostics.toJson() });
  else if (diagnostics.all.length > 0) {
    output.error(renderAll(diagnostics.all, { color: output.colour }));
  }
  return diagnostics.hasErrors ? EXIT.problems : EXIT.good;
}
