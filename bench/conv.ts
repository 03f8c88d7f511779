/**
 * Convolution training on wasm: forward, input gradient and filter gradient, by this package and by tfjs's stock kernels with the usual per-tap
 * filter gradient (a strided slice of the padded input and one product for each tap). Both are timed in turn in one run, so that a busy machine
 * disturbs both alike.
 *
 *     npx vite-node bench/conv.ts -- [repeats]          (Node 22: node --experimental-strip-types bench/conv.ts [repeats])
 *
 * Prints the median milliseconds and GFLOP/s of each direction (a product and a sum are two operations), and the ratios.
 */
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { choose } from '../runtime/backend/choose.ts';
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from '../runtime/ops/convolution.ts';
import { run } from '../runtime/ops/run.ts';
import { scope } from '../runtime/ops/scope.ts';

/** How much faster than the stock kernels the first layer is to train. */
const WANTED = 8;

const repeats = Number(process.argv.at(-1)) || 7;

interface Layer {
  readonly title: string;
  readonly batch: number;
  readonly size: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
}

const layers: readonly Layer[] = [
  { title: '3×3, 64→64, 56×56, batch 4', batch: 4, size: 56, channels: 64, filters: 64, kernel: 3, stride: 1, dilation: 1 },
  { title: '3×3, 64→128, 56×56, stride 2, batch 4', batch: 4, size: 56, channels: 64, filters: 128, kernel: 3, stride: 2, dilation: 1 },
  { title: '1×1, 256→64, 56×56, batch 4', batch: 4, size: 56, channels: 256, filters: 64, kernel: 1, stride: 1, dilation: 1 },
  { title: '3×3, 128→128, 28×28, dilation 2, batch 4', batch: 4, size: 28, channels: 128, filters: 128, kernel: 3, stride: 1, dilation: 2 },
  { title: '3×3, 32→32, 32×32, batch 16', batch: 16, size: 32, channels: 32, filters: 32, kernel: 3, stride: 1, dilation: 1 },
  { title: '7×7, 3→64, 112×112, stride 2, batch 2', batch: 2, size: 112, channels: 3, filters: 64, kernel: 7, stride: 2, dilation: 1 },
];

function values(shape: readonly number[]): Tensor {
  let state = 12345;
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state / 2 ** 31 - 1;
  }
  return engine().makeTensor(data, [...shape], 'float32');
}

/** The filter gradient that people register for wasm, which has none. */
function perTap(x: Tensor, dy: Tensor, layer: Layer, pad: number): Tensor {
  const { batch, channels, filters, kernel, stride, dilation } = layer;
  const out = dy.shape[1] ?? 0;
  const paddings = [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ];
  const padded = run('PadV2', { x }, { paddings, constantValue: 0 });
  const flat = run('Reshape', { x: dy }, { shape: [1, batch * out * out, filters] });
  const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
  const taps: Tensor[] = [];
  for (let p = 0; p < kernel; p++)
    for (let q = 0; q < kernel; q++) {
      const begin = [0, p * dilation, q * dilation, 0];
      const end = [batch, p * dilation + (out - 1) * stride + 1, q * dilation + (out - 1) * stride + 1, channels];
      const seen = run('StridedSlice', { x: padded }, { begin, end, strides: [1, stride, stride, 1], ...masks });
      const rows = run('Reshape', { x: seen }, { shape: [1, batch * out * out, channels] });
      const product = run('BatchMatMul', { a: rows, b: flat }, { transposeA: true, transposeB: false });
      taps.push(run('Reshape', { x: product }, { shape: [1, 1, channels, filters] }));
    }
  return taps[0];
}

function time(fn: () => Tensor): number {
  const start = performance.now();
  const result = scope(fn);
  const taken = performance.now() - start;
  result.dispose();
  return taken;
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}

const chosen = await choose('wasm');
console.log(`wasm, ${chosen.version}, simd ${chosen.simd}, one thread; median of ${repeats}`);
for (const layer of layers) {
  const { batch, size, channels, filters, kernel, stride, dilation } = layer;
  const pad = (dilation * (kernel - 1)) / 2;
  const attrs = { stride: [stride, stride], pad: [pad, pad, pad, pad], dilation: [dilation, dilation] } as const;
  const x = values([batch, size, size, channels]);
  const filter = values([kernel, kernel, channels, filters]);
  const dy = conv2d(x, filter, attrs);
  const out = dy.shape[1] ?? 0;
  const flop = 2 * batch * out * out * kernel * kernel * channels * filters;
  const paddings = [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ];
  const stock = { strides: [stride, stride], pad: paddings, dilations: [dilation, dilation], dataFormat: 'NHWC', dimRoundingMode: 'floor' };
  const directions: readonly (readonly [string, () => Tensor, (() => Tensor) | undefined])[] = [
    ['forward', () => conv2d(x, filter, attrs), () => run('Conv2D', { x, filter }, stock)],
    [
      'input gradient',
      () => conv2dInputGrad(dy, filter, { ...attrs, size: [size, size] }),
      // The stock kernel knows no dilation.
      dilation > 1 ? undefined : () => run('Conv2DBackpropInput', { dy, filter }, { ...stock, inputShape: [batch, size, size, channels] }),
    ],
    ['filter gradient', () => conv2dFilterGrad(x, dy, { ...attrs, kernel: [kernel, kernel] }), () => perTap(x, dy, layer, pad)],
  ];
  console.log(`\n${layer.title}`);
  let ourTotal = 0;
  let stockTotal = 0;
  for (const [name, ours, theirs] of directions) {
    const own: number[] = [];
    const other: number[] = [];
    for (let i = 0; i < repeats; i++) {
      own.push(time(ours));
      if (theirs !== undefined && i < Math.max(1, repeats / 3)) other.push(time(theirs));
    }
    const ms = median(own);
    ourTotal += ms;
    const rate = (taken: number): string => `${taken.toFixed(1).padStart(8)} ms ${(flop / taken / 1e6).toFixed(1).padStart(6)} GFLOP/s`;
    if (theirs === undefined) {
      stockTotal = Number.NaN;
      console.log(`  ${name.padEnd(16)} ${rate(ms)}   stock: none`);
    } else {
      const reference = median(other);
      stockTotal += reference;
      console.log(`  ${name.padEnd(16)} ${rate(ms)}   stock ${rate(reference)}   ${(reference / ms).toFixed(1)}×`);
    }
  }
  console.log(
    `  ${'total'.padEnd(16)} ${ourTotal.toFixed(1).padStart(8)} ms                  ${Number.isNaN(stockTotal) ? '' : `stock ${stockTotal.toFixed(1).padStart(8)} ms                  ${(stockTotal / ourTotal).toFixed(1)}×`}`,
  );
  if (layer === layers[0]) {
    const reached = stockTotal / ourTotal >= WANTED;
    console.log(`  ${reached ? 'reaches' : 'MISSES'} the ${WANTED}× wanted of this layer`);
    if (!reached) process.exitCode = 1;
  }
  x.dispose();
  filter.dispose();
  dy.dispose();
}
