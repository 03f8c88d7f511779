/** Which loss reaches which parameters now, and did not before. */
import type { CheckedMethod } from '../../check/check.ts';
import { asMember, partsOf } from '../../flow/parts.ts';
import { gradientReach } from '../../flow/reach.ts';
import type { Effect } from '../classes.ts';
import type { Names } from '../side.ts';

type Reached = ReadonlyMap<string, ReadonlySet<string>>;

function parametersOf({ states }: CheckedMethod): readonly string[] {
  return [...states.values()].flatMap(({ role, key }) => (role === 'parameter' ? [key] : []));
}

/** Losses by parameter, frozen or not: what is frozen has a row of its own. */
function reached(method: CheckedMethod): Reached {
  const parameters = parametersOf(method);
  const inputs = parameters.map((name) => ({ role: 'state' as const, name }));
  const table = gradientReach(method.forward.graph, inputs);
  return new Map(inputs.map((input) => [input.name, new Set(table.lossesOf(input))]));
}

export interface ReachEffects {
  readonly loss: string;
  readonly effect: Effect;
}

/** `replaced`: layers with a row of their own. For every loss (under the name it has in `b`, if it has one there) the parameters that it reaches in one version only, and those that none reaches. */
export function reachEffects(
  a: CheckedMethod,
  b: CheckedMethod,
  names: Names,
  replaced: ReadonlySet<string>,
): { readonly byLoss: readonly ReachEffects[]; readonly untrained: readonly Effect[] } {
  const [x, y] = [reached(a), reached(b)];
  const toB = new Map(names.losses);
  const losses = new Map<string, { from: string[]; to: string[] }>();
  const none = { from: [] as string[], to: [] as string[] };
  const note = (loss: string, side: 'from' | 'to', key: string): void => {
    const of = losses.get(loss) ?? { from: [], to: [] };
    of[side].push(key);
    losses.set(loss, of);
  };
  for (const [from, to] of names.state) {
    // Parts of a layer that was replaced are no longer the same.
    if (from !== to && replaced.has(from.split('.')[0])) continue;
    const [left, right] = [x.get(from), y.get(to)];
    if (!left || !right) continue;
    const before = new Set([...left].map((loss) => toB.get(loss) ?? `${loss}`));
    for (const loss of before) if (!right.has(loss)) note(loss, 'from', from);
    for (const loss of right) if (!before.has(loss)) note(loss, 'to', to);
    const frozen = { a: a.train?.frozen.has(from), b: b.train?.frozen.has(to) };
    if (left.size === 0 && right.size > 0 && !frozen.b) none.from.push(from);
    if (right.size === 0 && left.size > 0 && !frozen.a) none.to.push(to);
  }
  const said = (keys: readonly string[], method: CheckedMethod): readonly string[] | undefined =>
    keys.length === 0 ? undefined : partsOf(parametersOf(method), new Set(keys)).map(asMember);
  return {
    byLoss: [...losses].map(([loss, { from, to }]) => ({ loss, effect: { kind: 'reach', loss, from: said(from, a), to: said(to, b) } })),
    untrained: none.from.length + none.to.length === 0 ? [] : [{ kind: 'untrained', from: said(none.from, a), to: said(none.to, b) }],
  };
}
