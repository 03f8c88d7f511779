import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, storageOf } from '../../../compiler/ir/storage.ts';
import type { Graph, Node } from '../../../compiler/ops/graph.ts';
import { differentiate } from '../../../compiler/transform/differentiate.ts';
import { peakBytes, planMemory } from '../../../compiler/transform/plan-memory.ts';
import { simplify } from '../../../compiler/transform/simplify.ts';
import { dims, graphOf, input } from '../../graphs/build.ts';
import { randomGraph } from '../../graphs/random.ts';

/** Runs the plan with handles only: refuses any use of a released value, and counts bytes on its own. */
function simulate(graph: Graph, sizes: Readonly<Record<string, number>>): { readonly peak: number; readonly left: ReadonlySet<Node> } {
  const { release } = planMemory(graph);
  const storage = storageOf(graph, sizes);
  const alive = new Set<Node>();
  let peak = 0;
  for (const node of graph.nodes) {
    for (const operand of node.inputs)
      if (operand.op !== 'input' && !alive.has(operand)) throw new Error(`#${node.id} reads #${operand.id} after its release`);
    if (node.op !== 'input') alive.add(node);
    const held = new Set([...alive].map((value) => storage[value.id]).filter((root) => root.op !== 'input'));
    peak = Math.max(
      peak,
      [...held].reduce((sum, root) => sum + bytesOf(root.type, sizes), 0),
    );
    for (const gone of release[node.id]) if (!alive.delete(gone)) throw new Error(`#${gone.id} is released twice, or never made`);
  }
  return { peak, left: alive };
}

describe('memory plan', () => {
  test('never uses a released value, releases all but outputs, and its peak is what is held', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
        const { graph, sizes } = randomGraph(seed);
        const result = differentiate(graph, {
          losses: [{ name: 'first', weight: 1 }],
          wanted: [{ role: 'state', name: 'conv.bias', type: { dtype: 'f32', shape: dims('K') } }],
          unreached: 'zero',
          name: 'g',
        });
        if (!result.ok) throw new Error('not differentiable');
        const step = simplify(result.graph, { final: true });
        const { peak, left } = simulate(step, sizes);
        expect(left).toEqual(new Set(step.outputs.map((output) => output.node).filter((node) => node.op !== 'input')));
        const report = peakBytes(planMemory(step), sizes);
        expect(report.peak - report.workspace).toBeLessThanOrEqual(peak);
        expect(report.peak).toBeGreaterThanOrEqual(peak);
        expect(report.live.reduce((sum, value) => sum + value.bytes, report.workspace)).toBe(report.peak);
      }),
      { numRuns: process.env.WSSS_LONG ? 400 : 60 },
    );
  });

  test('views share storage, which goes with the last handle', () => {
    const graph = graphOf((b) => {
      const x = b.unary('exp', input(b, 'batch', 'x', ['N', 4]));
      const view = b.reshape(x, dims(4, 'N'));
      const y = b.unary('tanh', view);
      return { 'output:y': b.add('sum', [b.mul(y, view)], { axes: [0, 1], keep: false }) };
    });
    const report = peakBytes(planMemory(graph), { N: 10 });
    expect(report.inputs).toBe(160);
    // exp (with its view), tanh and their product.
    expect(report.peak).toBe(3 * 160);
    expect(report.at?.op).toBe('mul');
    expect(report.heldAfter).toBe(4);
  });

  test('a view of an input costs nothing and is still released', () => {
    const graph = graphOf((b) => ({
      'output:y': b.add('sum', [b.reshape(input(b, 'batch', 'x', ['N', 4]), dims(4, 'N'))], { axes: [0, 1], keep: false }),
    }));
    expect(peakBytes(planMemory(graph), { N: 10 }).peak).toBe(4);
    expect(
      planMemory(graph)
        .release.flat()
        .map((node) => node.op),
    ).toEqual(['reshape']);
  });
});
