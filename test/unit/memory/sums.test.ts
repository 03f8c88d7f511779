/** Long sums and means go in two stages on wasm: the plan gives a bound for what the first one leaves. */
import '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { peakBytes, planMemory } from '../../../compiler/transform/plan-memory.ts';
import { choose } from '../../../runtime/backend/choose.ts';
import { measurePeak } from '../../../runtime/ops/memory.ts';
import { mean, sum } from '../../../runtime/ops/reduce.ts';
import { ANY, dims, graphOf } from '../../graphs/build.ts';

beforeAll(async () => {
  await choose('wasm');
});

const CASES: readonly (readonly ['sum' | 'mean', readonly number[], readonly number[], boolean])[] = [
  ['sum', [3, 40, 40, 8], [1, 2], true],
  ['mean', [3, 40, 40, 8], [1, 2], false],
  ['sum', [4, 24, 36, 16], [0, 1, 2], false],
  ['mean', [2, 17, 31, 12], [1, 2], true],
  ['sum', [2, 64, 64, 1], [1, 2], true],
  ['sum', [6, 64, 5], [0], false],
  ['mean', [1, 1, 4096, 4], [2], true],
];

test.each(CASES)('%s of %j over %j', (op, shape, axes, keep) => {
  const graph = graphOf((b) => {
    const x = b.input('batch', 'x', { dtype: 'f32', shape: dims(...shape) }, { kind: 'tensor', range: ANY });
    return { 'output:y': b.add(op, [x], { axes: [...axes], keep }) };
  });
  const count = shape.reduce((product, n) => product * n, 1);
  const values = Float32Array.from({ length: count }, (_, i) => ((i * 37) % 101) / 101);
  const x = engine().makeTensor(values, [...shape], 'float32');
  const { result, peak } = measurePeak(() => (op === 'sum' ? sum : mean)(x, { axes, keep }));
  const planned = peakBytes(planMemory(graph), {}).peak;
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThanOrEqual(planned);
  expect(planned - peak).toBeLessThanOrEqual((4 * count) / 16);

  // Means become sums where they are: the numbers are right all the same.
  const total = values.reduce((a, b) => a + b, 0);
  const found = Float32Array.from(result.dataSync()).reduce((a, b) => a + b, 0);
  const reduced = axes.reduce((product, axis) => product * shape[axis], 1);
  expect(Math.abs((op === 'sum' ? found : found * reduced) - total)).toBeLessThanOrEqual(1e-4 * total);
  for (const tensor of [x, result]) tensor.dispose();
});
