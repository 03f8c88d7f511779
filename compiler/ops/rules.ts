/** Rules that many operators share: broadcasting, kinds, ranges, attributes with their types. */
import { constant, constantOf, type Dim, multiply, nameOf } from '../shape/dim.ts';
import { type KindAndRange, OperatorError, type ShapeContext } from './definition.ts';
import type { Attrs, DType, Kind, Node, Range, TensorType } from './graph.ts';

export const ANY: Range = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
export const UNIT: Range = { low: 0, high: 1 };
export const ONE = constant(1);

export function ints(attrs: Attrs, name: string): readonly number[] {
  return attrs[name] as readonly number[];
}
export function dims(attrs: Attrs, name: string): readonly Dim[] {
  return attrs[name] as readonly Dim[];
}
export function dim(attrs: Attrs, name: string): Dim {
  return attrs[name] as Dim;
}
export function int(attrs: Attrs, name: string): number {
  return attrs[name] as number;
}
export function number(attrs: Attrs, name: string): number {
  return attrs[name] as number;
}
export function flag(attrs: Attrs, name: string): boolean {
  return attrs[name] as boolean;
}
export function word(attrs: Attrs, name: string): string {
  return attrs[name] as string;
}

export function f32(shape: readonly Dim[]): TensorType {
  return { dtype: 'f32', shape };
}

/** Shape of an element-wise result: axes aligned from the right, length one stretches. */
export function broadcast(inputs: readonly TensorType[], context: ShapeContext): readonly Dim[] {
  return inputs.map((t) => t.shape).reduce((a, b, i) => pair(a, b, i, context));
}

/** `index` is that of the second operand; the first stands for all before it. */
function pair(a: readonly Dim[], b: readonly Dim[], index: number, context: ShapeContext): readonly Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - (rank - a.length)];
    const right = b[i - (rank - b.length)];
    if (left === undefined) return right;
    if (right === undefined || left === right || constantOf(right) === 1) return left;
    if (constantOf(left) === 1) return right;
    const [large, small] = a.length > b.length ? [a, b] : [b, a];
    const meant = large.length === small.length ? undefined : placement(large, small);
    // [N, h, w, K] and [N, K]: whether N = w is no question where the axes say what is meant.
    if (meant !== undefined)
      throw new OperatorError('shape-mismatch', `${a.length} axes meet ${b.length}, aligned from the right`, {
        input: small === b ? index : index - 1,
        sides: { left, right },
        hint: `rearrange(x, "${meant}") puts its axes where they belong`,
      });
    const reason =
      a.length === b.length
        ? `axis ${i} of an element-wise operation`
        : `${a.length} axes meet ${b.length}, aligned from the right (rearrange adds axes of length 1)`;
    if (!context.same(left, right, reason)) throw new OperatorError('shape-mismatch', `axis ${i}`, { sides: { left, right } });
    return left;
  });
}

/** The pattern that brings the axes of the smaller operand to those of the same sizes, in order; undefined where they are not all found. */
function placement(large: readonly Dim[], small: readonly Dim[]): string | undefined {
  const placed: string[] = [];
  const names: string[] = [];
  for (const size of large) {
    if (names.length === small.length || small[names.length] !== size) {
      placed.push('1');
      continue;
    }
    const own = nameOf(size)?.toLowerCase();
    const name = own !== undefined && /^[a-z]$/.test(own) && !names.includes(own) ? own : 'abcdefgh'[names.length];
    names.push(name);
    placed.push(name);
  }
  return names.length === small.length && new Set(names).size === names.length ? `${names.join(' ')} -> ${placed.join(' ')}` : undefined;
}

export function requireRank(inputs: readonly TensorType[], index: number, rank: number): void {
  if (inputs[index].shape.length !== rank) throw new OperatorError('rank-mismatch', String(rank), { input: index });
}

export function requireAxis(axis: number, rank: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) throw new OperatorError('bad-axis', String(axis));
}

export function requireSame(left: Dim, right: Dim, reason: string, context: ShapeContext, input: number): void {
  if (!context.same(left, right, reason)) throw new OperatorError('shape-mismatch', reason, { input, sides: { left, right } });
}

export function product(shape: readonly Dim[]): Dim {
  return shape.length === 0 ? ONE : multiply(...shape);
}

// ------------------------------------------------ kinds and ranges

/** The same meaning as the first input. */
export const keep = (inputs: readonly Node[]): KindAndRange => ({ kind: inputs[0].kind, range: inputs[0].range });

/** Kinds whose values lie in [0, 1] by definition. */
const UNIT_KINDS: readonly Kind[] = ['probabilities', 'mask', 'tags', 'region', 'seeds', 'saliency', 'boundary'];

/** The kind where the values still allow it: masks, tags and probabilities that may leave [0, 1] are none any more. */
export function meaning(kind: Kind, range: Range): KindAndRange {
  return { kind: UNIT_KINDS.includes(kind) && !(range.low >= 0 && range.high <= 1) ? 'tensor' : kind, range };
}

/** The same meaning, other values. */
export const keepKind =
  (range: (r: Range) => Range) =>
  (inputs: readonly Node[]): KindAndRange =>
    meaning(inputs[0].kind, range(inputs[0].range));

/** Always this meaning. */
export const always =
  (kind: Kind, range: Range = ANY) =>
  (): KindAndRange => ({ kind, range });

/** Kinds that scale another without changing what it is. */
const WEIGHTS: readonly Kind[] = ['tensor', 'mask', 'region', 'tags', 'scalar', 'seeds'];

/** Like kinds stay; a claim wins over none; a mask or tags on a map leave a map; anything else claims nothing. */
export function join(a: Kind, b: Kind): Kind {
  if (a === b) return a;
  if (a === 'tensor' || a === 'scalar') return WEIGHTS.includes(b) && b !== 'tensor' ? 'tensor' : b === 'scalar' ? a : b;
  if (b === 'tensor' || b === 'scalar') return WEIGHTS.includes(a) ? 'tensor' : a;
  if (WEIGHTS.includes(a)) return b;
  if (WEIGHTS.includes(b)) return a;
  return 'tensor';
}

function finite(x: number): number {
  return Number.isNaN(x) ? 0 : x;
}
export const rangeOf = {
  add: (a: Range, b: Range): Range => ({ low: a.low + b.low, high: a.high + b.high }),
  sub: (a: Range, b: Range): Range => ({ low: a.low - b.high, high: a.high - b.low }),
  mul: (a: Range, b: Range): Range => {
    const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high].map(finite);
    return { low: Math.min(...corners), high: Math.max(...corners) };
  },
  abs: (r: Range): Range => ({ low: Math.max(0, r.low, -r.high), high: Math.max(-r.low, r.high) }),
  any: (): Range => ANY,
} as const;

export function constantType(attrs: Attrs): TensorType {
  return { dtype: attrs.dtype as DType, shape: [] };
}
