/** Element by element: unary, binary with broadcasting, comparisons, logic, selection and casts. */
import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import { broadcastTo } from './layout.ts';
import { run, share, view } from './run.ts';
import { drop } from './scope.ts';
import { comparisons, extrema } from './simd/assembler.ts';
import { vectorBinary, vectorSelect } from './simd/elementwise.ts';
import { vectorKernels } from './simd/instance.ts';
import type { ComparisonName, ExtremumName } from './simd/row-kernels.ts';
import { constant } from './sources.ts';
import { broadcastShape, type DType, sameShape, type Tensor, type TfjsDType, tfjsDType } from './tensor.ts';
import { type BinaryName, typedBinary, typedSelect } from './typed/binary.ts';
import { heap } from './typed/heap.ts';
import { errorFunction, typedUnary } from './typed/unary.ts';

const unary =
  (kernel: string, attrs: NamedAttrMap = {}) =>
  (x: Tensor): Tensor =>
    run(kernel, { x }, attrs);

/** All unary functions: any shape, float32, result of the same shape. */
export const neg = unary('Neg');
export const abs = unary('Abs');
/** -1, 0 or 1; 0 at 0. */
export const sign = unary('Sign');
export const exp = unary('Exp');
/** Natural logarithm; -Infinity at 0, not a number below. */
export const log = unary('Log');
/** log(1 + x), exact near 0. */
export const log1p = unary('Log1p');
export const sqrt = unary('Sqrt');
/** 1 / sqrt(x). */
export const rsqrt = unary('Rsqrt');
export const square = unary('Square');
/** 1 / x. */
export const reciprocal = unary('Reciprocal');
export const relu = unary('Relu');
/** 1 / (1 + exp(-x)). */
export const sigmoid = unary('Sigmoid');
export const tanh = unary('Tanh');
/** log(1 + exp(x)) without overflow. */
export const softplus = unary('Softplus');
export const floor = unary('Floor');
export const ceil = unary('Ceil');
/** Error function. */
export function erf(x: Tensor): Tensor {
  const typed = heap();
  return typed ? typedUnary(typed, x, errorFunction) : run('Erf', { x });
}

/** To the nearest integer, halves to the even one. */
export const round = unary('Round');

/** x to a fixed power; exact short cuts for the common exponents. */
export function pow(x: Tensor, attrs: { readonly exponent: number }): Tensor {
  switch (attrs.exponent) {
    case 1:
      return share(x);
    case 2:
      return square(x);
    case 0.5:
      return sqrt(x);
    case -0.5:
      return rsqrt(x);
    case -1:
      return reciprocal(x);
    default: {
      const typed = heap();
      if (typed) return typedUnary(typed, x, (value) => value ** attrs.exponent);
      const exponent = constant({ value: attrs.exponent, dtype: 'f32' });
      const result = run('Pow', { a: x, b: exponent });
      drop(exponent);
      return result;
    }
  }
}

/** Values below `min` become `min`, above `max` become `max`; either bound may be infinite. */
export function clamp(x: Tensor, attrs: { readonly min: number; readonly max: number }): Tensor {
  return run('ClipByValue', { x }, { clipValueMin: attrs.min, clipValueMax: attrs.max });
}

/** Stock kernels that broadcast by themselves, and at full speed, on wasm (XNNPACK, float32, up to six dimensions). */
const vectorised: ReadonlySet<BinaryName> = new Set<BinaryName>(['add', 'sub', 'mul', 'div']);

const kernels: Readonly<Record<BinaryName, string>> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Multiply',
  div: 'RealDiv',
  floorDiv: 'FloorDiv',
  maximum: 'Maximum',
  minimum: 'Minimum',
  greater: 'Greater',
  greaterEqual: 'GreaterEqual',
  less: 'Less',
  lessEqual: 'LessEqual',
  equal: 'Equal',
  notEqual: 'NotEqual',
  logicalAnd: 'LogicalAnd',
  logicalOr: 'LogicalOr',
};

