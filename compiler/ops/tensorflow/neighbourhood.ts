/** TensorFlow column: neighbours of pixels, as slices of the map put side by side. */
import { add, constant, type Dim, subtract } from '../../shape/dim.ts';
import { dims, ints } from '../rules.ts';
import { padded, reshape, same, sliced, type TfRule, type TfScope } from './rule.ts';

const ZERO = constant(0);

function moves(t: TfScope): readonly (readonly [number, number])[] {
  const flat = ints(t.node.attrs, 'offsets');
  return flat.flatMap((down, i) => (i % 2 === 0 ? [[down, flat[i + 1]] as const] : []));
}

export const NEIGHBOURHOOD: Readonly<Record<string, TfRule>> = {
  neighbours: (t) => {
    const [n, h, w, , c] = t.node.type.shape;
    const parts = moves(t).map(([down, right]) => sliced(t, t.inputs[0], [ZERO, constant(down), constant(right), ZERO], [n, h, w, c]));
    return same(t, 'Pack', parts, { N: { int: parts.length }, axis: { int: 3 } });
  },
  neighbours_grad: (t) => {
    const [n, h, w, , c] = t.node.inputs[0].type.shape;
    const [height, width] = dims(t.node.attrs, 'size');
    const one = constant(1);
    const behind = (whole: Dim, part: Dim, moved: number): Dim => subtract(whole, add(part, constant(moved)));
    const parts = moves(t).map(([down, right], p) => {
      const part = sliced(t, t.inputs[0], [ZERO, ZERO, ZERO, constant(p), ZERO], [n, h, w, one, c]);
      const flat = reshape(t, part, t.sizes([n, h, w, c]));
      return padded(
        t,
        flat,
        [ZERO, constant(down), constant(right), ZERO],
        [ZERO, behind(height, h, down), behind(width, w, right), ZERO],
        0,
      );
    });
    return parts.length === 1 ? same(t, 'Identity', parts) : same(t, 'AddN', parts, { N: { int: parts.length } });
  },
};
