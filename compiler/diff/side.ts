/** One side of a comparison. */
import type { SourceHost } from '../bind/bind.ts';
import { type CheckedFile, type CheckedMethod, checkFile } from '../check/check.ts';
import type { Json } from '../check/pipeline.ts';
import type { Value } from '../check/values.ts';
import { Diagnostics } from '../diagnostics/diagnostics.ts';

export interface Side {
  readonly method: CheckedMethod;
  /** Data sets that the file knows, by name. */
  readonly datasets: Readonly<Record<string, Json>>;
  /** The same method with other values of some hypers; undefined where it is not sound with them. */
  under(settings: ReadonlyMap<string, Value>): CheckedMethod | undefined;
}

/** Names of one side as the other has them. */
export interface Names {
  /** Keys of the state. */
  readonly state: ReadonlyMap<string, string>;
  /** Batch inputs of the training step. */
  readonly inputs: ReadonlyMap<string, string>;
  /** Losses that both have. */
  readonly losses: readonly (readonly [string, string])[];
}

/** One method of a checked file; `host` and `file` are those it was read with, so that it can be read again with other settings. */
export function sideOf(
  host: SourceHost,
  file: string,
  checked: CheckedFile,
  name: string,
  set: ReadonlyMap<string, Value> = new Map(),
): Side | undefined {
  const method = checked.methods.get(name);
  return (
    method && {
      method,
      datasets: checked.datasets,
      under: (settings) => {
        const diagnostics = new Diagnostics();
        const again = checkFile(host, file, diagnostics, { only: [name], settings: new Map([...set, ...settings]) });
        return diagnostics.hasErrors ? undefined : again?.methods.get(name);
      },
    }
  );
}
