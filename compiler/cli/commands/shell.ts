/** What a command is given where it is registered. */
import type { Output } from '../output.ts';

export interface Shell {
  readonly output: Output;
  /** The exit code of the command that was called. */
  readonly finish: (code: number) => void;
}
