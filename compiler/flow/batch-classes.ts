/**
 * How each value of a step depends on the images of a batch, walking the table's batch rules:
 * - `whole`: the same in every part, times N^degree (parameters, constants: degree 0; the size N itself: degree 1);
 * - `batched`: axis `axis` runs over the images, one or several elements for each, and each image's part depends on that image alone, times N^degree;
 * - `reduced`: N^degree · Σ over images of something that depends on one image alone (degree 0: a sum, -1: a mean);
 * - `count`: max(Σ over images, floor) + plus, where no gradient goes through the sum: what a mean over labelled pixels divides by;
 * - `ratio`: a sum over images divided by such a count;
 * - `coupled`: anything else, with the first operator that made it so.
 */
import { dependents, inputName, isInput } from '../ir/paths.ts';
import type { Attrs, AttrValue, Graph, Node } from '../ops/graph.ts';
import { operator } from '../ops/table.ts';
import { add, constant, constantOf, type Dim, isDim, multiply, substitute, variable, variablesOf } from '../shape/dim.ts';
import { exactDiv } from '../shape/quotient.ts';

/** A sum over images that divides, and what it is bounded and shifted by first: max(value of `node`, floor) + plus; no bound without `floor`. */
export interface Count {
  readonly node: Node;
  readonly floor: number | undefined;
  readonly plus: number;
}

type Plain =
  | { readonly kind: 'whole'; readonly degree: number }
  | { readonly kind: 'batched'; readonly axis: number; readonly degree: number }
  | { readonly kind: 'reduced'; readonly degree: number };
type Coupled = { readonly kind: 'coupled'; readonly node: Node; readonly reason: string };
type Counted = { readonly kind: 'count'; readonly count: Count } | { readonly kind: 'ratio'; readonly count: Count };

export type BatchClass = Plain | Counted | Coupled;

/** `f(c x) = c f(x)` and `f(x + y) = f(x) + f(y)`: keeps a factor N^degree and a sum over images. */
const LINEAR_UNARY: ReadonlySet<string> = new Set([
  'neg',
  'reshape',
  'transpose',
  'broadcast_to',
  'detach',
  'identity',
  'reverse',
  'slice',
  'sum',
  'mean',
]);

/** The class of every node, by id. */
export function batchClasses(graph: Graph, batchDim: string): readonly BatchClass[] {
  const batch = variable(batchDim);
  const states = graph.nodes.filter((node) => isInput(node) && inputName(node).role === 'state');
  const learned = dependents(graph, new Set(states));
  const classes: BatchClass[] = [];
  for (const node of graph.nodes)
    classes.push(
      checked(
        node,
        ofNode(
          node,
          node.inputs.map((input) => classes[input.id]),
          batch,
          learned,
        ),
        batch,
      ),
    );
  return classes;
}

function ofNode(node: Node, inputs: readonly BatchClass[], batch: Dim, learned: ReadonlySet<Node>): BatchClass {
  if (isInput(node)) return inputClass(node, batch);
  const plain: Plain[] = [];
  for (const found of inputs) {
    // The first operator to blame is the one the value came through first.
    if (found.kind === 'coupled') return found;
    if (found.kind !== 'count' && found.kind !== 'ratio') plain.push(found);
  }
  return (
    counted(node, inputs, learned) ??
    (plain.length === inputs.length ? classOf(node, plain, batch) : coupled(node, `${node.op} of a value that all images made together`))
  );
}

/** The number in a rank-0 or filled operand. */
function numberIn(node: Node): number | undefined {
  return node.op === 'const' || node.op === 'fill' ? (node.attrs.value as number) : undefined;
}

