/** Plain float64 loops for the operators with geometry, written from their definitions and sharing no code with the runtime. */
import type { Data } from './harness.ts';

export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

export interface Conv {
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
}

type Size4 = readonly [number, number, number, number];
const four = (shape: readonly number[]): Size4 => [shape[0], shape[1], shape[2], shape[3]];

function outputSize(h: number, w: number, kh: number, kw: number, a: Conv): [number, number] {
  const one = (n: number, k: number, s: number, p: number, d: number) => Math.floor((n + p - d * (k - 1) - 1) / s) + 1;
  return [one(h, kh, a.stride[0], a.pad[0] + a.pad[1], a.dilation[0]), one(w, kw, a.stride[1], a.pad[2] + a.pad[3], a.dilation[1])];
}

function eachTerm(x: Size4, f: Size4, a: Conv, visit: (xi: number, fi: number, yi: number) => void): readonly number[] {
  const [n, h, w, c] = x;
  const [kh, kw, , o] = f;
  const [oh, ow] = outputSize(h, w, kh, kw, a);
  for (let b = 0; b < n; b++)
    for (let i = 0; i < oh; i++)
      for (let j = 0; j < ow; j++)
        for (let p = 0; p < kh; p++)
          for (let q = 0; q < kw; q++) {
            const r = i * a.stride[0] + p * a.dilation[0] - a.pad[0];
            const s = j * a.stride[1] + q * a.dilation[1] - a.pad[2];
            if (r < 0 || r >= h || s < 0 || s >= w) continue;
            for (let k = 0; k < c; k++)
              for (let m = 0; m < o; m++)
                visit(((b * h + r) * w + s) * c + k, ((p * kw + q) * c + k) * o + m, ((b * oh + i) * ow + j) * o + m);
          }
  return [n, oh, ow, o];
}

export function conv(x: Data, f: Data, a: Conv): Numbers {
  const terms: [number, number, number][] = [];
  const shape = eachTerm(four(x.shape), four(f.shape), a, (xi, fi, yi) => terms.push([xi, fi, yi]));
  const values = new Float64Array(shape.reduce((p, n) => p * n, 1));
  for (const [xi, fi, yi] of terms) values[yi] += x.values[xi] * f.values[fi];
  return { shape, values };
}

export function convInputGrad(dy: Data, f: Data, size: readonly [number, number], a: Conv): Numbers {
  const shape: Size4 = [dy.shape[0], size[0], size[1], f.shape[2]];
  const values = new Float64Array(shape.reduce((p, n) => p * n, 1));
  eachTerm(shape, four(f.shape), a, (xi, fi, yi) => {
    values[xi] += dy.values[yi] * f.values[fi];
  });
  return { shape, values };
}

export function convFilterGrad(x: Data, dy: Data, kernel: readonly [number, number], a: Conv): Numbers {
  const shape: Size4 = [kernel[0], kernel[1], x.shape[3], dy.shape[3]];
  const values = new Float64Array(shape.reduce((p, n) => p * n, 1));
  eachTerm(four(x.shape), shape, a, (xi, fi, yi) => {
    values[fi] += x.values[xi] * dy.values[yi];
  });
  return { shape, values };
}

export interface Pool {
  readonly window: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number, number, number];
  readonly ceil: boolean;
}

/** For each output: the input cells inside its window, row by row. */
export function windows(
  shape: readonly number[],
  a: Pool,
): { readonly shape: readonly number[]; readonly cells: readonly (readonly number[])[] } {
  const [n, h, w, c] = shape;
  const count = (size: number, k: number, s: number, before: number, after: number) => {
    let m = 0;
    // The definition, by trying: window m starts at m·s - before.
    for (;;) {
      const start = m * s - before;
      const fits = a.ceil ? start < size + after - k + s && start < size : start + k <= size + after;
      if (!fits) return m;
      m++;
    }
  };
  const oh = count(h, a.window[0], a.stride[0], a.pad[0], a.pad[1]);
  const ow = count(w, a.window[1], a.stride[1], a.pad[2], a.pad[3]);
  const cells: number[][] = [];
  for (let b = 0; b < n; b++)
    for (let i = 0; i < oh; i++)
      for (let j = 0; j < ow; j++)
        for (let k = 0; k < c; k++) {
          const own: number[] = [];
          for (let p = 0; p < a.window[0]; p++)
            for (let q = 0; q < a.window[1]; q++) {
              const r = i * a.stride[0] - a.pad[0] + p;
              const s = j * a.stride[1] - a.pad[2] + q;
              if (r >= 0 && r < h && s >= 0 && s < w) own.push(((b * h + r) * w + s) * c + k);
            }
          cells.push(own);
        }
  return { shape: [n, oh, ow, c], cells };
}
