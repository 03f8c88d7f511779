/** Losses by parameter groups: which gradient arrives where, what it has to pass on its way, and where it ends. */
import { ancestors, inputName, isInput } from '../ir/paths.ts';
import type { ParameterGroup } from '../ir/program.ts';
import type { Graph, Node } from '../ops/graph.ts';
import { partsOf } from './parts.ts';
import { passages, telling } from './passages.ts';
import { type Block, blocks, gradientReach, valueDependents } from './reach.ts';
import { culprits, fixedByTheirLayer, stateInput } from './unreached.ts';
import { insideWords } from './words.ts';

/** What is asked about a method, as the checker knows it. */
export interface FlowQuestion {
  /** The training step with the checker's own nodes: their names and places are what is told. */
  readonly graph: Graph;
  /** Keys of all parameters of the method, in the order of their declaration. */
  readonly parameters: readonly string[];
  /** Keys that `freeze` names. */
  readonly frozen: ReadonlySet<string>;
  readonly groups: readonly ParameterGroup[];
}

export type Standing =
  /** Meant to train. */
  | 'trained'
  /** Named by `freeze`. */
  | 'frozen'
  /** Detached by the layer that declares it. */
  | 'fixed'
  /** The training step does not read it: only inference does. */
  | 'outside';

export type Cell =
  /** `through`: named values that every way of the gradient passes, nearest to the parameters first. */
  | { readonly kind: 'reached'; readonly through: readonly Node[] }
  /** The loss depends on the values, and every way back ends at one of these, nearest to the loss first. */
  | { readonly kind: 'cut'; readonly at: readonly Block[] }
  | { readonly kind: 'unrelated' }
  /** What the gradient would do does not matter: nothing is updated. */
  | { readonly kind: 'still' };

export interface FlowRow {
  /** The parts of the method that make up the row: `net.layer3`, `net.layer4`. */
  readonly parts: readonly string[];
  readonly keys: readonly string[];
  readonly standing: Standing;
  /** The optimiser's group; undefined for what is not trained. */
  readonly group: string | undefined;
  /** One for each loss. */
  readonly cells: readonly Cell[];
}

export interface LossFlow {
  readonly name: string;
  readonly node: Node;
  /** Batch inputs whose values the loss depends on, in the order of the graph. */
  readonly reads: readonly string[];
  /**
   * Places at which gradients of this loss end although trainable parameters lie behind, and these; not what ends inside one word of the
   * language that hands the gradient on (`flow/words.ts`). Empty for a loss without any.
   */
  readonly cuts: readonly { readonly block: Block; readonly behind: readonly string[] }[];
}

export interface FlowTable {
  readonly losses: readonly LossFlow[];
  readonly rows: readonly FlowRow[];
}

export function flowTable({ graph, parameters, frozen, groups }: FlowQuestion): FlowTable {
  const losses = graph.outputs.filter((output) => output.role === 'loss');
  const sources = new Map<string, Node>();
  for (const node of graph.nodes) if (isInput(node) && inputName(node).role === 'state') sources.set(inputName(node).name, node);
  const read = parameters.filter((key) => sources.has(key));
  const fixed = fixedByTheirLayer(graph, new Set(read.filter((key) => !frozen.has(key))));
  const standing = (key: string): Standing =>
    frozen.has(key) ? 'frozen' : !sources.has(key) ? 'outside' : fixed.has(key) ? 'fixed' : 'trained';
  const groupOf = new Map(groups.flatMap((group) => group.keys.map((key) => [key, group.name] as const)));
  const reach = gradientReach(graph, read.map(stateInput));

  /** Rows by all that a row tells of its parameters, what they pass on the way aside. */
  const alike = new Map<string, string[]>();
  const cutsOf = (loss: string, key: string): readonly Block[] => {
    const found = reach.of(loss, stateInput(key));
    return found.kind === 'blocked' ? distinct(found.at.flatMap(culprits)) : [];
  };
  for (const key of parameters) {
    const stands = standing(key);
    const cells = losses.map(({ name }) => {
      const { kind } = reach.of(name, stateInput(key));
      return kind === 'blocked' ? `cut ${cutsOf(name, key).map((block) => block.node.id)}` : kind;
    });
    const id = JSON.stringify([stands, stands === 'trained' ? (groupOf.get(key) ?? '') : '', stands === 'trained' ? cells : []]);
    const list = alike.get(id);
    if (list) list.push(key);
    else alike.set(id, [key]);
  }
  const rows = [...alike.values()].map((keys): FlowRow => {
    const stands = standing(keys[0]);
    const nodes = new Set(keys.flatMap((key) => sources.get(key) ?? []));
    return {
      parts: partsOf(parameters, new Set(keys)),
      keys,
      standing: stands,
      group: stands === 'trained' ? groupOf.get(keys[0]) : undefined,
      cells: losses.map(({ name, node }): Cell => {
        if (stands !== 'trained') return { kind: 'still' };
        const { kind } = reach.of(name, stateInput(keys[0]));
        if (kind === 'unrelated') return { kind };
        if (kind === 'blocked') return { kind: 'cut', at: cutsOf(name, keys[0]) };
        return { kind, through: telling(graph, passages(graph, node, nodes)).filter((n) => n.name !== name) };
      }),
    };
  });
  const trained = new Set(read.filter((key) => standing(key) === 'trained'));
  return { rows, losses: losses.map(({ name, node }) => lossFlow(graph, name, node, parameters, trained, sources)) };
}

function lossFlow(
  graph: Graph,
  name: string,
  root: Node,
  parameters: readonly string[],
  trained: ReadonlySet<string>,
  sources: ReadonlyMap<string, Node>,
): LossFlow {
  const behindOf = valueAncestors(root);
  const states = [...trained].flatMap((key) => sources.get(key) ?? []);
  const inside = insideWords(graph);
  const cuts = distinct(blocks(graph, ancestors(graph, root), valueDependents(graph, states)).flatMap(culprits)).filter(
    ({ node }) => !inside(node),
  );
  return {
    name,
    node: root,
    reads: graph.nodes.flatMap((node) =>
      isInput(node) && inputName(node).role === 'batch' && behindOf.has(node) ? [inputName(node).name] : [],
    ),
    cuts: cuts.flatMap((block) => {
      const values = valueAncestors(block.node);
      const behind = [...trained].filter((key) => values.has(sources.get(key)!));
      return behind.length === 0 ? [] : [{ block, behind: partsOf(parameters, new Set(behind)) }];
    }),
  };
}

/** Everything a value depends on, itself included. */
function valueAncestors(root: Node): ReadonlySet<Node> {
  const found = new Set<Node>([root]);
  for (const node of found) for (const input of node.inputs) found.add(input);
  return found;
}

function distinct(found: readonly Block[]): readonly Block[] {
  return found.filter((block, i) => found.findIndex((other) => other.node === block.node) === i);
}
