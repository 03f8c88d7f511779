/**
 * TensorFlow column: resizing. Bilinear maps with half-pixel centres or aligned corners are TensorFlow's own kernels. Every other convention is
 * two products with interpolation matrices that the graph makes from the sizes, which is the definition itself and has its adjoint for free.
 */
import { constant, type Dim, subtract } from '../../shape/dim.ts';
import { number, word } from '../rules.ts';
import { cast, filled, flagAttr, INT, range, reshape, same, type TfRule, type TfScope, type TfTensor, type } from './rule.ts';

type Side = 'h' | 'w';

const double = (t: TfScope, value: number): TfTensor => t.scalar(value, 'DT_DOUBLE');
const doubleSize = (t: TfScope, d: Dim): TfTensor => cast(t, t.size(d), 'DT_DOUBLE');

/** Index of the nearest neighbour of each place. Whole numbers are divided last, so that no rounding moves a boundary. */
function nearest(t: TfScope, convention: string, side: Side, input: Dim, output: Dim): TfTensor {
  const i = range(t, output);
  const whole = (value: number): TfTensor => t.scalar(value, 'DT_INT32');
  const ratio = (above: TfTensor, below: TfTensor): TfTensor => same(t, 'FloorDiv', [above, below]);
  const place = (): TfTensor => {
    switch (convention) {
      case 'factor': {
        const scaled = same(t, 'RealDiv', [cast(t, i, 'DT_DOUBLE'), double(t, number(t.node.attrs, `factor_${side}`))]);
        return cast(t, same(t, 'Floor', [scaled]), 'DT_INT32');
      }
      case 'pillow_nearest': {
        const middle = same(t, 'AddV2', [same(t, 'Mul', [i, whole(2)]), whole(1)]);
        return ratio(same(t, 'Mul', [middle, t.size(input)]), same(t, 'Mul', [t.size(output), whole(2)]));
      }
      case 'corners': {
        const last = subtract(output, constant(1));
        const doubled = same(t, 'Mul', [same(t, 'Mul', [i, t.size(subtract(input, constant(1)))]), whole(2)]);
        const below = same(t, 'Maximum', [same(t, 'Mul', [t.size(last), whole(2)]), whole(1)]);
        return ratio(same(t, 'AddV2', [doubled, t.size(last)]), below);
      }
      default:
        return ratio(same(t, 'Mul', [i, t.size(input)]), t.size(output));
    }
  };
  return same(t, 'Minimum', [place(), t.size(subtract(input, constant(1)))]);
}

/** Where each place lies in the source, in float64. */
function source(t: TfScope, convention: string, side: Side, input: Dim, output: Dim): TfTensor {
  const i = cast(t, range(t, output), 'DT_DOUBLE');
  if (convention === 'corners') {
    const steps = same(t, 'Maximum', [doubleSize(t, subtract(output, constant(1))), double(t, 1)]);
    return same(t, 'RealDiv', [same(t, 'Mul', [i, doubleSize(t, subtract(input, constant(1)))]), steps]);
  }
  const step =
    convention === 'factor'
      ? double(t, 1 / number(t.node.attrs, `factor_${side}`))
      : same(t, 'RealDiv', [doubleSize(t, input), doubleSize(t, output)]);
  const middle = same(t, 'Mul', [same(t, 'AddV2', [i, double(t, 0.5)]), step]);
  return same(t, 'Maximum', [same(t, 'Sub', [middle, double(t, 0.5)]), double(t, 0)]);
}

function oneHot(t: TfScope, indices: TfTensor, depth: Dim): TfTensor {
  return t.op(
    'OneHot',
    [indices, t.size(depth), t.scalar(1, 'DT_FLOAT'), t.scalar(0, 'DT_FLOAT')],
    { T: type('DT_FLOAT'), TI: INT, axis: { int: -1 } },
    'DT_FLOAT',
  );
}

/** The interpolation matrix [output, input]. */
function matrix(t: TfScope, side: Side, input: Dim, output: Dim): TfTensor {
  const convention = word(t.node.attrs, 'convention');
  if (word(t.node.attrs, 'mode') === 'nearest' || convention === 'pillow_nearest')
    return oneHot(t, nearest(t, convention, side, input, output), input);
  const at = source(t, convention, side, input, output);
  const last = t.size(subtract(input, constant(1)));
  const first = same(t, 'Minimum', [cast(t, same(t, 'Floor', [at]), 'DT_INT32'), last]);
  const second = same(t, 'Minimum', [same(t, 'AddV2', [first, t.scalar(1, 'DT_INT32')]), last]);
  // At the border both are the same place, and the weights add up to one there too.
  const rest = cast(t, same(t, 'Sub', [at, cast(t, first, 'DT_DOUBLE')]), 'DT_FLOAT');
  const column = (weight: TfTensor): TfTensor => reshape(t, weight, t.ints([-1, 1]));
  const left = same(t, 'Mul', [oneHot(t, first, input), column(same(t, 'Sub', [t.scalar(1, 'DT_FLOAT'), rest]))]);
  const right = same(t, 'Mul', [oneHot(t, second, input), column(rest)]);
  return same(t, 'AddV2', [left, right]);
}

/** Products over rows, then over columns; with the matrices transposed for the adjoint. */
function byMatrices(t: TfScope, from: readonly Dim[], to: readonly Dim[], adjoint: boolean): TfTensor {
  const attrs = { adj_x: flagAttr(adjoint), adj_y: flagAttr(false) };
  const of = (side: Side, axis: number): TfTensor =>
    adjoint ? matrix(t, side, to[axis], from[axis]) : matrix(t, side, from[axis], to[axis]);
  const rows = reshape(t, t.inputs[0], t.sizes([from[0], from[1], constant(-1)]));
  const down = same(t, 'BatchMatMulV2', [of('h', 1), rows], attrs);
  const upright = reshape(t, down, t.sizes([from[0], to[1], from[2], from[3]]));
  return same(t, 'BatchMatMulV2', [of('w', 2), upright], attrs);
}

function kernelAttributes(
  t: TfScope,
): { readonly align_corners: { bool: boolean }; readonly half_pixel_centers: { bool: boolean } } | undefined {
  const convention = word(t.node.attrs, 'convention');
  if (word(t.node.attrs, 'mode') !== 'bilinear' || (convention !== 'half_pixel' && convention !== 'corners')) return undefined;
  return { align_corners: { bool: convention === 'corners' }, half_pixel_centers: { bool: convention === 'half_pixel' } };
}

export const RESIZE: Readonly<Record<string, TfRule>> = {
  resize: (t) => {
    const { type: to, inputs } = t.node;
    const kernel = kernelAttributes(t);
    if (!kernel) return byMatrices(t, inputs[0].type.shape, to.shape, false);
    return same(t, 'ResizeBilinear', [t.inputs[0], t.sizes(to.shape.slice(1, 3))], kernel);
  },
  resize_grad: (t) => {
    const { type: to, inputs } = t.node;
    const kernel = kernelAttributes(t);
    if (!kernel) return byMatrices(t, inputs[0].type.shape, to.shape, true);
    // The kernel reads only the shape of its second input.
    return same(t, 'ResizeBilinearGrad', [t.inputs[0], filled(t, to.shape, t.scalar(0, 'DT_FLOAT'))], kernel);
  },
};
