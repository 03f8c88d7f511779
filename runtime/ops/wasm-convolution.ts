/**
 * Convolution gradients by forward convolutions, for `wasm`: its forward kernel (XNNPACK, SIMD) is the only fast one, it has no filter gradient
 * at all, and its input gradient is a scalar loop.
 */
import { matmul } from './algebra.ts';
import { pad, reverse, slice, transpose } from './layout.ts';
import { run, share, view } from './run.ts';
import { drop } from './scope.ts';
import type { Tensor } from './tensor.ts';
import type { Geometry } from './typed/convolution.ts';
import { floats, heap, produceFloats } from './typed/heap.ts';
import type { Padding, Pair } from './window.ts';

/** The stock forward kernel with explicit padding. */
export function forward(x: Tensor, filter: Tensor, stride: Pair, [top, bottom, left, right]: Padding, dilation: Pair): Tensor {
  const padding = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return run(
    'Conv2D',
    { x, filter },
    { strides: [...stride], pad: padding, dilations: [...dilation], dataFormat: 'NHWC', dimRoundingMode: 'floor' },
  );
}

/** Forward convolution whose padding may be negative (rows and columns of the input that no output needs). */
function forwardCropping(x: Tensor, filter: Tensor, padding: Padding, dilation: Pair): Tensor {
  const cut = padding.map((n) => Math.max(0, -n));
  const grown: Padding = [Math.max(0, padding[0]), Math.max(0, padding[1]), Math.max(0, padding[2]), Math.max(0, padding[3])];
  const [n, h, w, c] = x.shape;
  const cropped = slice(x, { starts: [0, cut[0], cut[2], 0], sizes: [n, h - cut[0] - cut[1], w - cut[2] - cut[3], c] });
  const result = forward(cropped, filter, [1, 1], grown, dilation);
  drop(cropped);
  return result;
}

