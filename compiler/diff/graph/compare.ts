/** Two graphs of one kind (training steps, or inference programs) compared: what is which, and what differs. */
import type { Elaboration } from '../../check/elaboration.ts';
import type { CallFrame } from '../../check/values.ts';
import { inputName } from '../../ir/paths.ts';
import type { Graph, Node } from '../../ops/graph.ts';
import { differencesOf, type GraphDifference, type States } from './differences.ts';
import { Interning } from './interning.ts';
import { lossPart } from './loss-part.ts';
import { type Matching, match } from './match.ts';
import { type Outline, outlineOf, type Point } from './outline.ts';

/** A graph and what is known of its making. */
export interface Traced {
  readonly graph: Graph;
  readonly E: Elaboration;
  /** Steps that make a batch input, as text; for pictures of inference programs. */
  readonly steps: (input: string) => string | undefined;
}

export interface Compared {
  readonly a: Traced;
  readonly b: Traced;
  readonly matching: Matching;
  readonly differences: readonly GraphDifference[];
  /** Names of losses that both have, first the one of `a`. */
  readonly losses: readonly (readonly [string, string])[];
  /** Operators that only belong to losses, of both sides. */
  readonly lossPart: ReadonlySet<Point>;
  /** Points that the results of both sides need; what only a removed or added loss needs is not among them. */
  readonly shared: ReadonlySet<Point>;
}

export function compareGraphs(a: Traced, b: Traced, states: States): Compared {
  const interning = new Interning();
  const paired = pairedInputs(a, b);
  const [x, y] = [outlineOf(a.graph, interning, paired.a), outlineOf(b.graph, interning, paired.b)];
  const results = pairedResults(x, y, interning);
  const matching = match(x, y, results, interning);
  const shared = new Set([
    ...neededBy(
      x,
      results.map(([i]) => i),
    ),
    ...neededBy(
      y,
      results.map(([, j]) => j),
    ),
  ]);
  const steps = (side: 'a' | 'b', input: string): string | undefined => (side === 'a' ? a : b).steps(input);
  const differences = differencesOf(matching, states, steps).filter((d) => (d.kind === 'added' ? shared.has(d.b) : shared.has(d.a)));
  return {
    a,
    b,
    matching,
    differences,
    losses: results.flatMap(([i, j]) => (x.outputs[i].role === 'loss' ? [[x.outputs[i].name, y.outputs[j].name] as const] : [])),
    lossPart: new Set([...lossPart(x, frames(a.E)), ...lossPart(y, frames(b.E))]),
    shared,
  };
}

export function frames(E: Elaboration): (point: Point) => CallFrame | undefined {
  return (point) => E.frameOf(point.node);
}

/** Batch inputs that are the same one: of one name and kind; of inference programs, made by the same steps. */
function pairedInputs(
  a: Traced,
  b: Traced,
): { readonly a: (node: Node) => string | undefined; readonly b: (node: Node) => string | undefined } {
  const keyOf = ({ steps }: Traced, node: Node): string | undefined => {
    const { role, name } = inputName(node);
    if (role !== 'batch' && role !== 'scalar') return undefined;
    return `${steps(name) ?? name} ${node.kind}`;
  };
  const keys = (side: Traced): ReadonlySet<string> =>
    new Set(side.graph.nodes.flatMap((node) => (node.op === 'input' ? (keyOf(side, node) ?? []) : [])));
  const [left, right] = [keys(a), keys(b)];
  const of =
    (side: Traced, others: ReadonlySet<string>) =>
    (node: Node): string | undefined => {
      const key = keyOf(side, node);
      return key !== undefined && others.has(key) ? key : undefined;
    };
  return { a: of(a, right), b: of(b, left) };
}

/** Losses and results of the same name; losses under another name where they compute the same. */
function pairedResults(a: Outline, b: Outline, interning: Interning): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  const open = new Set(b.outputs.keys());
  const take = (i: number, j: number | undefined): boolean => {
    if (j === undefined) return false;
    open.delete(j);
    pairs.push([i, j]);
    return true;
  };
  const left = [...a.outputs.keys()].filter((i) => {
    const { role, name } = a.outputs[i];
    return (
      role !== 'state' &&
      !take(
        i,
        [...open].find((j) => b.outputs[j].role === role && b.outputs[j].name === name),
      )
    );
  });
  const down = (outline: Outline): readonly number[] => {
    const found: number[] = [];
    for (const { label, inputs } of outline.points)
      found.push(interning.of(`down ${label} ${inputs.map(({ from }) => found[from.id]).join(',')}`));
    return found;
  };
  if (left.length > 0 && open.size > 0) {
    const [x, y] = [down(a), down(b)];
    for (const i of left)
      take(
        i,
        [...open].find((j) => b.outputs[j].role === a.outputs[i].role && y[b.outputs[j].from.id] === x[a.outputs[i].from.id]),
      );
  }
  return pairs;
}

function neededBy(outline: Outline, outputs: readonly number[]): ReadonlySet<Point> {
  const state = outline.outputs.filter(({ role }) => role === 'state').map(({ from }) => from);
  const found = new Set([...outputs.map((i) => outline.outputs[i].from), ...state]);
  for (const point of found) for (const { from } of point.inputs) found.add(from);
  return found;
}
