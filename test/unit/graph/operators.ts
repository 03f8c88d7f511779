/** Drawn graphs of one operator with named sizes, and their values by the float64 references. */
import type { Graph } from '../../../compiler/ops/graph.ts';
import { trial } from '../../property/operators/trial.ts';
import { Attributes } from '../../reference/attributes.ts';
import { type NdArray, ndarray } from '../../reference/ndarray.ts';
import { referenceEvaluate, references } from '../../reference/primitives.ts';
import type { Values } from './runner.ts';

export interface DrawnOperator {
  readonly graph: Graph;
  /** Inputs, of numbers that float32 holds, and sizes. */
  readonly feeds: Values;
  /** The output `y`. */
  readonly value: NdArray;
}

export function drawnOperator(op: string, seed: number): DrawnOperator {
  const t = trial(op, seed);
  const values = t.inputs.map((_, i) => t.feeds.get(`x${i}`) ?? ndarray([0], [])).map((x) => ndarray(x.shape, x.data.map(Math.fround)));
  // TensorFlow finds the maxima itself: they have to be those of the map.
  if (op === 'max_pool_grad') {
    const maxima = references.get('max_pool')?.([values[0]], new Attributes(t.node.attrs, t.draw.sizes));
    if (maxima) values[1] = maxima;
  }
  const inputs = values.map((value, i) => ({ name: `x${i}`, value }));
  const value = referenceEvaluate(t.builder.nodes, new Map(inputs.map((x) => [x.name, x.value] as const)), t.draw.sizes).get(t.node);
  if (!value) throw new Error('not evaluated');
  const graph: Graph = { name: op, nodes: t.builder.nodes, outputs: [{ role: 'output', name: 'y', node: t.node }], assertions: [] };
  const feeds = new Map([
    ...inputs.map((x) => [`batch:${x.name}`, x.value] as const),
    ...Object.entries(t.draw.sizes).map(([name, size]) => [`size:${name}`, ndarray([], [size])] as const),
  ]);
  return { graph, feeds, value };
}
