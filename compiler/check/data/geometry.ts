/** Where views lie in their image, as a batch input of a training step that asks for it (`align`). */
import type { Node } from '../../ops/graph.ts';
import { constant } from '../../shape/dim.ts';
import { ANY, type Elaboration } from '../elaboration.ts';

const WORD = 'geometry:';

/** Name of the input that holds the geometry of the view behind `input`: `geometry:small`, in the record of a pair `other.geometry:image`. */
export function geometryName(input: string): string {
  const record = input.lastIndexOf('.') + 1;
  return `${input.slice(0, record)}${WORD}${input.slice(record)}`;
}

export function isGeometry(input: string): boolean {
  return input.slice(input.lastIndexOf('.') + 1).startsWith(WORD);
}

/**
 * The geometry of the view that fills an input, [N, 4]: scale and centre along x, then along y. A place u of the view, from -1 to 1 between its outer
 * edges, shows the place scale · u + centre of the image, from -1 to 1 between the outer edges of that; a mirrored view has a negative scale.
 */
export function geometryInput(E: Elaboration, view: Node): Node {
  const shape = [view.type.shape[0], constant(4)];
  return E.input('batch', geometryName(String(view.attrs.name)), { dtype: 'f32', shape }, 'tensor', ANY, view.span);
}
