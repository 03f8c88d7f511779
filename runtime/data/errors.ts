/** What can be wrong with data on disk. The code is stable: tests, documentation and `--json` output refer to it. */
export type DataErrorCode =
  | 'data-missing-root'
  | 'data-missing-list'
  | 'data-empty-list'
  | 'data-bad-list'
  | 'data-path-escapes-root'
  | 'data-missing-image'
  | 'data-truncated-image'
  | 'data-bad-image'
  | 'data-missing-mask'
  | 'data-bad-mask'
  | 'data-mask-size'
  | 'data-mask-class'
  | 'data-missing-saliency'
  | 'data-bad-saliency'
  | 'data-missing-tags'
  | 'data-bad-tags'
  | 'data-unknown-class'
  | 'data-bad-npy'
  | 'data-bad-safetensors'
  | 'data-bad-weights'
  | 'data-bad-reference'
  | 'data-bad-view'
  | 'data-no-partner'
  | 'data-other-classes'
  | 'data-missing-package'
  | 'output-unwritable';

export interface DataErrorDetails {
  /** What is wrong, in one sentence without the file name. */
  readonly what: string;
  /** The file or folder that is at fault. */
  readonly file: string;
  /** Line of a list file, from 1. */
  readonly line?: number;
  readonly expected?: string;
  readonly found?: string;
  /** What to do about it. */
  readonly hint: string;
}

/** A problem of the user's data (never a defect of the program): rendered without a stack trace. */
export class DataError extends Error {
  readonly code: DataErrorCode;
  readonly what: string;
  readonly file: string;
  readonly line?: number;
  readonly expected?: string;
  readonly found?: string;
  readonly hint: string;

  constructor(code: DataErrorCode, details: DataErrorDetails) {
    super(describe(details));
    this.name = 'DataError';
    this.code = code;
    this.what = details.what;
    this.file = details.file;
    this.line = details.line;
    this.expected = details.expected;
    this.found = details.found;
    this.hint = details.hint;
  }
}

function describe(details: DataErrorDetails): string {
  const place = details.line === undefined ? details.file : `${details.file}:${details.line}`;
  const lines = [`${details.what} (${place})`];
  if (details.expected !== undefined) lines.push(`  expected: ${details.expected}`);
  if (details.found !== undefined) lines.push(`  found:    ${details.found}`);
  lines.push(`  ${details.hint}`);
  return lines.join('\n');
}

/** The system's error code (`ENOENT`, `EACCES` …) of a thrown value, or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message of a thrown value, for the `found` line of a DataError. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