/** Sums that divide other sums: undefined where neither a count nor a ratio is in play. */
function counted(node: Node, inputs: readonly BatchClass[], learned: ReadonlySet<Node>): Counted | undefined {
  const counts = inputs.map((found, i): Count | undefined => {
    if (found.kind === 'count') return found.count;
    const operand = node.inputs[i];
    const sum = found.kind === 'reduced' && found.degree === 0 && operand.type.shape.length === 0 && !learned.has(operand);
    return sum ? { node: operand, floor: undefined, plus: 0 } : undefined;
  });
  const values = node.inputs.map(numberIn);
  const [a, b] = inputs;
  switch (node.op) {
    case 'maximum':
    case 'add': {
      if (a.kind === 'ratio' && b.kind === 'ratio') return node.op === 'add' && sameCount(a.count, b.count) ? a : undefined;
      const count = counts[0] ?? counts[1];
      const value = counts[0] ? values[1] : values[0];
      if (!count || value === undefined) return undefined;
      if (node.op === 'add') return { kind: 'count', count: { ...count, plus: count.plus + value } };
      return count.plus === 0 && count.floor === undefined ? { kind: 'count', count: { ...count, floor: value } } : undefined;
    }
    case 'sub':
      return a.kind === 'ratio' && b.kind === 'ratio' && sameCount(a.count, b.count) ? a : undefined;
    case 'div':
      if (a.kind === 'reduced' && a.degree === 0 && counts[1]) return { kind: 'ratio', count: counts[1] };
      return a.kind === 'ratio' && isConstant(b) ? a : undefined;
    case 'mul':
      if (a.kind === 'ratio' && isConstant(b)) return a;
      return b.kind === 'ratio' && isConstant(a) ? b : undefined;
    default:
      return inputs.length === 1 && a.kind === 'ratio' && LINEAR_UNARY.has(node.op) ? a : undefined;
  }
}

function isConstant(found: BatchClass): boolean {
  return found.kind === 'whole' && found.degree === 0;
}

export function sameCount(a: Count, b: Count): boolean {
  return a.node === b.node && a.floor === b.floor && a.plus === b.plus;
}

function coupled(node: Node, reason: string): Coupled {
  return { kind: 'coupled', node, reason };
}

function mentions(d: Dim, batch: Dim): boolean {
  return variablesOf(d).some((name) => variable(name) === batch);
}

/** A size that counts images may only stand on the axis that runs over them: their number, or a multiple, image after image. */
function checked(node: Node, found: BatchClass, batch: Dim): BatchClass {
  if (found.kind === 'coupled') return found;
  const axis = found.kind === 'batched' ? found.axis : undefined;
  if (axis !== undefined && !countsImages(node.type.shape[axis], batch)) return coupled(node, 'images are merged with another axis or cut');
  for (let i = 0; i < node.type.shape.length; i++) {
    if (i !== axis && mentions(node.type.shape[i], batch)) return coupled(node, 'more than one axis counts images');
  }
  return found;
}

function countsImages(d: Dim, batch: Dim): boolean {
  const each = exactDiv(d, batch);
  return each !== undefined && !mentions(each, batch);
}

function inputClass(node: Node, batch: Dim): BatchClass {
  const axes = node.type.shape.flatMap((d, i) => (d === batch ? [i] : []));
  if (axes.length === 0) return { kind: 'whole', degree: 0 };
  const { role } = inputName(node);
  return role === 'batch' || role === 'draw'
    ? { kind: 'batched', axis: axes[0], degree: 0 }
    : coupled(node, `the ${role} '${node.name ?? ''}' has one part for each image`);
}

/** N^1 for c·N with c free of N; undefined for anything else that mentions N. */
function degreeOf(d: Dim, batchDim: string): number | undefined {
  const at = (n: number): Dim => substitute(d, new Map([[batchDim, constant(n)]]));
  if (at(2) === d) return 0;
  const double = multiply(constant(2), at(1));
  return at(2) === double && add(at(1), double) === at(3) && constantOf(at(0)) === 0 ? 1 : undefined;
}

function dimsIn(value: AttrValue): readonly Dim[] {
  if (isDim(value)) return [value];
  return typeof value === 'object' ? value.flatMap(dimsIn) : [];
}

