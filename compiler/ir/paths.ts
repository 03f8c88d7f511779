/** Which nodes lie on the way of a gradient: asked by differentiation and by the flow analyses, so that both give the same answer. */
import type { Graph, InputRole, Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';

/** A tensor from outside, by what the graph calls it. */
export interface InputName {
  readonly role: InputRole;
  readonly name: string;
}

export function isInput(node: Node): boolean {
  return node.op === 'input';
}

export function inputName(node: Node): InputName {
  return { role: node.attrs.role as InputRole, name: node.attrs.name as string };
}

/** Text that tells inputs apart: role and name. */
export function inputKey(input: InputName): string {
  return `${input.role}:${input.name}`;
}

/** Every input node, by role and name. A name may have several nodes before common subexpressions are shared. */
export function inputNodes(graph: Graph): ReadonlyMap<string, readonly Node[]> {
  const found = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    if (!isInput(node)) continue;
    const key = inputKey(inputName(node));
    const list = found.get(key);
    if (list) list.push(node);
    else found.set(key, [node]);
  }
  return found;
}

/** Whether a gradient can go back through this node: a smooth operator with an f32 result. */
export function passesGradient(node: Node): boolean {
  return node.type.dtype === 'f32' && !isInput(node) && operator(node.op).differentiability === 'smooth';
}

/** Whether the operator stands between the loss and its inputs without a rule: a backward kernel that is never differentiated again. */
export function lacksDerivative(node: Node): boolean {
  if (isInput(node) || node.type.dtype !== 'f32') return false;
  const { differentiability, vjp } = operator(node.op);
  return differentiability === 'none' || (differentiability === 'smooth' && !vjp);
}

/** Nodes whose value depends differentiably on one of the sources (themselves included). Nodes without a derivative count: asking them is the error. */
export function dependents(graph: Graph, sources: ReadonlySet<Node>): ReadonlySet<Node> {
  const found = new Set<Node>(sources);
  for (const node of graph.nodes) {
    if (found.has(node) || !(passesGradient(node) || lacksDerivative(node))) continue;
    if (node.inputs.some((input) => input.type.dtype === 'f32' && found.has(input))) found.add(node);
  }
  return found;
}

/** Nodes that a gradient of the root reaches going backwards (the root included). */
export function ancestors(graph: Graph, root: Node): ReadonlySet<Node> {
  const found = new Set<Node>([root]);
  for (let i = root.id; i >= 0; i--) {
    const node = graph.nodes[i];
    if (!found.has(node) || !(passesGradient(node) || lacksDerivative(node))) continue;
    for (const input of node.inputs) if (input.type.dtype === 'f32') found.add(input);
  }
  return found;
}
