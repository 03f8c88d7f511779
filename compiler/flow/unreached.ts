/**
 * What does not train: parameters that no loss reaches, losses that reach nothing, and the operators at which their gradients end. Works on
 * the forward graph alone; nothing is differentiated for it.
 */
import { ancestors, type InputName, inputName, lacksDerivative } from '../ir/paths.ts';
import type { Graph, Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { type Block, gradientReach } from './reach.ts';

/** Parameters whose values reach a loss while no gradient comes back: the same operators cut all of them off. */
export interface CutOff {
  readonly keys: readonly string[];
  readonly losses: readonly string[];
  /** The operators at which gradients end, nearest to the loss first; never empty. */
  readonly at: readonly Block[];
}

export interface IdleLoss {
  readonly name: string;
  /** `frozen`: all it reaches is frozen; `constant`: it depends on no parameter; `cut`: its gradient ends at the operators of `at`. */
  readonly why: 'frozen' | 'constant' | 'cut';
  readonly at: readonly Block[];
}

export interface Untrained {
  /** Parameters of the step that are meant to train: neither frozen nor fixed by their own layer. */
  readonly trainable: readonly string[];
  readonly cutOff: readonly CutOff[];
  /** Trainable parameters of the step that no loss depends on. */
  readonly unread: readonly string[];
  /** Losses that move no trainable parameter and share no cut with `cutOff`. */
  readonly idle: readonly IdleLoss[];
  /** Operators between a loss and a trainable parameter for which there is no derivative rule. */
  readonly ruleless: readonly { readonly loss: string; readonly node: Node }[];
}

/**
 * Looks from every loss (outputs of role `loss`) at every parameter of the step. `frozen` never train and are never missed; neither are
 * parameters that the layer which declares them detaches itself (a normalisation with a fixed affine part).
 */
export function untrained(graph: Graph, parameters: readonly string[], frozen: ReadonlySet<string>): Untrained {
  const known = new Set(parameters);
  const losses = graph.outputs.filter((output) => output.role === 'loss');
  const reachedBy = new Map(losses.map((loss) => [loss.name, parametersAmong(ancestors(graph, loss.node), known)] as const));
  const reached = new Set([...reachedBy.values()].flatMap((keys) => [...keys]));
  const used = parametersAmong(graph.nodes, known);
  const candidates = [...used].filter((key) => !reached.has(key) && !frozen.has(key));
  const fixed = candidates.length > 0 ? fixedByTheirLayer(graph, new Set(candidates)) : new Set<string>();
  const missed = candidates.filter((key) => !fixed.has(key));

  const table = gradientReach(graph, missed.map(stateInput));
  const groups = new Map<string, { keys: string[]; losses: Set<string>; at: readonly Block[] }>();
  const unread: string[] = [];
  for (const key of missed) {
    const cuts: Block[] = [];
    const from = new Set<string>();
    for (const loss of losses) {
      const reach = table.of(loss.name, stateInput(key));
      if (reach.kind !== 'blocked') continue;
      from.add(loss.name);
      for (const block of reach.at.flatMap(culprits)) if (!cuts.some((c) => c.node === block.node)) cuts.push(block);
    }
    if (cuts.length === 0) {
      unread.push(key);
      continue;
    }
    const id = cuts.map((c) => c.node.id).join(' ');
    const group = groups.get(id);
    if (group) {
      group.keys.push(key);
      for (const name of from) group.losses.add(name);
    } else groups.set(id, { keys: [key], losses: from, at: cuts });
  }

  const idle: IdleLoss[] = [];
  const explained = new Set([...groups.values()].flatMap((group) => [...group.losses]));
  for (const { name } of losses) {
    const keys = reachedBy.get(name) ?? new Set<string>();
    if ([...keys].some((key) => !frozen.has(key)) || explained.has(name)) continue;
    const all = gradientReach(graph, []);
    const at: Block[] = [];
    for (const key of used) {
      if (frozen.has(key)) continue;
      const reach = all.of(name, stateInput(key));
      if (reach.kind !== 'blocked') continue;
      for (const block of reach.at.flatMap(culprits)) if (!at.some((b) => b.node === block.node)) at.push(block);
    }
    idle.push({ name, why: at.length > 0 ? 'cut' : keys.size > 0 ? 'frozen' : 'constant', at });
  }
  return {
    trainable: [...used].filter((key) => !frozen.has(key) && !fixed.has(key)),
    cutOff: [...groups.values()].map((g) => ({ keys: g.keys, losses: [...g.losses], at: g.at })),
    unread,
    idle,
    ruleless: losses.flatMap((loss) => withoutRule(graph, loss.node, known, frozen).map((node) => ({ loss: loss.name, node }))),
  };
}

export function stateInput(key: string): InputName {
  return { role: 'state', name: key };
}

/** Keys of the parameters among some nodes. */
function parametersAmong(nodes: Iterable<Node>, known: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const node of nodes) {
    if (node.op !== 'input') continue;
    const { role, name } = inputName(node);
    if (role === 'state' && known.has(name)) found.add(name);
  }
  return found;
}

/** Parameters of which every use is a `detach` inside the layer that declares them. */
export function fixedByTheirLayer(graph: Graph, keys: ReadonlySet<string>): ReadonlySet<string> {
  const fixed = new Set(keys);
  for (const node of graph.nodes)
    for (const input of node.inputs) {
      if (input.op !== 'input') continue;
      const key = inputName(input).name;
      if (!fixed.has(key)) continue;
      const owner = key.slice(0, Math.max(0, key.lastIndexOf('.')));
      if (node.op !== 'detach' || owner === '' || node.path !== owner) fixed.delete(key);
    }
  return fixed;
}

/** The operators that made a condition, an index or a whole number out of real ones, where the gradient ended at one that only hands these on. */
export function culprits(block: Block): readonly Block[] {
  if (block.why === 'stop' || block.node.op === 'input') return [block];
  const found: Block[] = [];
  const seen = new Set<Node>();
  const walk = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    const handsOn = node.inputs.length > 0 && !node.inputs.some((input) => input.type.dtype === 'f32');
    if (handsOn && node.inputs.some((input) => input.op !== 'input')) {
      for (const input of node.inputs) if (input.inputs.length > 0) walk(input);
    } else found.push({ node, why: operator(node.op).differentiability === 'stop' ? 'stop' : block.why });
  };
  walk(block.node);
  return found.length > 0 ? found : [block];
}

/** Operators without a rule that a gradient from the loss to a trainable parameter would have to pass. */
function withoutRule(graph: Graph, loss: Node, known: ReadonlySet<string>, frozen: ReadonlySet<string>): readonly Node[] {
  const behind = ancestors(graph, loss);
  const suspects = [...behind].filter(lacksDerivative);
  if (suspects.length === 0) return [];
  const trainable = (node: Node): boolean => {
    if (node.op !== 'input') return false;
    const { role, name } = inputName(node);
    return role === 'state' && known.has(name) && !frozen.has(name);
  };
  return suspects.filter((node) => [...ancestors(graph, node)].some(trainable));
}
