/**
 * The wiring of a method at the level of its modules: calls are boxes, the method's own modules are opened one level, what stands in a body itself
 * is one box for each line. Every call has a box of its own; boxes that read the same parameters say so.
 */
import { valueDependents } from '../flow/reach.ts';
import { ancestors, dependents, inputName, isInput, passesGradient } from '../ir/paths.ts';
import type { Graph, Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { type Cluster, placesOf } from './boxes.ts';
import { withoutLongRows } from './chains.ts';
import { type Call, callsOf } from './repeats.ts';

export interface WiringBox {
  readonly id: string;
  readonly kind: 'input' | 'module' | 'line' | 'loss' | 'output';
  /** Lines of text inside. */
  readonly label: readonly string[];
  /** Call path of a module; of the body it stands in for a line. */
  readonly path: string;
  /** Id of the opened call that it lies in. */
  readonly cluster: string | undefined;
  /** Keys of the parameters that it reads. */
  readonly keys: readonly string[];
  /** Layers declared elsewhere that it calls inside. */
  readonly uses: readonly string[];
  /** How many calls, or turns of a loop, it stands for. */
  readonly times: number;
  /** Name of the module that a box inside an opened call stands for. */
  readonly module?: string;
  /** Path of the last module of a row, of which `path` is the first. */
  readonly last?: string;
  /** Where several boxes read its parameters: which of them this is. */
  readonly shared: { readonly index: number; readonly of: number } | undefined;
}

export interface WiringEdge {
  readonly from: string;
  readonly to: string;
  readonly value: Node;
  /**
   * `gradient`: a loss's gradient comes back along it to something that trains; `cut`: something that trains lies behind, and the gradient ends where
   * it is read; `past`: something that trains lies behind, and the gradient has ended further back; `data`: nothing that trains lies behind.
   */
  readonly kind: 'gradient' | 'cut' | 'past' | 'data';
  /** The operators at which the gradients of a cut edge end. */
  readonly ends: readonly Node[];
}

export interface Wiring {
  readonly boxes: readonly WiringBox[];
  /** Opened calls. */
  readonly clusters: readonly Cluster[];
  readonly edges: readonly WiringEdge[];
  /** The box of every operator that has one. */
  readonly boxOf: ReadonlyMap<Node, string>;
}

export interface WiringQuestion {
  /** Parameters, and what follows them: whoever reads these is said to. */
  readonly keys: ReadonlySet<string>;
  /** Keys whose gradients count; empty for an inference program, where nothing is cut. */
  readonly trained: ReadonlySet<string>;
  readonly callOf: (node: Node) => Call | undefined;
}

type Draft = WiringBox & { readonly label: string[]; readonly keys: string[]; readonly uses: string[] };

export function wiringOf(graph: Graph, { keys, trained, callOf }: WiringQuestion): Wiring {
  const outputs = graph.outputs.filter((output) => output.role === 'loss' || output.role === 'output');
  const used = new Set<Node>(outputs.map((output) => output.node));
  for (const node of used) for (const input of node.inputs) used.add(input);
  const nodes = graph.nodes.filter((node) => used.has(node));

  const boxes = new Map<string, Draft>();
  const boxOf = new Map<Node, string>();
  const clusters = new Map<string, Cluster>();
  for (const [node, { id, kind, path, label, cluster, times, module }] of placesOf(nodes, callOf)) {
    boxOf.set(node, id);
    if (cluster) clusters.set(cluster.id, cluster);
    const box = boxes.get(id) ?? {
      id,
      kind,
      label: label === '' ? [] : [label],
      path,
      cluster: cluster?.id,
      keys: [],
      uses: [],
      times,
      ...(module === undefined ? {} : { module }),
      shared: undefined,
    };
    boxes.set(id, box);
    for (const input of node.inputs)
      if (isInput(input) && keys.has(inputName(input).name) && !box.keys.includes(inputName(input).name))
        box.keys.push(inputName(input).name);
    for (const layer of kind === 'module' ? elsewhere(callsOf(callOf(node)), path) : [])
      if (!box.uses.includes(layer)) box.uses.push(layer);
  }
  for (const box of boxes.values()) {
    const [key] = box.keys;
    const readers = [...boxes.values()].filter((other) => other.keys.includes(key));
    if (readers.length > 1)
      boxes.set(box.id, { ...box, shared: { index: readers.findIndex(({ id }) => id === box.id) + 1, of: readers.length } });
  }
  // A line is called by the values that leave it; one that names none, by its operators.
  for (const box of boxes.values())
    if (box.kind === 'line')
      relabel(
        box,
        nodes.filter((node) => boxOf.get(node) === box.id),
        boxOf,
        nodes,
      );

  const live = new Set(outputs.filter((output) => output.role === 'loss').flatMap(({ node }) => [...ancestors(graph, node)]));
  const sources = graph.nodes.filter((node) => isInput(node) && inputName(node).role === 'state' && trained.has(inputName(node).name));
  const behind = valueDependents(graph, sources);
  const reachable = dependents(graph, new Set(sources));
  const edges = new Map<string, WiringEdge & { kind: WiringEdge['kind']; ends: readonly Node[] }>();
  const connect = (value: Node, to: string, reader: Node | undefined): void => {
    const from = boxOf.get(value);
    if (from === undefined || from === to) return;
    const passes = reader === undefined || (value.type.dtype === 'f32' && live.has(reader) && passesGradient(reader));
    const kind = !behind.has(value) ? 'data' : !passes ? 'cut' : reachable.has(value) ? 'gradient' : 'past';
    const key = `${from} ${to} ${value.id}`;
    const known = edges.get(key);
    if (!known) edges.set(key, { from, to, value, kind, ends: kind === 'cut' && reader ? endsOf(reader, graph) : [] });
    else if (known.kind === 'cut' && (kind === 'gradient' || kind === 'past')) Object.assign(known, { kind, ends: [] });
    else if (known.kind === 'cut' && reader) known.ends = [...new Set([...known.ends, ...endsOf(reader, graph)])];
  };
  for (const node of nodes) for (const input of node.inputs) if (boxOf.has(node)) connect(input, boxOf.get(node) ?? '', node);
  for (const { role, name, node } of outputs) {
    const id = `${role}:${name}`;
    boxes.set(id, {
      id,
      kind: role === 'loss' ? 'loss' : 'output',
      label: [name],
      path: '',
      cluster: undefined,
      keys: [],
      uses: [],
      times: 1,
      shared: undefined,
    });
    connect(node, id, undefined);
  }
  return withoutLongRows({ boxes: [...boxes.values()], clusters: [...clusters.values()], edges: [...edges.values()], boxOf }, trained);
}

/** Layers with a path of their own among the calls inside the box `path`, by the name they are declared under. */
function elsewhere(calls: readonly Call[], path: string): readonly string[] {
  const inside = calls.slice(calls.findIndex((call) => call.path === path || call.path.startsWith(`${path}.`)) + 1);
  return inside.flatMap((call) =>
    call.path.startsWith(`${path}.`) || call.path.startsWith(calls[0].path) ? [] : [call.path.split('.')[0]],
  );
}

function relabel(
  box: WiringBox & { readonly label: string[] },
  own: readonly Node[],
  boxOf: ReadonlyMap<Node, string>,
  nodes: readonly Node[],
): void {
  const leaving = new Set(
    nodes.flatMap((node) => (boxOf.get(node) === box.id ? [] : node.inputs)).filter((node) => boxOf.get(node) === box.id),
  );
  const all = [...new Set(own.map((node) => node.op))];
  const loud = all.filter((op) => !QUIET.has(op));
  const ops = loud.length > 0 ? loud : all;
  const names = [...new Set([...leaving].flatMap((node) => node.name ?? []))];
  box.label.splice(0, box.label.length, ...(names.length > 0 ? [names.slice(0, 3).join(', ')] : []), ops.slice(0, 3).join(', '));
}

/** Operators that say nothing about what a line does, where others stand beside them. */
const QUIET: ReadonlySet<string> = new Set(['identity', 'reshape', 'detach', 'transpose', 'broadcast_to']);

/** Where a gradient would end on its way back to this reader: the operators nearest to it that let none through. */
function endsOf(reader: Node, graph: Graph): readonly Node[] {
  const found: Node[] = [];
  const open = new Set<Node>([reader]);
  for (const node of graph.nodes.slice(reader.id)) {
    if (node !== reader && !node.inputs.some((input) => open.has(input))) continue;
    if (isInput(node)) continue;
    const { differentiability } = operator(node.op);
    if (differentiability === 'smooth' && node.type.dtype === 'f32') open.add(node);
    else found.push(node);
  }
  return found;
}
