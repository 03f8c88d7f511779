import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { choose } from '../runtime/backend/choose.ts';
import { conv2dFilterGrad, conv2d } from '../runtime/ops/convolution.ts';
import { scope } from '../runtime/ops/scope.ts';
import { filterGradByOuterProducts } from '../runtime/ops/simd/filter-gradient.ts';
import { vectorKernels } from '../runtime/ops/simd/instance.ts';
import { heap } from '../runtime/ops/typed/heap.ts';
import { filterGradByForward } from '../runtime/ops/wasm-convolution.ts';
await choose('wasm');
function values(shape: readonly number[]): Tensor {
  let state = 12345;
  const data = new Float32Array(shape.reduce((p, n) => p * n, 1));
  for (let i = 0; i < data.length; i++) { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; data[i] = state / 2 ** 31 - 1; }
  return engine().makeTensor(data, [...shape], 'float32');
}
const h = heap()!; const k = vectorKernels()!;
console.log(k);
for (const [N, S, C, O, K, s, d] of [[4, 56, 64, 64, 3, 1, 1], [4,56,256,64,1,1,1], [4,56,64,256,1,1,1], [16, 32, 32, 32, 3, 1, 1], [16, 32, 16, 16, 3, 1, 1], [16, 8, 64, 64, 3, 1, 1], [2,28,128,128,3,1,1], [2,16,512,512,3,1,2], [2,16,1024,2048,1,1,1],[2,64,64,64,3,1,1],[2,32,256,256,3,1,1],[2,32,128,128,3,2,1],[2,112,3,64,7,2,1],[16,64,3,16,3,2,1],[2,64,1,1,3,1,1]] as const) {
  const p = (d * (K - 1)) / 2; const attrs = { stride: [s, s], pad: [p, p, p, p], dilation: [d, d] } as const;
  const x = values([N, S, S, C]); const f = values([K, K, C, O]); const dy = conv2d(x, f, attrs); const oh = dy.shape[1]!;
  const g = { input: [N, S, S, C], output: [oh, oh], outChannels: O, kernel: [K, K], ...attrs } as const;
  const flop = 2 * N * oh * oh * K * K * C * O;
  const t: Record<string, number[]> = { a: [], b: [], f: [] };
  const time = (k: string, fn: () => unknown) => { const st = performance.now(); scope(() => { fn(); }); t[k].push(performance.now() - st); };
  for (let i = 0; i < 7; i++) { time('a', () => filterGradByForward(x, dy, g)); time('b', () => filterGradByOuterProducts(h, k, x, dy, g)); time('f', () => conv2d(x, f, attrs)); }
  const m = (l: number[]) => l.sort((p, q) => p - q)[3];
  const A = filterGradByForward(x, dy, g).dataSync(); const B = filterGradByOuterProducts(h, k, x, dy, g).dataSync();
  let e = 0, mx = 0; for (let i = 0; i < A.length; i++) { e = Math.max(e, Math.abs(A[i] - B[i])); mx = Math.max(mx, Math.abs(A[i])); }
  console.log([N, S, C, O, K, s, d].join(' ').padEnd(24), 'forward way', m(t.a).toFixed(2), 'outer', m(t.b).toFixed(2), (flop / m(t.b) / 1e6).toFixed(1), 'GF/s; forward conv', m(t.f).toFixed(2), (flop / m(t.f) / 1e6).toFixed(1), 'err', (e / mx).toExponential(1));
}
