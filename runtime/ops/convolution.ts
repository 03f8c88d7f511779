/** Two-dimensional convolution and its gradients, NHWC with filters [kh, kw, C, O], PyTorch's explicit zero padding. */
import { pad, slice, strided } from './layout.ts';
import { run, share } from './run.ts';
import { drop } from './scope.ts';
import { filterGradByOuterProducts } from './simd/filter-gradient.ts';
import { vectorKernels } from './simd/instance.ts';
import { fourSizes, type Tensor } from './tensor.ts';
import { type Geometry, typedConv2d, typedConv2dFilterGrad, typedConv2dInputGrad } from './typed/convolution.ts';
import { heap } from './typed/heap.ts';
import { filterGradByForward, forward, inputGradByForward } from './wasm-convolution.ts';
import { type Padding, type Pair, requireFit, windowCount } from './window.ts';

export interface ConvolutionAttrs {
  readonly stride: Pair;
  /** Zeros added: top, bottom, left, right. */
  readonly pad: Padding;
  readonly dilation: Pair;
}

export function geometry(input: readonly number[], kernel: Pair, outChannels: number, a: ConvolutionAttrs): Geometry {
  const [n, h, w, c] = input;
  const oh = windowCount(h, kernel[0], a.stride[0], a.pad[0], a.pad[1], a.dilation[0]);
  const ow = windowCount(w, kernel[1], a.stride[1], a.pad[2], a.pad[3], a.dilation[1]);
  requireFit(Math.min(oh, ow), 'conv2d', input);
  return { input: [n, h, w, c], output: [oh, ow], outChannels, kernel, stride: a.stride, pad: a.pad, dilation: a.dilation };
}

/** x [N, h, w, C], filter [kh, kw, C, O] -> [N, oh, ow, O] with oh = floor((h + top + bottom - dilation (kh - 1) - 1) / stride) + 1. */
export function conv2d(x: Tensor, filter: Tensor, attrs: ConvolutionAttrs): Tensor {
  const [kh, kw, c, o] = fourSizes(filter, 'conv2d');
  if (c !== x.shape[3]) throw new RangeError(`conv2d: the input has ${x.shape[3]} channels, the filter expects ${c}`);
  const g = geometry(x.shape, [kh, kw], o, attrs);
  const typed = heap();
  if (typed?.backend === 'cpu') return typedConv2d(typed, x, filter, g);
  if (typed?.backend === 'wasm') return forward(x, filter, attrs.stride, attrs.pad, attrs.dilation);
  const padded = padPlane(x, attrs.pad);
  const result = run('Conv2D', { x: padded, filter }, { ...stock(attrs.stride), dilations: [...attrs.dilation] });
  drop(padded);
  return result;
}

/** Gradient with respect to the input: dy [N, oh, ow, O], filter [kh, kw, C, O] -> [N, h, w, C] with [h, w] = `size`. */
export function conv2dInputGrad(dy: Tensor, filter: Tensor, attrs: ConvolutionAttrs & { readonly size: Pair }): Tensor {
  const [kh, kw, c, o] = fourSizes(filter, 'conv2d_input_grad');
  const input = [fourSizes(dy, 'conv2d_input_grad')[0], attrs.size[0], attrs.size[1], c];
  const g = geometry(input, [kh, kw], o, attrs);
  requireSame('conv2d_input_grad', dy.shape, [g.input[0], ...g.output, o]);
  const typed = heap();
  if (typed?.backend === 'cpu') return typedConv2dInputGrad(typed, dy, filter, g);
  if (typed?.backend === 'wasm') return inputGradByForward(dy, filter, g);
  const spread = spreadFilter(filter, attrs.dilation);
  const [n, h, w] = g.input;
  const inputShape = [n, h + attrs.pad[0] + attrs.pad[1], w + attrs.pad[2] + attrs.pad[3], c];
  const whole = run('Conv2DBackpropInput', { dy, filter: spread }, { ...stock(attrs.stride), inputShape });
  const result = slice(whole, { starts: [0, attrs.pad[0], attrs.pad[2], 0], sizes: [n, h, w, c] });
  drop(spread, whole);
  return result;
}

/** Gradient with respect to the filter: x [N, h, w, C], dy [N, oh, ow, O] -> [kh, kw, C, O] with [kh, kw] = `kernel`. */
export function conv2dFilterGrad(x: Tensor, dy: Tensor, attrs: ConvolutionAttrs & { readonly kernel: Pair }): Tensor {
  const o = fourSizes(dy, 'conv2d_filter_grad')[3];
  const c = fourSizes(x, 'conv2d_filter_grad')[3];
  const g = geometry(x.shape, attrs.kernel, o, attrs);
  requireSame('conv2d_filter_grad', dy.shape, [g.input[0], ...g.output, o]);
  const typed = heap();
  if (typed?.backend === 'cpu') return typedConv2dFilterGrad(typed, x, dy, g);
  if (typed?.backend === 'wasm') {
    const vectors = vectorKernels();
    return vectors ? filterGradByOuterProducts(typed, vectors, x, dy, g) : filterGradByForward(x, dy, g);
  }
  const padded = padPlane(x, attrs.pad);
  const [kh, kw] = attrs.kernel;
  const [dh, dw] = attrs.dilation;
  // The gradient of the filter with zeros between its taps, of which the taps are kept.
  const filterShape = [dh * (kh - 1) + 1, dw * (kw - 1) + 1, c, o];
  const whole = run('Conv2DBackpropFilter', { x: padded, dy }, { ...stock(attrs.stride), filterShape });
  const result = dh === 1 && dw === 1 ? share(whole) : strided(whole, [0, 0, 0, 0], [kh, kw, c, o], [dh, dw, 1, 1]);
  drop(padded, whole);
  return result;
}

/** What every stock convolution kernel works with, tfjs-node included: no padding of its own. */
function stock(stride: Pair): {
  readonly strides: number[];
  readonly pad: string;
  readonly dataFormat: string;
  readonly dimRoundingMode: string;
} {
  return { strides: [...stride], pad: 'valid', dataFormat: 'NHWC', dimRoundingMode: 'floor' };
}

function padPlane(x: Tensor, [top, bottom, left, right]: Padding): Tensor {
  return pad(x, { before: [0, top, left, 0], after: [0, bottom, right, 0], value: 0 });
}

/** Puts dilation - 1 zeros between the taps. */
function spreadFilter(filter: Tensor, [dh, dw]: Pair): Tensor {
  if (dh === 1 && dw === 1) return share(filter);
  const [kh, kw, c, o] = fourSizes(filter, 'conv2d');
  const split = run('Reshape', { x: filter }, { shape: [kh, 1, kw, c * o] });
  const padded = pad(split, { before: [0, 0, 0, 0], after: [0, dh - 1, 0, 0], value: 0 });
  const rows = run('Reshape', { x: padded }, { shape: [kh * dh, kw, 1, c * o] });
  const wide = pad(rows, { before: [0, 0, 0, 0], after: [0, 0, dw - 1, 0], value: 0 });
  const whole = run('Reshape', { x: wide }, { shape: [kh * dh, kw * dw, c, o] });
  const result = slice(whole, { starts: [0, 0, 0, 0], sizes: [dh * (kh - 1) + 1, dw * (kw - 1) + 1, c, o] });
  drop(split, padded, rows, wide, whole);
  return result;
}

function requireSame(operator: string, found: readonly number[], expected: readonly number[]): void {
  if (found.some((n, d) => n !== expected[d]))
    throw new RangeError(`${operator}: the gradient has shape [${found.join(', ')}], the convolution gives [${expected.join(', ')}]`);
}
