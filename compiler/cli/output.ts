/** What commands write, and how they end. */
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { renderAll } from '../diagnostics/render.ts';

/** Exit codes: 0 good, 1 problems found in the spec or the data, 2 wrong use of the command, 3 failure while running. */
export const EXIT = { good: 0, problems: 1, usage: 2, failure: 3 } as const;

export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly colour: boolean;
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
  };
}

/** Writes diagnostics (for people to the error stream, as JSON to the output) and gives the exit code they mean. */
export function writeDiagnostics(
  output: Output,
  diagnostics: Diagnostics,
  json: boolean,
  extra: Readonly<Record<string, unknown>> = {},
): number {
  if (json) output.out(JSON.stringify({ ...extra, diagnostics: diagnostics.toJson() }, null, 2));
  else if (diagnostics.all.length > 0) {
    output.error(renderAll(diagnostics.all, { color: output.colour }).trimEnd());
  }
  return diagnostics.hasErrors ? EXIT.problems : EXIT.good;
}
