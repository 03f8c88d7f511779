/**
 * A graph as it is compared: what a loss, a result or a new value of the state needs; equal computations once; `detach` and changes of kind taken
 * out of the way, because they compute nothing: an edge remembers that it was detached.
 */
import { attrsKey, attrToJson } from '../../ir/attributes.ts';
import { inputName, isInput } from '../../ir/paths.ts';
import type { Attrs, Graph, GraphOutput, Node } from '../../ops/graph.ts';
import type { Interning } from './interning.ts';

export interface Edge {
  readonly from: Point;
  /** The operator that stops the gradient on this edge. */
  readonly detached: Node | undefined;
}

export interface Point {
  /** Position in the outline: inputs have smaller ones. */
  readonly id: number;
  readonly node: Node;
  readonly inputs: readonly Edge[];
  readonly users: readonly { readonly user: Point; readonly slot: number }[];
  /** What it computes, sizes aside, as an interned number. */
  readonly label: number;
}

export interface OutlineOutput extends Edge {
  readonly role: GraphOutput['role'];
  readonly name: string;
}

export interface Outline {
  readonly points: readonly Point[];
  readonly outputs: readonly OutlineOutput[];
}

/** Attributes that say sizes: they follow from what comes in, and are compared once the operators have been matched. */
const SIZES: Readonly<Record<string, readonly string[]>> = {
  reshape: ['shape'],
  broadcast_to: ['shape'],
  fill: ['shape'],
  resize: ['size', 'factor_h', 'factor_w'],
  slice: ['starts', 'sizes'],
  one_hot: ['depth'],
  dim: ['value'],
};

export function sizeAttributes(op: string): readonly string[] {
  return SIZES[op] ?? [];
}

const choices = new WeakMap<Attrs, string>();

/** Attributes that are choices of the author, as text; sizes among them without their names. */
function chosen(op: string, attrs: Attrs): string {
  let text = choices.get(attrs);
  if (text === undefined) {
    const sizes = sizeAttributes(op);
    const names = Object.keys(attrs).filter((name) => !sizes.includes(name));
    text = JSON.stringify(names.sort().map((name) => [name, attrToJson(attrs[name], () => '?')]));
    choices.set(attrs, text);
  }
  return text;
}

/** Inputs by what they are, not by what they are called; `named` gives the label of those that have been paired by name. */
function labelOf(node: Node, named: (node: Node) => string | undefined): string {
  if (!isInput(node)) return `${node.op} ${node.type.dtype} ${chosen(node.op, node.attrs)}`;
  const { role } = inputName(node);
  return `input ${role} ${node.type.dtype} ${named(node) ?? `${role === 'batch' ? node.kind : ''} ${node.type.shape.length}`}`;
}

const TRANSPARENT: ReadonlySet<string> = new Set(['detach', 'identity']);

export function outlineOf(graph: Graph, interning: Interning, named: (node: Node) => string | undefined): Outline {
  const edges = new Map<Node, Edge>();
  const points: Point[] = [];
  const users: { user: Point; slot: number }[][] = [];
  const known = new Map<string, Point>();
  // Watched values are logged and decide nothing; a state that becomes itself is no update.
  const outputs = graph.outputs.filter(
    ({ role, name, node }) =>
      (graph.name !== 'forward' || role !== 'output') && !(role === 'state' && isInput(node) && node.attrs.name === name),
  );
  const needed = new Set<Node>(outputs.map(({ node }) => node));
  for (let i = graph.nodes.length - 1; i >= 0; i--)
    if (needed.has(graph.nodes[i])) for (const input of graph.nodes[i].inputs) needed.add(input);
  const edgeOf = (node: Node): Edge => {
    const edge = edges.get(node);
    if (!edge) throw new Error(`graph is not in order: ${node.op} #${node.id}`);
    return edge;
  };
  for (const node of graph.nodes) {
    if (!needed.has(node)) continue;
    if (TRANSPARENT.has(node.op)) {
      const edge = edgeOf(node.inputs[0]);
      edges.set(node, node.op === 'detach' ? { from: edge.from, detached: edge.detached ?? node } : edge);
      continue;
    }
    const inputs = node.inputs.map(edgeOf);
    const read = inputs.map((edge) => `${edge.from.id}${edge.detached ? '|' : ''}`);
    const key = isInput(node) ? `#${node.id}` : `${node.op} ${attrsKey(node.attrs)} ${read.join(' ')}`;
    let point = known.get(key);
    if (!point) {
      const own: { user: Point; slot: number }[] = [];
      users.push(own);
      point = { id: points.length, node, inputs, users: own, label: interning.of(labelOf(node, named)) };
      points.push(point);
      known.set(key, point);
      for (const [slot, { from }] of inputs.entries()) users[from.id].push({ user: point, slot });
    }
    edges.set(node, { from: point, detached: undefined });
  }
  return { points, outputs: outputs.map(({ role, name, node }) => ({ role, name, ...edgeOf(node) })) };
}
