/** `wsss graph`: the wiring of a method's training step, or of one of its inference programs, as DOT. */
import type { CheckedMethod } from '../check/check.ts';
import type { Elaboration, LossValue } from '../check/elaboration.ts';
import { type Direction, dotOf } from '../graph/dot.ts';
import { type Wiring, wiringOf } from '../graph/wiring.ts';
import type { Graph, Node } from '../ops/graph.ts';

/** How a drawing may look. */
export interface GraphLook {
  readonly direction?: Direction;
  /** What of the method a comparison marks. */
  readonly differs?: Differs;
}

/** Parts of a method that a drawing marks. */
export interface Differs {
  readonly nodes: ReadonlySet<Node>;
  /** Keys of parameters. */
  readonly keys: ReadonlySet<string>;
  readonly losses: ReadonlySet<string>;
}

function markedBoxes({ boxes, boxOf }: Wiring, { nodes, keys, losses }: Differs): ReadonlySet<string> {
  return new Set([
    ...[...nodes].flatMap((node) => boxOf.get(node) ?? []),
    ...boxes.flatMap(({ id, keys: own }) => (own.some((key) => keys.has(key)) ? [id] : [])),
    ...[...losses].map((name) => `loss:${name}`),
  ]);
}

/** `program`: the name behind `infer`; the training step where undefined. Undefined where the method has no such program. */
export function methodDot(method: CheckedMethod, program?: string, look: GraphLook = {}): string | undefined {
  const infer = program === undefined ? undefined : method.infer.find((p) => p.name === program);
  if (program !== undefined && !infer) return undefined;
  const { graph, E } = infer ?? method.forward;
  const frozen = method.train?.frozen ?? new Set<string>();
  const parameters = [...method.states.values()].filter((state) => state.role === 'parameter');
  const trained = infer ? [] : parameters.filter((state) => !frozen.has(state.key));
  const averages = [...method.states.values()].filter((state) => state.role === 'average');
  const wiring = wiringOf(graph, {
    keys: new Set([...parameters, ...averages].map((state) => state.key)),
    trained: new Set(trained.map((state) => state.key)),
    callOf: (node) => E.frameOf(node),
  });
  const notes = new Map(method.forward.losses.map((loss) => [`loss:${loss.name}`, clausesOf(loss)] as const));
  return dotOf(wiring, {
    title: infer ? `${method.name}, infer ${infer.name}` : method.name,
    subtitle: infer ? undefined : titleOf(method),
    frozen: infer ? new Set() : frozen,
    follows: new Map(
      averages.flatMap(({ key, average }) => (average ? [[key, `follows ${layerOf(average.of)}, ema ${average.momentum}`] as const] : [])),
    ),
    modules: modulesOf(graph, E),
    notes,
    legend: true,
    ...(look.direction ? { direction: look.direction } : {}),
    ...(look.differs ? { marked: markedBoxes(wiring, look.differs) } : {}),
  });
}

/** `weight 0.1, epochs 1 to 3` and `when …`, below a loss. */
function clausesOf({ weight, fromEpoch, untilEpoch, when }: LossValue): string {
  const factor = typeof weight === 'number' ? String(weight) : `${weight.from} to ${weight.to}`;
  const words = [
    ...(factor === '1' ? [] : [`weight ${factor}`]),
    ...(fromEpoch > 0 ? [`from epoch ${fromEpoch}`] : []),
    ...(untilEpoch === undefined ? [] : [`until epoch ${untilEpoch}`]),
  ];
  const condition = when ? `when ${when.file.text.slice(when.start, when.end).replace(/\s+/g, ' ')}` : undefined;
  return [words.join(', '), condition].filter((line) => line).join('\n') || 'loss';
}

/** The layer that a parameter is declared under. */
function layerOf(key: string): string {
  return key.split('.')[0];
}

function titleOf(method: CheckedMethod): string | undefined {
  const paper = method.source.members.find((member) => member.kind === 'paper');
  if (paper?.kind !== 'paper') return undefined;
  const { file, start, end } = paper.span;
  return /title:\s*"([^"]*)"/.exec(file.text.slice(start, end))?.[1];
}

/** Names and documentation of the modules that are called, by call path. */
function modulesOf(graph: Graph, E: Elaboration): ReadonlyMap<string, { readonly name: string; readonly doc: string | undefined }> {
  const found = new Map<string, { readonly name: string; readonly doc: string | undefined }>();
  for (const node of graph.nodes)
    for (let frame = E.frameOf(node); frame && !found.has(frame.path); frame = frame.caller)
      found.set(frame.path, { name: frame.declaration.name.text, doc: frame.declaration.doc });
  return found;
}
