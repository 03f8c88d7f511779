/** Builds graphs: every node is checked and typed by the operator table as it is added. */
import { constantOf, type Dim } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { OperatorDefinition, ShapeContext } from './definition.ts';
import type { Attrs, InputRole, Kind, Node, Range, TensorType } from './graph.ts';
import { operator } from './table.ts';
import { checkAttributes, checkInputs } from './validate.ts';

export interface NodeMeta {
  readonly path?: string;
  readonly phase?: Node['phase'];
  readonly span?: Span;
  readonly name?: string;
}

export class Builder {
  readonly #nodes: Node[] = [];
  readonly #context: ShapeContext;
  /** What nodes carry that are added without their own: VJP rules run under the path and place of the node they differentiate. */
  #meta: NodeMeta = {};

  constructor(context: ShapeContext) {
    this.#context = context;
  }

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** Runs `body` with defaults for path, phase and place. */
  with<T>(meta: NodeMeta, body: () => T): T {
    const before = this.#meta;
    this.#meta = { ...before, ...meta };
    try {
      return body();
    } finally {
      this.#meta = before;
    }
  }

  /** Adds an operator. Throws OperatorError where the table refuses it. */
  add(op: string, inputs: readonly Node[], attrs: Attrs, meta: NodeMeta = {}): Node {
    const definition: OperatorDefinition = operator(op);
    checkInputs(definition, inputs);
    checkAttributes(definition, attrs);
    const type = definition.result(
      inputs.map((n) => n.type),
      attrs,
      this.#context,
    );
    const { kind, range } = definition.kind(inputs, attrs);
    return this.#push(op, inputs, attrs, type, kind, range, meta);
  }

  /** A named tensor from outside. */
  input(
    role: InputRole,
    name: string,
    type: TensorType,
    meaning: { readonly kind: Kind; readonly range: Range; readonly span?: Span },
  ): Node {
    return this.#push('input', [], { role, name }, type, meaning.kind, meaning.range, { path: '', span: meaning.span, name });
  }

  /** Gives a node the spec's own name. */
  name(node: Node, text: string): void {
    mutate(node).name = text;
  }

  #push(op: string, inputs: readonly Node[], attrs: Attrs, type: TensorType, kind: Kind, range: Range, meta: NodeMeta): Node {
    const node: Node = {
      id: this.#nodes.length,
      op,
      inputs,
      attrs,
      type,
      kind,
      range,
      path: meta.path ?? this.#meta.path ?? '',
      phase: meta.phase ?? this.#meta.phase ?? 'forward',
      name: meta.name,
      span: meta.span ?? this.#meta.span,
    };
    this.#nodes.push(node);
    return node;
  }

  // ------------------------------------------------ short forms for derivative rules

  scalar(value: number): Node {
    return this.add('const', [], { value, dtype: 'f32' });
  }
  unary(op: string, x: Node): Node {
    return this.add(op, [x], {});
  }
  mul(a: Node, b: Node): Node {
    return this.add('mul', [a, b], {});
  }
  addition(a: Node, b: Node): Node {
    return this.add('add', [a, b], {});
  }
  sub(a: Node, b: Node): Node {
    return this.add('sub', [a, b], {});
  }
  div(a: Node, b: Node): Node {
    return this.add('div', [a, b], {});
  }
  neg(a: Node): Node {
    return this.add('neg', [a], {});
  }
  reshape(x: Node, shape: readonly Dim[]): Node {
    return this.add('reshape', [x], { shape });
  }
  broadcast(x: Node, shape: readonly Dim[]): Node {
    return this.add('broadcast_to', [x], { shape });
  }
  cast(x: Node, dtype: 'f32' | 'i32' | 'bool'): Node {
    return this.add('cast', [x], { dtype });
  }

  /** Sums over the axes along which a tensor of `shape` was broadcast to become like `x`. */
  sumTo(x: Node, shape: readonly Dim[]): Node {
    const extra = x.type.shape.length - shape.length;
    const axes: number[] = [];
    x.type.shape.forEach((d, i) => {
      if (i < extra || (constantOf(shape[i - extra]) === 1 && constantOf(d) !== 1)) axes.push(i);
    });
    if (axes.length === 0) return x;
    const summed = this.add('sum', [x], { axes, keep: false });
    return summed.type.shape.length === shape.length ? summed : this.reshape(summed, shape);
  }
}

/** The one way to write to a node: names are given after the node is made. */
function mutate(node: Node): { name: string | undefined } {
  return node as { name: string | undefined };
}
