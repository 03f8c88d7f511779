/** Something that runs the signatures of a SavedModel: TensorFlow through tfjs-node, or the stand-in. Checks are written once for both. */
import type { MethodProgram } from '../../../compiler/ir/program.ts';
import type { NdArray } from '../../reference/ndarray.ts';
import { Session } from './interpret.ts';
import { decoded } from './programs.ts';

/** Feeds and results by the keys of the signature, `role:name`. */
export type Values = ReadonlyMap<string, NdArray>;

export interface Runner {
  /** Feeds that the signature does not want are left out. */
  run(signature: string, feeds: Values): Promise<Values>;
  close(): Promise<void>;
}

/** Opens the model of a program. */
export type Open = (program: MethodProgram) => Promise<Runner>;

export const standIn: Open = async (program) => {
  const session = new Session(decoded(program));
  return { run: async (signature, feeds) => session.run(signature, feeds), close: async () => {} };
};
