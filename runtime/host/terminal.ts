/** The console of programs that run without the compiler; the one place of the runtime that writes to it. */
import { type Progress, progressTo } from './progress.ts';

/** Progress on standard error, so that standard output stays free for results. */
export function consoleProgress(): Progress {
  const stream = process.stderr;
  return progressTo({ terminal: stream.isTTY === true, columns: stream.columns ?? 80, write: (text) => void stream.write(text) }, () =>
    performance.now(),
  );
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** An error as the user should see it: code and message for those that carry a code, no stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `error[${error.code}] ` : 'error: ';
  const hint = 'hint' in error && typeof error.hint === 'string' && !error.message.includes(error.hint) ? `\n  ${error.hint}` : '';
  return `${code}${error.message}${hint}`;
}

export function printFailure(error: unknown): void {
  process.stderr.write(`${describeFailure(error)}\n`);
}
