/** Which operators of a flat graph are drawn as one box: those of a call, of one line of a body, of one turn of a loop. */
import { inputName, isInput } from '../ir/paths.ts';
import type { Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { positionAt } from '../source/source.ts';
import { type Call, callsOf, repeatsOf } from './repeats.ts';

export interface Place {
  readonly id: string;
  readonly kind: 'input' | 'module' | 'line';
  /** Call path of a module; of the body it stands in for a line. */
  readonly path: string;
  /** Text of an input, and of a module where no declaration names it. */
  readonly label: string;
  /** The opened call that it lies in. */
  readonly cluster: Cluster | undefined;
  /** How many calls, or turns of a loop, it stands for. */
  readonly times: number;
  /** Name of the module that a box inside an opened call stands for. */
  readonly module?: string;
}

export interface Cluster {
  readonly id: string;
  readonly path: string;
  /** How many calls it stands for. */
  readonly times: number;
}

/** Turns of a loop that are drawn one by one; of more of them, one box stands for all. */
const TURNS = 3;

/** Values that are part of whoever reads them: numbers, tables, parameters, random draws. */
export function isOwn(node: Node): boolean {
  return isInput(node) ? inputName(node).role !== 'batch' : operator(node.op).differentiability === 'source';
}

/**
 * The box of every operator but those that are part of their reader. A call in the body is opened, so that the calls inside are boxes of their
 * own, where it calls something and has parameters somewhere; other calls are one box, and so is a turn of a loop. Calls that one line repeats, and
 * views of a photo that only their numbers tell apart, are one box too.
 */
export function placesOf(nodes: readonly Node[], callOf: (node: Node) => Call | undefined): ReadonlyMap<Node, Place> {
  const open = new Set<Call>();
  const withState = new Set<Call>();
  const repeats = repeatsOf(nodes, callOf);
  const outerCalls = (node: Node): readonly Call[] => callsOf(callOf(node)).slice(0, 2).map(repeats.first);
  const loops = loopsOf(nodes.map((node) => callsOf(callOf(node))[0]?.path ?? node.path));
  const photos = inputGroups(nodes);
  for (const node of nodes) {
    const [top, second] = outerCalls(node);
    if (!top) continue;
    if (second) open.add(top);
    if (node.inputs.some((input) => isInput(input) && inputName(input).role === 'state')) withState.add(top);
  }
  const name = namer();
  const places = new Map<Node, Place>();
  const clusters = new Map<Call, Cluster>();
  const clusterOf = (top: Call): Cluster => {
    const known = clusters.get(top) ?? { id: name('cluster', top, top.path), path: top.path, times: repeats.times(top) };
    clusters.set(top, known);
    return known;
  };
  const round = rounds();
  for (const node of nodes) {
    if (isOwn(node)) continue;
    const [top, second] = outerCalls(node);
    const turn = turnOf(callsOf(callOf(node))[0]?.path ?? node.path);
    if (isInput(node)) {
      const { role } = inputName(node);
      const { label, times } = photos.get(node) ?? { label: inputName(node).name, times: 1 };
      places.set(node, { id: `${role}:${label}`, kind: 'input', path: '', label, cluster: undefined, times });
    } else if (turn) {
      const turns = loops.get(turn.loop) ?? 1;
      const path = turns > TURNS ? turn.loop : turn.path;
      places.set(node, module(name('box', path, path), path, undefined, turns > TURNS ? turns : 1));
    } else if (top && !(open.has(top) && withState.has(top)))
      places.set(node, module(name('box', top, top.path), top.path, undefined, repeats.times(top)));
    else if (top && second) {
      const path = partOf(second.path, top.path);
      const id = name('box', path === second.path ? second : clusterOf(top).id + path, path);
      places.set(node, { ...module(id, path, clusterOf(top), repeats.times(second)), module: second.declaration.name.text });
    } else {
      const cluster = top && clusterOf(top);
      const line = `${cluster?.id ?? ''}|${lineOf(node)}`;
      places.set(node, { id: `${line}|${round(node, line)}`, kind: 'line', path: node.path, label: '', cluster, times: 1 });
      continue;
    }
    round(node, undefined);
  }
  return places;
}

function module(id: string, path: string, cluster: Cluster | undefined, times: number): Place {
  return { id, kind: 'module', path, label: path.split('.').at(-1) ?? path, cluster, times };
}

/** `refined[2]` of a path that lies in the third turn of the loop `refined`. */
function turnOf(path: string): { readonly path: string; readonly loop: string } | undefined {
  const found = /^([^.[]*)\[\d+\]/.exec(path);
  return found ? { path: found[0], loop: found[1] } : undefined;
}

/** How many turns each loop has. */
function loopsOf(paths: readonly string[]): ReadonlyMap<string, number> {
  const turns = new Map<string, Set<string>>();
  for (const path of paths) {
    const turn = turnOf(path);
    if (turn) turns.set(turn.loop, (turns.get(turn.loop) ?? new Set()).add(turn.path));
  }
  return new Map([...turns].map(([loop, of]) => [loop, of.size]));
}

const NUMBER = /\d+(?:\.\d+)?/g;

/** Inputs made by the same steps with other numbers: `photo |> scale(0.5, 1, 2)`. */
function inputGroups(nodes: readonly Node[]): ReadonlyMap<Node, { readonly label: string; readonly times: number }> {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    if (!isInput(node) || inputName(node).role !== 'batch' || !inputName(node).name.includes('|')) continue;
    const key = inputName(node).name.replace(NUMBER, '#');
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const found = new Map<Node, { label: string; times: number }>();
  for (const group of groups.values()) {
    const names = [...new Set(group.map((node) => inputName(node).name))];
    const numbers = names.map((name) => name.match(NUMBER) ?? []);
    let at = 0;
    const label = names[0].replace(NUMBER, () => {
      const all = [...new Set(numbers.map((of) => of[at]))];
      at++;
      return all.join(', ');
    });
    for (const node of group) found.set(node, { label: label.replaceAll('|', ' |> '), times: names.length });
  }
  return found;
}

/** `net.layer3` for `net.layer3.0` in a call of `net`; another layer's call is called by its own path. */
function partOf(path: string, outer: string): string {
  return path.startsWith(`${outer}.`) ? `${outer}.${path.slice(outer.length + 1).split('.')[0]}` : path;
}

/** Names for calls: the path, `path@2` for another call of the same. */
function namer(): (space: string, key: unknown, path: string) => string {
  const known = new Map<unknown, string>();
  const taken = new Map<string, number>();
  return (space, key, path) => {
    const whole = typeof key === 'string' ? `${space} ${key}` : key;
    const id = known.get(whole);
    if (id !== undefined) return id;
    const count = (taken.get(`${space} ${path}`) ?? 0) + 1;
    taken.set(`${space} ${path}`, count);
    const made = count === 1 ? path : `${path}@${count}`;
    known.set(whole, made);
    return made;
  };
}

function lineOf(node: Node): string {
  return node.span ? `${node.span.file.name}:${positionAt(node.span.file, node.span.start).line}` : node.op;
}

/**
 * A line that calls something in between is drawn before and after it, so that arrows lead one way: the number of times that values of the line
 * have left it and come back.
 */
function rounds(): (node: Node, line: string | undefined) => number {
  const lines = new Map<Node, string>();
  /** For each node the highest round of each line that it depends on. */
  const behind = new Map<Node, ReadonlyMap<string, number>>();
  return (node, line) => {
    const all = new Map<string, number>();
    let own = 0;
    for (const input of node.inputs) {
      for (const [of, round] of behind.get(input) ?? []) {
        all.set(of, Math.max(all.get(of) ?? 0, round));
        if (of === line) own = Math.max(own, lines.get(input) === line ? round : round + 1);
      }
    }
    if (line !== undefined) {
      lines.set(node, line);
      all.set(line, own);
    }
    behind.set(node, all);
    return own;
  };
}
