/** What a thrown value means to the person at the command line. */
import { CommandFailure, EXIT, type ExitCode, type Problem } from './output.ts';

/** Errors of the runtime that no change of spec or data puts right. */
const WHILE_RUNNING: ReadonlySet<string> = new Set([
  'run-non-finite',
  'run-non-finite-loss',
  'run-empty-loss',
  'run-worker',
  'unknown-backend',
  'backend-unavailable',
]);

/**
 * The problem and the exit code of an error of this project or of the system; undefined for a defect of wsss itself. Errors are known by name and
 * code, not by class: those of worker threads come without one, and commands that run nothing need not load the runtime.
 */
export function failureOf(error: unknown): { readonly exit: ExitCode; readonly problem: Problem } | undefined {
  if (error instanceof CommandFailure) return error;
  if (!(error instanceof Error)) return undefined;
  const field = (key: string): string | undefined => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const code = field('code');
  switch (error.name) {
    case 'DataError': {
      const line: unknown = Reflect.get(error, 'line');
      const problem = {
        code: code ?? 'data',
        message: field('what') ?? error.message,
        file: field('file'),
        line: typeof line === 'number' ? line : undefined,
        expected: field('expected'),
        found: field('found'),
        hint: field('hint'),
      };
      return { exit: EXIT.problems, problem };
    }
    case 'CompareError':
    case 'RunError':
    case 'BackendError': {
      const exit = WHILE_RUNNING.has(code ?? '') ? EXIT.failure : EXIT.problems;
      const line: unknown = Reflect.get(error, 'line');
      const place = { file: field('file'), line: typeof line === 'number' ? line : undefined };
      return { exit, problem: { code: code ?? 'run', message: field('what') ?? error.message, ...place, hint: field('hint') } };
    }
    case 'SizeError': {
      const hint = 'Change the sizes in the spec (crop, scales, strides), or the images.';
      return { exit: EXIT.problems, problem: { code: code ?? 'run-sizes', message: error.message, hint } };
    }
    case 'LoadError':
      return { exit: EXIT.failure, problem: { code: code ?? 'program-unloadable', message: error.message } };
    default:
      break;
  }
  // Full disks, vanished folders: the system says it in one line.
  if (field('syscall') !== undefined && code !== undefined) {
    const hint = 'Check the disk and the rights of the folder, then run the same command again.';
    return { exit: EXIT.failure, problem: { code: 'system', message: error.message, file: field('path'), hint } };
  }
  return undefined;
}
