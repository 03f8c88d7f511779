/** From a method's program to the files of a SavedModel. */
import type { MethodProgram } from '../../ir/program.ts';
import { fileName } from '../eager/emit.ts';
import { encodeSavedModel } from './protocol.ts';
import { savedModel } from './saved-model.ts';

export { UnsupportedOperator } from './part.ts';

export interface GraphFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * `<name>.graph/saved_model.pb`, which TensorFlow loads as it is (it needs no `variables/`: state is fed through the signature `assign`), and
 * `<name>.graph/spec-lines.json`, which leads from node names to lines of the spec. Same program, same bytes.
 */
export function emitGraph(program: MethodProgram): { readonly files: readonly GraphFile[] } {
  const { proto, origins } = savedModel(program);
  const folder = `${fileName(program.name)}.graph`;
  const lines = origins.map(({ node, file, line, path }) => `${JSON.stringify(node)}: ${JSON.stringify({ file, line, path })}`);
  const map = `{\n"format": 1,\n"nodes": {\n${lines.join(',\n')}\n}}\n`;
  return {
    files: [
      { path: `${folder}/saved_model.pb`, bytes: encodeSavedModel(proto) },
      { path: `${folder}/spec-lines.json`, bytes: new TextEncoder().encode(map) },
    ],
  };
}
