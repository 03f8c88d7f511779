/** References of the primitives that read the surroundings of pixels. */
import type { Attributes, Reference } from './attributes.ts';
import { build, offset, read, zeros } from './ndarray.ts';

function moves(attrs: Attributes): readonly (readonly [number, number])[] {
  const flat = attrs.numbers('offsets');
  return Array.from({ length: flat.length / 2 }, (_, p) => [flat[2 * p], flat[2 * p + 1]] as const);
}

export const NEIGHBOURHOOD: Readonly<Record<string, Reference>> = {
  neighbours: ([x], attrs) => {
    const [n, height, width, c] = x.shape;
    const all = moves(attrs);
    const [h, w] = [height - Math.max(...all.map(([down]) => down)), width - Math.max(...all.map(([, right]) => right))];
    return build([n, h, w, all.length, c], ([b, i, j, p, k]) => read(x, [b, i + all[p][0], j + all[p][1], k]));
  },
  neighbours_grad: ([dy], attrs) => {
    const all = moves(attrs);
    const result = zeros([dy.shape[0], ...attrs.numbers('size'), dy.shape[4]]);
    build(dy.shape, ([b, i, j, p, k]) => {
      result.data[offset(result.shape, [b, i + all[p][0], j + all[p][1], k])] += read(dy, [b, i, j, p, k]);
      return 0;
    });
    return result;
  },
};
