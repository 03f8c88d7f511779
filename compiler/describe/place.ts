/** Where a value of a graph comes from, as reports tell it. */
import type { Node } from '../ops/graph.ts';
import { positionAt } from '../source/source.ts';

export interface ValuePlace {
  /** The spec's own name, where it has one. */
  readonly name?: string;
  readonly operator: string;
  /** Call path: `head.hierarchy`; empty at the top of the method. */
  readonly path: string;
  /** `file:line` of the spec or of the library module that holds the operator. */
  readonly place?: string;
}

export function placeOf(node: Node): ValuePlace {
  const { name, op, path, span } = node;
  return {
    ...(name === undefined ? {} : { name }),
    operator: op,
    path,
    ...(span ? { place: `${span.file.name}:${positionAt(span.file, span.start).line}` } : {}),
  };
}
