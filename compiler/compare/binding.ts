/** Which tensor of the reference file belongs to which input and state of a case. */
import type { CheckedCase } from '../check/case.ts';
import { LAYOUTS, parseLayout } from '../check/references.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import type { Graph, Node, TensorType } from '../ops/graph.ts';
import { nameOf } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { AxisOrder, DimensionSource, Feed } from './plan.ts';

export interface Binding {
  /** State key → the file's key without `param.`, or the whole key of an input (`in.bn.mean`) that the state is given. */
  readonly states: ReadonlyMap<string, string>;
  /** The same the other way round: several layers may hold one parameter of the file, whose gradient is then the sum of theirs. */
  readonly byFile: ReadonlyMap<string, readonly string[]>;
}

/**
 * Binds the states of a case; a line that names a state wins over prefixes that hold it too, and of two prefixes the first for which
 * the file has a value.
 */
export function bindStates(checked: CheckedCase): Binding {
  const states = new Map<string, string>();
  for (const p of checked.parameters) if (p.kind === 'one') states.set(p.state, p.key);
  const named = new Set(states.keys());
  for (const p of checked.parameters) {
    if (p.kind !== 'prefix') continue;
    for (const key of checked.E.session.states.keys()) {
      const before = states.get(key);
      if (key.startsWith(p.path) && !named.has(key) && (before === undefined || !checked.E.references.stored(fileKey(before))))
        states.set(key, p.prefix + key.slice(p.path.length));
    }
  }
  const byFile = new Map<string, string[]>();
  for (const [state, key] of states) byFile.set(key, [...(byFile.get(key) ?? []), state]);
  return { states, byFile };
}

/** The whole key of what a binding names: a parameter, unless it is written as an input. */
export function fileKey(bound: string): string {
  return bound.startsWith('in.') ? bound : `param.${bound}`;
}

/** Order of axes of a parameter: filters lie as OIHW in the file. */
export function parameterAxes(type: TensorType): AxisOrder | undefined {
  return type.shape.length === 4 ? parseLayout(LAYOUTS.oihw) : undefined;
}

/** What feeds some input nodes, and the states that the file has no value for. */
export interface Feeds {
  readonly bound: readonly Feed[];
  readonly unbound: readonly Unbound[];
}

/** A state without a value (`key` where the case names one that the file has not), or a random draw. */
export interface Unbound {
  readonly name: string;
  readonly key: string | undefined;
  readonly drawn: boolean;
}

export function feedsOf(inputs: readonly Node[], checked: CheckedCase, binding: Binding, keys: ReadonlySet<string>): Feeds {
  const bound: Feed[] = [];
  const unbound: Unbound[] = [];
  for (const node of inputs) {
    const name = String(node.attrs.name);
    const parameter = binding.states.get(name);
    const key = fileKey(parameter ?? '');
    if (node.attrs.role === 'batch') bound.push({ role: 'batch', name, key: name, axes: parseLayout(checked.inputs.get(name) ?? '') });
    else if (node.attrs.role === 'state' && parameter !== undefined && keys.has(key))
      bound.push({ role: 'state', name, key, axes: parameterAxes(node.type) });
    else unbound.push({ name, key: parameter === undefined ? undefined : key, drawn: node.attrs.role === 'draw' });
  }
  return { bound, unbound };
}

/** One message for all of them: they mostly have one cause. */
export function reportUnbound([first, ...others]: readonly Unbound[], diagnostics: Diagnostics, at: Span): undefined {
  if (first.drawn) {
    diagnostics.report('case-random', at, { name: first.name }, { hint: 'call the module in a way that draws nothing' });
    return undefined;
  }
  const notes = others.length > 0 ? [`also without a value: ${others.map(({ name }) => name).join(', ')}`] : [];
  diagnostics.report(
    'case-parameter-unbound',
    at,
    { parameter: first.name },
    {
      hint: first.key
        ? `the case binds it to '${first.key}', which the file does not have`
        : 'bind it: param "<name in the file>" = <layer or tensor>',
      notes,
    },
  );
  return undefined;
}

/** Input nodes of a graph. */
export function inputsOf(graph: Graph): readonly Node[] {
  return graph.nodes.filter((node) => node.op === 'input');
}

/** Where each free dimension of the inputs can be read off. */
export function dimensionSources(nodes: readonly Node[], feeds: readonly Feed[]): readonly DimensionSource[] {
  return feeds.flatMap((feed) => {
    const node = nodes.find((n) => n.attrs.role === feed.role && n.attrs.name === feed.name);
    return (node?.type.shape ?? []).flatMap((d, axis) => {
      const dimension = nameOf(d);
      return dimension === undefined ? [] : [{ dimension, feed, axis }];
    });
  });
}
