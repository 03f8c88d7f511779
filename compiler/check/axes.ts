/** Names and numbers of axes. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Node } from '../ops/graph.ts';
import type { Span } from '../source/source.ts';
import type { Elaboration } from './elaboration.ts';
import { describe, type Value } from './values.ts';

/** Words for axes in `over:` and `axis:`. */
export const AXIS_NAMES: ReadonlySet<string> = new Set(['batch', 'height', 'width', 'channel', 'space']);

/** Axis by name or number: `batch` 0, `height` and `width` 1 and 2 of an NHWC tensor, `channel` the last. */
export function axisOf(E: Elaboration, value: Value, node: Node, at: Span): number | undefined {
  const rank = node.type.shape.length;
  if (value.kind === 'number' && value.integer) {
    const axis = value.value < 0 ? value.value + rank : value.value;
    if (axis >= 0 && axis < rank) return axis;
    E.report('bad-axis', at, { what: describe({ kind: 'tensor', node }), axis: value.value });
    return undefined;
  }
  if (value.kind === 'symbol') {
    const axis = axisByName(value.name, rank);
    if (axis !== undefined) return axis;
    E.report(
      'unknown-axis-name',
      at,
      { axis: value.name, shape: describe({ kind: 'tensor', node }) },
      {
        hint:
          didYouMean(value.name, AXIS_NAMES) ??
          (rank === 4 ? 'a map has batch, height, width and channel' : 'only maps [N, H, W, C] have height and width; give a number'),
      },
    );
    return undefined;
  }
  if (value.kind !== 'poison')
    E.report('static-type', at, { where: 'an axis', wanted: 'batch, height, width, channel or a number', found: describe(value) });
  return undefined;
}

function axisByName(name: string, rank: number): number | undefined {
  switch (name) {
    case 'batch':
    case 'n':
      return rank > 0 ? 0 : undefined;
    case 'height':
    case 'h':
      return rank === 4 || rank === 3 ? 1 : undefined;
    case 'width':
    case 'w':
      return rank === 4 ? 2 : undefined;
    case 'channel':
    case 'c':
      return rank > 0 ? rank - 1 : undefined;
    default:
      return undefined;
  }
}
