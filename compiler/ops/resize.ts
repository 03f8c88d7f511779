/** Resizing of height and width by a named convention. */
import type { OperatorDefinition } from './definition.ts';
import type { Node } from './graph.ts';
import { ANY, dims, f32, keep, requireRank } from './rules.ts';
import { resizeGradWorkspace } from './workspace.ts';

const FORM = { size: 'dims', mode: 'string', convention: 'string', factor_h: 'float', factor_w: 'float' } as const;

const perImage: OperatorDefinition['batch'] = (_, [axis]) => (axis === undefined || axis === 0 ? axis : 'coupled');

/** Equal sizes mean equal grids, unless factors of their own say where samples lie. */
const sameGrid = ({ attrs }: Node): boolean => attrs.convention !== 'factor' || (attrs.factor_h === 1 && attrs.factor_w === 1);

export const RESIZE: readonly OperatorDefinition[] = [
  {
    name: 'resize',
    doc: 'Bilinear or nearest resizing; half_pixel, corners, factor or pillow_nearest says where samples lie.',
    inputs: [{ name: 'x', dtype: 'f32' }],
    attrs: FORM,
    result: (inputs, attrs) => {
      requireRank(inputs, 0, 4);
      const [n, , , c] = inputs[0].shape;
      return f32([n, ...dims(attrs, 'size'), c]);
    },
    kind: keep,
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [b.add('resize_grad', [dy], { ...node.attrs, size: node.inputs[0].type.shape.slice(1, 3) })],
    linear: true,
    viewOfEqual: sameGrid,
    batch: perImage,
  },
  {
    name: 'resize_grad',
    doc: 'Adjoint of resize: back to a map of the given height and width.',
    inputs: [{ name: 'dy', dtype: 'f32' }],
    attrs: FORM,
    result: ([dy], attrs) => f32([dy.shape[0], ...dims(attrs, 'size'), dy.shape[3]]),
    kind: () => ({ kind: 'tensor', range: ANY }),
    differentiability: 'smooth',
    vjp: ({ b, node, dy }) => [b.add('resize', [dy], { ...node.attrs, size: node.inputs[0].type.shape.slice(1, 3) })],
    linear: true,
    viewOfEqual: sameGrid,
    workspace: resizeGradWorkspace,
    batch: perImage,
  },
];
