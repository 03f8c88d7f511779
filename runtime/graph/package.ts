/** The few functions of tfjs-node that run a SavedModel. The package is optional and its types are not installed: what is used is checked. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { tensorFlowPackage } from '../backend/tensorflow.ts';
import { GraphError } from './error.ts';

/** One signature of a loaded model. Signatures of the same folder share a session and its variables. */
export interface LoadedSignature {
  /** Feeds by key, one tensor for each input; gives new tensors by key. */
  predict(feeds: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>>;
  dispose(): void;
}

export interface SignatureKeys {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface SavedModelLoader {
  /** Keys of every signature. */
  signatures(folder: string): Promise<Readonly<Record<string, SignatureKeys>>>;
  load(folder: string, signature: string): Promise<LoadedSignature>;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

function isLoadedSignature(value: unknown): value is LoadedSignature {
  return isObject(value) && typeof value.predict === 'function' && typeof value.dispose === 'function';
}

/** Throws GraphError `graph-unavailable` where tfjs-node is not installed or does not load. */
export async function savedModelLoader(): Promise<SavedModelLoader> {
  const found = await tensorFlowPackage();
  if (typeof found === 'string') throw new GraphError('graph-unavailable', found, 'wsss doctor says what TensorFlow needs');
  const { node } = found;
  if (!isObject(node) || typeof node.loadSavedModel !== 'function' || typeof node.getMetaGraphsFromSavedModel !== 'function')
    throw new GraphError('graph-unavailable', 'this tfjs-node does not run saved models', 'install version 4.22.0');
  const { loadSavedModel, getMetaGraphsFromSavedModel } = node;
  return {
    signatures: async (folder) => {
      const graphs: unknown = await Reflect.apply(getMetaGraphsFromSavedModel, node, [folder]);
      const definitions = Array.isArray(graphs) && isObject(graphs[0]) ? graphs[0].signatureDefs : undefined;
      if (!isObject(definitions))
        throw new GraphError('graph-file', `${folder} holds no signatures`, 'write it again with wsss build --graph');
      const keys = (ports: unknown): readonly string[] => (isObject(ports) ? Object.keys(ports) : []);
      return Object.fromEntries(
        Object.entries(definitions).map(([name, entry]) => [
          name,
          isObject(entry) ? { inputs: keys(entry.inputs), outputs: keys(entry.outputs) } : { inputs: [], outputs: [] },
        ]),
      );
    },
    load: async (folder, signature) => {
      const loaded: unknown = await Reflect.apply(loadSavedModel, node, [folder, ['serve'], signature]);
      if (!isLoadedSignature(loaded))
        throw new GraphError('graph-unavailable', 'this tfjs-node does not run saved models', 'install version 4.22.0');
      return loaded;
    },
  };
}
