/** Calls that one line makes several times, as for every scale of a photo: drawn as one box, where none of them needs another. */
import { isInput } from '../ir/paths.ts';
import type { Node } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';

/** The call of a module inside which an operator was made; each call is an object of its own. */
export interface Call {
  readonly path: string;
  readonly declaration: { readonly name: { readonly text: string } };
  /** The call in the body of the caller. */
  readonly at: Span;
  /** None for a call in the body of the method or the program. */
  readonly caller: Call | undefined;
}

/** Calls on the way to an operator, outermost first. */
export function callsOf(call: Call | undefined): readonly Call[] {
  const found: Call[] = [];
  for (let c = call; c; c = c.caller) found.unshift(c);
  return found;
}

export interface Repeats {
  /** The call that stands for this one. */
  readonly first: (call: Call) => Call;
  /** How many calls it stands for. */
  readonly times: (call: Call) => number;
}

/** Of the calls in the body, and of the calls directly inside these. */
export function repeatsOf(nodes: readonly Node[], callOf: (node: Node) => Call | undefined): Repeats {
  const firsts = new Map<Call, Call>();
  const counts = new Map<Call, number>();
  const first = (call: Call): Call => firsts.get(call) ?? call;
  for (const level of [0, 1]) {
    const sites = new Map<Call | undefined, Map<string, Call[]>>();
    const siteOf = new Map<Call, readonly Call[]>();
    for (const node of nodes) {
      const calls = callsOf(callOf(node));
      const call = calls[level];
      if (!call || siteOf.has(call)) continue;
      const outer = level === 0 ? undefined : first(calls[0]);
      const within = sites.get(outer) ?? new Map<string, Call[]>();
      sites.set(outer, within);
      const key = `${call.at.file.name}:${call.at.start}:${call.at.end}`;
      const site = within.get(key) ?? [];
      within.set(key, site);
      site.push(call);
      siteOf.set(call, site);
    }
    const dependent = chained(nodes, (node) => callsOf(callOf(node))[level], siteOf);
    for (const within of sites.values())
      for (const site of within.values()) {
        if (site.length < 2 || dependent.has(site)) continue;
        for (const call of site) firsts.set(call, site[0]);
        counts.set(site[0], site.length);
      }
  }
  return { first, times: (call) => counts.get(first(call)) ?? 1 };
}

/** Sites at which one call needs what another one gave. */
function chained(
  nodes: readonly Node[],
  callOf: (node: Node) => Call | undefined,
  siteOf: ReadonlyMap<Call, readonly Call[]>,
): ReadonlySet<readonly Call[]> {
  const found = new Set<readonly Call[]>();
  const behind = new Map<Node, ReadonlySet<Call>>();
  for (const node of nodes) {
    const needs = new Set<Call>();
    for (const input of node.inputs) for (const call of behind.get(input) ?? []) needs.add(call);
    const own = callOf(node);
    const site = own && siteOf.get(own);
    // A parameter is made where it is first read, and belongs to nobody.
    if (own && site && site.length > 1 && !isInput(node)) {
      if (site.some((other) => other !== own && needs.has(other))) found.add(site);
      needs.add(own);
    }
    if (needs.size > 0) behind.set(node, needs);
  }
  return found;
}
