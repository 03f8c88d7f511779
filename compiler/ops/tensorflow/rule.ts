/**
 * The operator table's TensorFlow column: what a rule is. A rule turns one node of the flat graph into nodes of a TensorFlow graph (GraphDef).
 * Rules only see this interface; `compiler/emit/graph` names the nodes, works out symbolic sizes inside the graph and writes the bytes.
 */
import type { Dim } from '../../shape/dim.ts';
import type { DType, Node } from '../graph.ts';

/** The TensorFlow types that lowered graphs use. */
export type TfType = 'DT_FLOAT' | 'DT_DOUBLE' | 'DT_INT32' | 'DT_BOOL' | 'DT_RESOURCE';

const TYPES: Readonly<Record<DType, TfType>> = { f32: 'DT_FLOAT', i32: 'DT_INT32', bool: 'DT_BOOL' };

export function tfType(dtype: DType): TfType {
  return TYPES[dtype];
}

/** An array written into the graph: row-major values. */
export interface TfConstant {
  readonly type: TfType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** One attribute, in the forms of TensorFlow's `AttrValue` that are needed. Unknown sizes of a shape are undefined. */
export type TfAttr =
  | { readonly type: TfType }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly shape: readonly (number | undefined)[] }
  | { readonly tensor: TfConstant };
export type TfAttrs = Readonly<Record<string, TfAttr>>;

/** An output of a node of the TensorFlow graph: the first, unless it says which. */
export interface TfTensor {
  readonly node: object;
  readonly output?: number;
  readonly type: TfType;
}

/** What a rule works with while it lowers one node. */
export interface TfScope {
  readonly node: Node;
  /** The node's inputs, already lowered. */
  readonly inputs: readonly TfTensor[];
  /** Adds an operation; `type` is that of its output. What the rule returns bears the name of the node, the others lie under it. */
  op(op: string, inputs: readonly TfTensor[], attrs: TfAttrs, type: TfType): TfTensor;
  /** A number; equal ones are there once in a graph. */
  scalar(value: number, type: TfType): TfTensor;
  /** A constant int32 array of any shape (by default a vector). */
  ints(values: readonly number[], shape?: readonly number[]): TfTensor;
  /** A size as an int32 number, computed in the graph where it is not known. */
  size(dim: Dim): TfTensor;
  /** Sizes as an int32 vector. */
  sizes(dims: readonly Dim[]): TfTensor;
}

/** Where operations can be added. */
export type TfTarget = Pick<TfScope, 'op'>;

export type TfRule = (t: TfScope) => TfTensor;

// ------------------------------------------------ short forms

export const type = (value: TfType): TfAttr => ({ type: value });
export const flagAttr = (value: boolean): TfAttr => ({ bool: value });
export const FLOAT: TfAttr = type('DT_FLOAT');
export const INT: TfAttr = type('DT_INT32');

/** An operation whose result and `T` have the type of one of its inputs: the first, or that at `like`. */
export function same(t: TfTarget, op: string, inputs: readonly TfTensor[], attrs: TfAttrs = {}, like = 0): TfTensor {
  const of = inputs[like].type;
  return t.op(op, inputs, { T: type(of), ...attrs }, of);
}

export function cast(t: TfTarget, x: TfTensor, to: TfType): TfTensor {
  return x.type === to ? x : t.op('Cast', [x], { SrcT: type(x.type), DstT: type(to) }, to);
}

export function reshape(t: TfTarget, x: TfTensor, shape: TfTensor): TfTensor {
  return same(t, 'Reshape', [x, shape], { Tshape: INT });
}

export function transpose(t: TfScope, x: TfTensor, perm: readonly number[]): TfTensor {
  return same(t, 'Transpose', [x, t.ints(perm)], { Tperm: INT });
}

/** 0, 1, 2 … as int32. */
export function range(t: TfScope, size: Dim): TfTensor {
  return t.op('Range', [t.scalar(0, 'DT_INT32'), t.size(size), t.scalar(1, 'DT_INT32')], { Tidx: INT }, 'DT_INT32');
}

/** An int32 matrix [rank, 2] of what is before and after each axis: TensorFlow's form of paddings and crops. */
export function pairs(t: TfScope, before: readonly Dim[], after: readonly Dim[]): TfTensor {
  const flat = t.sizes(before.flatMap((d, i) => [d, after[i]]));
  return reshape(t, flat, t.ints([before.length, 2]));
}

/** A border of one number. */
export function padded(t: TfScope, x: TfTensor, before: readonly Dim[], after: readonly Dim[], value: number): TfTensor {
  return same(t, 'PadV2', [x, pairs(t, before, after), t.scalar(value, x.type)], { Tpaddings: INT });
}

export function sliced(t: TfScope, x: TfTensor, starts: readonly Dim[], sizes: readonly Dim[]): TfTensor {
  return same(t, 'Slice', [x, t.sizes(starts), t.sizes(sizes)], { Index: INT });
}

/** An array of one number. */
export function filled(t: TfScope, shape: readonly Dim[], value: TfTensor): TfTensor {
  return t.op('Fill', [t.sizes(shape), value], { T: type(value.type), index_type: INT }, value.type);
}
