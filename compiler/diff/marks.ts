/** What a drawing of either side marks: the operators, parameters and losses of the training step that differ. */
import type { CheckedMethod } from '../check/check.ts';
import type { LossDeclaration } from '../ir/program.ts';
import type { Node } from '../ops/graph.ts';
import { type Compared, compareGraphs, type Traced } from './graph/compare.ts';
import type { Point } from './graph/outline.ts';
import { plain } from './plan/rows.ts';
import type { Names } from './side.ts';

export interface Marks {
  readonly nodes: ReadonlySet<Node>;
  /** Keys of parameters. */
  readonly keys: ReadonlySet<string>;
  readonly losses: ReadonlySet<string>;
}

/** The methods as they are, settings not taken out of the way: where a hyper changes something is marked too. */
export function marksOf(a: CheckedMethod, b: CheckedMethod, names: Names): { readonly from: Marks; readonly to: Marks } {
  const compared = compareGraphs(tracedTraining(a), tracedTraining(b), { a: a.states, b: b.states });
  const frozen = [...names.state].filter(([from, to]) => a.train?.frozen.has(from) !== b.train?.frozen.has(to));
  const losses = lossMarks(a, b, compared);
  return {
    from: { nodes: nodesOf('a', compared), keys: new Set(frozen.map(([from]) => from)), losses: losses.from },
    to: { nodes: nodesOf('b', compared), keys: new Set(frozen.map(([, to]) => to)), losses: losses.to },
  };
}

export function tracedTraining({ forward }: CheckedMethod): Traced {
  return { graph: forward.graph, E: forward.E, steps: () => undefined };
}

/** Sizes mostly follow from something else: they are marked where nothing else differs. What only a loss of one side needs is marked with it. */
function nodesOf(side: 'a' | 'b', { differences, matching }: Compared): ReadonlySet<Node> {
  const alone = side === 'a' ? matching.a.points.filter((p) => !matching.partner(p)) : matching.b.points.filter((p) => !matching.origin(p));
  const paired = differences.filter((d) => d.kind !== 'removed' && d.kind !== 'added');
  const chosen = paired.filter(({ kind }) => kind !== 'size');
  const changed = (chosen.length + alone.length > 0 ? chosen : paired).map((d) => (side === 'a' ? d.a : d.b));
  return new Set([...alone, ...changed].flatMap(markedOf));
}

/** Constants and parameters are drawn as part of whoever reads them. */
function markedOf({ node, inputs, users }: Point): readonly Node[] {
  return inputs.length > 0 ? [node] : [node, ...users.map(({ user }) => user.node)];
}

/** Losses that one side has alone, or weighs or times otherwise. */
function lossMarks(
  a: CheckedMethod,
  b: CheckedMethod,
  { losses }: Compared,
): { readonly from: ReadonlySet<string>; readonly to: ReadonlySet<string> } {
  const told = (method: CheckedMethod, name: string): string => {
    const loss: LossDeclaration | undefined = method.forward.losses.find((l) => l.name === name);
    return plain([loss?.weight, loss?.fromEpoch, loss?.untilEpoch, loss?.off]);
  };
  const same = losses.filter(([from, to]) => told(a, from) === told(b, to));
  const [left, right] = [new Set(same.map(([from]) => from)), new Set(same.map(([, to]) => to))];
  const rest = (method: CheckedMethod, known: ReadonlySet<string>): ReadonlySet<string> =>
    new Set(method.forward.losses.flatMap(({ name }) => (known.has(name) ? [] : [name])));
  return { from: rest(a, left), to: rest(b, right) };
}