function sourceClass(node: Node, batch: Dim): BatchClass {
  const name = variablesOf(batch)[0];
  if (node.op === 'dim') {
    const degree = degreeOf(node.attrs.value as Dim, name);
    return degree === undefined
      ? coupled(node, 'a number that depends on how many images there are, and not in proportion')
      : { kind: 'whole', degree };
  }
  const axis = node.type.shape.indexOf(batch);
  if (axis < 0) return { kind: 'whole', degree: 0 };
  return node.op === 'iota' ? coupled(node, 'images are numbered within the batch') : { kind: 'batched', axis, degree: 0 };
}

function classOf(node: Node, inputs: readonly Plain[], batch: Dim): BatchClass {
  const rule = operator(node.op).batch;
  if (rule === 'source') return sourceClass(node, batch);
  const axes = inputs.map((c) => (c.kind === 'batched' ? c.axis : undefined));
  if (node.op === 'broadcast_to' && axes[0] === undefined && inputs[0].kind === 'whole' && node.type.shape.includes(batch)) {
    return { kind: 'batched', axis: node.type.shape.indexOf(batch), degree: inputs[0].degree };
  }
  if (rule === 'elementwise') return elementwise(node, inputs);
  if (rule === 'reduce') return reduction(node, inputs[0]);
  if (inputs.every((c) => c.kind === 'whole')) return wholeResult(node, inputs, batch);
  if (inputs.some((c) => c.kind === 'reduced')) return reducedThrough(node, inputs);
  const contracted = contraction(node, inputs);
  if (contracted) return contracted;
  const axis = rule(node, axes);
  if (axis === 'coupled' || axis === undefined) return coupled(node, `${node.op} mixes the images of the batch`);
  const degree = combinedDegree(node, inputs);
  if (degree === undefined) return coupled(node, `${node.op} of a value scaled by the number of images`);
  return axis === 'reduced' ? { kind: 'reduced', degree } : { kind: 'batched', axis, degree };
}

/** Of values that are the same in all parts: so is the result, unless sizes in the attributes count images. */
function wholeResult(node: Node, inputs: readonly Plain[], batch: Dim): BatchClass {
  if (attributesMention(node.attrs, batch)) return coupled(node, `${node.op} with a size that counts images`);
  const degree = combinedDegree(node, inputs);
  return degree === undefined ? coupled(node, `${node.op} of a value scaled by the number of images`) : { kind: 'whole', degree };
}

function attributesMention(attrs: Attrs, batch: Dim): boolean {
  return Object.values(attrs)
    .flatMap(dimsIn)
    .some((d) => mentions(d, batch));
}

/** Sums over images go through what is linear in them; the rest must be the same everywhere. */
function reducedThrough(node: Node, inputs: readonly Plain[]): BatchClass {
  const [first, ...others] = inputs;
  const { bilinear, linear } = operator(node.op);
  const sums = inputs.filter((c) => c.kind === 'reduced');
  const rest = inputs.filter((c) => c.kind !== 'reduced');
  if (
    sums.length === 1 &&
    rest.every((c) => c.kind === 'whole') &&
    (bilinear || (linear && first.kind === 'reduced' && others.length === 0))
  ) {
    return { kind: 'reduced', degree: inputs.reduce((sum, c) => sum + c.degree, 0) };
  }
  if (node.op === 'concat' && inputs.every((c) => c.kind === 'reduced' && c.degree === sums[0].degree)) return sums[0];
  return coupled(node, `${node.op} of a value that all images made together`);
}

/** Products that sum over images. */
function contraction(node: Node, inputs: readonly Plain[]): BatchClass | undefined {
  const [a, b] = inputs;
  if (inputs.length !== 2 || a.kind !== 'batched' || b.kind !== 'batched') return undefined;
  const degree = a.degree + b.degree;
  if (node.op === 'conv2d_filter_grad') return a.axis === 0 && b.axis === 0 ? { kind: 'reduced', degree } : undefined;
  if (node.op !== 'matmul' || node.type.shape.length !== 2) return undefined;
  return a.axis === (node.attrs.ta ? 0 : 1) && b.axis === (node.attrs.tb ? 1 : 0) ? { kind: 'reduced', degree } : undefined;
}

