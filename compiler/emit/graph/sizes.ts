/** Symbolic sizes as int32 arithmetic inside the graph, from the shapes of what is fed. */
import { cast, INT, same, type TfAttrs, type TfTarget, type TfTensor, type TfType, type } from '../../ops/tensorflow/rule.ts';
import { constantOf, type Dim, nameOf, show, variablesOf } from '../../shape/dim.ts';
import type { Atom, Term } from '../../shape/normal-form.ts';
import type { GraphNodes, GraphTensor } from './nodes.ts';
import { nodeName } from './nodes.ts';

/** A tensor that is fed or read, with its symbolic shape. */
export interface Source {
  readonly tensor: GraphTensor;
  readonly shape: readonly Dim[];
}

/** A size as part of a node's name: `ceil_H_16`. */
export function sizeLabel(dim: Dim): string {
  return show(dim)
    .replace(/\+/g, 'plus')
    .replace(/-/g, 'minus')
    .replace(/\*/g, 'by')
    .replace(/[^A-Za-z0-9.]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

/** The sizes of one part of a model: each is computed once. */
export class GraphSizes {
  readonly #nodes: GraphNodes;
  readonly #scope: string;
  readonly #free = new Map<string, GraphTensor>();
  readonly #known = new Map<string, TfTensor>();
  readonly #vectors = new Map<string, TfTensor>();
  readonly #shapes = new Map<GraphTensor, TfTensor>();

  /**
   * `scope` is the part's name. Every dimension that is an axis of a source is read off its shape; the first source wins. `fed` makes an input
   * of those that are axes of none.
   */
  constructor(
    nodes: GraphNodes,
    scope: string,
    sources: readonly Source[],
    names: readonly string[],
    fed: (dimension: string) => GraphTensor,
  ) {
    this.#nodes = nodes;
    this.#scope = scope;
    for (const name of names) {
      const source = sources.find(({ shape }) => shape.some((d) => nameOf(d) === name));
      const axis = source?.shape.findIndex((d) => nameOf(d) === name) ?? -1;
      this.#free.set(name, source ? this.#axisOf(name, source.tensor, axis) : fed(name));
    }
  }

  #add(label: string, op: string, inputs: readonly TfTensor[], attrs: TfAttrs, to: TfType): GraphTensor {
    return this.#nodes.add(nodeName([this.#scope, 'sizes', label]), op, inputs, attrs, to);
  }

  #axisOf(name: string, of: GraphTensor, axis: number): GraphTensor {
    let shape = this.#shapes.get(of);
    if (!shape) {
      shape = this.#add(`of_${name}`, 'Shape', [of], { T: type(of.type), out_type: INT }, 'DT_INT32');
      this.#shapes.set(of, shape);
    }
    const at = (value: number): GraphTensor => this.#nodes.constant({ type: 'DT_INT32', shape: [1], values: [value] });
    const attrs = { T: INT, Index: INT, shrink_axis_mask: { int: 1 } };
    return this.#add(name, 'StridedSlice', [shape, at(axis), at(axis + 1), at(1)], attrs, 'DT_INT32');
  }

  #number(value: number): GraphTensor {
    return this.#nodes.constant({ type: 'DT_INT32', shape: [], values: [value] });
  }

  /** An int32 number. */
  size(dim: Dim): TfTensor {
    const value = constantOf(dim);
    if (value !== undefined) return this.#number(value);
    let found = this.#known.get(dim.key);
    if (!found) {
      const label = sizeLabel(dim);
      found = dim.terms.map((term) => this.#term(term, label)).reduce((a, b) => this.#add(label, 'AddV2', [a, b], { T: INT }, 'DT_INT32'));
      this.#known.set(dim.key, found);
    }
    return found;
  }

  /** An int32 vector. */
  sizes(dims: readonly Dim[]): TfTensor {
    const values = dims.map(constantOf);
    if (values.every((value) => value !== undefined))
      return this.#nodes.constant({ type: 'DT_INT32', shape: [values.length], values: values });
    const key = dims.map((d) => d.key).join('|');
    let found = this.#vectors.get(key);
    if (!found) {
      const parts = dims.map((d) => this.size(d));
      const attrs = { T: INT, N: { int: parts.length }, axis: { int: 0 } };
      found = this.#add(`shape_${dims.map(sizeLabel).join('_')}`.slice(0, 80), 'Pack', parts, attrs, 'DT_INT32');
      this.#vectors.set(key, found);
    }
    return found;
  }

  #term({ coefficient, atoms }: Term, label: string): TfTensor {
    const factors = atoms.map((atom) => this.#atom(atom, label));
    if (factors.length === 0 || coefficient !== 1) factors.unshift(this.#number(coefficient));
    return factors.reduce((a, b) => this.#add(label, 'Mul', [a, b], { T: INT }, 'DT_INT32'));
  }

  #atom(atom: Atom, label: string): TfTensor {
    const two = (op: string, a: TfTensor, b: TfTensor): TfTensor => this.#add(label, op, [a, b], { T: INT }, 'DT_INT32');
    switch (atom.kind) {
      case 'variable':
        return this.#variable(atom.name);
      case 'exact':
        return two('FloorDiv', this.#variable(atom.name), this.#number(atom.by));
      case 'floor':
        return two('FloorDiv', this.size(atom.numerator), this.size(atom.divisor));
      case 'max':
      case 'min': {
        const op = atom.kind === 'max' ? 'Maximum' : 'Minimum';
        return atom.of.map((d) => this.size(d)).reduce((a, b) => two(op, a, b));
      }
      case 'round':
      case 'int':
        return this.#scaled(atom.kind, atom.factor, this.size(atom.of), label);
    }
  }

  /** A float64 factor times a size; halves to even, or towards zero. */
  #scaled(kind: 'round' | 'int', factor: number, size: TfTensor, label: string): TfTensor {
    const t: TfTarget = { op: (op, inputs, attrs, to) => this.#add(label, op, inputs, attrs, to) };
    const by = this.#nodes.constant({ type: 'DT_DOUBLE', shape: [], values: [factor] });
    const wide = cast(t, size, 'DT_DOUBLE');
    const product = same(t, 'Mul', [by, wide]);
    return cast(t, kind === 'round' ? same(t, 'Rint', [product]) : product, 'DT_INT32');
  }

  #variable(name: string): TfTensor {
    const found = this.#free.get(name);
    if (!found) throw new Error(`size ${name} is not among those of ${this.#scope}`);
    return found;
  }
}

/** Names of all sizes that occur in shapes or attributes. */
export function sizeNames(dims: readonly Dim[]): readonly string[] {
  return [...new Set(dims.flatMap(variablesOf))].sort();
}
