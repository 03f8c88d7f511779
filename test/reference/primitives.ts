/**
 * A float64 reference for every primitive of the operator table, and an interpreter of graphs made of them.
 * Shares no code with the runtime: plain loops, the obvious way.
 */
import type { Node } from '../../compiler/ops/graph.ts';
import { Attributes, type Reference, type Sizes } from './attributes.ts';
import { CONVOLUTION } from './convolution.ts';
import { DEPTHWISE } from './depthwise.ts';
import { ELEMENTWISE, floorDivide } from './elementwise.ts';
import { INDEXING } from './indexing.ts';
import { LAYOUT } from './layout.ts';
import { type NdArray, ndarray, sizeOf } from './ndarray.ts';
import { NEIGHBOURHOOD } from './neighbourhood.ts';
import { POOLING, RESIZE } from './pooling.ts';
import { REDUCE } from './reduce.ts';
import { SAMPLING } from './sampling.ts';

const SOURCES: Readonly<Record<string, Reference>> = {
  const: (_, attrs) => ndarray([], [attrs.number('value')]),
  fill: (_, attrs) => {
    const shape = attrs.numbers('shape');
    return ndarray(shape, new Float64Array(sizeOf(shape)).fill(attrs.number('value')));
  },
  iota: (_, attrs) =>
    ndarray(
      [attrs.number('size')],
      Array.from({ length: attrs.number('size') }, (_, i) => i),
    ),
  dim: (_, attrs) => ndarray([], [attrs.number('value')]),
};

export const references: ReadonlyMap<string, Reference> = new Map(
  [SOURCES, ELEMENTWISE, REDUCE, LAYOUT, INDEXING, CONVOLUTION, DEPTHWISE, NEIGHBOURHOOD, POOLING, RESIZE, SAMPLING].flatMap((family) =>
    Object.entries(family),
  ),
);

/**
 * Evaluates nodes in order. `feeds` holds the values of `input` nodes by name; `sizes` the values of named dimensions.
 * The result has the value of every node given (and of no other).
 */
export function referenceEvaluate(nodes: readonly Node[], feeds: ReadonlyMap<string, NdArray>, sizes: Sizes): ReadonlyMap<Node, NdArray> {
  const values = new Map<Node, NdArray>();
  for (const node of nodes) values.set(node, evaluateNode(node, values, feeds, sizes));
  return values;
}

function evaluateNode(node: Node, values: ReadonlyMap<Node, NdArray>, feeds: ReadonlyMap<string, NdArray>, sizes: Sizes): NdArray {
  if (node.op === 'input') {
    const fed = feeds.get(String(node.attrs.name));
    if (!fed) throw new Error(`no value for the input '${String(node.attrs.name)}'`);
    return fed;
  }
  const reference = node.op === 'div' && node.type.dtype === 'i32' ? floorDivide : references.get(node.op);
  if (!reference) throw new Error(`no reference for the operator '${node.op}'`);
  const inputs = node.inputs.map((input) => {
    const value = values.get(input);
    if (!value) throw new Error(`node ${node.id} (${node.op}) reads node ${input.id}, which was not evaluated`);
    return value;
  });
  return reference(inputs, new Attributes(node.attrs, sizes));
}
