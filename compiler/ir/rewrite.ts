/** Making a graph out of another one: every pass copies what it keeps and never writes to a node. */
import { Builder } from '../ops/builder.ts';
import type { ShapeContext } from '../ops/definition.ts';
import type { DimAssertion, Graph, GraphOutput, Node } from '../ops/graph.ts';
import { constantOf, subtract } from '../shape/dim.ts';

/**
 * Passes work on graphs whose sizes the checker has already compared (and guarded by assertions where it could not prove them equal),
 * so only sizes that can never agree are refused.
 */
export const checkedShapes: ShapeContext = {
  same: (left, right) => left === right || constantOf(subtract(left, right)) === undefined,
};

/** A builder for a pass that makes new nodes. Ids are given anew by `settle`. */
export function passBuilder(): Builder {
  return new Builder(checkedShapes);
}

/** Looks a node up in a map that must know it. */
export function imageOf(image: ReadonlyMap<Node, Node>, node: Node): Node {
  const found = image.get(node);
  if (!found) throw new Error(`graph is not in order: ${node.op} #${node.id} is used before it is made`);
  return found;
}

/** The node itself when its inputs stay the same, else a copy that reads the new ones. */
export function withInputs(node: Node, inputs: readonly Node[]): Node {
  return inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs };
}

/** Nodes that an output needs. */
export function liveNodes(nodes: readonly Node[], outputs: readonly GraphOutput[]): ReadonlySet<Node> {
  const live = new Set<Node>(outputs.map((output) => output.node));
  for (let i = nodes.length - 1; i >= 0; i--) if (live.has(nodes[i])) for (const input of nodes[i].inputs) live.add(input);
  return live;
}

/** A graph of the nodes that outputs need, in the given order (inputs before their users), numbered from 0. */
export function settle(name: string, nodes: readonly Node[], outputs: readonly GraphOutput[], assertions: readonly DimAssertion[]): Graph {
  const live = liveNodes(nodes, outputs);
  const image = new Map<Node, Node>();
  const kept: Node[] = [];
  for (const node of nodes) {
    if (!live.has(node)) continue;
    const inputs = node.inputs.map((input) => imageOf(image, input));
    const copy = node.id === kept.length ? withInputs(node, inputs) : { ...node, id: kept.length, inputs };
    image.set(node, copy);
    kept.push(copy);
  }
  return { name, nodes: kept, outputs: outputs.map((output) => ({ ...output, node: imageOf(image, output.node) })), assertions };
}

/** A node to stand for the given one (its inputs are already rewritten), or undefined to keep it. New nodes come from the builder. */
export type Rule = (node: Node, b: Builder) => Node | undefined;

/** Rewrites in order; a replacement is offered to the rule again until it is content. Reports how many nodes were replaced. */
export function rewrite(graph: Graph, rule: Rule): { readonly graph: Graph; readonly replaced: number } {
  const b = passBuilder();
  const nodes: Node[] = [];
  const image = new Map<Node, Node>();
  let replaced = 0;
  const present = new Set<Node>();
  const place = (node: Node): void => {
    if (present.has(node)) return;
    present.add(node);
    nodes.push(node);
  };
  for (const node of graph.nodes) {
    const original = withInputs(
      node,
      node.inputs.map((input) => imageOf(image, input)),
    );
    let current = original;
    const before = b.nodes.length;
    b.with({ path: node.path, phase: node.phase, span: node.span }, () => {
      for (let turn = 0; turn < 16; turn++) {
        const next = rule(current, b);
        if (!next || next === current) break;
        current = next;
      }
    });
    const fresh = b.nodes.slice(before);
    fresh.forEach(place);
    if (current !== original) replaced++;
    // A fresh node inherits the spec's name for the value.
    if (node.name !== undefined && current.name === undefined && fresh.includes(current)) b.name(current, node.name);
    place(current);
    image.set(node, current);
  }
  const outputs = graph.outputs.map((output) => ({ ...output, node: imageOf(image, output.node) }));
  return { graph: settle(graph.name, nodes, outputs, graph.assertions), replaced };
}
