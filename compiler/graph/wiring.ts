/**
 * The wiring of a method at the level of its modules: calls are boxes, the method's own modules are opened one level, what stands in a body itself
 * is one box for each line. Works on the flat graph alone.
 */
import { valueDependents } from '../flow/reach.ts';
import { ancestors, inputName, isInput, passesGradient } from '../ir/paths.ts';
import type { Graph, Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { positionAt } from '../source/source.ts';

export interface WiringBox {
  readonly id: string;
  readonly kind: 'input' | 'module' | 'line' | 'loss' | 'output';
  /** Lines of text inside. */
  readonly label: readonly string[];
  /** Call path of a module; of the body it stands in for a line. */
  readonly path: string;
  /** The opened module that it lies in. */
  readonly cluster: string | undefined;
  /** Keys of the state that it owns. */
  readonly keys: readonly string[];
}

export interface WiringEdge {
  readonly from: string;
  readonly to: string;
  readonly value: Node;
  /**
   * `gradient`: a loss's gradient comes back along it to something that trains; `cut`: something that trains lies behind, and nothing comes back;
   * `data`: nothing that trains lies behind.
   */
  readonly kind: 'gradient' | 'cut' | 'data';
  /** The operators at which the gradients of a cut edge end. */
  readonly ends: readonly Node[];
}

export interface Wiring {
  readonly boxes: readonly WiringBox[];
  /** Opened modules, by path. */
  readonly clusters: readonly string[];
  readonly edges: readonly WiringEdge[];
}

/** Values that are part of whoever reads them: numbers, tables, parameters. */
function isOwn(node: Node): boolean {
  return isInput(node)
    ? inputName(node).role === 'state' || inputName(node).role === 'scalar'
    : operator(node.op).differentiability === 'source';
}

/** `trained`: keys whose gradients count; empty for an inference program, where nothing is cut. `keys`: all state. */
export function wiringOf(graph: Graph, keys: readonly string[], trained: ReadonlySet<string>): Wiring {
  const outputs = graph.outputs.filter((output) => output.role === 'loss' || output.role === 'output');
  const used = new Set<Node>(outputs.map((output) => output.node));
  for (const node of used) for (const input of node.inputs) used.add(input);
  const nodes = graph.nodes.filter((node) => used.has(node));
  const deep = new Set(nodes.flatMap((node) => (node.path.includes('.') ? [node.path.split('.')[0]] : [])));

  const boxes = new Map<string, WiringBox & { readonly label: string[] }>();
  const boxOf = new Map<Node, string>();
  for (const node of nodes) {
    if (isOwn(node)) continue;
    const box = place(node, deep);
    boxOf.set(node, box.id);
    const known = boxes.get(box.id);
    if (!known) boxes.set(box.id, { ...box, label: [...box.label], keys: ownedBy(box, keys, deep) });
    else if (box.kind === 'line') for (const text of box.label) if (!known.label.includes(text)) known.label.push(text);
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
  const behind = valueDependents(
    graph,
    graph.nodes.filter((node) => isInput(node) && inputName(node).role === 'state' && trained.has(inputName(node).name)),
  );
  const edges = new Map<string, WiringEdge & { kind: WiringEdge['kind']; ends: readonly Node[] }>();
  const connect = (value: Node, to: string, reader: Node | undefined): void => {
    const from = boxOf.get(value);
    if (from === undefined || from === to) return;
    const carries =
      behind.has(value) && (reader === undefined || (value.type.dtype === 'f32' && live.has(reader) && passesGradient(reader)));
    const kind = !behind.has(value) || trained.size === 0 ? 'data' : carries ? 'gradient' : 'cut';
    const key = `${from} ${to} ${value.id}`;
    const known = edges.get(key);
    if (!known) edges.set(key, { from, to, value, kind, ends: kind === 'cut' && reader ? endsOf(reader, graph) : [] });
    else if (known.kind === 'cut' && kind === 'gradient') Object.assign(known, { kind, ends: [] });
    else if (known.kind === 'cut' && reader) known.ends = [...new Set([...known.ends, ...endsOf(reader, graph)])];
  };
  for (const node of nodes) for (const input of node.inputs) if (boxOf.has(node)) connect(input, boxOf.get(node) ?? '', node);
  for (const { role, name, node } of outputs) {
    const id = `${role}:${name}`;
    boxes.set(id, { id, kind: role === 'loss' ? 'loss' : 'output', label: [name], path: '', cluster: undefined, keys: [] });
    connect(node, id, undefined);
  }
  const clusters = [...deep].filter((path) => [...boxes.values()].some((box) => box.cluster === path));
  return { boxes: [...boxes.values()], clusters, edges: [...edges.values()] };
}

/** The box of a node. */
function place(node: Node, deep: ReadonlySet<string>): WiringBox {
  if (isInput(node)) {
    const { role, name } = inputName(node);
    return { id: `${role}:${name}`, kind: 'input', label: [name], path: '', cluster: undefined, keys: [] };
  }
  const [top, child] = node.path.split('.');
  if (node.path !== '' && !deep.has(top)) return { id: top, kind: 'module', label: [top], path: top, cluster: undefined, keys: [] };
  if (child !== undefined)
    return { id: `${top}.${child}`, kind: 'module', label: [child], path: `${top}.${child}`, cluster: top, keys: [] };
  const line = node.span ? `${node.span.file.name}:${positionAt(node.span.file, node.span.start).line}` : node.op;
  return {
    id: `${node.path}|${line}`,
    kind: 'line',
    label: [],
    path: node.path,
    cluster: node.path === '' ? undefined : node.path,
    keys: [],
  };
}

function ownedBy(box: WiringBox, keys: readonly string[], deep: ReadonlySet<string>): readonly string[] {
  if (box.kind !== 'module' || deep.has(box.path)) return [];
  return keys.filter((key) => key === box.path || key.startsWith(`${box.path}.`));
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
