/**
 * Reverse-mode differentiation of a flat graph: one walk backwards over the nodes that lie between the losses and the wanted inputs.
 * The rules of the operator table build the backward nodes out of the same primitives, so that the result is simplified, planned and
 * emitted like forward code (the shape of tinygrad's `gradient.py`).
 */

import { dependents, type InputName, inputKey, inputNodes, isInput, lacksDerivative } from '../ir/paths.ts';
import { passBuilder, settle } from '../ir/rewrite.ts';
import type { Builder } from '../ops/builder.ts';
import type { Graph, GraphOutput, Node, TensorType } from '../ops/graph.ts';
import { ANY } from '../ops/rules.ts';
import { operator } from '../ops/table.ts';
import { gatesOf } from './gates.ts';

/** An input whose gradient is asked for. `type` is needed only where the graph does not read the input at all. */
export interface WantedInput extends InputName {
  readonly type?: TensorType;
}

export interface LossWeight {
  /** Name of an output of role `loss`. */
  readonly name: string;
  /** A constant, or the scalar input of a graph that holds it: `weight.<loss>`. */
  readonly weight: number | { readonly scalar: string };
}

export interface GradientRequest {
  readonly losses: readonly LossWeight[];
  readonly wanted: readonly WantedInput[];
  /** What becomes of a wanted input that no loss reaches: a gradient of exact zeros, or no output. */
  readonly unreached: 'zero' | 'omit';
  /** Name of the resulting graph. */
  readonly name: string;
}

export interface GradientProblem {
  readonly kind: 'no-derivative' | 'unknown-loss' | 'loss-not-scalar' | 'unknown-input' | 'reserved-name';
  /** Operator, loss or input to blame. */
  readonly subject: string;
  readonly node: Node | undefined;
}

export type GradientResult =
  | { readonly ok: true; readonly graph: Graph }
  | { readonly ok: false; readonly problems: readonly GradientProblem[] };

/** Name of the weighted sum of all losses. */
export const TOTAL = 'total';

/**
 * Adds the backward pass. The result has a `gradient` output for each wanted input (under its name), a `loss` output for each requested
 * loss and their weighted sum `total`, and all outputs of other roles; losses that were not requested are left out and no longer computed.
 * Gradients of a name are summed over all its uses. Nothing is built for inputs that are not wanted.
 */
export function differentiate(forward: Graph, request: GradientRequest): GradientResult {
  const problems: GradientProblem[] = [];
  const roots = lossNodes(forward, request.losses, problems);
  const inputs = inputNodes(forward);
  for (const wanted of request.wanted) {
    if (!inputs.has(inputKey(wanted)) && !wanted.type) problems.push({ kind: 'unknown-input', subject: wanted.name, node: undefined });
  }
  const wantedNodes = new Set(request.wanted.flatMap((wanted) => inputs.get(inputKey(wanted)) ?? []));
  const needed = dependents(forward, wantedNodes);
  problems.push(...missingRules(forward, roots, needed));
  if (problems.length > 0) return { ok: false, problems };

  const b = passBuilder();
  const weigh = weightNodes(b);
  const gradients = backward(b, forward, roots, needed, weigh);
  const total = b.with({ phase: 'forward' }, () => weightedSum(b, roots, weigh));
  const outputs: GraphOutput[] = [];
  b.with({ phase: 'backward' }, () => {
    for (const wanted of request.wanted) {
      const nodes = inputs.get(inputKey(wanted)) ?? [];
      const parts = nodes.map((node) => gradients.get(node)).filter((part) => part !== undefined);
      const type = nodes[0]?.type ?? wanted.type;
      if (parts.length > 0) outputs.push({ role: 'gradient', name: wanted.name, node: parts.reduce((x, y) => b.addition(x, y)) });
      else if (request.unreached === 'zero' && type) outputs.push({ role: 'gradient', name: wanted.name, node: zeros(b, type) });
    }
  });
  for (const { name, node } of roots) outputs.push({ role: 'loss', name, node });
  if (!roots.some((root) => root.name === TOTAL)) outputs.push({ role: 'loss', name: TOTAL, node: total });
  outputs.push(...forward.outputs.filter((output) => output.role !== 'loss'));
  return { ok: true, graph: settle(request.name, [...forward.nodes, ...b.nodes], outputs, forward.assertions) };
}

interface Root extends LossWeight {
  readonly node: Node;
}

