import { DataError, type DataErrorCode } from '../data/errors.ts';
import type { TaskFailure } from '../host/pool.ts';
import { RunError, type RunErrorCode } from './errors.ts';

/** Gives a failure that came from a worker thread its class back, so that it is reported like one of this thread. */
export function reviveError({ name, message, fields }: TaskFailure): Error {
  const text = (key: string): string | undefined => (typeof fields[key] === 'string' ? fields[key] : undefined);
  const code = text('code');
  if (name === 'DataError' && code !== undefined) {
    return new DataError(code as DataErrorCode, {
      what: text('what') ?? message,
      file: text('file') ?? '',
      line: typeof fields.line === 'number' ? fields.line : undefined,
      expected: text('expected'),
      found: text('found'),
      hint: text('hint') ?? '',
    });
  }
  if (name === 'RunError' && code !== undefined) {
    const line = typeof fields.line === 'number' ? fields.line : undefined;
    return new RunError(code as RunErrorCode, text('what') ?? message, text('hint') ?? '', { file: text('file'), line });
  }
  return Object.assign(new Error(message), fields, { name });
}
