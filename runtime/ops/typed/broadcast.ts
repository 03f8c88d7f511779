/** Loops over broadcast operands, without materialising them. */
import { broadcastShape, sizeOf, stridesOf } from '../tensor.ts';

/** Dimensions merged as far as every operand allows; `strides[k][d]` is 0 where operand k is broadcast along d. */
export interface Loop {
  readonly shape: readonly number[];
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** Plans the loop of operands that broadcast together (NumPy's rule). The innermost stride of every operand is 0 or 1. */
export function planLoop(...operands: readonly (readonly number[])[]): Loop {
  const shape = operands.reduce<number[]>((all, one) => broadcastShape(all, one), []);
  const rank = shape.length;
  const full = operands.map((operand) => {
    const strides = stridesOf(operand);
    return shape.map((_, d) => {
      const own = d - (rank - operand.length);
      return own < 0 || operand[own] === 1 ? 0 : strides[own];
    });
  });
  const sizes: number[] = [];
  const strides: number[][] = operands.map(() => []);
  for (let d = 0; d < rank; d++) {
    if (shape[d] === 1) continue;
    const last = sizes.length - 1;
    const merges = last >= 0 && full.every((own, k) => strides[k][last] === own[d] * shape[d]);
    if (merges) {
      sizes[last] *= shape[d];
      for (let k = 0; k < full.length; k++) strides[k][last] = full[k][d];
    } else {
      sizes.push(shape[d]);
      for (let k = 0; k < full.length; k++) strides[k].push(full[k][d]);
    }
  }
  if (sizes.length === 0) {
    sizes.push(sizeOf(shape));
    for (const own of strides) own.push(0);
  }
  return { shape, sizes, strides };
}

/** Calls `row` for every innermost run: start in the result, and start in each of up to three operands. */
export function forEachRow(loop: Loop, row: (out: number, first: number, second: number, third: number) => void): void {
  const { sizes, strides } = loop;
  const outer = sizes.length - 1;
  const length = sizes[outer];
  const none = new Array<number>(sizes.length).fill(0);
  const a = strides[0] ?? none;
  const b = strides[1] ?? none;
  const c = strides[2] ?? none;
  const index = new Int32Array(outer);
  const rows = sizeOf(sizes.slice(0, outer));
  let ia = 0;
  let ib = 0;
  let ic = 0;
  for (let r = 0, out = 0; r < rows; r++, out += length) {
    row(out, ia, ib, ic);
    for (let d = outer - 1; d >= 0; d--) {
      ia += a[d];
      ib += b[d];
      ic += c[d];
      if (++index[d] < sizes[d]) break;
      index[d] = 0;
      ia -= a[d] * sizes[d];
      ib -= b[d] * sizes[d];
      ic -= c[d] * sizes[d];
    }
  }
}
