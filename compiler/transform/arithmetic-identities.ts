/** Identities of arithmetic that hold for every value (up to the sign of zero). */
import type { Rule } from '../ir/rewrite.ts';
import type { Builder } from '../ops/builder.ts';
import type { Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { broadcastShape, isOne, number, sameShape, stretched, uniform, uniformValue } from './uniform.ts';

/** Every value is a number: then zero times it is zero. */
function finite(node: Node): boolean {
  return node.type.dtype === 'i32' || (Number.isFinite(node.range.low) && Number.isFinite(node.range.high));
}

const add: Rule = (node, b) => {
  const [x, y] = node.inputs;
  if (uniformValue(y) === 0) return stretched(b, x, node.type.shape);
  if (uniformValue(x) === 0) return stretched(b, y, node.type.shape);
  if (y.op === 'neg') return b.sub(x, y.inputs[0]);
  if (x.op === 'neg') return b.sub(y, x.inputs[0]);
  return undefined;
};

const sub: Rule = (node, b) => {
  const [x, y] = node.inputs;
  if (uniformValue(y) === 0) return stretched(b, x, node.type.shape);
  if (y.op === 'neg') return b.addition(x, y.inputs[0]);
  if (uniformValue(x) === 0 && node.type.dtype === 'f32') return stretched(b, b.neg(y), node.type.shape);
  return undefined;
};

function product(b: Builder, node: Node, x: Node, factor: number | undefined): Node | undefined {
  if (factor === 1) return stretched(b, x, node.type.shape);
  if (factor === 0 && finite(x)) return uniform(b, node.type, 0);
  if (factor === -1 && node.type.dtype === 'f32') return stretched(b, b.neg(x), node.type.shape);
  return undefined;
}

const mul: Rule = (node, b) => {
  const [x, y] = node.inputs;
  return product(b, node, x, uniformValue(y)) ?? product(b, node, y, uniformValue(x));
};

const div: Rule = (node, b) => {
  const [x, y] = node.inputs;
  return uniformValue(y) === 1 ? stretched(b, x, node.type.shape) : undefined;
};

const neg: Rule = (node, b) => {
  const [x] = node.inputs;
  if (x.op === 'neg') return x.inputs[0];
  return x.op === 'sub' ? b.sub(x.inputs[1], x.inputs[0]) : undefined;
};

/** f(f(x)) = f(x), or f(x, x) = x. */
const idempotent: Rule = (node) => {
  const [x, y] = node.inputs;
  if (node.inputs.length === 2) return x === y ? x : undefined;
  return x.op === node.op ? x : undefined;
};

const select: Rule = (node, b) => {
  const [condition, x, y] = node.inputs;
  if (x === y) return stretched(b, x, node.type.shape);
  const known = uniformValue(condition);
  return known === undefined ? undefined : stretched(b, known !== 0 ? x : y, node.type.shape);
};

const cast: Rule = (node) => (node.inputs[0].type.dtype === node.type.dtype ? node.inputs[0] : undefined);
const not: Rule = (node) => (node.inputs[0].op === 'logical_not' ? node.inputs[0].inputs[0] : undefined);

const RULES: Readonly<Record<string, Rule>> = {
  add,
  sub,
  mul,
  div,
  neg,
  select,
  cast,
  logical_not: not,
  relu: idempotent,
  abs: idempotent,
  floor: idempotent,
  ceil: idempotent,
  round: idempotent,
  maximum: idempotent,
  minimum: idempotent,
  logical_and: idempotent,
  logical_or: idempotent,
};

export const arithmeticIdentities: Rule = (node, b) => (Object.hasOwn(RULES, node.op) ? RULES[node.op](node, b) : undefined);

/**
 * Element-wise operators broadcast by themselves: an operand that was stretched beforehand, or filled with one number, is used as it was
 * where the others give the result its shape; and where all were stretched, the operator works on the small tensors and its result is stretched.
 */
export const lateBroadcast: Rule = (node, b) => {
  if (node.inputs.length === 0 || node.op === 'detach' || node.op === 'identity' || operator(node.op).batch !== 'elementwise')
    return undefined;
  const small = node.inputs.map((input) => {
    if (input.op === 'broadcast_to') return input.inputs[0];
    return input.op === 'fill' ? number(b, input.attrs.value as number, input.type.dtype) : input;
  });
  if (small.every((input, i) => input === node.inputs[i])) return undefined;
  const shape = broadcastShape(small.map((input) => input.type.shape));
  if (shape && sameShape(shape, node.type.shape)) return b.add(node.op, small, node.attrs);
  if (shape && stretchesTo(shape, node)) return b.broadcast(b.add(node.op, small, node.attrs), node.type.shape);
  // One operand keeps the shape, the others shrink.
  for (let keep = 0; keep < small.length; keep++) {
    const mixed = small.map((input, i) => (i === keep ? node.inputs[i] : input));
    if (mixed.every((input, i) => input === node.inputs[i])) continue;
    const result = broadcastShape(mixed.map((input) => input.type.shape));
    if (result && sameShape(result, node.type.shape)) return b.add(node.op, mixed, node.attrs);
  }
  return undefined;
};

function stretchesTo(shape: Node['type']['shape'], node: Node): boolean {
  const extra = node.type.shape.length - shape.length;
  return extra >= 0 && shape.every((d, i) => d === node.type.shape[i + extra] || isOne(d));
}
