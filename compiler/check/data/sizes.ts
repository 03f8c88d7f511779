/** Sizes that views have whatever the image is, held against the sizes of the inputs that they fill. */
import type { BatchBinding, ViewPlan } from '../../ir/program.ts';
import type { Node } from '../../ops/graph.ts';
import { constantOf, type Dim, show } from '../../shape/dim.ts';
import type { Span } from '../../source/source.ts';
import type { DataItem } from '../../syntax/ast.ts';
import type { Elaboration } from '../elaboration.ts';

type Sides = readonly [height: number, width: number];

/** Height and width of a view where every image gets the same; undefined where they depend on it. */
export function fixedSize(views: readonly ViewPlan[], name: string): Sides | undefined {
  const view = views.find((v) => v.name === name);
  if (!view) return undefined;
  let sides = fixedSize(views, view.from);
  for (const { op, args } of view.steps) {
    const { size, height, width } = args;
    if (op === 'square' || op === 'crop' || op === 'resize' || op === 'random_resized_crop')
      sides =
        typeof size === 'number' ? [size, size] : typeof height === 'number' && typeof width === 'number' ? [height, width] : undefined;
    else if (op === 'scale' || op === 'long_side' || op === 'short_side') sides = undefined;
  }
  return sides;
}

/** Whether every image of a view gets a size that is drawn for it alone: no batch holds two of them. */
function drawnSize(views: readonly ViewPlan[], name: string): boolean {
  const view = views.find((v) => v.name === name);
  if (!view) return false;
  let drawn = drawnSize(views, view.from);
  for (const { op, args } of view.steps) {
    if (op === 'square' || op === 'crop' || op === 'resize' || op === 'random_resized_crop') drawn = false;
    else if (op === 'scale' || op === 'long_side' || op === 'short_side')
      drawn ||= args.from !== args.to || (Array.isArray(args.among) && args.among.length > 1);
  }
  return drawn;
}

/** Reports inputs of a batch whose images have sizes of their own. `written` holds the views as the block has them. */
export function checkOneSize(
  E: Elaboration,
  views: readonly ViewPlan[],
  bindings: readonly BatchBinding[],
  written: DataItem['views'],
  batch: number,
): void {
  if (batch < 2) return;
  for (const { input, view, part } of bindings) {
    if (part === 'tags' || part === 'geometry' || !drawnSize(views, view)) continue;
    const at = written.find((v) => v.names.some((n) => n.text === view || n.text === input));
    if (!at) continue;
    E.report(
      'view-sizes-drawn',
      at.value.span,
      { view, batch },
      { cause: view, hint: 'end the view with crop, square or resize: image = source |> … |> crop(321, pad: zero)' },
    );
    return;
  }
}

/** Reports inputs that share a size and are filled by views of different sizes, and views of another size than an input has. */
export function checkViewSizes(
  E: Elaboration,
  views: readonly ViewPlan[],
  bindings: readonly BatchBinding[],
  inputs: readonly Node[],
  at: Span,
): void {
  const known = new Map<Dim, { readonly side: number; readonly input: string }>();
  for (const { input: name, view, part } of bindings) {
    const input = inputs.find((n) => n.attrs.name === name);
    const sides = part === 'tags' || part === 'geometry' ? undefined : fixedSize(views, view);
    // An input with a mistake of its own has no size to hold on to.
    if (!input || !sides || input.type.shape.length < 3 || E.session.told.inputs.has(name)) continue;
    for (const [axis, side] of sides.entries()) {
      const dim = input.type.shape[axis + 1];
      const other = known.get(dim);
      const constant = constantOf(dim);
      const expected = constant ?? other?.side;
      if (expected !== undefined && expected !== side) {
        E.report(
          'view-size',
          input.span ?? at,
          { view, found: `${sides[0]} × ${sides[1]}`, input: name, dim: axis === 0 ? 'height' : 'width', expected },
          {
            hint:
              constant === undefined && other
                ? `'${other.input}' has the same ${show(dim)}: give this input sizes of its own, such as h2 and w2, or both views one size`
                : 'end the view with square, resize or crop of the size of the input',
          },
        );
        break;
      }
      if (!other) known.set(dim, { side, input: name });
    }
  }
}
