/** References of depthwise convolution, straight from its definition. */
import type { Attributes, Reference } from './attributes.ts';
import { outputSize } from './convolution.ts';
import { zeros } from './ndarray.ts';

/** Visits every product as places in x, filter and result. */
function eachProduct(
  [images, h, w, channels]: readonly number[],
  [kh, kw]: readonly number[],
  attrs: Attributes,
  visit: (x: number, filter: number, y: number) => void,
): readonly number[] {
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
              visit(((n * h + row) * w + column) * channels + c, (p * kw + q) * channels + c, ((n * oh + i) * ow + j) * channels + c);
          }
  return [images, oh, ow, channels];
}

export const DEPTHWISE: Readonly<Record<string, Reference>> = {
  depthwise_conv2d: ([x, filter], attrs) => {
    const result = zeros(eachProduct(x.shape, filter.shape, attrs, () => {}));
    eachProduct(x.shape, filter.shape, attrs, (i, f, y) => {
      result.data[y] += x.data[i] * filter.data[f];
    });
    return result;
  },
  depthwise_conv2d_input_grad: ([dy, filter], attrs) => {
    const [h, w] = attrs.numbers('size');
    const result = zeros([dy.shape[0], h, w, dy.shape[3]]);
    eachProduct(result.shape, filter.shape, attrs, (i, f, y) => {
      result.data[i] += dy.data[y] * filter.data[f];
    });
    return result;
  },
  depthwise_conv2d_filter_grad: ([x, dy], attrs) => {
    const [kh, kw] = attrs.numbers('kernel');
    const result = zeros([kh, kw, 1, x.shape[3]]);
    eachProduct(x.shape, result.shape, attrs, (i, f, y) => {
      result.data[f] += dy.data[y] * x.data[i];
    });
    return result;
  },
};
