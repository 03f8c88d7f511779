/** What can go wrong while a program trains or a pipeline runs, in terms of the person who started it. */
export type RunErrorCode =
  | 'run-non-finite'
  | 'run-non-finite-loss'
  | 'run-empty-loss'
  | 'run-bad-checkpoint'
  | 'run-other-checkpoint'
  | 'run-missing-state'
  | 'run-no-training'
  | 'run-no-weights'
  | 'run-unknown-inference'
  | 'run-infer-input'
  | 'run-too-few-images'
  | 'run-memory'
  | 'run-sizes'
  | 'run-unknown-data'
  | 'run-plan'
  | 'run-usage'
  | 'run-leaks-tags'
  | 'run-validation'
  | 'run-worker';

/** Rendered without a stack trace: `what`, then what to do about it. */
export class RunError extends Error {
  override readonly name = 'RunError';
  readonly code: RunErrorCode;
  readonly what: string;
  readonly hint: string;
  /** The line of the spec, where one is to blame. */
  readonly file: string | undefined;
  readonly line: number | undefined;

  constructor(code: RunErrorCode, what: string, hint: string, place: { readonly file?: string; readonly line?: number } = {}) {
    super(`${what}\n  ${hint}`);
    this.code = code;
    this.what = what;
    this.hint = hint;
    this.file = place.file;
    this.line = place.line;
  }
}
