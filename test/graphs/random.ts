/** Random forward graphs with parameters, batch inputs, several losses, cuts and detached values: for properties of the passes. */
import type { Builder } from '../../compiler/ops/builder.ts';
import type { Graph, Node } from '../../compiler/ops/graph.ts';
import { constant, constantOf, multiply } from '../../compiler/shape/dim.ts';
import { dims, graphOf, input, type Outputs, randomNumbers } from './build.ts';

export interface RandomGraph {
  readonly graph: Graph;
  readonly sizes: Readonly<Record<string, number>>;
}

type Pick = <T>(items: readonly T[]) => T;

/** Grows a node out of those at hand; undefined where the choice does not fit them. */
type Grow = (b: Builder, pool: readonly Node[], pick: Pick) => Node | undefined;

const smoothUnary: Grow = (b, pool, pick) => b.unary(pick(['tanh', 'sigmoid', 'softplus', 'square', 'neg', 'relu', 'abs']), pick(pool));

const binary: Grow = (b, pool, pick) => {
  const x = pick(pool);
  const rank = x.type.shape.length;
  const partners = pool.filter(
    (y) =>
      y.type.shape.length <= rank &&
      y.type.shape.every((d, i) => constantOf(d) === 1 || d === x.type.shape[i + rank - y.type.shape.length]),
  );
  return partners.length > 0 ? b.add(pick(['add', 'sub', 'mul', 'maximum', 'minimum']), [x, pick(partners)], {}) : undefined;
};

const quotient: Grow = (b, pool, pick) => {
  const x = pick(pool);
  return b.div(x, b.addition(b.unary('square', x), b.scalar(1)));
};

const chosen: Grow = (b, pool, pick) => {
  const x = pick(pool);
  return b.add('select', [b.add('greater', [x, b.scalar(pick([-0.2, 0, 0.3]))], {}), b.unary('tanh', x), b.scalar(pick([0, 0.5]))], {});
};

const reduction: Grow = (b, pool, pick) => {
  const x = pick(pool);
  const axes = x.type.shape.map((_, i) => i).filter(() => pick([true, false]));
  return axes.length > 0 ? b.add(pick(['sum', 'mean', 'max', 'min']), [x], { axes, keep: pick([true, false]) }) : undefined;
};

const layout: Grow = (b, pool, pick) => {
  const x = pick(pool);
  const { shape } = x.type;
  const rank = shape.length;
  if (rank < 2) return undefined;
  const axis = pick(shape.map((_, i) => i));
  return pick<() => Node>([
    () => b.add('transpose', [x], { perm: [...shape.keys()].reverse() }),
    () => b.reshape(x, [multiply(shape[0], shape[1]), ...shape.slice(2)]),
    () => b.add('concat', [x, b.neg(x)], { axis }),
    () => b.add('reverse', [x], { axes: [axis] }),
    () => b.add('slice', [x], { starts: shape.map(() => constant(0)), sizes: shape.map((d, i) => (i === axis ? constant(1) : d)) }),
    () => b.add('pad', [x], { before: shape.map(() => constant(1)), after: shape.map(() => constant(0)), value: 0.5 }),
    () => b.broadcast(b.add('mean', [x], { axes: [axis], keep: true }), shape),
  ])();
};

const product: Grow = (b, pool, pick) => {
  const matrices = pool.filter((x) => x.type.shape.length === 2);
  if (matrices.length === 0) return undefined;
  const x = pick(matrices);
  return b.add('matmul', [x, x], pick([true, false]) ? { ta: true, tb: false } : { ta: false, tb: true });
};

const pooled: Grow = (b, pool, pick) => {
  const maps = pool.filter((x) => x.type.shape.length === 4);
  if (maps.length === 0) return undefined;
  const x = pick(maps);
  const window = { window: [2, 2], stride: [1, 1], pad: [1, 0, 0, 1] };
  return pick<() => Node>([
    () => b.add('max_pool', [x], { ...window, ceil: false }),
    () => b.add('avg_pool', [x], { ...window, count_pad: pick([true, false]) }),
    () =>
      b.add('resize', [x], { size: dims(3, 2), mode: 'bilinear', convention: pick(['half_pixel', 'corners']), factor_h: 0, factor_w: 0 }),
  ])();
};

const ended: Grow = (b, pool, pick) => b.add(pick(['detach', 'detach', 'sign', 'round']), [pick(pool)], {});

const numbers: Grow = (b, pool, pick) =>
  b.mul(
    pick(pool),
    pick([b.scalar(0), b.scalar(1), b.scalar(-1), b.scalar(0.5), b.add('fill', [], { shape: dims(1), value: 2, dtype: 'f32' })]),
  );

const GROWTH: readonly Grow[] = [
  smoothUnary,
  smoothUnary,
  binary,
  binary,
  quotient,
  chosen,
  reduction,
  layout,
  layout,
  product,
  pooled,
  ended,
  numbers,
];

/** Sums larger than this make float64 differences too coarse to tell anything. */
const MOST_ELEMENTS = 400;

export function randomGraph(seed: number, growth = 14): RandomGraph {
  const random = randomNumbers(seed);
  const pick: Pick = (items) => items[Math.floor(random() * items.length)];
  const sizes = { N: pick([1, 2, 3]), H: pick([2, 3]), W: pick([2, 3, 4]), K: pick([1, 2, 3]) };
  const elements = (node: Node): number =>
    node.type.shape.reduce((count, d) => count * Math.max(1, constantOf(d) ?? numeric(d.key, sizes)), 1);
  const graph = graphOf((b) => {
    const image = input(b, 'batch', 'image', ['N', 'H', 'W', 2]);
    const tags = input(b, 'batch', 'tags', ['N', 'K']);
    const filter = input(b, 'state', 'conv.weight', [2, 2, 2, 'K']);
    const bias = input(b, 'state', 'conv.bias', ['K']);
    const linear = input(b, 'state', 'head.weight', ['K', 'K']);
    const unused = input(b, 'state', 'unused', [3]);
    const features = b.addition(b.add('conv2d', [image, filter], { stride: [1, 1], pad: [1, 0, 1, 0], dilation: [1, 1] }), bias);
    const scores = b.add('matmul', [b.add('mean', [features], { axes: [1, 2], keep: false }), linear], { ta: false, tb: false });
    const pool: Node[] = [image, tags, bias, features, scores, b.mul(scores, tags)];
    for (let i = 0; i < growth; i++) {
      const grown = pick(GROWTH)(b, pool, pick);
      if (!grown || elements(grown) > MOST_ELEMENTS) continue;
      // Values stay near zero, where no operator is so steep that differences say nothing.
      pool.push(pick([true, false]) && grown.op !== 'detach' ? b.unary('tanh', grown) : grown);
    }
    const scalar = (node: Node): Node => b.add('mean', [b.unary('tanh', node)], { axes: node.type.shape.map((_, i) => i), keep: false });
    const ends = pool.slice(-6);
    const outputs: Outputs = {
      'loss:first': scalar(pick(ends)),
      'loss:second': b.addition(scalar(pick(ends)), scalar(features)),
      'output:seen': pick(ends),
      'state:statistic': b.add('mean', [features], { axes: [0, 1, 2], keep: false }),
      'output:unused': unused,
    };
    return outputs;
  }, 'forward');
  return { graph, sizes };
}

/** Rough size of a symbolic dimension, from the names in its key. */
function numeric(key: string, sizes: Readonly<Record<string, number>>): number {
  return [...key.matchAll(/[NHWK]/g)].reduce((product, [name]) => product * sizes[name], 2);
}
