/** What one entry of the operator table holds. */
import type { Dim } from '../shape/dim.ts';
import type { Builder } from './builder.ts';
import type { Attrs, DType, Kind, Node, Range, TensorType } from './graph.ts';

/** Thrown by rules for input that the caller must report; `builder` users turn it into a diagnostic at the spec's line. */
export class OperatorError extends Error {
  readonly code:
    | 'shape-mismatch'
    | 'rank-mismatch'
    | 'dtype-mismatch'
    | 'kind-mismatch'
    | 'bad-axis'
    | 'bad-attribute'
    | 'channels-first'
    | 'probabilities-for-logits';
  /** Index of the offending input, where one is to blame. */
  readonly input: number | undefined;
  readonly hint: string | undefined;
  /** The two dimensions that disagree, where that is the trouble. */
  readonly sides: { readonly left: Dim; readonly right: Dim } | undefined;
  constructor(
    code: OperatorError['code'],
    message: string,
    extra: { readonly input?: number; readonly hint?: string; readonly sides?: { readonly left: Dim; readonly right: Dim } } = {},
  ) {
    super(message);
    this.code = code;
    this.input = extra.input;
    this.hint = extra.hint;
    this.sides = extra.sides;
  }
}

export interface ShapeContext {
  /** Whether two dimensions are the same: proved, refuted or not known (then the caller records a run-time assertion and goes on). */
  same(left: Dim, right: Dim, reason: string): boolean;
}

export interface KindAndRange {
  readonly kind: Kind;
  readonly range: Range;
}

export interface VjpContext {
  readonly b: Builder;
  /** The forward node. */
  readonly node: Node;
  /** The gradient of the loss with respect to the node's result; same type as the node. */
  readonly dy: Node;
  /** Which inputs need a gradient; a rule builds nothing for the others. */
  readonly needs: readonly boolean[];
}

/** How an operator behaves on a gradient path. */
export type Differentiability =
  /** Has a VJP rule. */
  | 'smooth'
  /** Piecewise constant: comparisons, argmax, one-hot, rounding. The path ends here, and the checker says so. */
  | 'cut'
  /** Ends the path on purpose (`detach`). */
  | 'stop'
  /** A source: inputs, constants, index tables. */
  | 'source'
  /** Backward kernels that are never differentiated again. */
  | 'none';

export interface OperatorDefinition {
  readonly name: string;
  readonly doc: string;
  /** Names and dtypes of tensor inputs; `'any'` accepts every dtype, `'number'` f32 or i32. `'same'` = as the first input. */
  readonly inputs: readonly { readonly name: string; readonly dtype: DType | 'any' | 'number' | 'same' }[];
  /** Concatenation takes one or more inputs of the last kind. */
  readonly variadic?: boolean;
  /** Attribute names with the form they have; checked when a node is made. */
  readonly attrs: Readonly<Record<string, AttrForm>>;
  readonly result: (inputs: readonly TensorType[], attrs: Attrs, context: ShapeContext) => TensorType;
  /** Kind and range of the result; throws OperatorError where a kind is refused. */
  readonly kind: (inputs: readonly Node[], attrs: Attrs) => KindAndRange;
  readonly differentiability: Differentiability;
  /** Builds nodes for the gradient of each needed input (undefined = no gradient flows there). Linear in dy. */
  readonly vjp?: (context: VjpContext) => readonly (Node | undefined)[];
  /** True when the result is linear in its (only differentiable) first input, so that the adjoint identity is tested. */
  readonly linear?: boolean;
  /** A contraction: linear in each of its two inputs where the other is given, so that the adjoint identity is tested for both. */
  readonly bilinear?: boolean;
  /** True when the result shares memory with the first input (reshape). */
  readonly view?: boolean;
  /** True when it does so wherever both have the same shape (axes of length one aside): nothing to cut off, add, repeat or resample then. */
  readonly viewOfEqual?: (node: Node) => boolean;
  /** Multiply-adds. */
  readonly macs?: (node: Node) => Dim;
  /** Bytes a kernel needs besides inputs and result, on wasm. */
  readonly workspace?: (node: Node) => Dim;
  /** How each axis of the result relates to a batch axis of the inputs; used to prove that a step is separable. See `flow/separable.ts`. */
  readonly batch: BatchRule;
}

/**
 * `elementwise`: broadcast; the batch axis stays where it is (aligned from the right).
 * `reduce`: attrs `axes`/`keep`. Others are handled by the operator's own function: axis of the batch in each input → axis in the result, or 'coupled'.
 */
export type BatchRule =
  | 'elementwise'
  | 'reduce'
  | 'source'
  | ((node: Node, axes: readonly (number | undefined)[]) => number | undefined | 'coupled' | 'reduced');

export type AttrForm = 'int' | 'float' | 'bool' | 'string' | 'dim' | 'ints' | 'dims' | 'dtype';
