/** Values as what the graph is made of: tensors and sizes. */
import type { Label } from '../diagnostics/diagnostics.ts';
import type { Node } from '../ops/graph.ts';
import { type Dim, show } from '../shape/dim.ts';
import type { Span } from '../source/source.ts';
import type { Elaboration } from './elaboration.ts';
import { referenceNode } from './references.ts';
import { asDim } from './statics.ts';
import { describe, type Value } from './values.ts';

/** A value as a tensor: numbers and sizes become rank-0 constants. */
export function toNode(
  E: Elaboration,
  value: Value,
  at: Span,
  where: string,
  like?: Node,
  labels: readonly Label[] = [],
): Node | undefined {
  switch (value.kind) {
    case 'tensor':
      return value.node;
    case 'number':
      return E.node('const', [], { value: value.value, dtype: like?.type.dtype === 'i32' && value.integer ? 'i32' : 'f32' }, at);
    case 'dim':
      return E.node('dim', [], { value: value.dim, dtype: like?.type.dtype === 'i32' ? 'i32' : 'f32' }, at);
    case 'scaled': {
      const base = E.node('dim', [], { value: value.dim, dtype: 'f32' }, at);
      const factor = E.node('const', [], { value: value.factor, dtype: 'f32' }, at);
      return base && factor && E.node('mul', [factor, base], {}, at);
    }
    case 'ratio': {
      const a = E.node('dim', [], { value: value.numerator, dtype: 'f32' }, at);
      const b = E.node('dim', [], { value: value.denominator, dtype: 'f32' }, at);
      return a && b && E.node('div', [a, b], {}, at);
    }
    case 'boolean':
      return E.node('const', [], { value: value.value ? 1 : 0, dtype: 'bool' }, at);
    case 'reference':
      return referenceNode(E, value.reference, 'tensor', undefined, undefined, at);
    case 'poison':
      return undefined;
    default:
      if (!reportUncalled(E, value, at))
        E.report('type-mismatch', at, { where, wanted: 'a tensor or a number', found: describe(value) }, { labels });
      return undefined;
  }
}

/** A layer where a tensor belongs was most often not called. Told once for a layer; false where the value is no layer. */
export function reportUncalled(E: Elaboration, value: Value, at: Span): boolean {
  const first = value.kind === 'list' ? value.items[0] : value;
  if (first?.kind !== 'instance' || first.instance.path === undefined) return false;
  const layer = first.instance.path.split('.')[0];
  if (!E.session.told.uncalled.has(layer))
    E.report('layer-not-called', at, { name: layer }, { hint: `call it first: ${layer}(…), then take what it returns` });
  E.session.told.uncalled.add(layer);
  return true;
}

/** A static size, or a report. */
export function dimOf(E: Elaboration, value: Value, at: Span, where: string): Dim | undefined {
  const dim = asDim(value);
  if (dim) return dim;
  if (value.kind === 'ratio')
    E.report(
      'dimension-not-integer',
      at,
      { size: `${show(value.numerator)} / ${show(value.denominator)}` },
      { hint: 'write ceil(…) or floor(…), or state the fact: require H divisible by …' },
    );
  else if (value.kind !== 'poison') E.report('not-static', at, { where, what: describe(value) });
  return undefined;
}
