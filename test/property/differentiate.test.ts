/** Differentiation against central differences of the float64 references, on random graphs; passes keep every value. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settle } from '../../compiler/ir/rewrite.ts';
import type { Graph, Node } from '../../compiler/ops/graph.ts';
import { differentiate, type WantedInput } from '../../compiler/transform/differentiate.ts';
import { simplify } from '../../compiler/transform/simplify.ts';
import { dims, distance, evaluateGraph, evaluateNodes, type Feeds, randomArray, randomFeeds, randomNumbers } from '../graphs/build.ts';
import { randomGraph } from '../graphs/random.ts';
import type { Sizes } from '../reference/attributes.ts';
import { dot, type NdArray } from '../reference/ndarray.ts';

const runs = process.env.WSSS_LONG ? 600 : 60;
const seeds = fc.integer({ min: 0, max: 0x7fffffff });

const WEIGHTS = [
  { name: 'first', weight: 0.7 },
  { name: 'second', weight: -1.3 },
];
/** With types, because a random graph may not read all of them. */
const WANTED: readonly WantedInput[] = [
  { role: 'state', name: 'conv.weight', type: { dtype: 'f32', shape: dims(2, 2, 2, 'K') } },
  { role: 'state', name: 'conv.bias', type: { dtype: 'f32', shape: dims('K') } },
  { role: 'state', name: 'head.weight', type: { dtype: 'f32', shape: dims('K', 'K') } },
  { role: 'state', name: 'unused', type: { dtype: 'f32', shape: dims(3) } },
  { role: 'batch', name: 'image', type: { dtype: 'f32', shape: dims('N', 'H', 'W', 2) } },
];

/** Detached values do not follow their input: they become inputs of their own, fed with what they are at the point. */
function freezeDetached(graph: Graph): { readonly graph: Graph; readonly frozen: ReadonlyMap<string, Node> } {
  const image = new Map<Node, Node>();
  const frozen = new Map<string, Node>();
  const nodes = graph.nodes.map((node): Node => {
    const name = `frozen ${node.id}`;
    const copy: Node =
      node.op === 'detach'
        ? { ...node, op: 'input', inputs: [], attrs: { role: 'draw', name } }
        : { ...node, inputs: node.inputs.map((i) => image.get(i)!) };
    if (node.op === 'detach') frozen.set(`draw:${name}`, node);
    image.set(node, copy);
    return copy;
  });
  const outputs = graph.outputs.map((output) => ({ ...output, node: image.get(output.node)! }));
  return { graph: settle('frozen', nodes, outputs, []), frozen };
}

function weightedLoss(graph: Graph, feeds: Feeds, sizes: Sizes): number {
  const values = evaluateGraph(graph, feeds, sizes);
  return WEIGHTS.reduce((sum, { name, weight }) => sum + weight * values.get(`loss:${name}`)!.data[0], 0);
}

function moved(feeds: Feeds, key: string, direction: NdArray, step: number): Feeds {
  const x = feeds.get(key)!;
  return new Map(feeds).set(key, { shape: x.shape, data: x.data.map((v, i) => v + step * direction.data[i]) });
}

/** Derivative of the weighted loss along a direction, by central differences; undefined where a kink lies too near to tell. */
function slope(graph: Graph, feeds: Feeds, sizes: Sizes, key: string, direction: NdArray): number | undefined {
  const at = (h: number): number =>
    (weightedLoss(graph, moved(feeds, key, direction, h), sizes) - weightedLoss(graph, moved(feeds, key, direction, -h), sizes)) / (2 * h);
  const [fine, coarse] = [at(1e-6), at(4e-6)];
  return Math.abs(fine - coarse) < 1e-6 * (1 + Math.abs(fine)) ? fine : undefined;
}

test('gradients agree with differences, before and after simplification', () => {
  let compared = 0;
  fc.assert(
    fc.property(seeds, (seed) => {
      const { graph, sizes } = randomGraph(seed);
      const random = randomNumbers(seed ^ 0x5bd1e995);
      const feeds = randomFeeds(graph, sizes, random);
      const result = differentiate(graph, { losses: WEIGHTS, wanted: WANTED, unreached: 'zero', name: 'gradients' });
      if (!result.ok) throw new Error(result.problems.map((p) => `${p.kind} ${p.subject}`).join());
      const raw = evaluateGraph(result.graph, feeds, sizes);
      const small = evaluateGraph(simplify(result.graph, { final: true }), feeds, sizes);
      expect([...small.keys()].sort()).toEqual([...raw.keys()].sort());
      for (const [key, value] of raw) expect(distance(small.get(key)!, value), key).toBeLessThan(1e-9);
      expect(raw.get('loss:total')!.data[0]).toBeCloseTo(weightedLoss(graph, feeds, sizes), 12);

      const { graph: frozen, frozen: names } = freezeDetached(graph);
      const values = evaluateNodes(graph, feeds, sizes);
      const fed = new Map(feeds);
      for (const [key, node] of names) fed.set(key, values.get(node)!);
      for (const { role, name } of WANTED) {
        const key = `${role}:${name}`;
        const gradient = small.get(`gradient:${name}`)!;
        if (!feeds.has(key)) {
          expect(gradient.data.every((v) => v === 0)).toBe(true);
          continue;
        }
        const direction = randomArray(feeds.get(key)!.shape, random);
        const expected = frozen.nodes.some((n) => n.op === 'input' && n.attrs.name === name)
          ? slope(frozen, fed, sizes, key, direction)
          : 0;
        if (expected === undefined) continue;
        compared++;
        expect(Math.abs(dot(gradient, direction) - expected), `${key}, seed ${seed}`).toBeLessThan(2e-6 * (1 + Math.abs(expected)));
      }
    }),
    { numRuns: runs },
  );
  // Kinks are met by chance; if most cases were skipped the property would say nothing.
  expect(compared).toBeGreaterThan(runs * 2);
});

test('simplification keeps every output of a forward graph', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { graph, sizes } = randomGraph(seed);
      const feeds = randomFeeds(graph, sizes, randomNumbers(seed + 1));
      const before = evaluateGraph(graph, feeds, sizes);
      const after = simplify(graph, { final: true });
      expect(after.nodes.map((node) => node.id)).toEqual(after.nodes.map((_, i) => i));
      for (const node of after.nodes) for (const operand of node.inputs) expect(after.nodes[operand.id]).toBe(operand);
      for (const [key, value] of evaluateGraph(after, feeds, sizes)) expect(distance(value, before.get(key)!), key).toBeLessThan(1e-9);
      // A second time finds nothing more to do.
      expect(simplify(after, { final: true }).nodes.length).toBe(after.nodes.length);
    }),
    { numRuns: runs },
  );
});