/** One axis of one phase: the output positions p, p + stride, … receive from the taps `first`, `first + step`, …. */
interface Phase {
  /** First input position of the phase, and how many there are. */
  readonly offset: number;
  readonly count: number;
  readonly firstTap: number;
  readonly tapStep: number;
  readonly taps: number;
  /** Dilation of the forward convolution over dy. */
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  /** False where no tap reaches dy: the gradient of these positions is zero. */
  readonly reached: boolean;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/**
 * Input position h meets output i through tap t when h + pad = stride·i + dilation·t. For a fixed h mod stride the taps are evenly spaced, so
 * each phase is a stride-1 convolution of dy.
 */
function phases(size: number, out: number, k: number, stride: number, before: number, dilation: number): readonly Phase[] {
  const step = stride / gcd(stride, dilation);
  const jump = (dilation * step) / stride;
  const found: Phase[] = [];
  for (let offset = 0; offset < Math.min(stride, size); offset++) {
    const count = Math.floor((size - 1 - offset) / stride) + 1;
    let firstTap = -1;
    for (let t = 0; t < Math.min(step, k); t++) if ((((offset + before - dilation * t) % stride) + stride) % stride === 0) firstTap = t;
    const taps = firstTap < 0 ? 0 : Math.floor((k - 1 - firstTap) / step) + 1;
    // Position q of the phase reads dy at start + q - jump·u for u = 0 … taps - 1.
    const start = firstTap < 0 ? 0 : (offset + before - dilation * firstTap) / stride;
    const lowest = start - jump * (taps - 1);
    const highest = start + count - 1;
    const reached = taps > 0 && lowest < out && highest >= 0;
    found.push({ offset, count, firstTap, tapStep: step, taps, dilation: jump, before: -lowest, after: highest - (out - 1), reached });
  }
  return found;
}

/** dy [N, oh, ow, O] and filter [kh, kw, C, O] -> [N, h, w, C]. */
export function inputGradByForward(dy: Tensor, filter: Tensor, g: Geometry): Tensor {
  const turnedAround = reverse(filter, { axes: [0, 1] });
  const turned = transpose(turnedAround, { perm: [0, 1, 3, 2] });
  drop(turnedAround);
  const rows = phases(g.input[1], g.output[0], g.kernel[0], g.stride[0], g.pad[0], g.dilation[0]);
  const columns = phases(g.input[2], g.output[1], g.kernel[1], g.stride[1], g.pad[2], g.dilation[1]);
  const part = (row: Phase, column: Phase): Tensor => {
    const taps = phaseFilter(turned, row, column);
    const padding: Padding = [row.before, row.after, column.before, column.after];
    const value = forwardCropping(dy, taps, padding, [row.dilation, column.dilation]);
    drop(taps);
    return value;
  };
  const met = rows.flatMap((row) => columns.filter((column) => row.reached && column.reached).map((column) => [row, column] as const));
  const alone = rows.length === 1 && columns.length === 1 && met.length === 1;
  const result = alone ? part(rows[0], columns[0]) : zeroed(g, met.length < rows.length * columns.length);
  if (!alone) {
    for (const [row, column] of met) {
      const value = part(row, column);
      putInPlace(result, value, g, row, column);
      drop(value);
    }
  }
  drop(turned);
  return result;
}

/** The taps of one phase, already turned round: tap index k - 1 - t. */
function phaseFilter(turned: Tensor, row: Phase, column: Phase): Tensor {
  if (row.tapStep === 1 && column.tapStep === 1) return share(turned);
  const [kh, kw, o, c] = turned.shape;
  const typed = heap();
  if (typed === undefined) throw new Error('convolution phases run on wasm only');
  const lastRow = row.firstTap + (row.taps - 1) * row.tapStep;
  const lastColumn = column.firstTap + (column.taps - 1) * column.tapStep;
  return produceFloats(typed, [row.taps, column.taps, o, c], (out) => {
    const from = floats(typed, turned);
    const n = o * c;
    for (let i = 0; i < row.taps; i++) {
      for (let j = 0; j < column.taps; j++) {
        const at = ((kh - 1 - lastRow + i * row.tapStep) * kw + (kw - 1 - lastColumn + j * column.tapStep)) * n;
        out.set(from.subarray(at, at + n), (i * column.taps + j) * n);
      }
    }
  });
}

/** Room for the gradient: zeros where some positions are met by no tap. */
function zeroed(g: Geometry, needed: boolean): Tensor {
  const typed = heap();
  if (typed === undefined) throw new Error('convolution phases run on wasm only');
  return produceFloats(typed, g.input, (out) => {
    if (needed) out.fill(0);
  });
}

/** Writes the positions of one phase. */
function putInPlace(result: Tensor, value: Tensor, g: Geometry, row: Phase, column: Phase): void {
  const typed = heap();
  if (typed === undefined) throw new Error('convolution phases run on wasm only');
  const [n, h, w, c] = g.input;
  const [sh, sw] = g.stride;
  const [out, from] = [floats(typed, result), floats(typed, value)];
  for (let b = 0, at = 0; b < n; b++) {
    for (let i = 0; i < row.count; i++) {
      let o = ((b * h + row.offset + i * sh) * w + column.offset) * c;
      for (let j = 0; j < column.count; j++, o += sw * c) for (let k = 0; k < c; k++) out[o + k] = from[at++];
    }
  }
}

/** x [N, h, w, C] and dy [N, oh, ow, O] -> [kh, kw, C, O]. */
export function filterGradByForward(x: Tensor, dy: Tensor, g: Geometry): Tensor {
  const [kh, kw] = g.kernel;
  if (kh === 1 && kw === 1) return pointwiseFilterGrad(x, dy, g);
  // Channels become the batch and images the channels: the gradient is a convolution of x with dy as filter, strides and dilations exchanged.
  const [n, h, w, c] = g.input;
  const [oh, ow] = g.output;
  const turnedX = transpose(x, { perm: [3, 1, 2, 0] });
  const turnedDy = transpose(dy, { perm: [1, 2, 0, 3] });
  // Rows behind the last window would give taps that do not exist: they are left out.
  const below = g.stride[0] * (oh - 1) + g.dilation[0] * (kh - 1) + 1 - h - g.pad[0];
  const right = g.stride[1] * (ow - 1) + g.dilation[1] * (kw - 1) + 1 - w - g.pad[2];
  const cropped = slice(turnedX, { starts: [0, 0, 0, 0], sizes: [c, h + Math.min(0, below), w + Math.min(0, right), n] });
  const raw = forward(cropped, turnedDy, g.dilation, [g.pad[0], Math.max(0, below), g.pad[2], Math.max(0, right)], g.stride);
  const result = transpose(raw, { perm: [1, 2, 0, 3] });
  drop(turnedX, turnedDy, cropped, raw);
  return result;
}

/** One tap: a product of the flattened tensors. */
function pointwiseFilterGrad(x: Tensor, dy: Tensor, g: Geometry): Tensor {
  const [n, , , c] = g.input;
  const [oh, ow] = g.output;
  const o = g.outChannels;
  const met = sampled(x, g);
  const a = view(met, [n * oh * ow, c]);
  const b = view(dy, [n * oh * ow, o]);
  const product = matmul(a, b, { ta: true, tb: false });
  const result = view(product, [1, 1, c, o]);
  drop(met, a, b, product);
  return result;
}

/** The pixels that a 1×1 filter with this stride and padding sees. */
function sampled(x: Tensor, g: Geometry): Tensor {
  const [top, bottom, left, right] = g.pad;
  if (g.stride[0] === 1 && g.stride[1] === 1 && top + bottom + left + right === 0) return share(x);
  const padded = pad(x, { before: [0, top, left, 0], after: [0, bottom, right, 0], value: 0 });
  const typed = heap();
  if (typed === undefined) throw new Error('convolution phases run on wasm only');
  const [, h, w, c] = padded.shape;
  const [oh, ow] = g.output;
  const result = produceFloats(typed, [g.input[0], oh, ow, c], (out) => {
    const from = floats(typed, padded);
    for (let b = 0, o = 0; b < g.input[0]; b++)
      for (let i = 0; i < oh; i++)
        for (let j = 0; j < ow; j++) {
          const at = ((b * h + i * g.stride[0]) * w + j * g.stride[1]) * c;
          for (let k = 0; k < c; k++) out[o++] = from[at + k];
        }
  });
  drop(padded);
  return result;
}
