/** The surroundings of every pixel, side by side: what local filters and pixel pairs read. */
import { add, constant } from '../shape/dim.ts';
import { type OperatorDefinition, OperatorError } from './definition.ts';
import type { Attrs } from './graph.ts';
import { ANY, dims, f32, ints, keep, requireRank, requireSame } from './rules.ts';

/** (down, right) of every offset, from the flat list [down, right, down, right, …]; none is negative: the map comes with its border. */
function offsets(attrs: Attrs): readonly (readonly [number, number])[] {
  const flat = ints(attrs, 'offsets');
  if (flat.length === 0 || flat.length % 2 !== 0 || flat.some((n) => n < 0))
    throw new OperatorError('bad-attribute', 'offsets of neighbours: pairs (down, right) of whole numbers, each at least 0');
  return flat.flatMap((down, i) => (i % 2 === 0 ? [[down, flat[i + 1]] as const] : []));
}

/** How far the offsets reach down and right. */
function reach(attrs: Attrs): readonly [number, number] {
  const pairs = offsets(attrs);
  return [Math.max(...pairs.map(([down]) => down)), Math.max(...pairs.map(([, right]) => right))];
}

const perImage: OperatorDefinition['batch'] = (_, [axis]) => (axis === undefined || axis === 0 ? axis : 'coupled');

export const NEIGHBOURHOOD: readonly OperatorDefinition[] = [
  {
    name: 'neighbours',
    doc: 'The elements at fixed offsets (down, right) from each place of a map, along a new axis in front of the channels.',
    inputs: [{ name: 'x', dtype: 'f32' }],
    attrs: { offsets: 'ints' },
    result: (inputs, attrs) => {
      requireRank(inputs, 0, 4);
      const [n, h, w, c] = inputs[0].shape;
      const [down, right] = reach(attrs);
      return f32([n, add(h, constant(-down)), add(w, constant(-right)), constant(offsets(attrs).length), c]);
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [b.add('neighbours_grad', [dy], { ...node.attrs, size: node.inputs[0].type.shape.slice(1, 3) })],
    linear: true,
    batch: perImage,
  },
  {
    name: 'neighbours_grad',
    doc: 'Adjoint of neighbours: adds every element back to the place it was read from, in a map of the given height and width.',
    inputs: [{ name: 'dy', dtype: 'f32' }],
    attrs: { offsets: 'ints', size: 'dims' },
    result: (inputs, attrs, context) => {
      requireRank(inputs, 0, 5);
      const [n, h, w, count, c] = inputs[0].shape;
      const [height, width] = dims(attrs, 'size');
      const [down, right] = reach(attrs);
      requireSame(count, constant(offsets(attrs).length), 'an element for each offset', context, 0);
      requireSame(add(h, constant(down)), height, 'the height of the map', context, 0);
      requireSame(add(w, constant(right)), width, 'the width of the map', context, 0);
      return f32([n, height, width, c]);
    },
    kind: () => ({ kind: 'tensor', range: ANY }),
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [b.add('neighbours', [dy], { offsets: ints(node.attrs, 'offsets') })],
    linear: true,
    batch: perImage,
  },
];