function lossNodes(forward: Graph, losses: readonly LossWeight[], problems: GradientProblem[]): readonly Root[] {
  const roots: Root[] = [];
  for (const { name, weight } of losses) {
    const found = forward.outputs.find((output) => output.role === 'loss' && output.name === name);
    if (!found) problems.push({ kind: 'unknown-loss', subject: name, node: undefined });
    else if (found.node.type.shape.length > 0 || found.node.type.dtype !== 'f32')
      problems.push({ kind: 'loss-not-scalar', subject: name, node: found.node });
    else if (name === TOTAL && (losses.length > 1 || weight !== 1))
      problems.push({ kind: 'reserved-name', subject: name, node: found.node });
    else roots.push({ name, node: found.node, weight });
  }
  return roots;
}

/** Nodes on the way that have no rule. */
function missingRules(forward: Graph, roots: readonly Root[], needed: ReadonlySet<Node>): readonly GradientProblem[] {
  const problems: GradientProblem[] = [];
  const asked = new Set(roots.filter((root) => root.weight !== 0).map((root) => root.node));
  for (let i = forward.nodes.length - 1; i >= 0; i--) {
    const node = forward.nodes[i];
    if (!asked.has(node) || !needed.has(node) || isInput(node)) continue;
    if (lacksDerivative(node)) problems.push({ kind: 'no-derivative', subject: node.op, node });
    for (const input of node.inputs) asked.add(input);
  }
  return problems.reverse();
}

/** Gradient of the weighted sum of the roots for every needed node that it reaches. */
function backward(
  b: Builder,
  forward: Graph,
  roots: readonly Root[],
  needed: ReadonlySet<Node>,
  weigh: (weight: LossWeight['weight']) => Node,
): ReadonlyMap<Node, Node> {
  const gradients = new Map<Node, Node>();
  const accumulate = (node: Node, part: Node): void => {
    const before = gradients.get(node);
    // Sums are made as soon as a second part arrives: holding the parts until the end would keep all of them alive.
    gradients.set(node, before ? b.with({ path: node.path, phase: 'backward', span: node.span }, () => b.addition(before, part)) : part);
  };
  for (const { node, weight } of roots) {
    if (weight === 0 || !needed.has(node)) continue;
    b.with({ path: node.path, phase: 'backward', span: node.span }, () => accumulate(node, weigh(weight)));
  }
  const gate = gatesOf(
    forward,
    roots.filter(({ weight }) => weight !== 0).map(({ node }) => node),
  );
  for (let i = forward.nodes.length - 1; i >= 0; i--) {
    const node = forward.nodes[i];
    const dy = gradients.get(node);
    if (!dy || isInput(node)) continue;
    const needs = node.inputs.map((input) => input.type.dtype === 'f32' && needed.has(input));
    if (!needs.includes(true)) continue;
    const { vjp } = operator(node.op);
    if (!vjp) continue;
    const parts = b.with({ path: node.path, phase: 'backward', span: node.span }, () => vjp({ b, node, dy, needs }));
    parts.forEach((part, k) => {
      if (!part || !needs[k]) return;
      const condition = gate(node, node.inputs[k]);
      const gated = (by: Node): Node =>
        b.with({ path: node.path, phase: 'backward', span: node.span }, () => b.add('select', [by, part, b.scalar(0)], {}));
      accumulate(node.inputs[k], condition ? gated(condition) : part);
    });
  }
  return gradients;
}

/** Nodes of factors: constants, and each scalar input once. */
function weightNodes(b: Builder): (weight: LossWeight['weight']) => Node {
  const inputs = new Map<string, Node>();
  return (weight) => {
    if (typeof weight === 'number') return b.scalar(weight);
    const known = inputs.get(weight.scalar);
    if (known) return known;
    const made = b.input('scalar', weight.scalar, { dtype: 'f32', shape: [] }, { kind: 'scalar', range: ANY });
    inputs.set(weight.scalar, made);
    return made;
  };
}

function weightedSum(b: Builder, roots: readonly Root[], weigh: (weight: LossWeight['weight']) => Node): Node {
  const parts = roots.map(({ node, weight }) => (weight === 1 ? node : b.mul(node, weigh(weight))));
  return parts.length === 0 ? b.scalar(0) : parts.reduce((x, y) => b.addition(x, y));
}

function zeros(b: Builder, type: TensorType): Node {
  return type.shape.length === 0
    ? b.add('const', [], { value: 0, dtype: type.dtype })
    : b.add('fill', [], { shape: type.shape, value: 0, dtype: type.dtype });
}
