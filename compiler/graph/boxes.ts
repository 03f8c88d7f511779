/** Which operators of a flat graph are drawn as one box: those of a call, of one line of a body, of one turn of a loop. */
import { inputName, isInput } from '../ir/paths.ts';
import type { Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { positionAt } from '../source/source.ts';

/** The call of a module inside which an operator was made; each call is an object of its own. */
export interface Call {
  readonly path: string;
  /** None for a call in the body of the method or the program. */
  readonly caller: Call | undefined;
}

export interface Place {
  readonly id: string;
  readonly kind: 'input' | 'module' | 'line';
  /** Call path of a module; of the body it stands in for a line. */
  readonly path: string;
  /** Text of an input, and of a module where no declaration names it. */
  readonly label: string;
  /** The opened call that it lies in. */
  readonly cluster: Cluster | undefined;
}

export interface Cluster {
  readonly id: string;
  readonly path: string;
}

/** Values that are part of whoever reads them: numbers, tables, parameters. */
export function isOwn(node: Node): boolean {
  return isInput(node)
    ? inputName(node).role === 'state' || inputName(node).role === 'scalar'
    : operator(node.op).differentiability === 'source';
}

/** Calls on the way to an operator, outermost first. */
export function callsOf(call: Call | undefined): readonly Call[] {
  const found: Call[] = [];
  for (let c = call; c; c = c.caller) found.unshift(c);
  return found;
}

/**
 * The box of every operator but those that are part of their reader. A call in the body is opened, so that the calls inside are boxes of their
 * own, where it calls something and has parameters somewhere; other calls are one box, and so is a turn of a loop.
 */
export function placesOf(nodes: readonly Node[], callOf: (node: Node) => Call | undefined): ReadonlyMap<Node, Place> {
  const open = new Set<Call>();
  const withState = new Set<Call>();
  for (const node of nodes) {
    const [top, second] = callsOf(callOf(node));
    if (!top) continue;
    if (second) open.add(top);
    if (node.inputs.some((input) => isInput(input) && inputName(input).role === 'state')) withState.add(top);
  }
  const name = namer();
  const places = new Map<Node, Place>();
  const clusters = new Map<Call, Cluster>();
  const clusterOf = (top: Call): Cluster => {
    const known = clusters.get(top) ?? { id: name('cluster', top, top.path), path: top.path };
    clusters.set(top, known);
    return known;
  };
  const round = rounds();
  for (const node of nodes) {
    if (isOwn(node)) continue;
    const [top, second] = callsOf(callOf(node));
    const turn = /^[^.]*\[\d+\]/.exec(top?.path ?? node.path)?.[0];
    if (isInput(node)) {
      const { role, name } = inputName(node);
      places.set(node, { id: `${role}:${name}`, kind: 'input', path: '', label: name, cluster: undefined });
    } else if (turn !== undefined) places.set(node, module(name('box', turn, turn), turn));
    else if (top && !(open.has(top) && withState.has(top))) places.set(node, module(name('box', top, top.path), top.path));
    else if (top && second) {
      const path = partOf(second.path, top.path);
      places.set(node, module(name('box', path === second.path ? second : clusterOf(top).id + path, path), path, clusterOf(top)));
    } else {
      const cluster = top && clusterOf(top);
      const line = `${cluster?.id ?? ''}|${lineOf(node)}`;
      places.set(node, { id: `${line}|${round(node, line)}`, kind: 'line', path: node.path, label: '', cluster });
      continue;
    }
    round(node, undefined);
  }
  return places;
}

function module(id: string, path: string, cluster?: Cluster): Place {
  return { id, kind: 'module', path, label: path.split('.').at(-1) ?? path, cluster };
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
