/** Computes what is known when the program is compiled. Numbers are folded in float64 and rounded once, when the program makes the tensor. */
import type { Rule } from '../ir/rewrite.ts';
import type { Node } from '../ops/graph.ts';
import { constantOf, type Dim, multiply, roundHalfEven } from '../shape/dim.ts';
import { number, uniform, uniformValue } from './uniform.ts';

type Fold = (values: readonly number[], node: Node) => number;

const truth = (yes: boolean): number => (yes ? 1 : 0);

/** PyTorch's sign, 0 at 0 and NaN at NaN. */
const ELEMENTWISE: Readonly<Record<string, Fold>> = {
  neg: ([x]) => 0 - x,
  abs: ([x]) => Math.abs(x),
  sign: ([x]) => Math.sign(x),
  exp: ([x]) => Math.exp(x),
  log: ([x]) => Math.log(x),
  log1p: ([x]) => Math.log1p(x),
  sqrt: ([x]) => Math.sqrt(x),
  rsqrt: ([x]) => 1 / Math.sqrt(x),
  square: ([x]) => x * x,
  reciprocal: ([x]) => 1 / x,
  relu: ([x]) => (x > 0 || Number.isNaN(x) ? x : 0),
  floor: ([x]) => Math.floor(x),
  ceil: ([x]) => Math.ceil(x),
  round: ([x]) => roundHalfEven(x),
  tanh: ([x]) => Math.tanh(x),
  sigmoid: ([x]) => 1 / (1 + Math.exp(-x)),
  pow: ([x], node) => x ** (node.attrs.exponent as number),
  clamp: ([x], node) => Math.min(Math.max(x, node.attrs.min as number), node.attrs.max as number),
  add: ([x, y]) => x + y,
  sub: ([x, y]) => x - y,
  mul: ([x, y]) => x * y,
  div: ([x, y], node) => (node.type.dtype === 'i32' ? Math.floor(x / y) : x / y),
  maximum: ([x, y]) => Math.max(x, y),
  minimum: ([x, y]) => Math.min(x, y),
  greater: ([x, y]) => truth(x > y),
  greater_equal: ([x, y]) => truth(x >= y),
  less: ([x, y]) => truth(x < y),
  less_equal: ([x, y]) => truth(x <= y),
  equal: ([x, y]) => truth(x === y),
  not_equal: ([x, y]) => truth(x !== y),
  logical_and: ([x, y]) => truth(x !== 0 && y !== 0),
  logical_or: ([x, y]) => truth(x !== 0 || y !== 0),
  logical_not: ([x]) => truth(x === 0),
  select: ([condition, x, y]) => (condition !== 0 ? x : y),
  cast: ([x], node) => (node.type.dtype === 'bool' ? truth(x !== 0) : node.type.dtype === 'i32' ? Math.trunc(x) : x),
};

/** Operators that only move elements, so that one number everywhere stays one number everywhere. */
const MOVES: ReadonlySet<string> = new Set(['reshape', 'transpose', 'broadcast_to', 'slice', 'reverse', 'detach', 'identity']);

export const foldConstants: Rule = (node, b) => {
  if (node.op === 'dim') {
    const value = constantOf(node.attrs.value as Dim);
    return value === undefined ? undefined : number(b, value, node.type.dtype);
  }
  if (node.op === 'fill') return node.type.shape.length === 0 ? number(b, node.attrs.value as number, node.type.dtype) : undefined;
  if (node.inputs.length === 0) return undefined;
  const values: number[] = [];
  for (const input of node.inputs) {
    const value = uniformValue(input);
    if (value === undefined) return undefined;
    values.push(value);
  }
  if (MOVES.has(node.op)) return uniform(b, node.type, values[0]);
  const value = Object.hasOwn(ELEMENTWISE, node.op) ? ELEMENTWISE[node.op](values, node) : reduced(node, values[0]);
  if (value === undefined) return undefined;
  // An integer that leaves 32 bits, or a division by zero, is left to the program.
  if (node.type.dtype === 'i32' && (value | 0) !== value) return undefined;
  return uniform(b, node.type, value);
};

function reduced(node: Node, value: number): number | undefined {
  if (node.op === 'mean' || node.op === 'max' || node.op === 'min') return value;
  if (node.op !== 'sum') return undefined;
  if (value === 0) return 0;
  const axes = node.attrs.axes as readonly number[];
  const count = axes.length === 0 ? 1 : constantOf(multiply(...axes.map((axis) => node.inputs[0].type.shape[axis])));
  return count === undefined ? undefined : value * count;
}
