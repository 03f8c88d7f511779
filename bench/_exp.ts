import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { choose } from '../runtime/backend/choose.ts';
import { conv2dFilterGrad } from '../runtime/ops/convolution.ts';
import { slice, transpose } from '../runtime/ops/layout.ts';
import { run } from '../runtime/ops/run.ts';
import { scope } from '../runtime/ops/scope.ts';
import { floats, heap, produceFloats } from '../runtime/ops/typed/heap.ts';
import { forward } from '../runtime/ops/wasm-convolution.ts';

await choose('wasm');
function values(shape: readonly number[]): Tensor {
  let state = 12345;
  const data = new Float32Array(shape.reduce((p, n) => p * n, 1));
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state / 2 ** 31 - 1;
  }
  return engine().makeTensor(data, [...shape], 'float32');
}
const time = (name: string, fn: () => unknown, n = 9) => {
  const t: number[] = [];
  for (let i = 0; i < n; i++) {
    const s = performance.now();
    scope(() => {
      fn();
    });
    t.push(performance.now() - s);
  }
  t.sort((a, b) => a - b);
  console.log(name.padEnd(40), t[n >> 1].toFixed(2));
};
const h0 = heap()!;
for (const [N, H, C, O] of [
  [4, 56, 64, 64],
  [16, 32, 32, 32],
  [2, 28, 128, 128],
] as const) {
  console.log({ N, H, C, O });
  const x = values([N, H, H, C]);
  const dy = values([N, H, H, O]);
  time('now', () => conv2dFilterGrad(x, dy, { stride: [1, 1], pad: [1, 1, 1, 1], dilation: [1, 1], kernel: [3, 3] }));
  const K = N * H;
  const columns = (qs: readonly number[]) =>
    produceFloats(h0, [1, H, qs.length * C, K], (out) => {
      const from = floats(h0, x);
      for (let r = 0; r < H; r++)
        for (let qi = 0; qi < qs.length; qi++) {
          const q = qs[qi];
          const j0 = Math.max(0, 1 - q);
          const j1 = Math.min(H, H + 1 - q);
          for (let n = 0; n < N; n++) {
            const base = (n * H + r) * H * C;
            for (let c = 0; c < C; c++) {
              const o = ((r * qs.length + qi) * C + c) * K + n * H;
              let at = base + (j0 + q - 1) * C + c;
              for (let j = 0; j < j0; j++) out[o + j] = 0;
              for (let j = j0; j < j1; j++, at += C) out[o + j] = from[at];
              for (let j = j1; j < H; j++) out[o + j] = 0;
            }
          }
        }
    });
  time('columns one q', () => columns([0]));
  time('columns 3 q', () => columns([0, 1, 2]));
  time('dy perm', () => transpose(run('Reshape', { x: dy }, { shape: [N, H, H * O] }), { perm: [1, 0, 2] }));
  const all = columns([0, 1, 2]);
  const one = columns([0]);
  const dyT = run(
    'Reshape',
    { x: transpose(run('Reshape', { x: dy }, { shape: [N, H, H * O] }), { perm: [1, 0, 2] }) },
    { shape: [H, 1, K, O] },
  );
  time('conv all q packed', () => forward(all, dyT, [1, 1], [1, 1, 0, 0], [1, 1]));
  time('conv one q packed', () => forward(one, dyT, [1, 1], [1, 1, 0, 0], [1, 1]));
  time('conv all q + packing', () => {
    const f = transpose(dyT, { perm: [0, 1, 2, 3] });
    const f2 = run(
      'PadV2',
      { x: f },
      {
        paddings: [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, 0],
        ],
        constantValue: 0,
      },
    );
    forward(all, f2, [1, 1], [1, 1, 0, 0], [1, 1]);
  });
  for (const [M, KK] of [
    [3 * C, K],
    [9 * C, K],
    [C, K * H],
    [3 * C, K * H],
    [9 * C, K * H],
  ] as const) {
    const a = values([1, M, KK]);
    const b = values([1, KK, O]);
    const fl = 2 * M * KK * O;
    const t: number[] = [];
    scope(() => {
      for (let i = 0; i < 9; i++) {
        const s = performance.now();
        run('BatchMatMul', { a, b }, { transposeA: false, transposeB: false });
        t.push(performance.now() - s);
      }
    });
    t.sort((p, q) => p - q);
    const b2 = () => {
      const t2: number[] = [];
      for (let i = 0; i < 5; i++) {
        const bb = values([1, KK, O]);
        const s = performance.now();
        scope(() => {
          run('BatchMatMul', { a, b: bb }, { transposeA: false, transposeB: false });
        });
        t2.push(performance.now() - s);
        bb.dispose();
      }
      return t2.sort((p, q) => p - q)[2];
    };
    console.log('gemm', M, KK, O, (fl / t[4] / 1e6).toFixed(1), 'GF/s', t[4].toFixed(2), 'ms; with packing', b2().toFixed(2));
    a.dispose();
    b.dispose();
  }
}