/** Power of N in the result of a product or a linear operator; undefined where a nonlinear one is given a scaled value. */
function combinedDegree(node: Node, inputs: readonly Plain[]): number | undefined {
  const degrees = inputs.map((c) => c.degree);
  if (degrees.every((d) => d === 0)) return 0;
  if (operator(node.op).bilinear) return degrees[0] + degrees[1];
  if (node.op === 'concat') return degrees.every((d) => d === degrees[0]) ? degrees[0] : undefined;
  return LINEAR_UNARY.has(node.op) || (operator(node.op).linear && inputs.length === 1) ? degrees[0] : undefined;
}

function reduction(node: Node, x: Plain): BatchClass {
  const axes = node.attrs.axes as readonly number[];
  const linear = node.op === 'sum' || node.op === 'mean';
  if (x.kind !== 'batched') {
    if (linear || (x.kind === 'whole' && x.degree === 0)) return x;
    return coupled(node, `${node.op} of a value that all images made together`);
  }
  if (axes.includes(x.axis)) {
    if (node.op === 'sum') return { kind: 'reduced', degree: x.degree };
    if (node.op === 'mean') return { kind: 'reduced', degree: x.degree - 1 };
    return coupled(node, `${node.op} over the images of the batch`);
  }
  if (!linear && x.degree !== 0) return coupled(node, `${node.op} of a value scaled by the number of images`);
  const axis = node.attrs.keep ? x.axis : x.axis - axes.filter((a) => a < x.axis).length;
  return { ...x, axis };
}

function elementwise(node: Node, inputs: readonly Plain[]): BatchClass {
  const rank = node.type.shape.length;
  const axes = new Set(inputs.flatMap((c, i) => (c.kind === 'batched' ? [c.axis + rank - node.inputs[i].type.shape.length] : [])));
  if (axes.size > 1) return coupled(node, `${node.op} pairs every image with every other`);
  const sums = inputs.some((c) => c.kind === 'reduced');
  if (axes.size === 1 && sums) return coupled(node, `${node.op} of one image with what all images made together`);
  const degrees = inputs.map((c) => c.degree);
  const result = (degree: number): BatchClass => {
    const [axis] = axes;
    if (axis !== undefined) return { kind: 'batched', axis, degree };
    return sums ? { kind: 'reduced', degree } : { kind: 'whole', degree };
  };
  switch (node.op) {
    case 'mul': {
      if (inputs.every((c) => c.kind === 'reduced')) return coupled(node, 'a product of two values that all images made together');
      return result(degrees[0] + degrees[1]);
    }
    case 'div':
      if (inputs[1].kind === 'reduced') return coupled(node, 'a quotient by a value that all images made together');
      return result(degrees[0] - degrees[1]);
    case 'add':
    case 'sub': {
      if (!sums) break;
      // A number that is the same everywhere, N^d c, is N^(d-1) times the sum of c over the images.
      const as = inputs.map((c) => (c.kind === 'whole' ? c.degree - 1 : c.kind === 'reduced' ? c.degree : 0));
      return as[0] === as[1] ? result(as[0]) : coupled(node, 'a sum over images added to something that is not one');
    }
    case 'reciprocal':
      if (!sums) return result(-degrees[0]);
      break;
    case 'select':
      // A loss, or nothing, by a condition that all parts answer alike.
      if (inputs[0].kind === 'whole' && degrees[0] === 0 && node.inputs[2].op === 'const' && node.inputs[2].attrs.value === 0)
        return result(degrees[1]);
      break;
    case 'neg':
    case 'detach':
    case 'identity':
      return result(degrees[0]);
    case 'cast':
      if (!sums && degrees[0] === 0) return result(0);
      // The number of images, made a float.
      return inputs[0].kind === 'whole' && node.type.dtype === 'f32'
        ? result(degrees[0])
        : coupled(node, 'a conversion of what all images made together');
  }
  if (sums) return coupled(node, `${node.op} of a value that all images made together`);
  if (degrees.every((d) => d === 0)) return result(0);
  if ((node.op === 'add' || node.op === 'sub') && degrees[0] === degrees[1]) return result(degrees[0]);
  return coupled(node, `${node.op} of a value scaled by the number of images`);
}
