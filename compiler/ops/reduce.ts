/** Reductions over axes. */
import { constantOf, type Dim } from '../shape/dim.ts';
import { type BatchRule, type OperatorDefinition, OperatorError, type VjpContext } from './definition.ts';
import type { Node, Range, TensorType } from './graph.ts';
import { ANY, flag, int, ints, meaning, ONE, product, requireAxis } from './rules.ts';
import { sumWorkspace } from './workspace.ts';

function reduced(x: TensorType, axes: readonly number[], keepAxes: boolean): readonly Dim[] {
  for (const axis of axes) requireAxis(axis, x.shape.length);
  if (new Set(axes).size !== axes.length) throw new OperatorError('bad-axis', axes.join(', '));
  return keepAxes ? x.shape.map((d, i) => (axes.includes(i) ? ONE : d)) : x.shape.filter((_, i) => !axes.includes(i));
}

/** The result, or its gradient, with the reduced axes back as length one. */
function kept(c: VjpContext, value: Node): Node {
  const [x] = c.node.inputs;
  const shape = reduced(x.type, ints(c.node.attrs, 'axes'), true);
  return flag(c.node.attrs, 'keep') ? value : c.b.reshape(value, shape);
}

const reductionBatch: BatchRule = 'reduce';

function reduction(
  name: string,
  doc: string,
  range: (r: Range) => Range,
  vjp: NonNullable<OperatorDefinition['vjp']>,
  linear: boolean,
): OperatorDefinition {
  return {
    name,
    doc,
    inputs: [{ name: 'x', dtype: 'f32' }],
    attrs: { axes: 'ints', keep: 'bool' },
    result: ([x], attrs) => ({ dtype: x.dtype, shape: reduced(x, ints(attrs, 'axes'), flag(attrs, 'keep')) }),
    // One number for everything is no map any more.
    kind: ([x], attrs) =>
      meaning(ints(attrs, 'axes').length === x.type.shape.length && !flag(attrs, 'keep') ? 'scalar' : x.kind, range(x.range)),
    differentiability: 'smooth',
    vjp,
    linear,
    batch: reductionBatch,
    viewOfEqual: () => true,
    workspace: name === 'sum' || name === 'mean' ? sumWorkspace : undefined,
  };
}

/** Tied extrema share the gradient equally, as PyTorch's amax does. */
const shareTies: NonNullable<OperatorDefinition['vjp']> = (c) => {
  const [x] = c.node.inputs;
  const ties = c.b.cast(c.b.add('equal', [x, kept(c, c.node)], {}), 'f32');
  const count = c.b.add('sum', [ties], { axes: ints(c.node.attrs, 'axes'), keep: true });
  return [c.b.mul(ties, c.b.div(kept(c, c.dy), count))];
};

export const REDUCE: readonly OperatorDefinition[] = [
  reduction(
    'sum',
    'Sum over axes.',
    (r) => (r.low >= 0 ? { low: 0, high: ANY.high } : ANY),
    (c) => [c.b.broadcast(kept(c, c.dy), c.node.inputs[0].type.shape)],
    true,
  ),
  reduction(
    'mean',
    'Mean over axes.',
    (r) => r,
    (c) => {
      const [x] = c.node.inputs;
      const count = product(ints(c.node.attrs, 'axes').map((axis) => x.type.shape[axis]));
      const value = constantOf(count);
      const share =
        value === undefined
          ? c.b.div(kept(c, c.dy), c.b.add('dim', [], { value: count, dtype: 'f32' }))
          : c.b.mul(kept(c, c.dy), c.b.scalar(1 / value));
      return [c.b.broadcast(share, x.type.shape)];
    },
    true,
  ),
  reduction('max', 'Largest value over axes.', (r) => r, shareTies, false),
  reduction('min', 'Smallest value over axes.', (r) => r, shareTies, false),
  {
    name: 'argmax',
    doc: 'Index of the largest value along an axis; the first of equals.',
    inputs: [{ name: 'x', dtype: 'f32' }],
    attrs: { axis: 'int' },
    result: ([x], attrs) => ({ dtype: 'i32', shape: reduced(x, [int(attrs, 'axis')], false) }),
    kind: () => ({ kind: 'labels', range: { low: 0, high: ANY.high } }),
    differentiability: 'cut',
    batch: (node, [axis]) => {
      const along = int(node.attrs, 'axis');
      if (axis === undefined) return undefined;
      return axis === along ? 'coupled' : axis > along ? axis - 1 : axis;
    },
  },
];
