/**
 * A program as one TensorFlow graph (`<name>.graph`, written by `wsss build --graph`), run by tfjs-node. State stays in the session: `assign` writes
 * it, each step changes it there, `read` copies it out.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { scalar } from '@tensorflow/tfjs-core';
import type { Dimensions, GraphArguments, GraphResult, TensorMap } from '../program.ts';
import { GraphError, runError, type SpecLines } from './error.ts';
import { type LoadedSignature, type SavedModelLoader, type SignatureKeys, savedModelLoader } from './package.ts';

/** What a signature is fed; state is in the session, gradients are in the graph. */
export type GraphFeeds = Pick<GraphArguments, 'batch' | 'draws' | 'scalars'> & {
  /** State that the program does not declare is fed like a batch. */
  readonly state?: TensorMap;
  /** Sizes that no input's shape tells. */
  readonly dims: Dimensions;
};

const ROLES = { batch: 'batch', draw: 'draws', scalar: 'scalars', state: 'state' } as const;
const RESULTS = { gradient: 'gradients', state: 'state', loss: 'losses', output: 'outputs' } as const;

/** Folders that are open: tfjs-node gives all who load a folder the same session, and so the same weights. */
const openFolders = new Set<string>();

/**
 * One loaded folder, open once at a time in a thread. The tensors that methods are given stay the caller's, those that they return become the
 * caller's.
 */
export class GraphSession {
  readonly #folder: string;
  readonly #loader: SavedModelLoader;
  readonly #keys: Readonly<Record<string, SignatureKeys>>;
  readonly #lines: SpecLines | undefined;
  readonly #loaded = new Map<string, LoadedSignature>();

  private constructor(
    folder: string,
    loader: SavedModelLoader,
    keys: Readonly<Record<string, SignatureKeys>>,
    lines: SpecLines | undefined,
  ) {
    this.#folder = folder;
    this.#loader = loader;
    this.#keys = keys;
    this.#lines = lines;
  }

  /**
   * Opens a folder; the backend `tensorflow` has to be current when signatures run. `lines` (the nodes of `spec-lines.json`) lets errors name the
   * line of the spec. Throws GraphError `graph-unavailable` without tfjs-node, `graph-file` for a folder that is no model, `graph-open` for one
   * that is open already.
   */
  static async open(folder: string, lines?: SpecLines): Promise<GraphSession> {
    const loader = await savedModelLoader();
    if (openFolders.has(folder))
      throw new GraphError('graph-open', `${folder} is open already, and its state is in use`, 'dispose the other session first');
    try {
      const opened = new GraphSession(folder, loader, await loader.signatures(folder), lines);
      openFolders.add(folder);
      return opened;
    } catch (error) {
      if (error instanceof GraphError) throw error;
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw new GraphError('graph-file', `${folder} cannot be loaded: ${reason}`, 'write it again with wsss build --graph');
    }
  }

  get signatures(): readonly string[] {
    return Object.keys(this.#keys);
  }

  /** Writes the whole state: every key that the program declares. */
  async assign(state: TensorMap): Promise<void> {
    const done = await this.#run('assign', { batch: {}, draws: {}, scalars: {}, dims: {}, state });
    for (const tensor of Object.values(done)) tensor.dispose();
  }

  /** The whole state, as new tensors. */
  async read(): Promise<TensorMap> {
    return (await this.call('read', { batch: {}, draws: {}, scalars: {}, dims: {} })).state;
  }

  /** Runs a signature: `step…`, `gradients…`, `infer.<name>`, or a graph of a program without training. */
  async call(signature: string, feeds: GraphFeeds): Promise<GraphResult> {
    const sorted: Record<(typeof RESULTS)[keyof typeof RESULTS], Record<string, Tensor>> = {
      gradients: {},
      state: {},
      losses: {},
      outputs: {},
    };
    for (const [key, tensor] of Object.entries(await this.#run(signature, feeds))) {
      const [role, name] = split(key);
      if (role === 'gradient' || role === 'state' || role === 'loss' || role === 'output') sorted[RESULTS[role]][name] = tensor;
      else tensor.dispose();
    }
    return sorted;
  }

  /** Ends the session; its state is gone. */
  dispose(): void {
    for (const signature of this.#loaded.values()) signature.dispose();
    this.#loaded.clear();
    openFolders.delete(this.#folder);
  }

  async #run(signature: string, feeds: GraphFeeds): Promise<TensorMap> {
    const keys = this.#keys[signature];
    if (!keys)
      throw new GraphError('graph-feeds', `${this.#folder} has no signature '${signature}'`, `it has ${this.signatures.join(', ')}`);
    let loaded = this.#loaded.get(signature);
    if (!loaded) {
      loaded = await this.#loader.load(this.#folder, signature);
      this.#loaded.set(signature, loaded);
    }
    const sizes: Tensor[] = [];
    try {
      const given = keys.inputs.map((key) => [key, feed(key, signature, feeds, sizes)] as const);
      try {
        return loaded.predict(Object.fromEntries(given));
      } catch (error) {
        throw runError(error, signature, this.#lines);
      }
    } finally {
      for (const tensor of sizes) tensor.dispose();
    }
  }
}

function split(key: string): readonly [string, string] {
  const at = key.indexOf(':');
  return [key.slice(0, at), key.slice(at + 1)];
}

/** The tensor for an input; sizes are made and noted in `made`. */
function feed(key: string, signature: string, feeds: GraphFeeds, made: Tensor[]): Tensor {
  const [role, name] = split(key);
  if (role === 'size') {
    const value = feeds.dims[name];
    if (value === undefined) throw new GraphError('graph-feeds', `${signature} wants the size ${name}`, 'give it among the dimensions');
    const tensor = scalar(value, 'int32');
    made.push(tensor);
    return tensor;
  }
  const found = role === 'batch' || role === 'draw' || role === 'scalar' || role === 'state' ? feeds[ROLES[role]]?.[name] : undefined;
  if (!found) throw new GraphError('graph-feeds', `${signature} wants the ${role} '${name}'`, 'it was not given');
  return found;
}
