/** Identities of operators that move elements, and of reductions over axes where nothing varies. */
import type { Rule } from '../ir/rewrite.ts';
import type { Builder } from '../ops/builder.ts';
import type { Node } from '../ops/graph.ts';
import { constant, constantOf, type Dim, multiply } from '../shape/dim.ts';
import { isOne, number, reshaped, sameShape, uniformValue } from './uniform.ts';

const ONE = constant(1);

const reshape: Rule = (node, b) => {
  const [x] = node.inputs;
  if (sameShape(x.type.shape, node.type.shape)) return x;
  return x.op === 'reshape' ? b.reshape(x.inputs[0], node.type.shape) : undefined;
};

const transpose: Rule = (node, b) => {
  const [x] = node.inputs;
  const perm = node.attrs.perm as readonly number[];
  if (perm.every((p, i) => p === i)) return x;
  if (x.op === 'transpose') {
    const inner = x.attrs.perm as readonly number[];
    return b.add('transpose', [x.inputs[0]], { perm: perm.map((p) => inner[p]) });
  }
  // Moving axes of length one moves no element: then it is a view.
  const long = perm.filter((p) => !isOne(x.type.shape[p]));
  return long.every((p, i) => i === 0 || p > long[i - 1]) ? b.reshape(x, node.type.shape) : undefined;
};

const broadcastTo: Rule = (node, b) => {
  const [x] = node.inputs;
  if (sameShape(x.type.shape, node.type.shape)) return x;
  if (x.op === 'broadcast_to') return b.broadcast(x.inputs[0], node.type.shape);
  // New axes of length one only.
  const extra = node.type.shape.length - x.type.shape.length;
  const padded = [...node.type.shape.slice(0, extra).map(() => ONE), ...x.type.shape];
  return sameShape(padded, node.type.shape) ? b.reshape(x, node.type.shape) : undefined;
};

const slice: Rule = (node) => {
  const [x] = node.inputs;
  if (sameShape(x.type.shape, node.type.shape)) return x;
  // Cutting off exactly what was added.
  if (x.op !== 'pad') return undefined;
  const starts = node.attrs.starts as readonly Dim[];
  return sameShape(x.attrs.before as readonly Dim[], starts) && sameShape(x.inputs[0].type.shape, node.type.shape)
    ? x.inputs[0]
    : undefined;
};

const pad: Rule = (node) => {
  const border = [...(node.attrs.before as readonly Dim[]), ...(node.attrs.after as readonly Dim[])];
  return border.every((d) => constantOf(d) === 0) ? node.inputs[0] : undefined;
};

const concat: Rule = (node) => (node.inputs.length === 1 ? node.inputs[0] : undefined);

const reverse: Rule = (node) => {
  const [x] = node.inputs;
  const axes = node.attrs.axes as readonly number[];
  return axes.every((axis) => isOne(x.type.shape[axis])) ? x : undefined;
};

/** Shape with the reduced axes as length one. */
function keptShape(shape: readonly Dim[], axes: readonly number[]): readonly Dim[] {
  return shape.map((d, i) => (axes.includes(i) ? ONE : d));
}

/** A reduction over axes along which a tensor was repeated reads the tensor itself; a sum counts the repetitions. */
const reduce: Rule = (node, b) => {
  const [x] = node.inputs;
  const axes = node.attrs.axes as readonly number[];
  if (axes.every((axis) => isOne(x.type.shape[axis]))) return reshaped(b, x, node.type.shape);
  if (x.op !== 'broadcast_to') return undefined;
  const full = x.type.shape;
  const source = x.inputs[0];
  const extra = full.length - source.type.shape.length;
  const aligned = [...full.slice(0, extra).map(() => ONE), ...source.type.shape];
  const repeated = axes.filter((axis) => isOne(aligned[axis]) && !isOne(full[axis]));
  if (repeated.length === 0) return undefined;
  const varying = axes.filter((axis) => !isOne(aligned[axis]));
  let value = reshaped(b, source, aligned);
  if (varying.length > 0) value = b.add(node.op, [value], { axes: varying, keep: true });
  const times = (x: Node): Node => (node.op === 'sum' ? b.mul(x, sizeOf(b, multiply(...repeated.map((axis) => full[axis])))) : x);
  const shape = keptShape(full, axes);
  // Counted before it is stretched again, else last, where reshapes can meet.
  if (!sameShape(value.type.shape, shape)) return reshaped(b, b.broadcast(times(value), shape), node.type.shape);
  return times(reshaped(b, value, node.type.shape));
};

function sizeOf(b: Builder, size: Dim): Node {
  const value = constantOf(size);
  return value === undefined ? b.add('dim', [], { value: size, dtype: 'f32' }) : number(b, value, 'f32');
}

/** A transposed operand is read transposed. */
const matmul: Rule = (node, b) => {
  const swapped = (operand: Node): boolean => {
    if (operand.op !== 'transpose') return false;
    const perm = operand.attrs.perm as readonly number[];
    const rank = perm.length;
    return perm[rank - 1] === rank - 2 && perm[rank - 2] === rank - 1;
  };
  const flips = node.inputs.map(swapped);
  if (!flips.includes(true)) return undefined;
  const inputs = node.inputs.map((input, i) => (flips[i] ? input.inputs[0] : input));
  return b.add('matmul', inputs, { ta: (node.attrs.ta as boolean) !== flips[0], tb: (node.attrs.tb as boolean) !== flips[1] });
};

const gather: Rule = (node, b) => {
  const value = uniformValue(node.inputs[0]);
  return value === undefined ? undefined : b.add('fill', [], { shape: node.type.shape, value, dtype: node.type.dtype });
};

const RULES: Readonly<Record<string, Rule>> = {
  reshape,
  transpose,
  broadcast_to: broadcastTo,
  slice,
  pad,
  concat,
  reverse,
  matmul,
  gather,
  sum: reduce,
  mean: reduce,
  max: reduce,
  min: reduce,
};

export const layoutIdentities: Rule = (node, b) => (Object.hasOwn(RULES, node.op) ? RULES[node.op](node, b) : undefined);
