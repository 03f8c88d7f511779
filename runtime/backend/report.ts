/** What is known about a backend on this machine. Plain data; nobody prints here. */

export type BackendName = 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

/** In the order of automatic choice; `cpu` is never chosen unasked. */
export const backendNames: readonly BackendName[] = ['tensorflow', 'webgpu', 'wasm', 'cpu'];

export interface BackendReport {
  readonly name: BackendName;
  /** It can be used when named. */
  readonly usable: boolean;
  /** It takes part in the automatic choice: usable, and neither a software adapter nor `cpu`. */
  readonly automatic: boolean;
  /** Why it is not usable, or why it is not automatic; otherwise what speaks for it. */
  readonly reason: string;
  /** What to do to get it; empty where there is nothing to do. */
  readonly howToGet: string;
  /** Package and version, where it is installed. */
  readonly version: string | undefined;
  /** `GPU`, `CPU`, or the name of the adapter. */
  readonly device: string | undefined;
  /** wasm only: 128-bit vector instructions. */
  readonly simd: boolean | undefined;
  /** Threads that one instance uses; undefined where the library decides. */
  readonly threads: number | undefined;
}

/** A backend that was asked for cannot be had. `message` says why, `hint` what to do. */
export class BackendError extends Error {
  readonly code: 'unknown-backend' | 'backend-unavailable';
  readonly hint: string;
  constructor(code: BackendError['code'], message: string, hint: string) {
    super(message);
    this.name = 'BackendError';
    this.code = code;
    this.hint = hint;
  }
}

/** First line of what was thrown, without paths of this machine's stack. */
export function reasonOf(error: unknown): string {
  const text =
    error instanceof Error
      ? error.message
      : typeof error === 'object' && error !== null && 'message' in error
        ? String(error.message)
        : String(error);
  return text.split('\n')[0].trim();
}
