/** Binary operators and selection as typed-array loops. Each operator has a function of its own, so that the engine compiles each for its types. */
import type { Tensor, TfjsDType } from '../tensor.ts';
import { forEachRow, planLoop } from './broadcast.ts';
import { type Heap, produce, type Values } from './heap.ts';

export type BinaryName =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'floorDiv'
  | 'maximum'
  | 'minimum'
  | 'greater'
  | 'greaterEqual'
  | 'less'
  | 'lessEqual'
  | 'equal'
  | 'notEqual'
  | 'logicalAnd'
  | 'logicalOr';

/** `n` elements; strides are 0 (broadcast) or 1. */
type Row = (out: Values, o: number, a: Values, i: number, si: number, b: Values, j: number, sj: number, n: number) => void;

const rows: Readonly<Record<BinaryName, Row>> = {
  add: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] + b[j];
  },
  sub: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] - b[j];
  },
  // Only float32 products are exact in float64; int32 ones wrap through Math.imul.
  mul: (out, o, a, i, si, b, j, sj, n) => {
    if (out instanceof Int32Array) for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = Math.imul(a[i], b[j]);
    else for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] * b[j];
  },
  div: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] / b[j];
  },
  floorDiv: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = Math.floor(a[i] / b[j]);
  },
  // Not a number on either side stays, as in PyTorch.
  maximum: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) {
      const x = a[i];
      const y = b[j];
      out[o + k] = x >= y || Number.isNaN(x) ? x : y;
    }
  },
  minimum: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) {
      const x = a[i];
      const y = b[j];
      out[o + k] = x <= y || Number.isNaN(x) ? x : y;
    }
  },
  greater: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] > b[j] ? 1 : 0;
  },
  greaterEqual: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] >= b[j] ? 1 : 0;
  },
  less: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] < b[j] ? 1 : 0;
  },
  lessEqual: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] <= b[j] ? 1 : 0;
  },
  equal: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] === b[j] ? 1 : 0;
  },
  notEqual: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] !== b[j] ? 1 : 0;
  },
  logicalAnd: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] & b[j];
  },
  logicalOr: (out, o, a, i, si, b, j, sj, n) => {
    for (let k = 0; k < n; k++, i += si, j += sj) out[o + k] = a[i] | b[j];
  },
};

export function typedBinary(heap: Heap, name: BinaryName, a: Tensor, b: Tensor, dtype: TfjsDType): Tensor {
  const loop = planLoop(a.shape, b.shape);
  const inner = loop.sizes.length - 1;
  const n = loop.sizes[inner];
  const si = loop.strides[0][inner];
  const sj = loop.strides[1][inner];
  const row = rows[name];
  return produce(heap, loop.shape, dtype, (out) => {
    const left = heap.values(a);
    const right = heap.values(b);
    forEachRow(loop, (o, i, j) => row(out, o, left, i, si, right, j, sj, n));
  });
}

/** `condition ? a : b`, broadcasting all three. */
export function typedSelect(heap: Heap, condition: Tensor, a: Tensor, b: Tensor, dtype: TfjsDType): Tensor {
  const loop = planLoop(condition.shape, a.shape, b.shape);
  const inner = loop.sizes.length - 1;
  const n = loop.sizes[inner];
  const [sc, sa, sb] = loop.strides.map((own) => own[inner]);
  return produce(heap, loop.shape, dtype, (out) => {
    const test = heap.values(condition);
    const yes = heap.values(a);
    const no = heap.values(b);
    forEachRow(loop, (o, c, i, j) => {
      for (let k = 0; k < n; k++) out[o + k] = test[c + k * sc] !== 0 ? yes[i + k * sa] : no[j + k * sb];
    });
  });
}

/** Copies `x` to a larger shape. */
export function typedBroadcast(heap: Heap, x: Tensor, shape: readonly number[], dtype: TfjsDType): Tensor {
  const loop = planLoop(x.shape, shape);
  const inner = loop.sizes.length - 1;
  const n = loop.sizes[inner];
  const repeated = loop.strides[0][inner] === 0;
  return produce(heap, loop.shape, dtype, (out) => {
    const from = heap.values(x);
    forEachRow(loop, (o, i) => {
      if (repeated) out.fill(from[i], o, o + n);
      else if (n < 16) for (let k = 0; k < n; k++) out[o + k] = from[i + k];
      else out.set(from.subarray(i, i + n), o);
    });
  });
}
