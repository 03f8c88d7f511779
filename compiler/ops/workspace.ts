/**
 * Bytes that kernels hold on wasm besides inputs and result, as `runtime/ops` computes there (a test compares both). Most kernels hold nothing.
 * Where sizes decide (an axis of length one needs no transposing), what is given here is the larger case.
 */

import { lowerBound } from '../shape/bounds.ts';
import { add, constant, constantOf, type Dim, floorDiv, maxDim, minDim, multiply, subtract } from '../shape/dim.ts';
import type { Node, TensorType } from './graph.ts';
import { flag, ints, product } from './rules.ts';

const NOTHING = constant(0);
/** As in `runtime/ops/reduce.ts`. */
const LONGEST_IN_ONE_STAGE = 256;

export function bytes(type: TensorType): Dim {
  return multiply(constant(type.dtype === 'bool' ? 1 : 4), product(type.shape));
}

/**
 * Sums and means over neighbouring axes: long ones go in two stages, of which the first leaves at most a sixteenth of its input; short ones, and
 * those that keep fewer than four numbers together, go in one.
 */
export function sumWorkspace(node: Node): Dim {
  const [x] = node.inputs.map((input) => input.type);
  const axes = ints(node.attrs, 'axes');
  const [first, last] = [Math.min(...axes), Math.max(...axes)];
  const together = constantOf(product(x.shape.slice(last + 1)));
  if (axes.length === 0 || last - first + 1 !== axes.length || (together !== undefined && together < 4)) return NOTHING;
  const long = minDim(constant(1), floorDiv(product(x.shape.slice(first, last + 1)), constant(LONGEST_IN_ONE_STAGE + 1)));
  return multiply(long, floorDiv(bytes(x), constant(16)));
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
  /** Positions of dy that the phase reads, and how many it leaves out. */
  readonly read: Dim;
  readonly cut: Dim;
  /** 1, or 0 where the phase has no positions or meets none of dy. */
  readonly exists: Dim;
}

/** 0 where `d` is not positive, otherwise 1. */
function positive(d: Dim): Dim {
  return lowerBound(d) > 0 ? constant(1) : minDim(constant(1), maxDim(NOTHING, d));
}

function atLeastZero(d: Dim): Dim {
  return lowerBound(d) >= 0 ? d : maxDim(NOTHING, d);
}

function phases(node: Node, axis: 0 | 1): readonly Phase[] {
  const [dy, filter] = node.inputs.map((input) => input.type.shape);
  const size = node.type.shape[axis + 1];
  const out = dy[axis + 1];
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
    const end = add(count, constant(start));
    const behind = subtract(out, end);
    const cut = add(constant(Math.max(0, lowest)), atLeastZero(behind));
    const exists = multiply(positive(count), positive(subtract(out, constant(lowest))), positive(end));
    found.push({ count, taps: met.length, allTaps: stride / gcd(stride, dilation) === 1, read: subtract(out, cut), cut, exists });
  }
  return found;
}

/** The filter, turned in two steps; then phase by phase its taps, what it reads of dy, and its part of the result, which is put in its place. */
export function inputGradWorkspace(node: Node): Dim {
  const [dy, filter] = node.inputs.map((input) => input.type);
  const result = bytes(node.type);
  const turned = bytes(filter);
  const [n, , , c] = node.type.shape;
  const whole = ints(node.attrs, 'stride').every((s) => s === 1);
  // While the filter is turned there is no result yet.
  const moments: Dim[] = [subtract(multiply(constant(2), turned), result)];
  for (const row of phases(node, 0)) {
    for (const column of phases(node, 1)) {
      const part = whole ? NOTHING : multiply(constant(4), n, row.count, column.count, c);
      const taps =
        row.allTaps && column.allTaps ? NOTHING : multiply(constant(4 * row.taps * column.taps), filter.shape[2], filter.shape[3]);
      const cropped = multiply(positive(add(row.cut, column.cut)), constant(4), n, row.read, column.read, dy.shape[3]);
      moments.push(add(turned, multiply(row.exists, column.exists, add(part, taps, cropped))));
    }
  }
  return maxDim(NOTHING, ...moments);
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
  const [rows, columns] = [reach(h, 0), reach(w, 1)];
  const grown = positive(add(subtract(rows, h), subtract(columns, w)));
  return multiply(grown, constant(4), n, rows, columns, c);
}

/** Rows are gathered before columns. */
export function resizeGradWorkspace(node: Node): Dim {
  const [n, , width, c] = node.inputs[0].type.shape;
  return multiply(constant(4), n, node.type.shape[1], width, c);
}
