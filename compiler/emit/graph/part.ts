/** Lowers one flat graph into a part of a TensorFlow graph, by the rules of the operator table's TensorFlow column. */

import { inputKey, inputName, isInput } from '../../ir/paths.ts';
import type { AttrValue, Graph, Node } from '../../ops/graph.ts';
import { tensorflowRule } from '../../ops/tensorflow/column.ts';
import { type TfAttrs, type TfScope, type TfTensor, tfType } from '../../ops/tensorflow/rule.ts';
import { constantOf, type Dim, isDim } from '../../shape/dim.ts';
import { positionAt } from '../../source/source.ts';
import { type GraphNodes, type GraphTensor, nodeName } from './nodes.ts';
import { GraphSizes, type Source, sizeNames } from './sizes.ts';

/** The line of a spec that a node of the TensorFlow graph comes from. */
export interface NodeOrigin {
  readonly node: string;
  readonly file: string;
  readonly line: number;
  readonly path: string;
}

/** A tensor that the caller feeds. */
export interface Port {
  /** `role:name` */
  readonly key: string;
  readonly tensor: GraphTensor;
  readonly shape: readonly (number | undefined)[];
}

export interface Part {
  readonly inputs: readonly Port[];
  /** Lowered value of every node. */
  readonly values: ReadonlyMap<Node, TfTensor>;
  readonly origins: readonly NodeOrigin[];
}

export class UnsupportedOperator extends Error {
  readonly operators: readonly string[];
  constructor(operators: readonly string[]) {
    super(`no TensorFlow rule for ${operators.join(', ')}`);
    this.operators = operators;
  }
}

/** Sizes as far as they are known when the program is compiled. */
export function staticShape(shape: readonly Dim[]): readonly (number | undefined)[] {
  return shape.map(constantOf);
}

/**
 * `scope` is the name of the part, under which all its nodes lie. `state` gives the tensor of a state key; where it does not, state is fed like
 * every other input. Throws UnsupportedOperator where the column has no rule.
 */
export function lowerGraph(nodes: GraphNodes, scope: string, graph: Graph, state: (key: string) => GraphTensor | undefined): Part {
  const missing = [...new Set(graph.nodes.filter((node) => !isInput(node) && !tensorflowRule(node.op)).map((node) => node.op))];
  if (missing.length > 0) throw new UnsupportedOperator(missing);
  const ports: Port[] = [];
  const values = new Map<Node, TfTensor>();
  const sources: (Source & { readonly state: boolean })[] = [];
  for (const node of graph.nodes) {
    if (!isInput(node)) continue;
    const { role, name } = inputName(node);
    const held = role === 'state' ? state(name) : undefined;
    const tensor = held ?? placeholder(nodes, [scope, role, name], node, ports);
    values.set(node, tensor);
    sources.push({ tensor, shape: node.type.shape, state: held !== undefined });
  }
  // What is fed tells its sizes sooner than what is held.
  sources.sort((a, b) => Number(a.state) - Number(b.state));
  const sizes = new GraphSizes(nodes, scope, sources, sizeNames(sizesOf(graph)), (dimension) => {
    const tensor = nodes.add(nodeName([scope, 'size', dimension]), 'Placeholder', [], placeholderAttrs('DT_INT32', []), 'DT_INT32');
    ports.push({ key: `size:${dimension}`, tensor, shape: [] });
    return tensor;
  });
  const origins: NodeOrigin[] = [];
  for (const node of graph.nodes) {
    if (values.has(node)) continue;
    const inputs = node.inputs.map((input) => valueAt(values, input));
    values.set(node, lowerNode(nodes, sizes, scope, node, inputs, origins));
  }
  return { inputs: ports, values, origins };
}

export function valueAt(values: ReadonlyMap<Node, TfTensor>, node: Node): TfTensor {
  const found = values.get(node);
  if (!found) throw new Error(`graph is not in order: ${node.op} #${node.id} is used before it is made`);
  return found;
}

function placeholderAttrs(type: GraphTensor['type'], shape: readonly (number | undefined)[]): TfAttrs {
  return { dtype: { type }, shape: { shape } };
}

function placeholder(nodes: GraphNodes, parts: readonly string[], node: Node, ports: Port[]): GraphTensor {
  const type = tfType(node.type.dtype);
  const shape = staticShape(node.type.shape);
  const tensor = nodes.add(nodeName(parts), 'Placeholder', [], placeholderAttrs(type, shape), type);
  ports.push({ key: inputKey(inputName(node)), tensor, shape });
  return tensor;
}

/** Every size that the part works with: those of all shapes, for rules use them, and those in attributes. */
function sizesOf(graph: Graph): readonly Dim[] {
  const found: Dim[] = [];
  const visit = (value: AttrValue): void => {
    if (isDim(value)) found.push(value);
    else if (Array.isArray(value)) value.forEach(visit);
  };
  for (const node of graph.nodes) {
    found.push(...node.type.shape);
    Object.values(node.attrs).forEach(visit);
  }
  return found;
}

/**
 * Names follow the spec: call path and, at its end, the author's name or the operator; backward and update nodes lie in scopes of their own.
 * So an error of TensorFlow's names the place: `step/backward/net/layer3/2/conv1/conv2d_filter_grad`.
 */
function pathOf(scope: string, node: Node): string {
  const phase = node.phase === 'forward' ? '' : node.phase;
  return nodeName([scope, phase, ...node.path.split('.'), node.name ?? node.op]);
}

function lowerNode(
  nodes: GraphNodes,
  sizes: GraphSizes,
  scope: string,
  node: Node,
  inputs: readonly TfTensor[],
  origins: NodeOrigin[],
): TfTensor {
  const rule = tensorflowRule(node.op);
  if (!rule) throw new UnsupportedOperator([node.op]);
  const base = nodes.unique(pathOf(scope, node));
  const own: GraphTensor[] = [];
  const t: TfScope = {
    node,
    inputs,
    op: (op, of, attrs, type) => {
      const made = nodes.add(`${base}/${op}`, op, of, attrs, type);
      own.push(made);
      return made;
    },
    scalar: (value, type) => nodes.constant({ type, shape: [], values: [value] }),
    ints: (values, shape = [values.length]) => nodes.constant({ type: 'DT_INT32', shape, values }),
    size: (dim) => sizes.size(dim),
    sizes: (dims) => sizes.sizes(dims),
  };
  const result = rule(t);
  for (const made of own) {
    // The result bears the name itself.
    if (made.node === result.node) made.node.name = base;
    if (node.span)
      origins.push({
        node: made.node.name,
        file: node.span.file.name,
        line: positionAt(node.span.file, node.span.start).line,
        path: node.path,
      });
  }
  return result;
}
