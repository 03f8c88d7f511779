/** A TensorFlow graph while it is made: nodes in order, with unique names and constants that are there once. */
import type { TfAttr, TfAttrs, TfConstant, TfTensor, TfType } from '../../ops/tensorflow/rule.ts';
import { type AttrProto, DATA_TYPES, type NodeProto, type ShapeProto, type TensorProto } from './protocol.ts';

interface GraphNode {
  name: string;
  readonly op: string;
  readonly inputs: readonly { readonly node: GraphNode; readonly output: number }[];
  /** What has to have run before. */
  readonly after: readonly GraphNode[];
  readonly attrs: TfAttrs;
}

/** A tensor of this graph. */
export interface GraphTensor extends TfTensor {
  readonly node: GraphNode;
}

/** TensorFlow allows letters, digits and `_.\-/` in names, and a letter, digit or dot at the front. Slashes make scopes. */
export function nodeName(parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .map((part) => part.replace(/[^A-Za-z0-9_.\-/]/g, '_').replace(/^[^A-Za-z0-9.]/, (first) => `x${first}`))
    .join('/');
}

export class GraphNodes {
  readonly #nodes: GraphNode[] = [];
  readonly #names = new Map<string, number>();
  readonly #constants = new Map<string, GraphTensor>();

  /** Adds a node under a name of its own; a name that is taken gets a number. */
  add(name: string, op: string, inputs: readonly TfTensor[], attrs: TfAttrs, type: TfType, after: readonly TfTensor[] = []): GraphTensor {
    const node: GraphNode = {
      name: '',
      op,
      inputs: inputs.map((input) => ({ node: nodeOf(input), output: input.output ?? 0 })),
      after: after.map(nodeOf),
      attrs,
    };
    this.#nodes.push(node);
    node.name = this.unique(name);
    return { node, type };
  }

  unique(name: string): string {
    const used = this.#names.get(name);
    this.#names.set(name, (used ?? 0) + 1);
    if (used === undefined) return name;
    return this.unique(`${name}_${used}`);
  }

  constant(value: TfConstant): GraphTensor {
    const spelt = value.values.map((v) => (Object.is(v, -0) ? '-0' : String(v)));
    const key = `${value.type} ${value.shape.join('x')} ${spelt.join(' ')}`;
    let found = this.#constants.get(key);
    if (!found) {
      const text = value.values.length <= 8 ? spelt.join('_').replaceAll('-', 'minus') : `${value.values.length}_numbers`;
      const shape = value.shape.length === 0 ? '' : `${value.shape.join('x')}_of_`;
      const name = nodeName(['constants', value.type.slice(3).toLowerCase(), `${shape}${text}`.replaceAll('+', '')]);
      found = this.add(name, 'Const', [], { dtype: { type: value.type }, value: { tensor: value } }, value.type);
      this.#constants.set(key, found);
    }
    return found;
  }

  proto(): readonly NodeProto[] {
    return this.#nodes.map((node) => ({
      name: node.name,
      op: node.op,
      input: [
        ...node.inputs.map(({ node: from, output }) => (output === 0 ? from.name : `${from.name}:${output}`)),
        ...new Set(node.after.map((before) => `^${before.name}`)),
      ],
      attr: Object.fromEntries(
        Object.keys(node.attrs)
          .sort()
          .map((name) => [name, attrProto(node.attrs[name])]),
      ),
    }));
  }
}

function nodeOf(tensor: TfTensor): GraphNode {
  if (isGraphNode(tensor.node)) return tensor.node;
  throw new Error('a tensor of another graph');
}

function isGraphNode(node: object): node is GraphNode {
  return 'op' in node && 'after' in node;
}

/** `node:0`, as signatures name tensors. */
export function tensorName(tensor: GraphTensor): string {
  return `${tensor.node.name}:${tensor.output ?? 0}`;
}

export function shapeProto(shape: readonly (number | undefined)[]): ShapeProto {
  return { dim: shape.map((size) => ({ size: size ?? -1 })) };
}

function tensorProto({ type, shape, values }: TfConstant): TensorProto {
  const base = { dtype: DATA_TYPES[type], tensorShape: shapeProto(shape) };
  switch (type) {
    case 'DT_FLOAT':
      return { ...base, floatVal: values };
    case 'DT_DOUBLE':
      return { ...base, doubleVal: values };
    case 'DT_INT32':
      return { ...base, intVal: values };
    case 'DT_BOOL':
      return { ...base, boolVal: values.map((v) => v !== 0) };
    case 'DT_RESOURCE':
      throw new Error('a resource has no value');
  }
}

function attrProto(attr: TfAttr): AttrProto {
  if ('type' in attr) return { type: DATA_TYPES[attr.type] };
  if ('int' in attr) return { i: attr.int };
  if ('ints' in attr) return { list: { i: attr.ints } };
  if ('float' in attr) return { f: attr.float };
  if ('bool' in attr) return { b: attr.bool };
  if ('text' in attr) return { s: new TextEncoder().encode(attr.text) };
  if ('shape' in attr) return { shape: shapeProto(attr.shape) };
  return { tensor: tensorProto(attr.tensor) };
}
