/**
 * Bytes that kernels hold on wasm besides inputs and result, as `runtime/ops` computes there (a test compares both). Most kernels hold nothing.
 * Where sizes decide (an axis of length one needs no transposing), what is given here is the larger case.
 */

import { lowerBound } from '../shape/bounds.ts';
import { add, constant, constantOf, type Dim, floorDiv, maxDim, minDim, multiply, subtract } from '../shape/dim.ts';
import type { Node, TensorType } from './graph.ts';
import { flag, ints, product } from './rules.ts';

const NOTHING = constant(0);

export function bytes(type: TensorType): Dim {
  return multiply(constant(type.dtype === 'bool' ? 1 : 4), product(type.shape));
}

/** A comparison with zero: one number. */
export function castWorkspace(node: Node): Dim {
  return node.type.dtype === 'bool' && node.inputs[0].type.dtype !== 'bool' ? constant(4) : NOTHING;
}

/** Copies with the last two axes exchanged: of b where it is transposed, of a where it is not and there are several matrices. */
export function matmulWorkspace(node: Node): Dim {
  const [a, b] = node.inputs.map((input) => input.type);
  const right = flag(node.attrs, 'tb') ? bytes(b) : NOTHING;
  if (flag(node.attrs, 'ta') || a.shape.length === 2) return right;
  const several = minDim(constant(1), subtract(a.shape[0], constant(1)));
  return add(right, multiply(several, bytes(a)));
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Positions offset, offset + stride, … of one axis of the input gradient: a convolution of dy with every so many taps. */
interface Phase {
  readonly count: Dim;
  /** Taps that meet these positions, and whether they are all taps of the filter. */
  readonly taps: number;
  readonly allTaps: boolean;
  /** Whether rows of dy may have to be cut off. */
  readonly cut: boolean;
}

function phases(node: Node, axis: 0 | 1): readonly Phase[] {
  const [dy, filter] = node.inputs.map((input) => input.type.shape);
  const size = node.type.shape[axis + 1];
  const kernel = constantOf(filter[axis]) ?? 1;
  const [stride, dilation] = [ints(node.attrs, 'stride')[axis], ints(node.attrs, 'dilation')[axis]];
  const before = ints(node.attrs, 'pad')[2 * axis];
  const found: Phase[] = [];
  for (let offset = 0; offset < stride; offset++) {
    const met = Array.from({ length: kernel }, (_, tap) => tap).filter((tap) => (offset + before - dilation * tap) % stride === 0);
    if (met.length === 0) continue;
    const count = add(floorDiv(subtract(size, constant(offset + 1)), constant(stride)), constant(1));
    const start = (offset + before - dilation * met[0]) / stride;
    const lowest = (offset + before - dilation * met[met.length - 1]) / stride;
    const after = subtract(add(count, constant(start)), dy[axis + 1]);
    found.push({ count, taps: met.length, allTaps: stride / gcd(stride, dilation) === 1, cut: lowest > 0 || lowerBound(after) < 0 });
  }
  return found;
}

/** The turned filter, then for each phase its taps and its part of the result, which are put together at the end. */
export function inputGradWorkspace(node: Node): Dim {
  const [dy, filter] = node.inputs.map((input) => input.type);
  const result = bytes(node.type);
  const turned = bytes(filter);
  const turning = subtract(multiply(constant(2), turned), result);
  const [rows, columns] = [phases(node, 0), phases(node, 1)];
  const [n, , , c] = node.type.shape;
  const whole = ints(node.attrs, 'stride').every((s) => s === 1);
  const moments: Dim[] = [turning];
  let parts = NOTHING;
  for (const row of rows) {
    for (const column of columns) {
      parts = add(parts, multiply(constant(4), n, row.count, column.count, c));
      const taps =
        row.allTaps && column.allTaps ? NOTHING : multiply(constant(4 * row.taps * column.taps), filter.shape[2], filter.shape[3]);
      const cropped = row.cut || column.cut ? bytes(dy) : NOTHING;
      moments.push(subtract(add(turned, taps, cropped, parts), result));
    }
  }
  return maxDim(NOTHING, whole ? NOTHING : parts, ...moments);
}

/** The map inside its padding, as far as windows reach; zeros count only with `count_pad`, and single cells are read where they are. */
export function avgPoolWorkspace(node: Node): Dim {
  const [n, h, w, c] = node.inputs[0].type.shape;
  const [window, stride, pad] = [ints(node.attrs, 'window'), ints(node.attrs, 'stride'), ints(node.attrs, 'pad')];
  if (!flag(node.attrs, 'count_pad') || pad.every((edge) => edge === 0) || window.every((side) => side === 1)) return NOTHING;
  const reach = (size: Dim, axis: 0 | 1): Dim => {
    const before = add(size, constant(pad[2 * axis]));
    const last = add(multiply(constant(stride[axis]), subtract(node.type.shape[axis + 1], constant(1))), constant(window[axis]));
    return maxDim(before, last);
  };
  return multiply(constant(4), n, reach(h, 0), reach(w, 1), c);
}

/** Rows are gathered before columns. */
export function resizeGradWorkspace(node: Node): Dim {
  const [n, , width, c] = node.inputs[0].type.shape;
  return multiply(constant(4), n, node.type.shape[1], width, c);
}
