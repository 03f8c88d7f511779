/** Which inputs the gradient of which loss reaches, and where it ends when it does not. Computed once; the checker reports what it finds. */
import { ancestors, dependents, type InputName, inputKey, inputNodes } from '../ir/paths.ts';
import type { Graph, Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';

export type Reach =
  | { readonly kind: 'reached' }
  /** Values flow from the input to the loss, but gradients do not come back: they end at these nodes (a cut or a deliberate stop), nearest to the loss first. */
  | { readonly kind: 'blocked'; readonly at: readonly Block[] }
  /** The loss does not depend on the input at all. */
  | { readonly kind: 'unrelated' };

export interface Block {
  readonly node: Node;
  /** `stop`: `detach`; `cut`: piecewise constant; `none`: no derivative rule. */
  readonly why: 'stop' | 'cut' | 'none';
}

export interface ReachTable {
  /** Reach of one loss to one input. */
  of(loss: string, input: InputName): Reach;
  /** Losses that reach the input. */
  lossesOf(input: InputName): readonly string[];
  /** Inputs among those asked for that the loss reaches. */
  inputsOf(loss: string): readonly InputName[];
}

/** Any dependence of values, differentiable or not. */
export function valueDependents(graph: Graph, sources: readonly Node[]): ReadonlySet<Node> {
  const found = new Set<Node>(sources);
  for (const node of graph.nodes) if (node.inputs.some((input) => found.has(input))) found.add(node);
  return found;
}

function why(node: Node): Block['why'] {
  if (node.op === 'input') return 'none';
  const { differentiability } = operator(node.op);
  return differentiability === 'stop' ? 'stop' : differentiability === 'cut' ? 'cut' : 'none';
}

/** Table over the losses of a forward graph (outputs of role `loss`) and the given inputs. */
export function gradientReach(graph: Graph, inputs: readonly InputName[]): ReachTable {
  const nodes = inputNodes(graph);
  const losses = graph.outputs.filter((output) => output.role === 'loss');
  const backwards = new Map(losses.map((loss) => [loss.name, ancestors(graph, loss.node)] as const));
  const memo = new Map<string, ReadonlyMap<string, Reach>>();

  const rowOf = (input: InputName): ReadonlyMap<string, Reach> => {
    const key = inputKey(input);
    const known = memo.get(key);
    if (known) return known;
    const sources = nodes.get(key) ?? [];
    const forwards = dependents(graph, new Set(sources));
    const values = valueDependents(graph, sources);
    const row = new Map<string, Reach>();
    for (const loss of losses) {
      if (!values.has(loss.node)) row.set(loss.name, { kind: 'unrelated' });
      else if (forwards.has(loss.node)) row.set(loss.name, { kind: 'reached' });
      else row.set(loss.name, { kind: 'blocked', at: blocks(graph, backwards.get(loss.name) ?? new Set(), values) });
    }
    memo.set(key, row);
    return row;
  };

  return {
    of: (loss, input) => rowOf(input).get(loss) ?? { kind: 'unrelated' },
    lossesOf: (input) => [...rowOf(input)].filter(([, reach]) => reach.kind === 'reached').map(([name]) => name),
    inputsOf: (loss) => inputs.filter((input) => rowOf(input).get(loss)?.kind === 'reached'),
  };
}

/** Nodes on the gradient's way back from the loss that carry values of the input but let no gradient through. */
export function blocks(graph: Graph, backwards: ReadonlySet<Node>, values: ReadonlySet<Node>): readonly Block[] {
  const found: Block[] = [];
  const seen = new Set<Node>();
  const note = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    found.push({ node, why: why(node) });
  };
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    if (!backwards.has(node) || !values.has(node) || node.op === 'input') continue;
    if (operator(node.op).differentiability !== 'smooth') {
      note(node);
      continue;
    }
    // A smooth operator that reads the input only through conditions, indices or whole numbers: the one that made those is to blame.
    for (const input of node.inputs) if (input.type.dtype !== 'f32' && values.has(input)) note(input);
  }
  return found;
}

/** Inputs that at least one loss reaches: what an optimiser may touch. */
export function reachedInputs(graph: Graph, inputs: readonly InputName[]): readonly InputName[] {
  const table = gradientReach(graph, inputs);
  return inputs.filter((input) => table.lossesOf(input).length > 0);
}
