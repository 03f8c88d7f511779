/** References of convolution and matrix products, straight from their definitions. */
import type { Attributes, Reference } from './attributes.ts';
import { build, type NdArray, read, zeros } from './ndarray.ts';

export function outputSize(n: number, kernel: number, attrs: Attributes, side: 0 | 1): number {
  const pad = attrs.numbers('pad');
  const reach = attrs.numbers('dilation')[side] * (kernel - 1) + 1;
  return Math.floor((n + pad[2 * side] + pad[2 * side + 1] - reach) / attrs.numbers('stride')[side]) + 1;
}

/** Visits every product of the convolution as places in x, filter and result. */
function eachProduct(
  x: readonly number[],
  filter: readonly number[],
  attrs: Attributes,
  visit: (x: number, filter: number, y: number) => void,
): readonly number[] {
  const [images, h, w, channels] = x;
  const [kh, kw, , outputs] = filter;
  const [oh, ow] = [outputSize(h, kh, attrs, 0), outputSize(w, kw, attrs, 1)];
  const [stride, pad, dilation] = [attrs.numbers('stride'), attrs.numbers('pad'), attrs.numbers('dilation')];
  for (let n = 0; n < images; n++)
    for (let i = 0; i < oh; i++)
      for (let j = 0; j < ow; j++)
        for (let p = 0; p < kh; p++)
          for (let q = 0; q < kw; q++) {
            const row = i * stride[0] + p * dilation[0] - pad[0];
            const column = j * stride[1] + q * dilation[1] - pad[2];
            if (row < 0 || row >= h || column < 0 || column >= w) continue;
            for (let c = 0; c < channels; c++)
              for (let o = 0; o < outputs; o++)
                visit(
                  ((n * h + row) * w + column) * channels + c,
                  ((p * kw + q) * channels + c) * outputs + o,
                  ((n * oh + i) * ow + j) * outputs + o,
                );
          }
  return [images, oh, ow, outputs];
}

function sized(shape: readonly number[], fill: (result: NdArray) => void): NdArray {
  const result = zeros(shape);
  fill(result);
  return result;
}

export const CONVOLUTION: Readonly<Record<string, Reference>> = {
  matmul: ([a, b], attrs) => {
    const [ta, tb] = [attrs.flag('ta'), attrs.flag('tb')];
    const rank = a.shape.length;
    const depth = a.shape[ta ? rank - 2 : rank - 1];
    return build([...a.shape.slice(0, rank - 2), a.shape[ta ? rank - 1 : rank - 2], b.shape[tb ? rank - 2 : rank - 1]], (index) => {
      const batch = index.slice(0, rank - 2);
      const [row, column] = index.slice(rank - 2);
      let sum = 0;
      for (let k = 0; k < depth; k++)
        sum += read(a, [...batch, ...(ta ? [k, row] : [row, k])]) * read(b, [...batch, ...(tb ? [column, k] : [k, column])]);
      return sum;
    });
  },
  conv2d: ([x, filter], attrs) =>
    sized(
      eachProduct(x.shape, filter.shape, attrs, () => {}),
      (y) =>
        eachProduct(x.shape, filter.shape, attrs, (i, k, o) => {
          y.data[o] += x.data[i] * filter.data[k];
        }),
    ),
  conv2d_input_grad: ([dy, filter], attrs) =>
    sized([dy.shape[0], ...attrs.numbers('size'), filter.shape[2]], (dx) =>
      eachProduct(dx.shape, filter.shape, attrs, (i, k, o) => {
        dx.data[i] += dy.data[o] * filter.data[k];
      }),
    ),
  conv2d_filter_grad: ([x, dy], attrs) =>
    sized([...attrs.numbers('kernel'), x.shape[3], dy.shape[3]], (df) =>
      eachProduct(x.shape, df.shape, attrs, (i, k, o) => {
        df.data[k] += x.data[i] * dy.data[o];
      }),
    ),
};
