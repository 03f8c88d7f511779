/** What can go wrong while a program trains or a pipeline runs, in terms of the person who started it. */
export type RunErrorCode =
  | 'run-non-finite-loss'
  | 'run-bad-checkpoint'
  | 'run-other-checkpoint'
  | 'run-missing-state'
  | 'run-no-training'
  | 'run-unknown-inference'
  | 'run-too-few-images'
  | 'run-sizes'
  | 'run-unknown-data'
  | 'run-plan'
  | 'run-usage'
  | 'run-leaks-tags'
  | 'run-worker';

/** Rendered without a stack trace: `what`, then what to do about it. */
export class RunError extends Error {
  override readonly name = 'RunError';
  readonly code: RunErrorCode;
  readonly what: string;
  readonly hint: string;

  constructor(code: RunErrorCode, what: string, hint: string) {
    super(`${what}\n  ${hint}`);
    this.code = code;
    this.what = what;
    this.hint = hint;
  }
}