function binary(name: BinaryName, a: Tensor, b: Tensor, dtype: TfjsDType): Tensor {
  const typed = heap();
  const rank = Math.max(a.shape.length, b.shape.length);
  const stock = typed === undefined || (typed.backend === 'wasm' && vectorised.has(name) && dtype === 'float32' && rank <= 5);
  if (stock) return run(kernels[name], { a, b });
  const vectors = vectorKernels();
  if (vectors !== undefined && a.dtype === 'float32' && hasVectorKernel(name))
    return vectorBinary(typed, vectors, name, a, b, dtype === 'bool' ? 'bool' : 'float32');
  return typedBinary(typed, name, a, b, dtype);
}

function hasVectorKernel(name: BinaryName): name is BinaryName & (ComparisonName | ExtremumName) {
  return name in comparisons || name in extrema;
}

const numbersOf = (x: Tensor): TfjsDType => (x.dtype === 'int32' ? 'int32' : 'float32');

/** Binary functions broadcast by NumPy's rule; both sides have the same type (float32 or int32), and so has the result. */
export const add = (a: Tensor, b: Tensor): Tensor => binary('add', a, b, numbersOf(a));
export const sub = (a: Tensor, b: Tensor): Tensor => binary('sub', a, b, numbersOf(a));
export const mul = (a: Tensor, b: Tensor): Tensor => binary('mul', a, b, numbersOf(a));
/** Division; of integers the floor of the quotient. */
export const div = (a: Tensor, b: Tensor): Tensor => binary(a.dtype === 'int32' ? 'floorDiv' : 'div', a, b, numbersOf(a));
export const maximum = (a: Tensor, b: Tensor): Tensor => binary('maximum', a, b, numbersOf(a));
export const minimum = (a: Tensor, b: Tensor): Tensor => binary('minimum', a, b, numbersOf(a));

/** Comparisons broadcast and give bool. */
export const greater = (a: Tensor, b: Tensor): Tensor => binary('greater', a, b, 'bool');
export const greaterEqual = (a: Tensor, b: Tensor): Tensor => binary('greaterEqual', a, b, 'bool');
export const less = (a: Tensor, b: Tensor): Tensor => binary('less', a, b, 'bool');
export const lessEqual = (a: Tensor, b: Tensor): Tensor => binary('lessEqual', a, b, 'bool');
export const equal = (a: Tensor, b: Tensor): Tensor => binary('equal', a, b, 'bool');
export const notEqual = (a: Tensor, b: Tensor): Tensor => binary('notEqual', a, b, 'bool');
export const logicalAnd = (a: Tensor, b: Tensor): Tensor => binary('logicalAnd', a, b, 'bool');
export const logicalOr = (a: Tensor, b: Tensor): Tensor => binary('logicalOr', a, b, 'bool');
export const logicalNot = unary('LogicalNot');

/** `condition ? a : b`, element by element; all three broadcast, a and b have the same type. */
export function select(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  const typed = heap();
  if (typed) {
    const vectors = vectorKernels();
    const fast =
      vectors !== undefined && a.dtype !== 'bool'
        ? vectorSelect(typed, vectors, condition, a, b, a.dtype === 'int32' ? 'int32' : 'float32')
        : undefined;
    return fast ?? typedSelect(typed, condition, a, b, a.dtype === 'bool' ? 'bool' : numbersOf(a));
  }
  // The stock kernel wants three tensors of one shape.
  const shape = broadcastShape(broadcastShape(condition.shape, a.shape), b.shape);
  const parts = [condition, a, b].map((part) => (sameShape(part.shape, shape) ? share(part) : broadcastTo(part, { shape })));
  const result = run('Select', { condition: parts[0], t: parts[1], e: parts[2] });
  drop(...parts);
  return result;
}

/** Another element type: to i32 truncates, to bool is `x != 0`, from bool gives 0 and 1. */
export function cast(x: Tensor, attrs: { readonly dtype: DType }): Tensor {
  const dtype = tfjsDType(attrs.dtype);
  if (x.dtype === dtype) return share(x);
  if (dtype !== 'bool') return run('Cast', { x }, { dtype });
  const zero = constant({ value: 0, dtype: x.dtype === 'int32' ? 'i32' : 'f32' });
  const result = notEqual(x, zero);
  drop(zero);
  return result;
}

/** The same values; ends gradient paths at compile time and costs nothing at run time. */
export function detach(x: Tensor): Tensor {
  return view(x, x.shape);
}
