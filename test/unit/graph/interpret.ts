/** Runs signatures of a decoded SavedModel in float64, with the session's variables: a stand-in for TensorFlow where it is not installed. */
import { type NdArray, ndarray } from '../../reference/ndarray.ts';
import type { DecodedModel, DecodedNode } from './decode.ts';
import { shapeOf } from './decode.ts';
import { KERNELS, SECOND_OUTPUTS } from './kernels.ts';

export type Values = ReadonlyMap<string, NdArray>;

const NOTHING = ndarray([0], []);

export class Session {
  readonly #nodes: ReadonlyMap<string, DecodedNode>;
  readonly #model: DecodedModel;
  readonly #variables = new Map<string, NdArray>();

  constructor(model: DecodedModel) {
    this.#model = model;
    this.#nodes = new Map(model.nodes.map((node) => [node.name, node] as const));
  }

  /** Feeds and results by the keys of the signature. */
  run(signature: string, feeds: Values): Values {
    const { inputs, outputs } = this.#model.signatures[signature];
    const fed = new Map<string, NdArray>();
    for (const [key, { name, tensorShape }] of Object.entries(inputs)) {
      const value = feeds.get(key);
      if (!value) throw new Error(`${signature} wants ${key}`);
      const wanted = shapeOf(tensorShape);
      if (wanted.length !== value.shape.length || wanted.some((n, i) => n !== -1 && n !== value.shape[i]))
        throw new Error(`${key} is [${value.shape}], not [${wanted}]`);
      fed.set(name.replace(/:0$/, ''), value);
    }
    const values = new Map<string, NdArray>();
    return new Map(Object.entries(outputs).map(([key, { name }]) => [key, this.#value(name.replace(/:0$/, ''), fed, values)] as const));
  }

  /** Depth first without recursion: graphs are deep. */
  #value(name: string, fed: ReadonlyMap<string, NdArray>, values: Map<string, NdArray>): NdArray {
    const stack: { readonly node: DecodedNode; next: number }[] = [{ node: this.#node(name), next: 0 }];
    // What is only waited for runs first.
    const order = ({ input }: DecodedNode): readonly string[] => [
      ...input.filter((i) => i.startsWith('^')).map((i) => i.slice(1)),
      ...input.filter((i) => !i.startsWith('^')).map((i) => i.replace(/:\d+$/, '')),
    ];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const before = order(top.node);
      if (values.has(top.node.name)) stack.pop();
      else if (top.next < before.length) stack.push({ node: this.#node(before[top.next++]), next: 0 });
      else {
        values.set(top.node.name, this.#run(top.node, fed, values));
        const second = SECOND_OUTPUTS[top.node.op]?.(this.#inputs(top.node, values), top.node);
        if (second) values.set(`${top.node.name}:1`, second);
        stack.pop();
      }
    }
    return values.get(name) ?? NOTHING;
  }

  #node(name: string): DecodedNode {
    const found = this.#nodes.get(name);
    if (!found) throw new Error(`no node ${name}`);
    return found;
  }

  #inputs(node: DecodedNode, values: ReadonlyMap<string, NdArray>): readonly NdArray[] {
    return node.input.filter((input) => !input.startsWith('^')).map((input) => values.get(input) ?? NOTHING);
  }

  #run(node: DecodedNode, fed: ReadonlyMap<string, NdArray>, values: ReadonlyMap<string, NdArray>): NdArray {
    const inputs = this.#inputs(node, values);
    const variable = (): string => this.#node(node.input[0]).attr.shared_name.s ?? '';
    switch (node.op) {
      case 'Placeholder': {
        const value = fed.get(node.name);
        if (!value) throw new Error(`${node.name} is not fed`);
        return value;
      }
      case 'VarHandleOp':
      case 'NoOp':
        return NOTHING;
      case 'ReadVariableOp': {
        const value = this.#variables.get(variable());
        if (!value) throw new Error(`Could not find variable ${variable()}`);
        return value;
      }
      case 'AssignVariableOp':
        this.#variables.set(variable(), inputs[1]);
        return NOTHING;
    }
    const kernel = KERNELS[node.op];
    if (!kernel) throw new Error(`${node.name}: no kernel for ${node.op}`);
    return kernel(inputs, node);
  }
}
