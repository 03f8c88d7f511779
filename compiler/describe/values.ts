/** `wsss check --kinds`: what every named value of a method is, as plain data. */
import type { CheckedMethod } from '../check/check.ts';
import type { Graph } from '../ops/graph.ts';
import { showShape } from '../shape/dim.ts';
import { placeOf } from './place.ts';

export interface NamedValue {
  /** `training`, or `infer NAME`. */
  readonly graph: string;
  readonly name: string;
  /** Call path of the module that names it; empty in the method itself. */
  readonly path: string;
  readonly kind: string;
  readonly shape: string;
  readonly dtype: string;
  /** Bounds of the values, both ends included; null where none is known. */
  readonly range: { readonly low: number | null; readonly high: number | null };
  readonly place?: string;
}

/** Inputs, draws and every value that the spec or a library module gives a name, in the order of the spec; parameters have no meaning of their own. */
export function methodValues(method: CheckedMethod): readonly NamedValue[] {
  return [
    ...valuesOf('training', method.forward.graph),
    ...method.infer.flatMap((program) => valuesOf(`infer ${program.name}`, program.graph)),
  ];
}

function valuesOf(where: string, graph: Graph): readonly NamedValue[] {
  return graph.nodes.flatMap((node) => {
    if (node.name === undefined || (node.op === 'input' && node.attrs.role === 'state')) return [];
    const { path, place } = placeOf(node);
    const bound = (x: number): number | null => (Number.isFinite(x) ? x : null);
    return [
      {
        graph: where,
        name: node.name,
        path,
        kind: node.kind,
        shape: showShape(node.type.shape),
        dtype: node.type.dtype,
        range: { low: bound(node.range.low), high: bound(node.range.high) },
        ...(place === undefined ? {} : { place }),
      },
    ];
  });
}
