/** What each group of differences brings with it: parameters, multiply-adds and sizes that follow from it and from nothing else. */
import type { CheckedMethod } from '../../check/check.ts';
import { asMember } from '../../flow/parts.ts';
import { inputName, isInput } from '../../ir/paths.ts';
import type { Effect } from '../classes.ts';
import type { Compared } from '../graph/compare.ts';
import type { Group } from '../graph/groups.ts';
import type { Point } from '../graph/outline.ts';
import { type Amount, addAmounts, amountEffects, amountOf, commonSizes, NOTHING, shapeText } from './measure.ts';

interface Tally {
  from: Amount;
  to: Amount;
  /** The layer that changes size first, and what it gives in the end. */
  layer: string | undefined;
  shape: { of: string; from: string; to: string } | undefined;
}

export interface Effects {
  readonly of: ReadonlyMap<Group, readonly Effect[]>;
  /** Of losses that one side has alone: what only they need. */
  readonly ofLoss: (side: 'from' | 'to') => readonly Effect[];
}

export function effectsOf(compared: Compared, groups: readonly Group[], a: CheckedMethod, b: CheckedMethod): Effects {
  const sizes = commonSizes(a, b);
  const tallies = new Map(groups.map((group) => [group, emptyTally()] as const));
  const owners = ownersOf(compared, groups);
  const { matching } = compared;
  const lossOnly = emptyTally();
  const causes = new Map<Point, ReadonlySet<Group>>();
  const amount = { a: (p: Point) => amountOf(p.node, a, sizes.a), b: (p: Point) => amountOf(p.node, b, sizes.b) };
  const causesOf = (point: Point): ReadonlySet<Group> => {
    const found = new Set(owners.get(point));
    for (const { from } of point.inputs) for (const group of causes.get(from) ?? []) found.add(group);
    return found;
  };
  // What the other side still has, although no loss reads it there.
  const kept = ({ node }: Point): boolean => isInput(node) && a.states.has(inputName(node).name) && b.states.has(inputName(node).name);
  const count = (side: 'from' | 'to', point: Point, own: Amount, group: Group | undefined): void => {
    const tally = group && tallies.get(group);
    if (tally) tally[side] = addAmounts(tally[side], own);
    else if (!compared.shared.has(point) && !kept(point)) lossOnly[side] = addAmounts(lossOnly[side], own);
  };
  // A parameter that got another size because of its reader is counted with the reader.
  const readers = (point: Point): readonly Point[] => (isInput(point.node) ? point.users.map(({ user }) => user) : [point]);
  const only = (of: ReadonlySet<Group>): Group | undefined => (of.size === 1 ? [...of][0] : undefined);
  for (const q of matching.b.points) {
    const p = matching.origin(q);
    const from = new Set([...(owners.get(q) ?? []), ...(p ? (owners.get(p) ?? []) : [])]);
    for (const reader of readers(q)) for (const group of causesOf(reader)) from.add(group);
    const changed = !p || shapeText(p.node, sizes.a) !== shapeText(q.node, sizes.b);
    if (!isInput(q.node) && changed) causes.set(q, from);
    const cause = only(from);
    count('to', q, amount.b(q), cause);
    if (!p) continue;
    count('from', p, amount.a(p), cause);
    const tally = cause && tallies.get(cause);
    if (
      tally &&
      changed &&
      q.node.path !== '' &&
      (tally.layer === undefined || tally.layer === layerOf(q)) &&
      q.node.type.shape.length > 1
    ) {
      tally.layer = layerOf(q);
      tally.shape = { of: nameOf(q), from: shapeText(p.node, sizes.a), to: shapeText(q.node, sizes.b) };
    }
  }
  for (const p of matching.a.points) if (!matching.partner(p)) count('from', p, amount.a(p), only(owners.get(p) ?? new Set()));
  const effects = (tally: Tally): readonly Effect[] => [
    ...amountEffects(tally.from, tally.to),
    ...(tally.shape ? [{ kind: 'shape' as const, ...tally.shape }] : []),
  ];
  return {
    of: new Map([...tallies].map(([group, tally]) => [group, effects(tally)])),
    ofLoss: (side) => (side === 'from' ? amountEffects(lossOnly.from, NOTHING) : amountEffects(NOTHING, lossOnly.to)),
  };
}

function emptyTally(): Tally {
  return { from: NOTHING, to: NOTHING, layer: undefined, shape: undefined };
}

function ownersOf(compared: Compared, groups: readonly Group[]): ReadonlyMap<Point, ReadonlySet<Group>> {
  const owners = new Map<Point, Set<Group>>();
  const own = (point: Point, group: Group): void => {
    const of = owners.get(point) ?? new Set<Group>();
    of.add(group);
    owners.set(point, of);
  };
  for (const group of groups)
    for (const { difference: d, compared: where } of group.found) {
      if (where !== compared) continue;
      if (d.kind !== 'added') own(d.a, group);
      if (d.kind !== 'removed') own(d.b, group);
    }
  // Parameters that only new (or lost) operators read.
  for (const side of [compared.matching.a, compared.matching.b])
    for (const point of side.points) {
      if (!isInput(point.node) || inputName(point.node).role !== 'state' || owners.has(point)) continue;
      const partner = side === compared.matching.a ? compared.matching.partner(point) : compared.matching.origin(point);
      if (partner) continue;
      for (const { user } of point.users) for (const group of owners.get(user) ?? []) own(point, group);
    }
  return owners;
}

function layerOf({ node }: Point): string {
  return node.path.split('.')[0];
}

/** `net.layer4`: as far as a reader follows. */
function nameOf({ node }: Point): string {
  return asMember(node.path.split('.').slice(0, 2).join('.'));
}
