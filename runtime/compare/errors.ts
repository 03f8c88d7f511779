/** A case and a reference that do not fit each other. */
export type CompareErrorCode = 'case-layout' | 'case-shape' | 'case-unbound' | 'case-steps';

/** Rendered without a stack trace: what is wrong, then what to do about it. */
export class CompareError extends Error {
  override readonly name = 'CompareError';
  readonly code: CompareErrorCode;
  readonly what: string;
  readonly hint: string;

  constructor(code: CompareErrorCode, what: string, hint: string) {
    super(`${what}\n  ${hint}`);
    this.code = code;
    this.what = what;
    this.hint = hint;
  }
}
