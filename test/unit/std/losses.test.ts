/** Losses of std/losses in float64 against their formulas as PyTorch code has them. */
import { expect, test } from 'vitest';
import { ndarray } from '../../reference/ndarray.ts';
import { referenceEvaluate } from '../../reference/primitives.ts';
import { checkSpec } from '../check/checking.ts';

const SPEC = `language 1
import "std/losses"
import "std/layers"
dataset voc { format voc }
method losses {
  supervision tags + masks
  input image: Image[N, h, w, 3]
  input tags: Tags[N, K]
  input labels: Labels[N, h, w]
  layer move = conv(K, kernel: 1)
  let y = move(image)
  logits pooled = mean(y, over: space)
  loss focal_loss = focal(pooled, tags)
  loss steep = focal(pooled, tags, gamma: 3.5, alpha: 0.6)
  loss dice_loss = dice(sigmoid(y), one_hot(labels, K), smooth: 0.5)
  loss hard = hardest_pixels(y as logits, labels, 4)
  train {
    data voc.train { image, labels = source |> crop(16) |> normalize(signed) }
    epochs 1, batch 2
    optimizer sgd(lr: 0.1)
  }
}
`;

const [N, H, W, K] = [2, 3, 4, 3];
const places = Array.from({ length: H * W }, (_, p) => p);
const numbers = (count: number, seed: number): number[] => Array.from({ length: count }, (_, i) => 4 * Math.sin(seed + 1.7 * i * i + i));
const image = numbers(N * H * W * K, 1);
const tags = [1, 0, 1, 0, 0, 1];
const labels = places.concat(places).map((p, i) => (i % 7 === 3 ? 255 : (p * p + i) % K));
const at = (n: number, p: number, c: number): number => image[(n * H * W + p) * K + c];
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const pairs = Array.from({ length: N * K }, (_, i) => [Math.floor(i / K), i % K] as const);

/** torchvision.ops.sigmoid_focal_loss with reduction mean. */
function focal(gamma: number, alpha: number): number {
  return mean(
    pairs.map(([n, c]) => {
      const p = sigmoid(mean(places.map((place) => at(n, place, c))));
      const z = tags[n * K + c];
      const crossEntropy = -(z * Math.log(p) + (1 - z) * Math.log(1 - p));
      const right = p * z + (1 - p) * (1 - z);
      return crossEntropy * (1 - right) ** gamma * (alpha * z + (1 - alpha) * (1 - z));
    }),
  );
}

function dice(smooth: number): number {
  return mean(
    pairs.map(([n, c]) => {
      const [p, t] = [places.map((place) => sigmoid(at(n, place, c))), places.map((place) => (labels[n * H * W + place] === c ? 1 : 0))];
      const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
      return 1 - (2 * sum(p.map((value, i) => value * t[i])) + smooth) / (sum(p) + sum(t) + smooth);
    }),
  );
}

/** torch: F.cross_entropy(…, ignore_index=255, reduction='none').flatten(1).topk(count).values.mean() */
function hardest(count: number): number {
  const losses = [0, 1].map((n) =>
    places.map((place) => {
      const label = labels[n * H * W + place];
      if (label === 255) return 0;
      const all = Array.from({ length: K }, (_, c) => Math.exp(at(n, place, c)));
      return -Math.log(all[label] / all.reduce((a, b) => a + b, 0));
    }),
  );
  return mean(losses.flatMap((own) => own.sort((a, b) => b - a).slice(0, count)));
}

test('focal, dice and the hardest pixels', () => {
  const { checked, diagnostics } = checkSpec('losses-test.wsss', SPEC);
  expect(diagnostics.all.filter((d) => d.severity === 'error').map((d) => d.message)).toEqual([]);
  const { graph, losses } = checked!.methods.get('losses')!.forward;
  const identity = Array.from({ length: K * K }, (_, i) => (i % (K + 1) === 0 ? 1 : 0));
  const values = referenceEvaluate(
    graph.nodes,
    new Map([
      ['image', ndarray([N, H, W, K], image)],
      ['tags', ndarray([N, K], tags)],
      ['labels', ndarray([N, H, W], labels)],
      ['move.weight', ndarray([1, 1, K, K], identity)],
      ['move.bias', ndarray([K], [0, 0, 0])],
    ]),
    { N, h: H, w: W, K },
  );
  const found = losses.map(({ name, node }) => [name, values.get(node)?.data[0] ?? Number.NaN] as const);
  const wanted: Readonly<Record<string, number>> = {
    focal_loss: focal(2, 0.25),
    steep: focal(3.5, 0.6),
    dice_loss: dice(0.5),
    hard: hardest(4),
  };
  expect(found.map(([name]) => name)).toEqual(Object.keys(wanted));
  for (const [name, value] of found) expect(value, name).toBeCloseTo(wanted[name], 12);
});
