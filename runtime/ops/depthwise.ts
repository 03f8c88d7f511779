/** Depthwise convolution and its gradients, NHWC with filters [kh, kw, 1, C], PyTorch's explicit zero padding. */
import { type ConvolutionAttrs, conv2d, conv2dFilterGrad, conv2dInputGrad, geometry } from './convolution.ts';
import { mul } from './elementwise.ts';
import { oneHot } from './indexing.ts';
import { sum } from './reduce.ts';
import { run, view } from './run.ts';
import { scope } from './scope.ts';
import { iota } from './sources.ts';
import { fourSizes, type Tensor } from './tensor.ts';
import { typedDepthwise, typedDepthwiseFilterGrad, typedDepthwiseInputGrad } from './typed/depthwise.ts';
import { heap } from './typed/heap.ts';
import type { Pair } from './window.ts';

/** x [N, h, w, C], filter [kh, kw, 1, C] -> [N, oh, ow, C]. */
export function depthwiseConv2d(x: Tensor, filter: Tensor, attrs: ConvolutionAttrs): Tensor {
  const [kh, kw, , c] = fourSizes(filter, 'depthwise_conv2d');
  const g = geometry(x.shape, [kh, kw], c, attrs);
  const typed = heap();
  if (typed?.backend === 'cpu') return typedDepthwise(typed, x, filter, g);
  if (typed?.backend === 'wasm') {
    const upright = view(filter, [kh, kw, c, 1]);
    const [top, bottom, left, right] = attrs.pad;
    const edges = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    const form = { strides: [...attrs.stride], dilations: [...attrs.dilation], pad: edges, dimRoundingMode: 'floor' };
    const result = run('DepthwiseConv2dNative', { x, filter: upright }, form);
    upright.dispose();
    return result;
  }
  return scope(() => conv2d(x, dense(filter), attrs));
}

/** Gradient with respect to a map of height and width `size`. */
export function depthwiseConv2dInputGrad(dy: Tensor, filter: Tensor, attrs: ConvolutionAttrs & { readonly size: Pair }): Tensor {
  const [kh, kw, , c] = fourSizes(filter, 'depthwise_conv2d_input_grad');
  const [n] = fourSizes(dy, 'depthwise_conv2d_input_grad');
  const typed = heap();
  if (typed) return typedDepthwiseInputGrad(typed, dy, filter, geometry([n, ...attrs.size, c], [kh, kw], c, attrs));
  return scope(() => conv2dInputGrad(dy, dense(filter), attrs));
}

/** Gradient with respect to the filter [kh, kw, 1, C], [kh, kw] = `kernel`. */
export function depthwiseConv2dFilterGrad(x: Tensor, dy: Tensor, attrs: ConvolutionAttrs & { readonly kernel: Pair }): Tensor {
  const c = fourSizes(x, 'depthwise_conv2d_filter_grad')[3];
  const typed = heap();
  if (typed) return typedDepthwiseFilterGrad(typed, x, dy, geometry(x.shape, attrs.kernel, c, attrs));
  return scope(() => sum(mul(conv2dFilterGrad(x, dy, attrs), ownChannel(c)), { axes: [2], keep: true }));
}

/** 1 where the channel that is read is the channel that is written. */
function ownChannel(c: number): Tensor {
  return view(oneHot(iota({ size: c }), { depth: c }), [1, 1, c, c]);
}

/** The filter of a whole convolution: what stock kernels with any stride and dilation compute on every backend. */
function dense(filter: Tensor): Tensor {
  return mul(filter, ownChannel(filter.shape[3] ?? 1));
}
