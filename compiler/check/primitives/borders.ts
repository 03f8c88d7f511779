/** Borders of tensors: a number, the nearest element, or a mirror image. The last two are gathered, so that every axis can have them. */
import type { Node } from '../../ops/graph.ts';
import { add, constant, constantOf, type Dim } from '../../shape/dim.ts';
import type { Reader } from './arguments.ts';
import { constantNode, node } from './primitive.ts';

export const BORDERS = ['zero', 'replicate', 'reflect'] as const;

/** Sizes in front of and behind each axis that has a border. */
export type Border = ReadonlyMap<number, readonly [before: Dim, after: Dim]>;

const isNothing = (d: Dim): boolean => constantOf(d) === 0;

export function bordered(r: Reader, x: Node, border: Border, mode: string, value = 0): Node {
  const given = new Map([...border].filter(([, [before, after]]) => !isNothing(before) || !isNothing(after)));
  if (given.size === 0) return x;
  if (mode === 'zero') {
    const side = (i: 0 | 1): readonly Dim[] => x.type.shape.map((_, axis) => given.get(axis)?.[i] ?? constant(0));
    return node(r, 'pad', [x], { before: side(0), after: side(1), value });
  }
  return [...given].reduce((so_far, [axis, sides]) => gathered(r, so_far, axis, sides, mode === 'reflect'), x);
}

/** Which element stands where along one axis: clamped to the axis, or mirrored at its first and last element (which are not repeated). */
function gathered(r: Reader, x: Node, axis: number, [before, after]: readonly [Dim, Dim], mirrored: boolean): Node {
  const size = x.type.shape[axis];
  const dim = (value: Dim): Node => node(r, 'dim', [], { value, dtype: 'i32' });
  const last = dim(add(size, constant(-1)));
  const zero = constantNode(r, 0, 'i32');
  const minus = (a: Node, b: Node): Node => node(r, 'sub', [a, b]);
  const magnitude = (a: Node): Node => node(r, 'maximum', [a, minus(zero, a)]);
  const place = minus(node(r, 'iota', [], { size: add(size, before, after) }), dim(before));
  const inside = mirrored
    ? minus(last, magnitude(minus(last, magnitude(place))))
    : node(r, 'minimum', [node(r, 'maximum', [place, zero]), last]);
  return node(r, 'gather', [x, inside], { axis });
}
