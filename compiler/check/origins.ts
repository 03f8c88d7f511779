/** Where a size comes from, in the author's terms: the layer or input that brought it into the graph. */
import type { Label } from '../diagnostics/diagnostics.ts';
import type { Node } from '../ops/graph.ts';
import { constantOf, type Dim, show, subtract } from '../shape/dim.ts';
import type { Elaboration } from './elaboration.ts';

/** The first node, going back from this one, that has the size without taking it from an input of its own. */
export function originOf(node: Node, size: Dim): Node {
  let current = node;
  for (;;) {
    const at = current.type.shape.indexOf(size);
    // The same axis if there is one: `[N, 64, 64]` has two.
    const next =
      current.inputs.find((input) => input.type.shape.length === current.type.shape.length && input.type.shape[at] === size) ??
      current.inputs.find((input) => input.type.shape.includes(size));
    if (!next) return current;
    current = next;
  }
}

/** A label that tells it; none where it would say nothing new, or lie in a library file. */
export function originLabels(E: Elaboration, node: Node, size: Dim): readonly Label[] {
  const root = E.session.root.spec.source;
  const origin = originOf(node, size);
  const name = String(origin.attrs.name);
  if (origin.op === 'input' && origin.attrs.role === 'state') {
    const layer = E.session.told.layers.get(name.split('.')[0]);
    return layer?.file === root ? [{ span: layer, text: `${show(size)} comes from the layer '${name.split('.')[0]}'` }] : [];
  }
  const span = E.authorSpan(origin) ?? origin.span;
  if (!span || span.file !== root) return [];
  if (E.inferInputs.get(name)?.part === 'image') return [{ span, text: `${show(size)} comes from the photo` }];
  if (origin.op === 'input') return [{ span, text: `${show(size)} comes from the input '${name}'` }];
  return [{ span, text: `${show(size)} comes from here` }];
}

/** What to do about two sizes that differ, where that can be said. */
export function sizeHint(a: Dim, b: Dim): string | undefined {
  const apart = constantOf(subtract(a, b));
  const named = constantOf(a) === undefined && constantOf(b) === undefined;
  if (named && (apart === 1 || apart === -1))
    return 'one side has the background as a channel and the other has not: with_background(x) adds it, x[foreground] takes it away';
  const spatial = (d: Dim): boolean => /\b(?:H|W|h\d?|w\d?)\b/.test(show(d));
  if (spatial(a) && spatial(b)) return 'bring one to the size of the other: resize(x, like: y, convention: half_pixel)';
  return undefined;
}

/** One label for a place. */
export function distinct(labels: readonly Label[]): readonly Label[] {
  return labels.filter(
    (l, i) => !labels.slice(0, i).some((o) => o.span.file === l.span.file && o.span.start === l.span.start && o.span.end === l.span.end),
  );
}
