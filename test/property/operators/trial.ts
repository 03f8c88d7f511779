/** One operator with drawn inputs: its node, its value by reference, and its gradients by the table's rule and by differences. */
import { Builder } from '../../../compiler/ops/builder.ts';
import type { ShapeContext } from '../../../compiler/ops/definition.ts';
import type { Node } from '../../../compiler/ops/graph.ts';
import { operator } from '../../../compiler/ops/table.ts';
import { evaluate } from '../../../compiler/shape/dim.ts';
import { dot, type NdArray, ndarray } from '../../reference/ndarray.ts';
import { referenceEvaluate } from '../../reference/primitives.ts';
import { CASES } from './cases.ts';
import { Draw } from './draw.ts';

export interface Trial {
  readonly draw: Draw;
  readonly builder: Builder;
  readonly inputs: readonly Node[];
  readonly feeds: ReadonlyMap<string, NdArray>;
  readonly node: Node;
  readonly value: NdArray;
}

/** Sizes that are not the same object are taken for the same where their numbers agree: what a run-time assertion would do. */
function context(draw: Draw): ShapeContext {
  return { same: (left, right) => left === right || evaluate(left, draw.sizes) === evaluate(right, draw.sizes) };
}

export function trial(op: string, seed: number): Trial {
  const draw = new Draw(seed);
  const drawn = CASES[op](draw);
  const builder = new Builder(context(draw));
  const feeds = new Map<string, NdArray>();
  const inputs = drawn.inputs.map(({ type, value }, i) => {
    feeds.set(`x${i}`, value);
    return builder.input('batch', `x${i}`, type, {
      kind: 'tensor',
      range: { low: Math.min(...value.data), high: Math.max(...value.data) },
    });
  });
  const node = builder.add(op, inputs, drawn.attrs);
  const value = referenceEvaluate(builder.nodes, feeds, draw.sizes).get(node);
  if (!value) throw new Error('the node was not evaluated');
  return { draw, builder, inputs, feeds, node, value };
}

export interface Gradients {
  readonly dy: NdArray;
  /** Where the rule gives one. */
  readonly nodes: readonly (Node | undefined)[];
  readonly values: readonly (NdArray | undefined)[];
}

/** Gradients by the table's rule for a drawn cotangent. */
export function gradients(t: Trial, needs: readonly boolean[] = t.inputs.map((input) => input.type.dtype === 'f32')): Gradients {
  const dyNode = t.builder.input('batch', 'dy', t.node.type, {
    kind: 'tensor',
    range: { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
  });
  const dy = ndarray(
    t.value.shape,
    Array.from(t.value.data, () => t.draw.unit() * 2 - 1),
  );
  const { vjp } = operator(t.node.op);
  if (!vjp) throw new Error(`${t.node.op} has no VJP rule`);
  const nodes = vjp({ b: t.builder, node: t.node, dy: dyNode, needs });
  const values = referenceEvaluate(t.builder.nodes, new Map([...t.feeds, ['dy', dy]]), t.draw.sizes);
  return { dy, nodes, values: nodes.map((node) => node && values.get(node)) };
}

/** Central differences in float64 of `<op(x), dy>` with respect to one input. */
export function differences(t: Trial, dy: NdArray, input: number): NdArray {
  const x = t.feeds.get(`x${input}`);
  if (!x) throw new Error(`no input ${input}`);
  const step = 1e-5;
  const forward = t.builder.nodes.slice(0, t.node.id + 1);
  const at = (i: number, move: number): number => {
    const moved = x.data.slice();
    moved[i] += move;
    const values = referenceEvaluate(forward, new Map([...t.feeds, [`x${input}`, { shape: x.shape, data: moved }]]), t.draw.sizes);
    const value = values.get(t.node);
    if (!value) throw new Error('the node was not evaluated');
    return dot(value, dy);
  };
  return ndarray(
    x.shape,
    Array.from(x.data, (_, i) => (at(i, step) - at(i, -step)) / (2 * step)),
  );
}
